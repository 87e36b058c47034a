//! What goes over the wire about what needs somebody's attention, and about the clock.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Message;

/// Something that is not as it should be, for as long as it lasts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attention {
    /// What, and what can be done about it.
    pub said: Message,
    /// What an adult can do about it right here.
    pub deed: Option<Deed>,
}

/// What an adult can do about something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// Confirm the time: `POST /api/clock/confirm`.
    ConfirmClock,
    /// Let copies end that are newer than the one that was put back: `POST /api/copies/end-newer`.
    EndNewerCopies,
}

/// Which copies of the data folder are to end.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndNewerCopies {
    /// When the copy was made that was put back: those that were made later open nothing of their own any more.
    #[schema(value_type = String)]
    pub made: Timestamp,
}

/// The copy of the data folder that was put back.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RestoredCopy {
    /// When it was made; absent where none was put back, or it was said already what becomes of newer ones.
    #[schema(value_type = Option<String>)]
    pub made: Option<Timestamp>,
    /// How many recordings the catalog has lost, where not all of the data folder is older; absent where it has lost nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<u64>,
    /// What that means.
    pub said: Option<Message>,
}

/// How it stands with the clock, and with what ends by it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ClockView {
    /// What the hub's clock shows.
    #[schema(value_type = String)]
    pub now: Timestamp,
    /// The time that is certain: what has ended by then is forgotten by itself. Absent while nothing is.
    #[schema(value_type = Option<String>)]
    pub certain: Option<Timestamp>,
    /// Why what has ended since is not; absent when all of it is.
    pub paused: Option<Message>,
}

/// An adult's word that the hub's clock is right, and that what is due may go.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockConfirm {
    /// The time that they were shown as the hub's.
    #[schema(value_type = String)]
    pub shown: Timestamp,
}
