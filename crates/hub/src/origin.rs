//! Where a request really comes from: a member's own session, or a microphone by its own credential.
//!
//! A device that a request merely names proves nothing. It can make a speaker less known and never more, and whatever is told, taken
//! back or answered "where it was said" goes by the origin alone.

use jiff::Timestamp;
use porchlight_household::{DeviceId, Household, PersonId, Speaker};

/// Where a request comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Somebody's session.
    Session {
        /// The session.
        id: String,
        /// Whose it is.
        person: PersonId,
    },
    /// A microphone that proved which one it is.
    Microphone(DeviceId),
}

impl Origin {
    /// Names it among all origins; what is held for one of them is held under this.
    pub fn key(&self) -> String {
        match self {
            Origin::Session { id, .. } => id.clone(),
            Origin::Microphone(device) => format!("device {device}"),
        }
    }

    /// With whom it shares what everybody has a share of: the person with all their sessions, or the microphone.
    pub fn holder(&self) -> String {
        match self {
            Origin::Session { person, .. } => person.to_string(),
            Origin::Microphone(_) => self.key(),
        }
    }

    /// Who speaks, as far as the origin proves it; `named` is the device that a session says it is spoken at.
    pub(crate) fn speaker(&self, household: &Household, named: Option<&DeviceId>, now: Timestamp) -> Speaker {
        match self {
            Origin::Session { person, .. } => household.speaker(Some(person), named, now),
            Origin::Microphone(device) => household.speaker_at(device, now),
        }
    }

    /// Whose what is said here is, where it is somebody's at all: at a shared device it is nobody's.
    pub(crate) fn whose(&self, household: &Household, device: Option<&DeviceId>) -> Option<PersonId> {
        match (self, device) {
            (_, Some(device)) => household.device(device).ok().and_then(|device| device.person.clone()),
            (Origin::Session { person, .. }, None) => Some(person.clone()),
            (Origin::Microphone(_), None) => None,
        }
    }
}
