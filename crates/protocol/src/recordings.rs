//! What goes over the wire about recordings: which of them are meant, and what one is.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What to pick out of all that is kept. Every part that is given must fit; none given fits everything.
#[derive(Debug, Default, Clone, Serialize, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// The device's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The kinds, divided by commas: voice, transcript, reply, video, note, timer …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// From this instant on: RFC 3339, or a date or date and time in the household's own time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Before this instant; a bare date means to the end of that day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

impl Filter {
    /// Whether nothing is picked out at all.
    pub fn is_empty(&self) -> bool {
        let Filter { device, person, kind, from, to } = self;
        [device, person, kind, from, to].iter().all(|part| part.is_none())
    }
}

/// Which recordings are meant: some by id, or all that fit a filter, or everything.
#[derive(Debug, Default, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// Recordings or moments by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<u64>,
    /// All that fit.
    #[serde(default, skip_serializing_if = "Filter::is_empty")]
    pub filter: Filter,
    /// Everything, said in so many words, so that an empty filter is never taken for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
}

/// One recording, as lists show it. Nothing in it was sealed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecordingView {
    /// The recording's id.
    pub id: u64,
    /// The moment it belongs to: what is forgotten together.
    pub moment: u64,
    /// `voice`, `transcript`, `reply`, `video`, `note`, `timer` …
    pub kind: String,
    /// The name of the device it came from.
    pub device: Option<String>,
    /// The room it came from.
    pub room: Option<String>,
    /// The name of the person it is of.
    pub person: Option<String>,
    /// When it starts.
    #[schema(value_type = String)]
    pub start: Timestamp,
    /// How long it is.
    pub seconds: f64,
    /// Whose it is: a person's name, or `household`.
    pub owner: String,
    /// Why it is kept.
    pub purpose: String,
    /// When it ends by itself, a hold that keeps it for longer included; absent only where an adult chose to keep their own for ever.
    #[schema(value_type = Option<String>)]
    pub ends: Option<Timestamp>,
    /// Until when a hold keeps it from being forgotten, if nobody releases that; absent where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub held_until: Option<Timestamp>,
    /// The moments it was made from, its own first.
    pub sources: Vec<u64>,
    /// For an effect, the moment that caused it, if that was kept.
    pub caused_by: Option<u64>,
    /// The size on disk in bytes.
    pub size: u64,
    /// The media type of what is sealed.
    pub media_type: String,
}
