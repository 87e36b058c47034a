//! The best way through one template's graph for one sentence.
//!
//! A search over (node, word, edits left), each solved once. A graph has no cycles and every step but a bounded number of edits takes a word, so
//! the work is at most nodes × words² × edits, whatever the template and the sentence.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::duration::{self, Duration};
use super::graph::Edge;
use super::library::{Library, List, Template};
use super::names::Names;
use super::number;
use super::phonetic;
use super::text::{self, Token};
use super::when;

/// A sentence, ready to be matched.
pub(crate) struct Sentence<'a> {
    pub(crate) text: &'a str,
    pub(crate) tokens: Vec<Token>,
    /// The number of each word in the library, if it has one.
    pub(crate) ids: Vec<Option<u32>>,
}

/// How good a match is; greater is better. Each part adds up along the way, so the best way on does not depend on the way here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Score {
    /// Words changed, left out or put in.
    pub(crate) edits: Reverse<usize>,
    /// Letters of the home's own names.
    named: usize,
    /// Slots that take any words.
    wildcards: Reverse<usize>,
    /// Letters of words that stand in the template.
    pub(crate) literal: usize,
    /// Letters that such slots took.
    swallowed: Reverse<usize>,
    /// Letters of words that were only alike.
    pub(crate) guessed: Reverse<usize>,
}

impl Score {
    fn plus(self, other: Self) -> Self {
        Self {
            edits: Reverse(self.edits.0 + other.edits.0),
            named: self.named + other.named,
            wildcards: Reverse(self.wildcards.0 + other.wildcards.0),
            literal: self.literal + other.literal,
            swallowed: Reverse(self.swallowed.0 + other.swallowed.0),
            guessed: Reverse(self.guessed.0 + other.guessed.0),
        }
    }

    fn literal(letters: usize) -> Self {
        Self { literal: letters, ..Self::default() }
    }

    fn edit(guessed: usize) -> Self {
        Self { edits: Reverse(1), guessed: Reverse(guessed), ..Self::default() }
    }
}

/// Room for the searches of one sentence, kept so that each template does not ask for its own.
#[derive(Default)]
pub(crate) struct Scratch {
    cells: Vec<Cell>,
    /// Whether words heard from one place, one or two of them, are alike a word of the templates.
    alike: HashMap<(usize, usize, u32), bool>,
}

impl Scratch {
    /// Makes room for another sentence.
    pub(crate) fn next_sentence(&mut self) {
        self.alike.clear();
    }
}

#[derive(Clone, Default)]
enum Cell {
    #[default]
    Open,
    Dead,
    Best(Score, Step),
}

/// What to do at a node.
#[derive(Clone)]
enum Step {
    Stop,
    Go { to: usize, word: usize, left: usize, slot: Option<(usize, Filled)> },
}

/// What a list took.
#[derive(Clone)]
enum Filled {
    Value(Value),
    Duration(Duration),
    /// The words up to here, as they were said.
    Words(usize, usize),
}

/// A way to go on from a node: where to, what it is worth, and what it puts into a slot.
struct Way {
    to: usize,
    word: usize,
    left: usize,
    gain: Score,
    slot: Option<(usize, Filled)>,
}

/// The best match of a template, its slots filled; `edits` is how many words may be other than the template says.
pub(crate) fn best(
    library: &Library,
    template: &Template,
    names: &Names,
    sentence: &Sentence<'_>,
    edits: usize,
    scratch: &mut Scratch,
) -> Option<(Score, BTreeMap<String, Value>)> {
    let width = sentence.tokens.len() + 1;
    scratch.cells.clear();
    scratch.cells.resize(template.graph.nodes.len() * width * (edits + 1), Cell::Open);
    let words: Vec<&str> = sentence.tokens.iter().map(|token| token.word.as_str()).collect();
    let mut search = Search {
        library,
        template,
        names,
        sentence,
        words,
        width,
        edits,
        cells: &mut scratch.cells,
        alike: &mut scratch.alike,
    };
    let score = search.solve(0, 0, edits)?;
    Some((score, search.slots()))
}

struct Search<'a> {
    library: &'a Library,
    template: &'a Template,
    names: &'a Names,
    sentence: &'a Sentence<'a>,
    words: Vec<&'a str>,
    width: usize,
    edits: usize,
    cells: &'a mut Vec<Cell>,
    alike: &'a mut HashMap<(usize, usize, u32), bool>,
}

impl<'a> Search<'a> {
    fn cell(&self, node: usize, word: usize, left: usize) -> usize {
        (node * self.width + word) * (self.edits + 1) + left
    }

