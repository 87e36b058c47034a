//! What was heard, as skills are told of it.

use jiff::Timestamp;
use std::fmt;

/// Something that was heard.
#[derive(Clone, PartialEq, Eq)]
pub struct Heard {
    /// When.
    pub at: Timestamp,
    /// The device that heard it.
    pub device: String,
    /// The room of that device.
    pub room: Option<String>,
    /// The words, if they may be told here.
    pub words: Option<String>,
    /// The moment that was kept of it, if one was.
    pub moment: Option<u64>,
}

impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heard")
            .field("at", &self.at)
            .field("device", &self.device)
            .field("words", &self.words.as_ref().map(String::len))
            .finish_non_exhaustive()
    }
}
