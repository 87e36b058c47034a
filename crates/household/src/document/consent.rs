//! Who agreed to what, and when, as the document has it.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::lookup::{find, find_device};
use super::{DeviceKind, Document};
use crate::{DeviceId, Error, PersonId};

/// Why something is kept or done. The words are stable: they are in documents, catalogs and commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// To answer, and to do what was asked: a timer, a list item. Needs nobody's consent.
    Answer,
    /// To look back on what one said.
    History,
    /// To see what a camera saw. One camera each; adding a camera is the adult's consent for it.
    Security,
    /// To keep a camera's sound as well. One camera each.
    Sound,
    /// To know a voice again.
    Recognition,
    /// To be reminded.
    Reminder,
    /// To let recordings leave the hub.
    Sharing,
    /// To improve models.
    Training,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 8] = [
        Self::Answer,
        Self::History,
        Self::Security,
        Self::Sound,
        Self::Recognition,
        Self::Reminder,
        Self::Sharing,
        Self::Training,
    ];

    /// The stable lowercase word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::History => "history",
            Self::Security => "security",
            Self::Sound => "sound",
            Self::Recognition => "recognition",
            Self::Reminder => "reminder",
            Self::Sharing => "sharing",
            Self::Training => "training",
        }
    }

    /// Whether it is agreed to for one camera at a time.
    pub fn is_per_camera(self) -> bool {
        matches!(self, Self::Security | Self::Sound)
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Purpose {
    type Err = Error;
    fn from_str(word: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|p| p.word() == word);
        found.ok_or_else(|| Error::NoSuchPurpose(word.chars().take(32).collect()))
    }
}

/// What is agreed to: a purpose, and for a camera's purposes the camera. Written `history` or `sound:CAMERA`;
/// [`Household::agreement`] reads it, [`Household::agreement_words`] writes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Agreement {
    /// The purpose.
    pub purpose: Purpose,
    /// The camera; there if and only if the purpose is per camera.
    pub device: Option<DeviceId>,
}

impl From<Purpose> for Agreement {
    fn from(purpose: Purpose) -> Self {
        Self { purpose, device: None }
    }
}

/// One dated consent. It stays in the document when it was taken back, with both dates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Whose recordings it is about; for a camera, the adult who agreed.
    pub person: PersonId,
    /// Who agreed: the adult themself, or a guardian.
    pub by: PersonId,
    /// What for.
    pub purpose: Purpose,
    /// Which camera, for `security` and `sound`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// Since when.
    pub granted: Timestamp,
    /// When it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Timestamp>,
    /// Who took it back, where that was somebody else and of their own will; not where it ended with the right to give it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_by: Option<PersonId>,
}

impl Consent {
    /// Whether it has not been taken back. It may have lapsed all the same: ask [`Household::agrees`].
    pub fn stands(&self) -> bool {
        self.withdrawn.is_none()
    }

    /// What it is about.
    pub fn agreement(&self) -> Agreement {
        Agreement { purpose: self.purpose, device: self.device.clone() }
    }

    pub(crate) fn is_about(&self, person: &PersonId, to: &Agreement) -> bool {
        self.person == *person && self.purpose == to.purpose && self.device == to.device
    }
}

/// Whether purpose and device go together.
pub(crate) fn fits(document: &Document, to: &Agreement) -> Result<(), Error> {
    let purpose = to.purpose.word();
    match (&to.device, to.purpose) {
        (_, Purpose::Answer) => Err(Error::AnswerNeedsNoConsent),
        (None, p) if p.is_per_camera() => Err(Error::NeedsCamera(purpose)),
        (None, _) => Ok(()),
        (Some(id), p) => match find_device(document, id) {
            None => Err(Error::NoSuchDevice(id.to_string())),
            Some(d) if d.kind == DeviceKind::Camera && p.is_per_camera() => Ok(()),
            Some(d) => Err(Error::NotAboutDevice { purpose, device: d.name.clone() }),
        },
    }
}

/// What must be true of the consents of every document, whatever the day.
pub(super) fn check(document: &Document) -> Result<(), Error> {
    for (i, consent) in document.consents.iter().enumerate() {
        let agreement = consent.agreement();
        fits(document, &agreement)?;
        let person = find(document, &consent.person).ok_or(Error::BadConsent)?;
        let by_the_right_one = consent.by == person.id
            || (person.guardians.contains(&consent.by) && !consent.purpose.is_per_camera());
        let dates_in_order = consent.withdrawn.is_none_or(|withdrawn| withdrawn >= consent.granted);
        let by_another = consent
            .withdrawn_by
            .as_ref()
            .is_none_or(|by| !consent.stands() && *by != person.id && find(document, by).is_some());
        let twice = consent.stands()
            && document.consents[..i].iter().any(|c| c.stands() && c.is_about(&consent.person, &agreement));
        // A guardian who is none any more leaves withdrawn consents behind; only a standing one is wrong.
        if !dates_in_order || !by_another || twice || (consent.stands() && !by_the_right_one) {
            return Err(Error::BadConsent);
        }
    }
    Ok(())
}
