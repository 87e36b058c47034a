//! A template compiled to a graph of words.
//!
//! Templates are written in letters (`light[s]`, `auto[matic]`, `{hours}( |-)hour[s]`), sentences are matched in words. So a
//! template becomes a graph of letters first, with rules put in and permutations laid out, and then a graph whose
//! edges are whole words or lists. That graph has no cycles, every edge takes at least one word of the sentence, and its size is bounded:
//! whatever the template, walking it ends.

use super::error::TemplateError;
use super::template::Expr;
use super::text;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Most nodes of the graph of letters.
const MAX_LETTERS: usize = 20_000;
/// Most nodes and most edges of the graph of words.
const MAX_WORDS: usize = 2_000;
/// Most places visited while the words that start at one node are collected.
const MAX_SPELLINGS: usize = 4_000;
/// Deepest nesting of rules within rules.
const MAX_RULE_DEPTH: usize = 12;

/// A graph of words; node 0 is the start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Node>,
    /// The lists that edges name, in order of first use.
    pub(crate) lists: Vec<ListUse>,
}

/// A place between two words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Node {
    /// A sentence may end here.
    pub(crate) accept: bool,
    pub(crate) edges: Vec<Edge>,
}

/// A step to a node that needs words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Edge {
    /// The word with this number.
    Word { word: u32, to: usize },
    /// A value of `Graph::lists[list]`.
    List { list: usize, to: usize },
}

impl Edge {
    pub(crate) fn to(&self) -> usize {
        match self {
            Self::Word { to, .. } | Self::List { to, .. } => *to,
        }
    }
}

/// A list as a template names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListUse {
    pub(crate) list: String,
    pub(crate) slot: String,
}

/// Compiles a template; `intern` gives each word its number.
pub(crate) fn compile(
    expr: &Expr,
    rules: &HashMap<String, Expr>,
    intern: &mut dyn FnMut(&str) -> u32,
) -> Result<Graph, TemplateError> {
    let mut letters = Letters { rules, nodes: vec![Letter::default()], lists: Vec::new(), open: Vec::new() };
    let end = letters.lay(expr, 0)?;
    let graph =
        Speller { letters: &letters, end, places: HashMap::new(), graph: Graph::default() }.spell(intern)?;
    if graph.nodes.first().is_some_and(|start| start.accept) {
        return Err(TemplateError::Empty);
    }
    Ok(graph)
}

/// Every sentence that a graph without lists accepts, up to `most` of them.
pub(crate) fn sentences(graph: &Graph, most: usize) -> Result<Vec<Vec<u32>>, TemplateError> {
    let mut found = Vec::new();
    let mut open = vec![(0, Vec::new())];
    let mut steps = 0;
    while let Some((at, words)) = open.pop() {
        steps += 1;
        if found.len() > most || steps > MAX_SPELLINGS {
            return Err(TemplateError::TooLarge("a list's value has too many forms"));
        }
        let Some(node) = graph.nodes.get(at) else { continue };
        if node.accept {
            found.push(words.clone());
        }
        for edge in &node.edges {
            match edge {
                Edge::Word { word, to } => {
                    let mut longer = words.clone();
                    longer.push(*word);
                    open.push((*to, longer));
                }
                Edge::List { .. } => return Err(TemplateError::Nested),
            }
        }
    }
    Ok(found)
}

/// The graph of letters: each node goes on for free to others, and by at most one step.
struct Letters<'a> {
    rules: &'a HashMap<String, Expr>,
    nodes: Vec<Letter>,
    lists: Vec<ListUse>,
    /// The rules being put in, outermost first.
    open: Vec<&'a str>,
}

#[derive(Default)]
struct Letter {
    free: Vec<usize>,
    step: Option<(Step, usize)>,
}

#[derive(Clone, Copy)]
enum Step {
    Char(char),
    List(usize),
}

impl<'a> Letters<'a> {
    fn node(&mut self) -> Result<usize, TemplateError> {
        if self.nodes.len() >= MAX_LETTERS {
            return Err(TemplateError::TooLarge("over 20,000 letters with its rules put in"));
        }
        self.nodes.push(Letter::default());
        Ok(self.nodes.len() - 1)
    }

    fn join(&mut self, from: usize, to: usize) {
        if let Some(node) = self.nodes.get_mut(from) {
            node.free.push(to);
        }
    }

    /// A step from a fresh node, so that a node with a step has no other way on.
    fn step(&mut self, from: usize, step: Step) -> Result<usize, TemplateError> {
        let (start, end) = (self.node()?, self.node()?);
        self.join(from, start);
        if let Some(node) = self.nodes.get_mut(start) {
            node.step = Some((step, end));
        }
        Ok(end)
    }

