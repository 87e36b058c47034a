//! What opening a vault found and did.

use porchlight_ledger::Because;

use crate::clock_guard::Pause;

/// What opening found and did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Opening {
    /// Why the ledger goes on in a new tree, which commits to the newest checkpoint that is known; none where it goes on as it was.
    pub continued: Option<Because>,
    /// Recordings of an older copy that had been forgotten since, and are swept now.
    pub swept: u64,
    /// Deletions that a crash had interrupted, and that are finished now (or named as pending).
    pub finished: Vec<u64>,
    /// Payloads that no recording owns, left by a crash and deleted now. None of them while the catalog may have lost their rows.
    pub orphans: u64,
    /// How many recordings the catalog has lost that were there when the strongbox was used last; none where it has lost nothing.
    pub lost: Option<u64>,
    /// Why nothing will be forgotten by itself for now.
    pub paused: Option<Pause>,
}

impl Opening {
    /// Whether an older copy of the data folder was put back: it lacked the newest lines of the ledger. End every session.
    pub fn restored(&self) -> bool {
        self.continued == Some(Because::OlderCopy)
    }
}
