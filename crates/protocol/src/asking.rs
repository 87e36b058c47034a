//! What goes over the wire about writing to Porchlight, what requests left behind, and what was answered and forgotten.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Message;

/// Something to ask in writing.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskRequest {
    /// The words, 4,096 bytes at most.
    pub text: String,
    /// The name of the device that stands in the room where they are written; none for this session itself.
    #[serde(default)]
    pub device: Option<String>,
    /// Whether the answer is wanted as speech too.
    #[serde(default)]
    pub aloud: bool,
    /// Names the conversation that they belong to: any word, 100 characters at most.
    #[serde(default)]
    pub conversation: Option<String>,
}

impl fmt::Debug for AskRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AskRequest").field("text", &self.text.len()).finish_non_exhaustive()
    }
}

/// A question before much is forgotten. Yes or no within a minute settles it: said by the same speaker in the same conversation, or at
/// the same device; or the token at `/api/forget`, within ten minutes in the same session.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Confirm {
    /// The question alone, as it is at the end of the reply.
    pub question: String,
    /// The preview's token.
    pub token: String,
}

/// The words that were heard so far.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct HeardWords {
    /// The words.
    pub transcript: String,
}

/// What requests left behind, as it is now.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct EffectsView {
    /// The timers, the one that rings first before the others; those that are paused last.
    pub timers: Vec<TimerView>,
    /// The lists that have something on them, by name.
    pub lists: Vec<ListView>,
    /// The reminders and alarms, the next one first.
    pub reminders: Vec<ReminderView>,
    /// What is there beside these and cannot be read; absent where all of it can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<Message>,
}

/// A reminder.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct ReminderView {
    /// Its recording.
    pub id: u64,
    /// What of; none for an alarm.
    pub text: Option<String>,
    /// When.
    #[schema(value_type = String)]
    pub due: Timestamp,
    /// The name of the device where it is spoken; none for one that was set in a session.
    pub device: Option<String>,
    /// The name of the person who asked, where that is known.
    pub person: Option<String>,
}

/// A timer.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct TimerView {
    /// Its recording: what `/api/effects/{id}/done` and `/api/forget/preview` take.
    pub id: u64,
    /// What it is called, if anything.
    pub name: Option<String>,
    /// How long it was set for.
    pub seconds: u64,
    /// When it rings; absent while it is paused.
    #[schema(value_type = Option<String>)]
    pub ends: Option<Timestamp>,
    /// While it is paused, how many seconds are left.
    pub paused_left: Option<u64>,
    /// The name of the device where it rings; none for a timer that was set in a session.
    pub device: Option<String>,
}

/// A list.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct ListView {
    /// Its name: `shopping` is always there to be added to.
    pub name: String,
    /// What is on it, oldest first.
    pub items: Vec<ItemView>,
}

/// Something on a list.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct ItemView {
    /// Its recording.
    pub id: u64,
    /// What it says.
    pub text: String,
    /// When it was put there.
    #[schema(value_type = String)]
    pub added: Timestamp,
}

/// Something to put on a list.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewItem {
    /// The list, by its name.
    pub list: String,
    /// What to put on it, word for word; 200 characters at most.
    pub item: String,
}

impl fmt::Debug for NewItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewItem").finish_non_exhaustive()
    }
}

/// Since when.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AnsweredSince {
    /// From this instant on: RFC 3339, or a date or date and time in the household's own time zone; without it, all of today.
    #[serde(default)]
    pub from: Option<String>,
}

/// Something that was said, answered and forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AnsweredView {
    /// When.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// The name of the device it was said into; none for a signed-in session.
    pub device: Option<String>,
    /// The room of that device then.
    pub room: Option<String>,
}
