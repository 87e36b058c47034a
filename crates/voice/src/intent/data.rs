//! The files of templates as they are written.
//!
//! The form is that of Home Assistant's intents (`en.json` of the package `home-assistant-intents`), so that one reader does for both. Ours has
//! more words: `wake_words`, `calls`, `fillers`, `careful`, `fallback` and lists with `duration`, `span`, `moment` or `clock: true`; `sentences/en.yaml`
//! explains them.

use super::error::IntentError;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Default, Deserialize)]
pub(crate) struct Data {
    #[serde(default)]
    pub(crate) settings: Settings,
    #[serde(default)]
    pub(crate) wake_words: Vec<String>,
    #[serde(default)]
    pub(crate) calls: Vec<String>,
    #[serde(default)]
    pub(crate) skip_words: Vec<String>,
    #[serde(default)]
    pub(crate) fillers: Vec<String>,
    pub(crate) intents: BTreeMap<String, IntentData>,
    #[serde(default)]
    pub(crate) lists: BTreeMap<String, ListData>,
    #[serde(default)]
    pub(crate) expansion_rules: BTreeMap<String, String>,
}

impl Data {
    /// Takes in another file of the same language. What both name is named twice, and nobody could tell which is meant.
    pub(crate) fn take_in(&mut self, other: Data) -> Result<(), IntentError> {
        self.wake_words.extend(other.wake_words);
        self.calls.extend(other.calls);
        self.skip_words.extend(other.skip_words);
        self.fillers.extend(other.fillers);
        join(&mut self.intents, other.intents)?;
        join(&mut self.lists, other.lists)?;
        join(&mut self.expansion_rules, other.expansion_rules)
    }
}

fn join<T>(all: &mut BTreeMap<String, T>, more: BTreeMap<String, T>) -> Result<(), IntentError> {
    for (name, one) in more {
        if all.contains_key(&name) {
            return Err(IntentError::Form(format!("{name} stands in two files")));
        }
        all.insert(name, one);
    }
    Ok(())
}

#[derive(Deserialize, Default)]
pub(crate) struct Settings {
    #[serde(default)]
    pub(crate) ignore_whitespace: bool,
}

#[derive(Deserialize)]
pub(crate) struct IntentData {
    pub(crate) data: Vec<BlockData>,
}

#[derive(Deserialize)]
pub(crate) struct BlockData {
    pub(crate) sentences: Vec<String>,
    #[serde(default)]
    pub(crate) slots: BTreeMap<String, Value>,
    #[serde(default)]
    pub(crate) response: Option<String>,
    #[serde(default)]
    pub(crate) requires_context: BTreeMap<String, Value>,
    #[serde(default)]
    pub(crate) excludes_context: BTreeMap<String, Value>,
    #[serde(default)]
    pub(crate) careful: bool,
    #[serde(default)]
    pub(crate) fallback: bool,
}

#[derive(Deserialize)]
pub(crate) struct ListData {
    pub(crate) values: Option<Vec<ValueData>>,
    pub(crate) range: Option<RangeData>,
    #[serde(default)]
    pub(crate) wildcard: bool,
    #[serde(default)]
    pub(crate) duration: bool,
    #[serde(default)]
    pub(crate) span: bool,
    #[serde(default)]
    pub(crate) moment: bool,
    #[serde(default)]
    pub(crate) clock: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum ValueData {
    Text(String),
    Pair {
        #[serde(rename = "in")]
        said: String,
        out: Option<Value>,
    },
}

#[derive(Deserialize)]
pub(crate) struct RangeData {
    pub(crate) from: i64,
    pub(crate) to: i64,
    #[serde(default = "one")]
    pub(crate) step: i64,
    #[serde(default)]
    pub(crate) fractions: Option<String>,
    #[serde(default)]
    pub(crate) multiplier: Option<f64>,
}

fn one() -> i64 {
    1
}
