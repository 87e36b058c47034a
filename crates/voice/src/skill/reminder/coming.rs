//! A reminder as skills are told of it.

use jiff::Timestamp;
use std::fmt;

/// A reminder that is not due yet.
#[derive(Clone, PartialEq, Eq)]
pub struct Reminder {
    /// Its moment.
    pub id: u64,
    /// What of; none for an alarm.
    pub text: Option<String>,
    /// When.
    pub due: Timestamp,
}

impl fmt::Debug for Reminder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reminder")
            .field("id", &self.id)
            .field("text", &self.text.as_ref().map(String::len))
            .field("due", &self.due)
            .finish()
    }
}
