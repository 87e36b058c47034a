//! From words to what is wanted.
//!
//! A [`Matcher`] holds sentence templates, ours (each skill has its own) and, if there, those of Home Assistant, compiled to graphs of words. It knows
//! nothing of what is then done; that is [`crate::skill`].
//!
//! A sentence is matched in up to three passes. The first takes templates as they are written; among several that fit, the one with the home's own names,
//! then with the fewest open slots, then with the most literal words wins. Only if none fits does the second pass allow for words that a recogniser got
//! wrong, for our own templates only, and never where the request would take something away. Templates that take nearly any words come last.

mod data;
mod duration;
mod error;
mod graph;
mod library;
mod names;
mod number;
mod peel;
mod phonetic;
mod phrases;
mod search;
mod template;
mod text;
pub(crate) mod when;

pub use error::{IntentError, TemplateError};
pub use names::Names;
pub(crate) use phonetic::names_alike;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use data::Data;
use library::{Block, Library, Template};
use search::{Score, Scratch, Sentence};

/// The longest sentence that is matched, in words; longer ones are not understood.
pub const MAX_WORDS: usize = 48;
/// The longest text that is looked at, in bytes.
pub const MAX_BYTES: usize = 4096;
/// The longest sentence for the second pass, in words.
const MAX_GUESSED: usize = 24;

/// Compiled sentence templates of one language.
pub struct Matcher {
    library: Library,
}

/// What a sentence asks for.
#[derive(Clone, PartialEq)]
pub struct Recognised {
    /// The intent, by Home Assistant's name where it has one (`HassStartTimer`), else by ours (`PorchlightHeard`).
    pub intent: String,
    /// Which of several kinds of the intent, as the template says (`remove`, `listening`).
    pub variant: Option<String>,
    /// What was filled in. Words are as they were said, numbers are numbers.
    pub slots: BTreeMap<String, Value>,
    /// No template fitted exactly; this is the closest one.
    pub guessed: bool,
}

impl fmt::Debug for Recognised {
    /// Without the values of slots, which are somebody's words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recognised")
            .field("intent", &self.intent)
            .field("variant", &self.variant)
            .field("slots", &self.slots.len())
            .field("guessed", &self.guessed)
            .finish()
    }
}

