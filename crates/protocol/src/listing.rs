//! What is asked of a list of recordings.

use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::Filter;

/// What to list: a [`Filter`], how much of it, and in which order.
#[derive(Debug, Default, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// Recordings or moments by their ids, divided by commas; those of which there is nothing to know are left out.
    #[serde(default)]
    pub ids: Option<String>,
    /// The device's name.
    #[serde(default)]
    pub device: Option<String>,
    /// The person's name.
    #[serde(default)]
    pub person: Option<String>,
    /// The kinds, divided by commas: voice, transcript, reply, video, note, timer …
    #[serde(default)]
    pub kind: Option<String>,
    /// From this instant on: RFC 3339, or a date or date and time in the household's own time zone.
    #[serde(default)]
    pub from: Option<String>,
    /// Before this instant; a bare date means to the end of that day.
    #[serde(default)]
    pub to: Option<String>,
    /// The newest so many only.
    #[serde(default)]
    pub limit: Option<u32>,
    /// The newest first; without it, the oldest.
    #[serde(default)]
    pub newest: bool,
}

impl Listing {
    /// The filter in it.
    pub fn filter(&self) -> Filter {
        let Listing { device, person, kind, from, to, ids: _, limit: _, newest: _ } = self.clone();
        Filter { device, person, kind, from, to }
    }
}
