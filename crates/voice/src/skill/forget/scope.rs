//! What somebody wants forgotten, and what was asked just before.

use jiff::Timestamp;
use serde::Serialize;
use std::fmt;

/// What somebody wants forgotten of what they said.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Scope {
    /// How much of it.
    pub extent: Extent,
    /// Only what was said in this room or to this device, as it was called.
    pub place: Option<String>,
    /// The extent in words, after what was said: " yesterday".
    pub(crate) said: String,
}

/// How much is to be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// The last so many things that were said.
    Last(u32),
    /// What was said in a stretch of time.
    Span {
        /// Its first instant; none from the beginning of all.
        from: Option<Timestamp>,
        /// The first instant after it; none when it goes on until now.
        to: Option<Timestamp>,
    },
    /// All that was ever said.
    Ever,
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("extent", &self.extent)
            .field("place", &self.place.as_ref().map(String::len))
            .finish_non_exhaustive()
    }
}

/// What Porchlight asked or left open just before, in the same conversation and of the same speaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Whether to forget what it named.
    Forget,
    /// Nothing; it said that what requests left behind stays unless it is told otherwise.
    Effects,
}