impl Matcher {
    /// A matcher with our own sentences, whatever files they stand in: all of them are one text.
    pub(crate) fn of<'a>(files: impl IntoIterator<Item = &'a str>) -> Result<Self, IntentError> {
        let mut all = Data::default();
        for file in files {
            let data: Data =
                serde_yaml_ng::from_str(file).map_err(|error| IntentError::Form(error.to_string()))?;
            all.take_in(data)?;
        }
        let mut library = Library::default();
        library.add(all, true)?;
        Ok(Self { library })
    }

    /// Adds Home Assistant's templates, the text of `en.json` from the package `home-assistant-intents`.
    ///
    /// Templates that cannot be used are left out; [`Matcher::left_out`] counts them.
    ///
    /// # Errors
    /// When the text is not JSON of that form, or is for a language without spaces between words.
    pub fn with_home_assistant(mut self, json: &str) -> Result<Self, IntentError> {
        let data: Data = serde_json::from_str(json).map_err(|error| IntentError::Form(error.to_string()))?;
        self.library.add(data, false)?;
        Ok(self)
    }

    /// How many templates are in use.
    #[must_use]
    pub fn templates(&self) -> usize {
        self.library.templates.len()
    }

    /// How many templates, lists and rules of others were left out because they cannot be used.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.library.skipped
    }

    /// What a sentence asks for, or nothing if it fits no template.
    ///
    /// Texts over [`MAX_BYTES`] or sentences over [`MAX_WORDS`] fit none.
    #[must_use]
    pub fn recognise(&self, text: &str, names: &Names) -> Option<Recognised> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let readings: Vec<Sentence<'_>> = peel::readings(&self.library, text)
            .into_iter()
            .filter(|tokens| (1..=MAX_WORDS).contains(&tokens.len()))
            .map(|tokens| {
                let ids = tokens.iter().map(|token| self.library.word(&token.word)).collect();
                Sentence { text, tokens, ids }
            })
            .collect();
        self.exact(&readings, names, false)
            .or_else(|| self.guess(&readings, names))
            .or_else(|| self.exact(&readings, names, true))
    }

    /// The first pass, over the templates that take nearly any words or over all others.
    fn exact(&self, readings: &[Sentence<'_>], names: &Names, fallback: bool) -> Option<Recognised> {
        let found = self.best(readings, names, |_, heard, template| {
            let wanted = self.block(template).is_some_and(|block| block.fallback == fallback);
            (wanted && missing(template, heard).next().is_none()).then_some(0)
        })?;
        Some(self.recognised(found, names, false))
    }

    /// The second pass. It searches all of our templates, so that a garbled "cancel" is not taken for the next best harmless thing.
    fn guess(&self, readings: &[Sentence<'_>], names: &Names) -> Option<Recognised> {
        let found = self.best(readings, names, |sentence, heard, template| {
            let edits = match sentence.tokens.len() {
                3..=5 => 1,
                6..=MAX_GUESSED => 2,
                _ => return None,
            };
            let ours = self.block(template).is_some_and(|block| block.ours && !block.fallback);
            (ours && fewest_edits(template, heard) <= edits).then_some(edits)
        })?;
        let believable = found.score.literal >= 6 && found.score.literal >= found.score.guessed.0;
        let harmless = self.block(found.template).is_some_and(|block| !block.careful);
        (believable && harmless).then(|| self.recognised(found, names, true))
    }

    /// The best match over all readings and the templates for which `edits` gives a number; of equals the first.
    fn best<'a>(
        &'a self,
        readings: &[Sentence<'_>],
        names: &Names,
        edits: impl Fn(&Sentence<'_>, &[bool], &Template) -> Option<usize>,
    ) -> Option<Found<'a>> {
        let mut scratch = Scratch::default();
        let mut best: Option<Found<'a>> = None;
        for sentence in readings {
            scratch.next_sentence();
            let mut heard = vec![false; self.library.spelled.len()];
            for word in sentence.ids.iter().flatten() {
                if let Some(heard) = usize::try_from(*word).ok().and_then(|at| heard.get_mut(at)) {
                    *heard = true;
                }
            }
            for template in &self.library.templates {
                let Some(edits) = edits(sentence, &heard, template) else { continue };
                if let Some((score, slots)) =
                    search::best(&self.library, template, names, sentence, edits, &mut scratch)
                    && best.as_ref().is_none_or(|best| score > best.score)
                {
                    best = Some(Found { score, slots, template });
                }
            }
        }
        best
    }

    fn block(&self, template: &Template) -> Option<&Block> {
        self.library.blocks.get(template.block)
    }

    fn recognised(&self, found: Found<'_>, names: &Names, guessed: bool) -> Recognised {
        let mut slots = found.slots;
        let block = self.block(found.template);
        if let Some(block) = block {
            for (slot, value) in &block.slots {
                slots.entry(slot.clone()).or_insert_with(|| value.clone());
            }
            if let Some(here) = names.here.as_deref().filter(|_| block.here) {
                slots.entry("area".to_owned()).or_insert_with(|| Value::from(here));
            }
        }
        Recognised {
            intent: block.map(|block| block.intent.clone()).unwrap_or_default(),
            variant: block.and_then(|block| block.response.clone()),
            slots,
            guessed,
        }
    }
}

impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Matcher").field("templates", &self.templates()).finish_non_exhaustive()
    }
}

struct Found<'a> {
    score: Score,
    slots: BTreeMap<String, Value>,
    template: &'a Template,
}

/// The groups of words that a template needs and of which none was heard.
fn missing<'a>(template: &'a Template, heard: &[bool]) -> impl Iterator<Item = &'a [u32]> {
    let was_heard = |word: &u32| usize::try_from(*word).ok().and_then(|at| heard.get(at)) == Some(&true);
    template.required.iter().map(AsRef::as_ref).filter(move |group: &&[u32]| !group.iter().any(was_heard))
}

/// How many edits a template needs at least: one for each missing group that shares no word with another.
fn fewest_edits(template: &Template, heard: &[bool]) -> usize {
    let mut apart: Vec<&[u32]> = Vec::new();
    for group in missing(template, heard) {
        if !apart.iter().any(|other| group.iter().any(|word| other.contains(word))) {
            apart.push(group);
        }
    }
    apart.len()
}
