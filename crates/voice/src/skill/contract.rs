//! What a skill is, what it is told and what it gives.

use std::ops::Deref;

use super::situation::{Change, Situation};
use super::slots::Slots;

/// One thing that Porchlight can do when it is asked. It lives in a folder of its own, with its sentences, its words and its tests, and is
/// known by its line in [`super::SKILLS`].
pub(crate) trait Skill: Sync {
    /// Its sentences: a file of templates for each language, by the language's tag.
    fn sentences(&self) -> &'static [(&'static str, &'static str)];

    /// Whether it answers what was recognised. Of several the first in the list of skills does.
    fn answers(&self, said: &Slots<'_>) -> bool;

    /// What it says and what it changes. A pure function: all that it may know is in the context.
    fn answer(&self, context: &Context<'_>) -> Reply;

    /// How many of the things that were asked about are there and cannot be read, and what one is called: they are not said not to be
    /// there. None where it keeps nothing, or was asked about nothing that is there.
    fn unreadable(&self, _context: &Context<'_>) -> Option<(usize, &'static str)> {
        None
    }
}

/// What a skill is told: what was said, and the home as it may be told of.
pub(crate) struct Context<'a> {
    /// What was recognised.
    pub(crate) said: Slots<'a>,
    /// The moment, the place, the speaker, and what the home keeps.
    pub(crate) situation: &'a Situation<'a>,
}

impl<'a> Deref for Context<'a> {
    type Target = Situation<'a>;
    fn deref(&self) -> &Situation<'a> {
        self.situation
    }
}

/// What a skill gives: what to say and what to do.
#[derive(Default)]
pub(crate) struct Reply {
    pub(crate) text: String,
    pub(crate) changes: Vec<Change>,
    /// The moments whose words the text tells.
    pub(crate) made_from: Vec<u64>,
}

impl Reply {
    pub(crate) fn say(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    pub(crate) fn act(text: impl Into<String>, changes: Vec<Change>) -> Self {
        Self { text: text.into(), changes, ..Self::default() }
    }
}
