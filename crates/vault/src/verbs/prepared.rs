//! What is sealed and not written yet: a moment, and a line of the ledger with its detail.

use porchlight_ledger::commitment::Salt;
use zeroize::Zeroizing;

use crate::catalog::NewRow;
use crate::error::Error;
use crate::id::Id;
use crate::moment::Kept;

/// A moment that is sealed, with its large payloads stored.
pub(super) struct Prepared {
    pub(super) rows: Vec<NewRow>,
    /// Of the keyring, when it gave the keys.
    pub(super) generation: u64,
}

impl Prepared {
    pub(super) fn kept(&self) -> Result<Kept, Error> {
        let recordings = self.rows.iter().map(|new| new.row.entry.id).collect();
        self.rows
            .first()
            .map(|first| Kept { moment: first.row.entry.moment, recordings })
            .ok_or_else(|| Error::BadInput("a moment needs at least one recording".into()))
    }
}

/// A line with its detail sealed; neither is written yet.
pub(super) struct SealedLine {
    /// The bytes to append to the ledger.
    pub(super) entry: Vec<u8>,
    /// The recording that holds the detail.
    pub(super) detail: Prepared,
    pub(super) salt: Salt,
    /// What the entry commits to.
    pub(super) said: Zeroizing<String>,
}

impl SealedLine {
    /// The recording that holds the detail.
    pub(super) fn detail_id(&self) -> Result<Id, Error> {
        let id = self.detail.rows.first().map(|new| new.row.entry.id);
        id.ok_or_else(|| Error::Stopped("a line has no detail".into()))
    }
}
