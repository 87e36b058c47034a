//! What a computer has seen of a hub, and from then on holds it to.

use porchlight_household::SignedDocument;
use serde::{Deserialize, Serialize};

/// What a computer has seen of a hub, and from then on holds it to.
#[derive(Clone, Default)]
pub struct Seen {
    /// The household document.
    pub household: Option<SignedDocument>,
    /// The ledger's key and checkpoint.
    pub ledger: Option<SeenLedger>,
}

/// The ledger as this computer saw it last: the hub cannot show another past from then on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenLedger {
    /// Its name and key, `NAME+ID+KEY`.
    pub key: String,
    /// Its signed checkpoint.
    pub checkpoint: String,
}
