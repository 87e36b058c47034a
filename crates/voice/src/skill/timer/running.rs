//! A timer as skills are told of it.

use jiff::Timestamp;
use std::fmt;

/// A timer that was started and has not ended.
#[derive(Clone, PartialEq, Eq)]
pub struct Timer {
    /// Its moment.
    pub id: u64,
    /// What it is for, if that was said.
    pub name: Option<String>,
    /// The length it was started with, in seconds.
    pub seconds: u64,
    /// When it ends; means nothing while it is paused.
    pub ends: Timestamp,
    /// The device it was started at.
    pub device: String,
    /// The room of that device.
    pub room: Option<String>,
    /// While it is paused, how many seconds are left.
    pub paused: Option<u64>,
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer")
            .field("id", &self.id)
            .field("name", &self.name.as_ref().map(String::len))
            .field("seconds", &self.seconds)
            .field("ends", &self.ends)
            .field("paused", &self.paused)
            .finish_non_exhaustive()
    }
}
