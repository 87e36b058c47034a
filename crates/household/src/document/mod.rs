//! What a household writes down about itself: its people, devices, circles, consents and retention rules.
//!
//! A [`Document`] is the text as it stands; a [`Household`](crate::Household) is a document that was checked and can be relied on.
//! Nothing in this crate that decides anything takes an unchecked one.

pub(crate) mod check;
pub(crate) mod circle;
pub(crate) mod consent;
mod device;
mod lookup;
mod person;
pub(crate) mod retention;

use serde::{Deserialize, Serialize};

pub use circle::{Circle, CircleName};
pub use consent::{Agreement, Consent, Purpose};
pub use device::{Device, DeviceKind};
pub use person::{Age, BirthMonth, Person, PublicKeys, SignerKey};
pub use retention::{Keep, Kind, MOST_DAYS, MOST_DAYS_OF_A_CHILD, Retention, Rule};

use crate::{Error, HouseholdId};

/// The format of the document that is written, and the newest that is read.
pub const FORMAT: u32 = 1;

/// The household document, field by field as it is written in JSON. Unknown fields are refused: a reader that skipped
/// a rule it does not know would be keeping what the household said to forget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Always [`FORMAT`].
    pub format: u32,
    /// Which household; never changes.
    pub id: HouseholdId,
    /// 1 for the first, one more for each change.
    pub version: u64,
    /// What the household calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// An IANA time zone. The household's days begin and end by it.
    pub time_zone: String,
    /// A language tag (BCP 47), like `en`.
    pub language: String,
    /// How measures are spoken.
    pub units: Units,
    /// Everybody, in the order they came.
    pub people: Vec<Person>,
    /// Every microphone, camera and phone.
    #[serde(default)]
    pub devices: Vec<Device>,
    /// The shared keys, each wrapped to its members.
    #[serde(default)]
    pub circles: Vec<Circle>,
    /// Who agreed to what, and when; those that were taken back stay, with both dates.
    #[serde(default)]
    pub consents: Vec<Consent>,
    /// How long things are kept.
    #[serde(default)]
    pub retention: Retention,
}

/// How measures are spoken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Units {
    /// Metres, litres, degrees Celsius.
    #[default]
    Metric,
    /// Feet, gallons, degrees Fahrenheit.
    Imperial,
}

/// Reads a document, which is still to be checked.
pub(crate) fn parse(text: &str) -> Result<Document, Error> {
    /// The one field that every format will have.
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    // The format first: a newer document has fields that this reader would call unknown.
    let Format { format } = serde_json::from_str(text).map_err(unreadable)?;
    if format != FORMAT {
        return Err(Error::NewerFormat { found: format, known: FORMAT });
    }
    serde_json::from_str(text).map_err(unreadable)
}

/// Says where, never what: the text around the fault may hold names.
fn unreadable(error: serde_json::Error) -> Error {
    Error::Unreadable(format!("line {}, column {}", error.line(), error.column()))
}