    /// The best score from a node and a word to the end. Goes as deep as the graph is long at most.
    fn solve(&mut self, node: usize, word: usize, left: usize) -> Option<Score> {
        let cell = self.cell(node, word, left);
        match self.cells.get(cell)? {
            Cell::Best(score, _) => return Some(*score),
            Cell::Dead => return None,
            Cell::Open => {}
        }
        let here = self.template.graph.nodes.get(node)?;
        let mut best = (here.accept && word == self.words.len()).then_some((Score::default(), Step::Stop));
        for way in self.ways(node, word, left) {
            let Some(rest) = self.solve(way.to, way.word, way.left) else { continue };
            let score = way.gain.plus(rest);
            if best.as_ref().is_none_or(|(known, _)| score > *known) {
                best = Some((score, Step::Go { to: way.to, word: way.word, left: way.left, slot: way.slot }));
            }
        }
        let score = best.as_ref().map(|(score, _)| *score);
        if let Some(cell) = self.cells.get_mut(cell) {
            *cell = best.map_or(Cell::Dead, |(score, step)| Cell::Best(score, step));
        }
        score
    }

    fn ways(&mut self, node: usize, word: usize, left: usize) -> Vec<Way> {
        let mut ways = Vec::new();
        let template = self.template;
        for edge in template.graph.nodes.get(node).into_iter().flat_map(|node| &node.edges) {
            match *edge {
                Edge::Word { word: meant, to } => {
                    if self.sentence.ids.get(word).copied().flatten() == Some(meant) {
                        let gain = Score::literal(self.words.get(word).map_or(0, |w| w.chars().count()));
                        ways.push(Way { to, word: word + 1, left, gain, slot: None });
                    } else if left > 0 {
                        self.guess(meant, node, to, word, left, &mut ways);
                    }
                }
                Edge::List { list, to } => self.list(list, to, word, left, &mut ways),
            }
        }
        if left > 0 && self.words.get(word).is_some_and(|heard| phonetic::unstressed(heard)) {
            ways.push(Way { to: node, word: word + 1, left: left - 1, gain: Score::edit(0), slot: None });
        }
        ways
    }

    /// Ways past a word that was not heard as it stands: another that is alike, two that are alike together, or none at all.
    fn guess(&mut self, meant: u32, from: usize, to: usize, word: usize, left: usize, ways: &mut Vec<Way>) {
        let spelled = self.library.spelling(meant);
        let letters = spelled.chars().count();
        let left = left - 1;
        // Beside words of any kind, the words of the template are what tells where those start and end.
        let open = |node: usize| self.template.beside_any_words.get(node) != Some(&false);
        if phonetic::unstressed(spelled) && !open(from) && !open(to) {
            ways.push(Way { to, word, left, gain: Score::edit(0), slot: None });
        }
        for count in 1..=if letters >= 4 { 2 } else { 1 } {
            if self.is_alike(word, count, meant) {
                ways.push(Way { to, word: word + count, left, gain: Score::edit(letters), slot: None });
            }
        }
    }

    /// Whether some words heard, run together, are alike one word of a template.
    fn is_alike(&mut self, word: usize, count: usize, meant: u32) -> bool {
        if let Some(known) = self.alike.get(&(word, count, meant)) {
            return *known;
        }
        let Some(heard) = self.words.get(word..word + count) else { return false };
        let has_meaning = count == 1 && self.sentence.ids.get(word).copied().flatten().is_some();
        let alike = phonetic::alike(&heard.concat(), self.library.spelling(meant), has_meaning);
        self.alike.insert((word, count, meant), alike);
        alike
    }

