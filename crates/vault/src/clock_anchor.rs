//! What is known of the time from one start to the next.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// A pair of readings that were right together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Anchor {
    pub(crate) time: Timestamp,
    pub(crate) monotonic: Duration,
    /// Since which start of the machine the counter counts.
    pub(crate) boot: String,
    /// Whether there was evidence. Without, the time is the least that it can be.
    pub(crate) proven: bool,
    /// How far the network alone has carried the time since a person last said that it is right.
    pub(crate) carried: SignedDuration,
}
