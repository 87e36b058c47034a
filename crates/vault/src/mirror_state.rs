//! Whether mirrors have followed.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether a mirror has followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "state")]
pub enum Mirror {
    /// It is at the same generation or a later one: what was forgotten is gone there too.
    Acknowledged {
        /// That generation.
        generation: u64,
    },
    /// It has not followed, and still holds keys that were destroyed here. It is tried again with every change, at
    /// every run of expiry and at every start.
    Pending {
        /// Why, in a sentence.
        why: String,
        /// Since when; none where it is new, or an earlier release wrote this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
    },
}

impl Mirror {
    /// Whether it has followed.
    pub fn is_acknowledged(&self) -> bool {
        matches!(self, Mirror::Acknowledged { .. })
    }
}

/// One mirror, and whether it has followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MirrorState {
    /// The mirror's folder.
    pub path: PathBuf,
    /// Whether it has followed.
    #[serde(flatten)]
    pub mirror: Mirror,
}
