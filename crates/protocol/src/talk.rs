//! What goes over the wire about what was said, and what came of it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Confirm, ForgottenView, Message, Selection};

/// What became of one utterance.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct SayAnswer {
    /// The words that were understood.
    pub transcript: String,
    /// What was asked for, `none` when nothing was understood.
    pub intent: String,
    /// The details of what was asked for.
    #[schema(value_type = Object)]
    pub slots: serde_json::Map<String, serde_json::Value>,
    /// The answer.
    pub reply: String,
    /// The moment that was kept of what was said; absent where nothing was kept.
    #[serde(default)]
    pub moment: Option<u64>,
    /// The recordings that were kept of the utterance.
    pub kept: Vec<u64>,
    /// Why nothing, or not all, was kept, in words; empty when it was.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub not_kept: String,
    /// The same; none where all was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_kept_said: Option<Message>,
    /// What the request left behind.
    pub left: Vec<Effect>,
    /// What Porchlight asks before much is forgotten.
    #[serde(default)]
    pub confirm: Option<Confirm>,
    /// What the app is to open: `forget` for what `selection` chooses, to be confirmed there.
    #[serde(default)]
    pub open: Option<String>,
    /// What would be forgotten: goes into `/api/forget/preview`.
    #[serde(default)]
    pub selection: Option<Selection>,
    /// What was forgotten just now, with its receipt.
    #[serde(default)]
    pub forgotten: Option<ForgottenView>,
    /// How long each part took.
    pub timings: Timings,
    /// The spoken answer as a WAV file, base64; absent when it was not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speech: Option<String>,
}

impl fmt::Debug for SayAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SayAnswer")
            .field("intent", &self.intent)
            .field("kept", &self.kept)
            .finish_non_exhaustive()
    }
}

/// The words of what rings.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RingWords {
    /// The sentence to speak.
    pub say: String,
    /// The name that a timer was given, if any.
    #[serde(default)]
    pub name: Option<String>,
    /// What a reminder is of; none for an alarm.
    #[serde(default)]
    pub text: Option<String>,
}

impl fmt::Debug for RingWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RingWords").field("say", &self.say.len()).finish_non_exhaustive()
    }
}

/// How long each part of an answer took, in milliseconds.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
pub struct Timings {
    /// Speech to text.
    pub hear: f64,
    /// Intent and answer.
    pub understand: f64,
    /// Sealing and keeping, with every fsync.
    pub keep: f64,
    /// Text to speech; 0 when no speech was asked for.
    pub speak: f64,
    /// From the last byte of audio to the reply as text.
    pub to_text: f64,
    /// Everything.
    pub total: f64,
}

/// Something that a request left behind, or took away.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Effect {
    /// The recording's id: what `forget` takes. Of something taken away, the id it had.
    pub id: u64,
    /// `timer`, `note` or `reminder`.
    pub kind: String,
    /// `added`, `changed` or `removed`.
    pub change: String,
    /// In words: "a timer of 5 minutes".
    pub what: String,
    /// When it ends: when a timer rings, when a list item is let go at the latest.
    #[schema(value_type = Option<String>)]
    pub ends: Option<Timestamp>,
}

/// A sentence to be spoken.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct SpeechRequest {
    /// The sentence, 1,000 characters at most.
    pub text: String,
    /// Samples a second; none for the voice's own.
    pub rate: Option<u32>,
}