    /// Lays an expression from `from` and returns where it ends.
    fn lay(&mut self, expr: &'a Expr, from: usize) -> Result<usize, TemplateError> {
        match expr {
            Expr::Text(text) => text.chars().try_fold(from, |at, c| self.step(at, Step::Char(c))),
            Expr::Sequence(parts) => parts.iter().try_fold(from, |at, part| self.lay(part, at)),
            Expr::Alternatives(branches) => {
                let end = self.node()?;
                for branch in branches {
                    let at = self.lay(branch, from)?;
                    self.join(at, end);
                }
                Ok(end)
            }
            Expr::Optional(inner) => {
                let end = self.node()?;
                let at = self.lay(inner, from)?;
                self.join(at, end);
                self.join(from, end);
                Ok(end)
            }
            Expr::Permutation(parts) => self.permutation(parts, from),
            Expr::List { list, slot } => {
                let wanted = ListUse { list: list.clone(), slot: slot.clone() };
                let index = self.lists.iter().position(|known| *known == wanted).unwrap_or_else(|| {
                    self.lists.push(wanted);
                    self.lists.len() - 1
                });
                self.step(from, Step::List(index))
            }
            Expr::Rule(name) => self.rule(name, from),
        }
    }

    /// One node for each set of parts already said: `2^n` nodes instead of `n!` paths.
    fn permutation(&mut self, parts: &'a [Expr], from: usize) -> Result<usize, TemplateError> {
        let all = (1_usize << parts.len()) - 1;
        let mut entries = vec![from];
        for _ in 1..=all {
            entries.push(self.node()?);
        }
        for said in 0..all {
            for (i, part) in parts.iter().enumerate().filter(|(i, _)| said & (1 << i) == 0) {
                let (Some(&entry), Some(&next)) = (entries.get(said), entries.get(said | (1 << i))) else {
                    continue;
                };
                let start = self.step(entry, Step::Char(' '))?;
                let end = self.lay(part, start)?;
                let spaced = self.step(end, Step::Char(' '))?;
                self.join(spaced, next);
            }
        }
        Ok(entries.last().copied().unwrap_or(from))
    }

    fn rule(&mut self, name: &'a str, from: usize) -> Result<usize, TemplateError> {
        let rule = self.rules.get(name).ok_or_else(|| TemplateError::NoRule(name.to_owned()))?;
        if self.open.contains(&name) {
            return Err(TemplateError::Loop(name.to_owned()));
        }
        if self.open.len() >= MAX_RULE_DEPTH {
            return Err(TemplateError::TooLarge("rules nested over 12 deep"));
        }
        self.open.push(name);
        let end = self.lay(rule, from);
        self.open.pop();
        end
    }
}

/// Turns letters into words.
struct Speller<'a> {
    letters: &'a Letters<'a>,
    end: usize,
    /// Which node of words stands for a node of letters at which a word starts.
    places: HashMap<usize, usize>,
    graph: Graph,
}

impl Speller<'_> {
    fn spell(mut self, intern: &mut dyn FnMut(&str) -> u32) -> Result<Graph, TemplateError> {
        self.graph.lists.clone_from(&self.letters.lists);
        let mut open = Vec::new();
        self.place(0, &mut open)?;
        let mut size = 0;
        while let Some((letter, place)) = open.pop() {
            let (accept, starts) = self.from(letter)?;
            let mut edges = BTreeSet::new();
            for (word, next) in starts {
                edges.insert(match word {
                    Start::List(list) => Edge::List { list, to: self.place(next, &mut open)? },
                    Start::Words(words) => {
                        let to = self.place(next, &mut open)?;
                        self.chain(&words, to, intern)?
                    }
                });
            }
            size += edges.len();
            if size > MAX_WORDS {
                return Err(TemplateError::TooLarge("over 2,000 words with its rules put in"));
            }
            if let Some(node) = self.graph.nodes.get_mut(place) {
                *node = Node { accept, edges: edges.into_iter().collect() };
            }
        }
        Ok(self.graph)
    }

    /// The node of words for a node of letters; a new one is put in line.
    fn place(&mut self, letter: usize, open: &mut Vec<(usize, usize)>) -> Result<usize, TemplateError> {
        if let Some(&place) = self.places.get(&letter) {
            return Ok(place);
        }
        let place = self.push(Node::default())?;
        self.places.insert(letter, place);
        open.push((letter, place));
        Ok(place)
    }

    fn push(&mut self, node: Node) -> Result<usize, TemplateError> {
        if self.graph.nodes.len() >= MAX_WORDS {
            return Err(TemplateError::TooLarge("over 2,000 words with its rules put in"));
        }
        self.graph.nodes.push(node);
        Ok(self.graph.nodes.len() - 1)
    }

    /// An edge for the first of some words, and nodes between it and the others.
    fn chain(
        &mut self,
        words: &[String],
        to: usize,
        intern: &mut dyn FnMut(&str) -> u32,
    ) -> Result<Edge, TemplateError> {
        let mut to = to;
        for word in words.iter().skip(1).rev() {
            let edge = Edge::Word { word: intern(word), to };
            to = self.push(Node { accept: false, edges: vec![edge] })?;
        }
        let first = words.first().map_or("", String::as_str);
        Ok(Edge::Word { word: intern(first), to })
    }

    /// Whether the template may end at a node of letters, and all words and lists that start there, with where each leads.
    fn from(&self, letter: usize) -> Result<(bool, Vec<(Start, usize)>), TemplateError> {
        let mut accept = false;
        let mut starts = Vec::new();
        let mut seen = HashSet::new();
        let mut open = vec![(letter, String::new())];
        while let Some((at, prefix)) = open.pop() {
            if !seen.insert((at, prefix.clone())) {
                continue;
            }
            if seen.len() > MAX_SPELLINGS {
                return Err(TemplateError::TooLarge("one word has too many spellings"));
            }
            let Some(node) = self.letters.nodes.get(at) else { continue };
            // A word ends at a space, before and after a list, and at the end. Marks that are no words are spaces.
            let words = text::words(&prefix);
            let ends = at == self.end || matches!(node.step, Some((Step::List(_), _)));
            if ends && !words.is_empty() {
                starts.push((Start::Words(words.clone()), at));
            } else if at == self.end {
                accept = true;
            }
            match node.step {
                Some((Step::List(list), next)) if words.is_empty() => starts.push((Start::List(list), next)),
                Some((Step::Char(c), next)) if c.is_whitespace() || c == '-' || c == '_' => {
                    if words.is_empty() {
                        open.push((next, String::new()));
                    } else {
                        starts.push((Start::Words(words), next));
                    }
                }
                Some((Step::Char(c), next)) => {
                    let mut longer = prefix.clone();
                    longer.push(c);
                    open.push((next, longer));
                }
                _ => {}
            }
            open.extend(node.free.iter().map(|&next| (next, prefix.clone())));
        }
        Ok((accept, starts))
    }
}

