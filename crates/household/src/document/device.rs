//! A device: what hears or sees, where, and whether it is one person's alone.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{DeviceId, Error, PersonId};

/// A microphone, camera or phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// Never changes.
    pub id: DeviceId,
    /// What the household calls it; no two devices share one.
    pub name: String,
    /// What it is.
    pub kind: DeviceKind,
    /// Where it stands; a phone may have no room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
    /// The adult it is personal to, who has said themself that nobody else speaks there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// Where to reach it. Never with a user or password in it: those are secrets of the strongbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Url>,
}

impl Device {
    /// A device with a fresh id, in no room, shared, and without an address.
    ///
    /// # Errors
    /// Only when this computer gives no random numbers.
    pub fn new(name: &str, kind: DeviceKind) -> Result<Self, Error> {
        let id = DeviceId::random()?;
        Ok(Self { id, name: name.trim().to_owned(), kind, room: None, person: None, address: None })
    }
}

/// What a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceKind {
    /// Hears.
    Microphone,
    /// Sees, and hears when an adult has agreed to its sound.
    Camera,
    /// Hears, and is carried around.
    Phone,
}
