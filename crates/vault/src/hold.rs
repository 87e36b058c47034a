//! A hold, and how it keeps a moment.

use jiff::Timestamp;
use serde::Serialize;

use crate::audience::Readers;
use crate::id::Id;

/// A hold. Why it was made is in the detail of its ledger line, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hold {
    /// The recording that holds the detail of its ledger line; the hold's name too.
    pub id: Id,
    /// Who holds: a person's id.
    pub by: String,
    /// Since when.
    pub since: Timestamp,
    /// When it ends by itself.
    pub until: Timestamp,
    /// The moments.
    pub moments: Vec<Id>,
}

/// How a moment is kept by holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Until when, if nobody releases them.
    pub until: Timestamp,
    /// Whether it was to be forgotten meanwhile, and goes as soon as no hold keeps it, whatever its own end is.
    pub then_gone: bool,
}

impl Held {
    /// When a recording of the moment ends by itself whose own end this is.
    pub fn end_of(&self, own: Option<Timestamp>) -> Option<Timestamp> {
        if self.then_gone { Some(self.until) } else { own.map(|ends| ends.max(self.until)) }
    }
}

/// A hold to make.
#[derive(Clone, Debug)]
pub struct NewHold {
    /// Moments, or recordings of them; at most 10,000.
    pub ids: Vec<Id>,
    /// Who holds: a person's id.
    pub by: String,
    /// When it is to end by itself: at most 366 days from now.
    pub until: Timestamp,
    /// Why, in their words, for the detail of the ledger's line.
    pub why: String,
    /// Who may read that detail, and until when.
    pub readers: Readers,
}
