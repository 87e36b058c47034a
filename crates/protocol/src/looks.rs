//! What goes over the wire about looks, and the ledger that has them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{RecordingView, Selection};

/// Asks to look at recordings.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LookRequest {
    /// Which.
    pub selection: Selection,
    /// Why: `open` or `export`.
    pub why: LookKind,
}

/// Why recordings are looked at, as the ledger says it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum LookKind {
    /// To see or hear them now.
    #[default]
    Open,
    /// To take them away as files.
    Export,
}

impl LookKind {
    /// `open` or `export`.
    pub fn word(self) -> &'static str {
        match self {
            LookKind::Open => "open",
            LookKind::Export => "export",
        }
    }
}

/// A look that is in the ledger. Its files can be fetched by this session for an hour at `/api/looks/{look}/{id}`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LookPass {
    /// The number of its line in the ledger.
    pub look: u64,
    /// What it opens: those of the selection that are sealed to the one who asks.
    pub recordings: Vec<RecordingView>,
    /// How many of the selection are sealed to others and so are left out.
    pub sealed_to_others: u64,
    /// The signed checkpoint that covers the look's line, for the client to hold the ledger to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<String>,
}

/// The ledger's newest state.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LedgerHead {
    /// How many lines there are.
    pub size: u64,
    /// The number of the tree: 1, and one more for every time an older copy was put back.
    pub tree: u32,
    /// The ledger's name and key, `NAME+ID+KEY`: what receipts are checked with.
    pub key: String,
    /// The notes by which one key took over from another, oldest first.
    pub successions: Vec<String>,
    /// The signed checkpoint (C2SP tlog-checkpoint).
    pub checkpoint: String,
}

/// Asks for details of ledger lines.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DetailsRequest {
    /// The recordings that hold them, as the lines name them; at most 1000.
    pub details: Vec<u64>,
}

/// The sealed detail of a ledger line.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LedgerDetail {
    /// The recording that holds it.
    pub detail: u64,
    /// An age file, in base64.
    pub age: String,
}

/// That a line is in the ledger.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LineProof {
    /// The ledger's name and key, `NAME+ID+KEY`.
    pub key: String,
    /// The notes by which one key took over from another, oldest first.
    pub successions: Vec<String>,
    /// The line as it is in the ledger.
    pub entry: String,
    /// The proof (C2SP tlog-proof).
    pub proof: String,
    /// For a deletion: what has become of it, as a signed note.
    pub outcome: Option<String>,
}
