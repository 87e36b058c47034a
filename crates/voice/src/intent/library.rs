//! All templates of a matcher, compiled.

use super::data::{BlockData, Data, ListData, RangeData, ValueData};
use super::error::{IntentError, TemplateError};
use super::graph::{self, Edge, Graph};
use super::phrases::Phrases;
use super::template::{self, Expr};
use super::text;
use serde_json::{Number, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Most forms one value of a list may have.
const MAX_FORMS: usize = 256;
/// Most groups of words that are tried as required ones for one template.
const MAX_TRIED: usize = 64;

/// Compiled templates and everything they name.
#[derive(Default)]
pub(crate) struct Library {
    words: HashMap<String, u32>,
    pub(crate) spelled: Vec<String>,
    pub(crate) lists: Vec<List>,
    pub(crate) blocks: Vec<Block>,
    pub(crate) templates: Vec<Template>,
    pub(crate) wake_words: Vec<Vec<String>>,
    pub(crate) calls: BTreeSet<String>,
    pub(crate) skip_words: Vec<Vec<String>>,
    pub(crate) fillers: BTreeSet<String>,
    pub(crate) skipped: usize,
}

/// A template and what it stands for.
pub(crate) struct Template {
    pub(crate) graph: Graph,
    /// For each list of the graph, its place in `Library::lists`.
    pub(crate) lists: Vec<usize>,
    pub(crate) block: usize,
    /// A sentence that matches has at least one word of each of these groups.
    pub(crate) required: Vec<Box<[u32]>>,
    /// For each node, whether a list of any words leads to it or away from it.
    pub(crate) beside_any_words: Vec<bool>,
}

/// What templates of one block share.
pub(crate) struct Block {
    pub(crate) intent: String,
    pub(crate) response: Option<String>,
    pub(crate) slots: BTreeMap<String, Value>,
    /// A named thing must be of one of these domains; empty for any.
    pub(crate) domains: Vec<String>,
    /// A named thing must not be of one of these.
    pub(crate) not_domains: Vec<String>,
    /// The room of the device that listens is a slot.
    pub(crate) here: bool,
    /// One of our own, which may be guessed at.
    pub(crate) ours: bool,
    /// Never guessed at: what it asks for takes something away.
    pub(crate) careful: bool,
    /// Taken only when nothing else fits.
    pub(crate) fallback: bool,
}

/// Where the values of a slot come from.
pub(crate) enum List {
    /// Fixed phrases.
    Text(Phrases<Value>),
    /// Numbers.
    Range(Range),
    /// Any words.
    Wildcard,
    /// A length of time; it fills the slots `hours`, `minutes` and `seconds`.
    Duration,
    /// A stretch of time that is past.
    Span,
    /// A day or a time to come.
    Moment,
    /// The same without the word "at".
    Clock,
    /// The rooms of the home.
    Area,
    /// The floors of the home.
    Floor,
    /// The devices and lists of the home.
    Thing,
}

/// A range of numbers.
pub(crate) struct Range {
    from: i64,
    to: i64,
    step: i64,
    parts: f64,
    multiplier: f64,
}

impl Range {
    /// The value of the slot for a number that was said, if it is in the range.
    pub(crate) fn value(&self, said: f64) -> Option<Value> {
        let whole = to_integer(said.floor())?;
        let in_parts = (said * self.parts).fract() == 0.0;
        let in_steps =
            (whole - self.from).rem_euclid(self.step) == 0 && (said.fract() == 0.0 || self.parts > 1.0);
        if !in_parts || !in_steps || whole < self.from || whole > self.to {
            return None;
        }
        let out = said * self.multiplier;
        match to_integer(out) {
            Some(whole) => Some(Value::from(whole)),
            None => Number::from_f64(out).map(Value::Number),
        }
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "checked to be whole and far within the range just before"
)]
fn to_integer(value: f64) -> Option<i64> {
    (value.fract() == 0.0 && value.abs() < 1e15).then_some(value as i64)
}

impl Library {
    /// Adds a file's templates. Ours must all compile; of another's, what cannot be used is left out and counted.
    pub(crate) fn add(&mut self, data: Data, ours: bool) -> Result<(), IntentError> {
        if data.settings.ignore_whitespace {
            return Err(IntentError::NoSpaces);
        }
        self.wake_words.extend(data.wake_words.iter().map(|phrase| text::words(phrase)));
        self.skip_words.extend(data.skip_words.iter().map(|phrase| text::words(phrase)));
        self.calls.extend(data.calls.iter().flat_map(|word| text::words(word)));
        self.fillers.extend(data.fillers.iter().flat_map(|word| text::words(word)));
        let rules = self.rules(&data.expansion_rules, ours)?;
        let mut lists = HashMap::new();
        for (name, list) in &data.lists {
            match self.list(list, &rules) {
                Ok(list) => {
                    lists.insert(name.clone(), self.lists.len());
                    self.lists.push(list);
                }
                Err(reason) => self.refuse(ours, "a list", name, reason)?,
            }
        }
        for (name, list) in [("area", List::Area), ("floor", List::Floor), ("name", List::Thing)] {
            lists.entry(name.to_owned()).or_insert(self.lists.len());
            self.lists.push(list);
        }
        for (intent, blocks) in data.intents {
            for block in blocks.data {
                self.block(&intent, block, &rules, &mut lists, ours)?;
            }
        }
        Ok(())
    }

    /// The number of a word, if any template has it.
    pub(crate) fn word(&self, word: &str) -> Option<u32> {
        self.words.get(word).copied()
    }

    /// An error for our own templates, one more left out for others.
    fn refuse(
        &mut self,
        ours: bool,
        intent: &str,
        template: &str,
        reason: TemplateError,
    ) -> Result<(), IntentError> {
        if !ours {
            self.skipped += 1;
            return Ok(());
        }
        let template = template.chars().take(120).collect();
        Err(IntentError::Template { intent: intent.to_owned(), template, reason })
    }

    fn rules(
        &mut self,
        rules: &BTreeMap<String, String>,
        ours: bool,
    ) -> Result<HashMap<String, Expr>, IntentError> {
        let mut parsed = HashMap::new();
        for (name, body) in rules {
            match template::parse(body) {
                Ok(expr) => {
                    parsed.insert(name.clone(), expr);
                }
                Err(reason) => self.refuse(ours, "a rule", body, reason)?,
            }
        }
        Ok(parsed)
    }

    fn list(&mut self, list: &ListData, rules: &HashMap<String, Expr>) -> Result<List, TemplateError> {
        if let Some(range) = &list.range {
            return range_of(range);
        }
        if list.wildcard {
            return Ok(List::Wildcard);
        }
        if list.duration {
            return Ok(List::Duration);
        }
        if list.span {
            return Ok(List::Span);
        }
        if list.moment {
            return Ok(List::Moment);
        }
        if list.clock {
            return Ok(List::Clock);
        }
        let mut phrases = Phrases::default();
        for value in list.values.iter().flatten() {
            let (said, out) = match value {
                ValueData::Text(text) => (text, None),
                ValueData::Pair { said, out } => (said, out.as_ref()),
            };
            let out = out.cloned().unwrap_or_else(|| Value::from(said.as_str()));
            let graph = graph::compile(&template::parse(said)?, rules, &mut |word| self.intern(word))?;
            for words in graph::sentences(&graph, MAX_FORMS)? {
                let words: Vec<String> = words.iter().map(|word| self.spelling(*word).to_owned()).collect();
                phrases.insert(&words, out.clone());
            }
        }
        Ok(List::Text(phrases))
    }

    fn block(
        &mut self,
        intent: &str,
        data: BlockData,
        rules: &HashMap<String, Expr>,
        lists: &mut HashMap<String, usize>,
        ours: bool,
    ) -> Result<(), IntentError> {
        let block = self.blocks.len();
        self.blocks.push(Block {
            intent: intent.to_owned(),
            response: data.response,
            slots: data.slots,
            domains: data.requires_context.get("domain").map(strings).unwrap_or_default(),
            not_domains: data.excludes_context.get("domain").map(strings).unwrap_or_default(),
            here: data.requires_context.get("area").is_some_and(|area| area.get("slot").is_some()),
            ours,
            careful: data.careful,
            fallback: data.fallback,
        });
        for sentence in &data.sentences {
            match self.template(sentence, block, rules, lists) {
                Ok(template) => self.templates.push(template),
                Err(reason) => self.refuse(ours, intent, sentence, reason)?,
            }
        }
        Ok(())
    }

    fn template(
        &mut self,
        sentence: &str,
        block: usize,
        rules: &HashMap<String, Expr>,
        lists: &mut HashMap<String, usize>,
    ) -> Result<Template, TemplateError> {
        let graph = graph::compile(&template::parse(sentence)?, rules, &mut |word| self.intern(word))?;
        let mut used = Vec::with_capacity(graph.lists.len());
        for list in &graph.lists {
            let known = match lists.get(&list.list) {
                Some(known) => *known,
                None => {
                    let range =
                        inline_range(&list.list).ok_or_else(|| TemplateError::NoList(list.list.clone()))?;
                    lists.insert(list.list.clone(), self.lists.len());
                    self.lists.push(range_of(&range)?);
                    self.lists.len() - 1
                }
            };
            used.push(known);
        }
        let required = required(&graph);
        let mut template = Template {
            beside_any_words: vec![false; graph.nodes.len()],
            graph,
            lists: used,
            block,
            required,
        };
        for (from, node) in template.graph.nodes.iter().enumerate() {
            for edge in &node.edges {
                if let Edge::List { list, to } = edge
                    && let Some(List::Wildcard) = template.lists.get(*list).and_then(|at| self.lists.get(*at))
                {
                    for (at, beside) in template.beside_any_words.iter_mut().enumerate() {
                        *beside |= at == from || at == *to;
                    }
                }
            }
        }
        Ok(template)
    }

    fn intern(&mut self, word: &str) -> u32 {
        if let Some(&known) = self.words.get(word) {
            return known;
        }
        let fresh = u32::try_from(self.spelled.len()).unwrap_or(u32::MAX);
        self.words.insert(word.to_owned(), fresh);
        self.spelled.push(word.to_owned());
        fresh
    }

    pub(crate) fn spelling(&self, word: u32) -> &str {
        usize::try_from(word).ok().and_then(|at| self.spelled.get(at)).map_or("", String::as_str)
    }
}

/// Groups of words of which a matching sentence must have one each: without the edges of such a group, no way leads through.
fn required(graph: &Graph) -> Vec<Box<[u32]>> {
    let mut groups: BTreeSet<Vec<u32>> = BTreeSet::new();
    for node in &graph.nodes {
        let mut between: BTreeMap<usize, Option<Vec<u32>>> = BTreeMap::new();
        for edge in &node.edges {
            let group = between.entry(edge.to()).or_insert_with(|| Some(Vec::new()));
            match edge {
                Edge::Word { word, .. } => group.iter_mut().for_each(|group| group.push(*word)),
                Edge::List { .. } => *group = None,
            }
        }
        groups.extend(between.into_values().flatten());
    }
    let needed = groups.into_iter().take(MAX_TRIED).filter(|group| !passes_without(graph, group));
    needed.map(Vec::into_boxed_slice).collect()
}

fn passes_without(graph: &Graph, group: &[u32]) -> bool {
    let mut seen = vec![false; graph.nodes.len()];
    let mut open = vec![0];
    while let Some(at) = open.pop() {
        let Some(node) = graph.nodes.get(at) else { continue };
        if node.accept {
            return true;
        }
        for edge in &node.edges {
            if matches!(edge, Edge::Word { word, .. } if group.contains(word)) {
                continue;
            }
            if let Some(seen) = seen.get_mut(edge.to()).filter(|seen| !**seen) {
                *seen = true;
                open.push(edge.to());
            }
        }
    }
    false
}

fn range_of(range: &RangeData) -> Result<List, TemplateError> {
    let parts = match range.fractions.as_deref() {
        Some("halves") => 2.0,
        Some("tenths") => 10.0,
        _ => 1.0,
    };
    if range.step <= 0 || range.from > range.to {
        return Err(TemplateError::TooLarge("a range must rise, in steps of at least one"));
    }
    let multiplier = range.multiplier.unwrap_or(1.0);
    Ok(List::Range(Range { from: range.from, to: range.to, step: range.step, parts, multiplier }))
}

/// `{1..10}` and `{0..100,10}`.
fn inline_range(name: &str) -> Option<RangeData> {
    let (from, rest) = name.split_once("..")?;
    let (to, step) = rest.split_once(',').unwrap_or((rest, "1"));
    let (from, to, step) = (from.parse().ok()?, to.parse().ok()?, step.parse().ok()?);
    Some(RangeData { from, to, step, fractions: None, multiplier: None })
}

/// A string or a list of strings.
fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(many) => many.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ranges_take_what_is_in_them() {
        let halves = Range { from: 0, to: 100, step: 1, parts: 2.0, multiplier: 1.0 };
        assert_eq!(halves.value(20.5), Some(Value::from(20.5)));
        assert_eq!(halves.value(20.0), Some(Value::from(20)));
        assert_eq!(halves.value(20.3), None);
        assert_eq!(halves.value(101.0), None);
        let down = Range { from: 0, to: 100, step: 10, parts: 1.0, multiplier: -1.0 };
        assert_eq!(down.value(20.0), Some(Value::from(-20)));
        assert_eq!(down.value(25.0), None);
        assert_eq!(down.value(20.5), None);
    }

    #[test]
    fn finds_required_words() -> Result<(), TemplateError> {
        let mut library = Library::default();
        let mut lists = HashMap::from([("area".to_owned(), 0)]);
        let template = library.template(
            "(turn|switch) on [the] light[s] [in {area}]",
            0,
            &HashMap::new(),
            &mut lists,
        )?;
        let groups: Vec<Vec<&str>> = template
            .required
            .iter()
            .map(|group| group.iter().map(|word| library.spelling(*word)).collect())
            .collect();
        assert!(groups.contains(&vec!["on"]), "{groups:?}");
        assert!(groups.contains(&vec!["light", "lights"]), "{groups:?}");
        assert!(
            groups.contains(&vec!["switch", "turn"]) || groups.contains(&vec!["turn", "switch"]),
            "{groups:?}"
        );
        assert!(!groups.iter().flatten().any(|word| *word == "the" || *word == "in"), "{groups:?}");
        assert_eq!(inline_range("1..10").map(|r| (r.from, r.to, r.step)), Some((1, 10, 1)));
        Ok(())
    }

    proptest! {
        /// Another's templates never stop the ones beside them, whatever they are.
        #[test]
        fn any_template_is_taken_or_left_out(template in r"[\[\](){}<>|;: abtimer_1.\\-]{0,60}") {
            let data = serde_json::json!({
                "intents": { "A": { "data": [{ "sentences": [template, "fine"] }] } },
                "lists": { "a": { "wildcard": true }, "b": { "values": [{ "in": template, "out": 1 }] } },
                "expansion_rules": { "r": template },
            });
            let data: Data = serde_json::from_value(data).map_err(|error| TestCaseError::fail(error.to_string()))?;
            let mut library = Library::default();
            prop_assert!(library.add(data, false).is_ok());
            prop_assert!(library.word("fine").is_some());
        }
    }
}
