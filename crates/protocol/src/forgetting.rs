//! What goes over the wire about forgetting, and what is held back from it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Amount, Message, RecordingView, Selection};

/// What exactly would be forgotten.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ForgetPreview {
    /// Confirms exactly this; valid for ten minutes, once. Absent when nothing would go.
    pub token: Option<String>,
    /// Every recording that goes, what was derived from it included.
    pub goes: Vec<RecordingView>,
    /// What the requests in it left behind: goes too, unless it is kept by choice.
    pub effects: Vec<RecordingView>,
    /// What stays and why.
    pub stays: Vec<Stays>,
    /// Where copies are, and what becomes of each, in words.
    pub copies: Vec<String>,
    /// The same.
    #[serde(default)]
    pub copies_said: Vec<Message>,
    /// What this person had asked for before, could not be finished then, and is gone now.
    #[serde(default)]
    pub finished: Vec<ForgottenView>,
    /// Whether confirming it in this session takes a step-up first.
    #[serde(default)]
    pub step_up: bool,
}

/// Something that a forgetting does not reach.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Stays {
    /// The recordings.
    pub recordings: Vec<u64>,
    /// How much that is.
    #[serde(default)]
    pub amount: Amount,
    /// Why they stay and what could be done.
    pub why: String,
    /// The same.
    #[serde(default)]
    pub said: Message,
}

/// Confirms a preview.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ForgetConfirm {
    /// The preview's token.
    pub token: String,
    /// Keep what the requests left behind, all of it.
    #[serde(default)]
    pub keep_effects: bool,
    /// Keep these of what the requests left behind: recordings by id, each among the preview's effects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<u64>,
}

/// What was forgotten.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ForgottenView {
    /// How many moments.
    pub moments: u64,
    /// The recordings that nothing can open any more.
    pub recordings: Vec<u64>,
    /// One sentence for each strongbox: acknowledged, or pending and why.
    pub strongboxes: Vec<String>,
    /// The same.
    #[serde(default)]
    pub strongboxes_said: Vec<Message>,
    /// Whether every strongbox acknowledged.
    pub complete: bool,
    /// The line of the ledger that says so.
    pub ledger_line: Option<u64>,
    /// The receipt: a file to keep, which anybody can check without the hub.
    pub receipt: Option<String>,
}

/// Keeps moments from being forgotten for a while.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct HoldRequest {
    /// Which recordings; their whole moments are held.
    pub selection: Selection,
    /// When the hold ends by itself: RFC 3339, or a date or date and time in the household's own time zone; a bare date means
    /// the end of that day. At most 366 days from now.
    pub until: String,
    /// Why. Only the adults of the household can read it, in the ledger.
    pub why: String,
    /// The hub's word for a proof that was made for a hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
}

/// A hold.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct HoldView {
    /// Names it when it is released.
    pub id: u64,
    /// The name of who holds.
    pub by: String,
    /// Since when.
    #[schema(value_type = String)]
    pub since: Timestamp,
    /// When it ends by itself.
    #[schema(value_type = String)]
    pub until: Timestamp,
    /// The moments that are held.
    pub moments: Vec<u64>,
    /// How much that is.
    #[serde(default)]
    pub amount: Amount,
    /// The recordings of them that cannot be had, since their sealed bytes are missing: the hold keeps nothing of these but their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<u64>,
    /// How much that is.
    #[serde(default)]
    pub amount_lost: Amount,
    /// Whether it was in force when it was asked for: then it is that one, with the reason that was given for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub already: bool,
}