/// What can start at a node of letters.
enum Start {
    Words(Vec<String>),
    List(usize),
}

#[cfg(test)]
mod tests {
    use super::super::template::parse;
    use super::*;
    use proptest::prelude::*;

    fn all(template: &str, rules: &[(&str, &str)]) -> Result<Vec<String>, TemplateError> {
        let mut known: Vec<String> = Vec::new();
        let mut intern = |word: &str| {
            let at = known.iter().position(|k| k == word).unwrap_or_else(|| {
                known.push(word.to_owned());
                known.len() - 1
            });
            u32::try_from(at).unwrap_or(u32::MAX)
        };
        let rules = rules
            .iter()
            .map(|(name, body)| Ok(((*name).to_owned(), parse(body)?)))
            .collect::<Result<HashMap<_, _>, TemplateError>>()?;
        let graph = compile(&parse(template)?, &rules, &mut intern)?;
        let mut said: Vec<String> = sentences(&graph, 1000)?
            .into_iter()
            .map(|words| words.iter().map(|w| known[*w as usize].as_str()).collect::<Vec<_>>().join(" "))
            .collect();
        said.sort();
        said.dedup();
        Ok(said)
    }

    #[test]
    fn spells_out_words() {
        assert_eq!(all("light[s] on", &[]), Ok(vec!["light on".into(), "lights on".into()]));
        assert_eq!(all("day[ ]light", &[]), Ok(vec!["day light".into(), "daylight".into()]));
        assert_eq!(all("mow [[<the> ]lawn]", &[("the", "(the|my)")]).map(|s| s.len()), Ok(4));
        assert_eq!(all("a (b;[c])", &[]), Ok(vec!["a b".into(), "a b c".into(), "a c b".into()]));
        assert_eq!(all("what's 1/2", &[]), Ok(vec!["whats 1 / 2".into()]));
        assert_eq!(all("ten( |-)minute[s]", &[]), Ok(vec!["ten minute".into(), "ten minutes".into()]));
    }

    #[test]
    fn refuses_what_cannot_end() {
        let rules = [("a", "x <b>"), ("b", "y <a>")];
        assert_eq!(all("<a>", &rules), Err(TemplateError::Loop("a".into())));
        assert_eq!(all("<c>", &[]), Err(TemplateError::NoRule("c".into())));
        assert_eq!(all("[a] [b]", &[]), Err(TemplateError::Empty));
    }

    #[test]
    fn refuses_what_grows_without_bound() {
        let spellings = format!("x{}", "[a][b]".repeat(30));
        assert!(matches!(all(&spellings, &[]), Err(TemplateError::TooLarge(_))));
        let doubled: Vec<(String, String)> =
            (0..10).map(|i| (format!("r{i}"), format!("<r{n}> <r{n}> <r{n}> <r{n}>", n = i + 1))).collect();
        let mut rules: Vec<(&str, &str)> = doubled.iter().map(|(n, b)| (n.as_str(), b.as_str())).collect();
        rules.push(("r10", "x"));
        assert!(matches!(all("<r0>", &rules), Err(TemplateError::TooLarge(_))));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn compiling_never_panics(template in "[\\[\\](){}<>|; ab]{0,40}") {
            let _ = all(&template, &[("a", "b"), ("b", "[a]")]);
        }
    }
}
