//! What this home calls its rooms, floors, devices and lists.

use super::phrases::Phrases;
use std::fmt;

/// The names of one home, ready to be looked up.
///
/// Names are plain text (`Kid's room`), matched without regard to case and punctuation; brackets in them mean nothing.
#[derive(Clone, Default)]
pub struct Names {
    pub(crate) areas: Phrases<String>,
    pub(crate) floors: Phrases<String>,
    pub(crate) things: Phrases<Thing>,
    pub(crate) here: Option<String>,
}

/// A device, list or person that can be named.
#[derive(Clone)]
pub(crate) struct Thing {
    pub(crate) name: String,
    pub(crate) domain: String,
}

impl Names {
    /// A home without names.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a room.
    #[must_use]
    pub fn area(mut self, name: &str) -> Self {
        self.areas.insert_text(name, name.to_owned());
        self
    }

    /// Adds a floor.
    #[must_use]
    pub fn floor(mut self, name: &str) -> Self {
        self.floors.insert_text(name, name.to_owned());
        self
    }

    /// Adds a device by its domain, the kind it has in the templates (`light`, `camera`, `lock`, `todo` …).
    #[must_use]
    pub fn thing(mut self, name: &str, domain: &str) -> Self {
        self.things.insert_text(name, Thing { name: name.to_owned(), domain: domain.to_owned() });
        self
    }

    /// Adds a camera. A camera called "Porch camera" answers to "porch" as well.
    #[must_use]
    pub fn camera(mut self, name: &str) -> Self {
        let mut words = super::text::words(name);
        let thing = Thing { name: name.to_owned(), domain: "camera".to_owned() };
        if words.len() > 1 && words.last().is_some_and(|word| word == "camera" || word == "cam") {
            words.pop();
            self.things.insert(&words, thing.clone());
        }
        self.things.insert_text(name, thing);
        self
    }

    /// Adds a list. A list called "Party list" answers to "party" as well.
    #[must_use]
    pub fn list(mut self, name: &str) -> Self {
        let mut words = super::text::words(name);
        let thing = Thing { name: name.to_owned(), domain: "todo".to_owned() };
        if words.len() > 1 && words.last().is_some_and(|word| word == "list") {
            words.pop();
            self.things.insert(&words, thing.clone());
        }
        self.things.insert_text(name, thing);
        self
    }

    /// The room of the device that listens, for "the lights in here".
    #[must_use]
    pub fn here(mut self, area: &str) -> Self {
        self.here = Some(area.to_owned());
        self
    }
}

impl fmt::Debug for Names {
    /// How many names, never which: they tell who lives here.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names")
            .field("areas", &self.areas.len())
            .field("floors", &self.floors.len())
            .field("things", &self.things.len())
            .finish_non_exhaustive()
    }
}
