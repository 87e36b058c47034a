//! What a deletion did.

use porchlight_ledger::Receipt;
use serde::Serialize;

use crate::id::Id;
use crate::mirror_state::MirrorState;

/// What a deletion did, and what it could not reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Forgotten {
    /// The number of the erasure; 0 where there was nothing left to forget.
    pub erasure: u64,
    /// The keyring's generation in which the keys are gone.
    pub generation: u64,
    /// The moments that are gone.
    pub moments: Vec<Id>,
    /// The recordings that are gone, those made from the moments included.
    pub recordings: Vec<Id>,
    /// Each mirror of the strongbox: one that is pending can still open what was forgotten, in a copy of the data folder.
    pub mirrors: Vec<MirrorState>,
    /// The deletion's line in the ledger; `None` where only details of the ledger itself ended, or nothing was left to forget.
    pub line: Option<u64>,
    /// The signed checkpoint that covers it.
    pub checkpoint: String,
    /// The receipt; `None` where there is no line. Later ones are made of [`Vault::prove_line`](crate::Vault::prove_line).
    #[serde(skip)]
    pub receipt: Option<Receipt>,
    /// Why payloads that nobody can open any more are not deleted yet; they are tried again.
    pub unswept: Option<String>,
}