    fn list(&self, list: usize, to: usize, word: usize, left: usize, ways: &mut Vec<Way>) {
        let Some(known) = self.template.lists.get(list).and_then(|at| self.library.lists.get(*at)) else {
            return;
        };
        let Some(rest) = self.words.get(word..).filter(|rest| !rest.is_empty()) else { return };
        let mut add = |length: usize, left: usize, gain: Score, filled: Filled| {
            ways.push(Way { to, word: word + length, left, gain, slot: Some((list, filled)) });
        };
        let letters = |length: usize| rest.iter().take(length).map(|w| w.chars().count()).sum::<usize>();
        match known {
            List::Text(phrases) => {
                for (length, values) in phrases.at(rest) {
                    for value in values.iter().take(1) {
                        add(length, left, Score::default(), Filled::Value(value.clone()));
                    }
                }
            }
            List::Area => self.plain(&self.names.areas, rest, left, &mut add),
            List::Floor => self.plain(&self.names.floors, rest, left, &mut add),
            List::Thing => {
                for (length, things) in self.names.things.at(rest) {
                    let gain = Score { named: letters(length), ..Score::default() };
                    if let Some(thing) = things.iter().find(|thing| self.may_be(&thing.domain)) {
                        add(length, left, gain, Filled::Value(Value::from(thing.name.as_str())));
                    }
                }
            }
            List::Wildcard => {
                for length in 1..=rest.len() {
                    let gain = Score {
                        wildcards: Reverse(1),
                        swallowed: Reverse(letters(length)),
                        ..Score::default()
                    };
                    add(length, left, gain, Filled::Words(word, word + length));
                }
            }
            List::Span => {
                for (length, span) in when::spans_at(rest) {
                    if let Ok(value) = serde_json::to_value(span) {
                        add(length, left, Score::default(), Filled::Value(value));
                    }
                }
            }
            List::Moment | List::Clock => {
                let found = match known {
                    List::Clock => when::clocks_at(rest),
                    _ => when::moments_at(rest),
                };
                for (length, moment) in found {
                    if let Ok(value) = serde_json::to_value(moment) {
                        add(length, left, Score::default(), Filled::Value(value));
                    }
                }
            }
            List::Range(_) | List::Duration => {
                for (length, filled) in numbers(known, rest) {
                    add(length, left, Score::default(), filled);
                }
                if let Some(digit) =
                    rest.first().and_then(|heard| number::sounding_like(heard)).filter(|_| left > 0)
                {
                    let digit = digit.to_string();
                    let mut changed = rest.to_vec();
                    if let Some(first) = changed.first_mut() {
                        *first = &digit;
                    }
                    for (length, filled) in numbers(known, &changed) {
                        add(length, left - 1, Score::edit(1), filled);
                    }
                }
            }
        }
    }

    fn plain(
        &self,
        phrases: &super::phrases::Phrases<String>,
        rest: &[&str],
        left: usize,
        add: &mut impl FnMut(usize, usize, Score, Filled),
    ) {
        for (length, values) in phrases.at(rest) {
            for value in values.iter().take(1) {
                add(length, left, Score::default(), Filled::Value(Value::from(value.as_str())));
            }
        }
    }

    fn may_be(&self, domain: &str) -> bool {
        self.library.blocks.get(self.template.block).is_some_and(|block| {
            (block.domains.is_empty() || block.domains.iter().any(|d| d == domain))
                && !block.not_domains.iter().any(|d| d == domain)
        })
    }

    /// The slots along the best way, once it is solved.
    fn slots(&self) -> BTreeMap<String, Value> {
        let mut slots = BTreeMap::new();
        let (mut node, mut word, mut left) = (0, 0, self.edits);
        while let Some(Cell::Best(_, Step::Go { to, word: next, left: then, slot })) =
            self.cells.get(self.cell(node, word, left))
        {
            if let Some((list, filled)) = slot
                && let Some(list) = self.template.graph.lists.get(*list)
            {
                self.fill(&mut slots, &list.list, &list.slot, filled);
            }
            (node, word, left) = (*to, *next, *then);
        }
        slots
    }

    fn fill(&self, slots: &mut BTreeMap<String, Value>, list: &str, slot: &str, filled: &Filled) {
        match filled {
            Filled::Value(value) => {
                slots.insert(slot.to_owned(), value.clone());
            }
            Filled::Words(from, to) => {
                let tokens = self.sentence.tokens.get(*from..*to).unwrap_or_default();
                slots.insert(slot.to_owned(), Value::from(text::quote(self.sentence.text, tokens)));
            }
            Filled::Duration(said) => {
                let prefix = if slot == list { String::new() } else { format!("{slot}_") };
                for (unit, count) in
                    [("hours", said.hours), ("minutes", said.minutes), ("seconds", said.seconds)]
                {
                    if let Some(count) = count {
                        slots.insert(format!("{prefix}{unit}"), Value::from(count));
                    }
                }
            }
        }
    }
}

/// The numbers or lengths of time at the start of these words that a list takes.
fn numbers(list: &List, words: &[&str]) -> Vec<(usize, Filled)> {
    match list {
        List::Range(range) => {
            let said = number::at(words).into_iter();
            said.filter_map(|(length, said)| Some((length, Filled::Value(range.value(said)?)))).collect()
        }
        List::Duration => {
            duration::at(words).into_iter().map(|(length, said)| (length, Filled::Duration(said))).collect()
        }
        _ => Vec::new(),
    }
}
