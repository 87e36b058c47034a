//! Who agreed to what: per purpose, dated, and taken back at any time.
//!
//! An adult agrees for themself, a guardian for a child or teen, and nobody for anybody else. Refusing one purpose says
//! nothing about another. A guardian's consent lapses by itself when the person grows up or the guardian goes.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::document::{find, find_device};
use crate::{DeviceId, DeviceKind, Document, Error, Household, PersonId};

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

    fn is_about(&self, person: &PersonId, to: &Agreement) -> bool {
        self.person == *person && self.purpose == to.purpose && self.device == to.device
    }
}

impl Household {
    /// Whether the person's consent is there at `now`, given by somebody who may still give it.
    pub fn agrees(&self, person: &PersonId, to: &Agreement, now: Timestamp) -> bool {
        self.standing(person, to, now).is_some()
    }

    /// The consent that [`Household::agrees`] goes by.
    pub fn standing(&self, person: &PersonId, to: &Agreement, now: Timestamp) -> Option<&Consent> {
        let holds = |c: &&Consent| c.stands() && c.is_about(person, to) && self.decides(&c.by, person, now);
        self.consents.iter().find(holds)
    }

    /// The first adult's consent that lets this camera be used for `purpose`, if there is one.
    pub fn camera_consent(&self, camera: &DeviceId, purpose: Purpose, now: Timestamp) -> Option<&Consent> {
        let to = Agreement { purpose, device: Some(camera.clone()) };
        self.people.iter().find_map(|p| self.standing(&p.id, &to, now))
    }

    /// What of cameras that are here still was agreed to in `before` and is not any more, so that it is recorded no longer: a sentence for
    /// each. With the pictures ends the sound.
    pub fn cameras_ended_since(&self, before: &Household, now: Timestamp) -> Vec<String> {
        let mut said = Vec::new();
        for camera in self.devices.iter().filter(|device| device.kind == DeviceKind::Camera) {
            let ended = |purpose| {
                let agreed = |home: &Household| home.camera_consent(&camera.id, purpose, now).is_some();
                agreed(before) && !agreed(self)
            };
            let name = &camera.name;
            if ended(Purpose::Security) {
                said.push(format!("Nobody else agrees to {name}: it is not recorded any more."));
            } else if ended(Purpose::Sound) {
                said.push(format!(
                    "Nobody else agrees to the sound of {name}: it is recorded without sound."
                ));
            }
        }
        said
    }

    /// Whether a camera's sound may enter at all. Without this it is dropped at the door.
    pub fn hears(&self, camera: &DeviceId, now: Timestamp) -> bool {
        self.camera_consent(camera, Purpose::Sound, now).is_some()
    }

    /// Whether `by` decides for `person`: an adult for themself, an adult guardian for a child or teen.
    pub fn decides(&self, by: &PersonId, person: &PersonId, now: Timestamp) -> bool {
        (by == person && self.is_adult(person, now)) || self.is_guardian(by, person, now)
    }

    /// The consents that stood in `before` and do not stand here: taken back, or gone with a person or a device.
    /// What was kept for them is to be forgotten.
    pub fn withdrawn_since<'b>(&self, before: &'b Household) -> Vec<&'b Consent> {
        let stands_here = |c: &Consent| self.consents.contains(c);
        before.consents.iter().filter(|c| c.stands() && !stands_here(c)).collect()
    }

    /// Whether this differs from `before` only by what was taken away: people and devices who left, consents that were taken back. Such a
    /// change makes room, and waits for none.
    pub fn only_takes_from(&self, before: &Household) -> bool {
        let people = self
            .people
            .iter()
            .all(|person| before.person(&person.id).is_ok_and(|was| was.keys == person.keys));
        let devices = self.devices.iter().all(|device| before.device(&device.id).is_ok());
        let consents =
            self.consents.iter().all(|consent| !consent.stands() || before.consents.contains(consent));
        let rules = self.retention.rules.iter().all(|rule| before.retention.rules.contains(rule));
        people && devices && consents && rules
    }

    /// Reads `history`, `sound:Porch` … A camera is given by its name or its id.
    ///
    /// # Errors
    /// When there is no such purpose or camera, a camera is missing, or one is too many.
    pub fn agreement(&self, text: &str) -> Result<Agreement, Error> {
        let (word, device) = match text.split_once(':') {
            Some((word, device)) => (word, Some(device)),
            None => (text, None),
        };
        let purpose: Purpose = word.trim().parse()?;
        let device = device.map(|name| {
            let by_id = || self.devices.iter().find(|d| d.id.as_str() == name.trim());
            self.device_named(name).or_else(|missing| by_id().ok_or(missing)).map(|d| d.id.clone())
        });
        let agreement = Agreement { purpose, device: device.transpose()? };
        fits(self, &agreement)?;
        Ok(agreement)
    }

    /// Writes an agreement the way [`Household::agreement`] reads it, with the camera's name.
    pub fn agreement_words(&self, agreement: &Agreement) -> String {
        match &agreement.device {
            Some(id) => {
                let name = self.device(id).map_or_else(|_| id.to_string(), |d| d.name.clone());
                format!("{}:{name}", agreement.purpose)
            }
            None => agreement.purpose.to_string(),
        }
    }

    /// Whether `by` may take back what was agreed to for `person`: an adult for themself, and who looks after a child or teen. What an adult
    /// agreed to for a camera an owner may take back as well, who may take the camera itself away: its film is everybody's. What is kept
    /// of an adult's own goes by their own word alone, or when they leave the household.
    pub fn may_withdraw(&self, by: &PersonId, person: &PersonId, from: &Agreement, now: Timestamp) -> bool {
        let owner = || self.is_adult(by, now) && self.person(by).is_ok_and(|p| p.owner);
        self.decides(by, person, now) || (from.purpose.is_per_camera() && owner())
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
pub(crate) fn check(document: &Document) -> Result<(), Error> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{Example, NOW, at};

    #[test]
    fn the_words_are_stable_in_documents_and_commands() {
        for purpose in Purpose::ALL {
            assert_eq!(serde_json::to_value(purpose).unwrap(), purpose.word());
            assert_eq!(purpose.word().parse::<Purpose>().unwrap(), purpose);
        }
        assert!("History".parse::<Purpose>().is_err());
    }

    #[test]
    fn nobody_agrees_to_anything_before_they_said_so() {
        let e = Example::new();
        for purpose in [Purpose::History, Purpose::Recognition, Purpose::Sharing, Purpose::Training] {
            assert!(!e.home.agrees(&e.tom, &purpose.into(), NOW));
            assert!(!e.home.agrees(&e.mia, &purpose.into(), NOW));
        }
    }

    #[test]
    fn one_purpose_says_nothing_about_another() {
        let mut e = Example::new();
        e.home.grant(&e.tom, &e.tom, &Purpose::History.into(), NOW).unwrap();
        e.home.grant(&e.tom, &e.tom, &Purpose::Recognition.into(), NOW).unwrap();
        e.home.withdraw(&e.tom, &e.tom, &Purpose::Recognition.into(), NOW).unwrap();
        assert!(e.home.agrees(&e.tom, &Purpose::History.into(), NOW));
        assert!(!e.home.agrees(&e.tom, &Purpose::Recognition.into(), NOW));
    }

    #[test]
    fn a_guardians_consent_lapses_when_the_child_grows_up() {
        let mut e = Example::new(); // Mia was born in May 2018
        e.home.grant(&e.anna, &e.mia, &Purpose::History.into(), NOW).unwrap();
        assert!(e.home.agrees(&e.mia, &Purpose::History.into(), at("2036-05-31T12:00:00Z")));
        assert!(!e.home.agrees(&e.mia, &Purpose::History.into(), at("2036-06-01T12:00:00Z")));
    }

    #[test]
    fn agreements_are_written_as_they_are_read() {
        let e = Example::new();
        for text in ["history", "security:Porch", "sound:Porch", "training"] {
            assert_eq!(e.home.agreement_words(&e.home.agreement(text).unwrap()), text);
        }
        assert_eq!(e.home.agreement("sound:porch").unwrap().device, Some(e.porch.clone()));
        assert_eq!(e.home.agreement(&format!("sound:{}", e.porch)).unwrap().device, Some(e.porch.clone()));
        assert_eq!(e.home.agreement("answer"), Err(Error::AnswerNeedsNoConsent));
        assert_eq!(e.home.agreement("sound"), Err(Error::NeedsCamera("sound")));
        assert!(matches!(e.home.agreement("sound:Kitchen"), Err(Error::NotAboutDevice { .. })));
        assert!(matches!(e.home.agreement("history:Porch"), Err(Error::NotAboutDevice { .. })));
        assert!(matches!(e.home.agreement("sound:Moon"), Err(Error::NoSuchDevice(_))));
        assert!(matches!(e.home.agreement("gossip"), Err(Error::NoSuchPurpose(_))));
    }

    #[test]
    fn what_was_taken_back_is_named_for_forgetting() {
        let mut e = Example::new();
        e.home.grant(&e.tom, &e.tom, &Purpose::History.into(), NOW).unwrap();
        let before = e.home.clone();
        assert!(e.home.withdrawn_since(&before).is_empty());
        e.home.withdraw(&e.tom, &e.tom, &Purpose::History.into(), NOW).unwrap();
        e.home.remove_device(&e.porch).unwrap();
        let gone: Vec<_> = e.home.withdrawn_since(&before).iter().map(|c| c.purpose).collect();
        assert_eq!(gone, [Purpose::Security, Purpose::History]);
    }

    #[test]
    fn a_change_that_only_takes_away_is_known() {
        let mut e = Example::new();
        e.home.grant(&e.tom, &e.tom, &Purpose::History.into(), NOW).unwrap();
        let before = e.home.clone();
        assert!(e.home.only_takes_from(&before));
        e.home.withdraw(&e.tom, &e.tom, &Purpose::History.into(), NOW).unwrap();
        e.home.remove_device(&e.porch).unwrap();
        e.home.remove_person(&e.tom, NOW).unwrap();
        assert!(e.home.only_takes_from(&before));
        e.home.grant(&e.anna, &e.anna, &Purpose::History.into(), NOW).unwrap();
        assert!(!e.home.only_takes_from(&before));
        assert!(!before.only_takes_from(&e.home), "who comes is no taking away");
    }

    #[test]
    fn a_consent_in_the_document_holds_together() {
        let e = Example::new();
        let with = |change: &dyn Fn(&mut Consent)| {
            let mut document = e.home.to_document();
            let mut consent = Consent {
                person: e.mia.clone(),
                by: e.anna.clone(),
                purpose: Purpose::History,
                device: None,
                granted: NOW,
                withdrawn: None,
                withdrawn_by: None,
            };
            change(&mut consent);
            document.consents.push(consent);
            Household::from_document(document)
        };
        assert!(with(&|_| ()).is_ok());
        assert_eq!(with(&|c| c.by = e.tom.clone()), Err(Error::BadConsent)); // Tom is no guardian
        assert_eq!(with(&|c| c.person = e.tom.clone()), Err(Error::BadConsent));
        assert_eq!(with(&|c| c.withdrawn = Some(at("2020-01-01T00:00:00Z"))), Err(Error::BadConsent));
        assert!(with(&|c| c.purpose = Purpose::Answer).is_err());
        let by_another = |by: &PersonId| {
            let by = by.clone();
            with(&move |c| (c.withdrawn, c.withdrawn_by) = (Some(NOW), Some(by.clone())))
        };
        assert!(by_another(&e.tom).is_ok());
        assert_eq!(by_another(&e.mia), Err(Error::BadConsent));
        assert_eq!(by_another(&"nobody".parse().unwrap()), Err(Error::BadConsent));
        assert_eq!(with(&|c| c.withdrawn_by = Some(e.tom.clone())), Err(Error::BadConsent));
        assert!(with(&|c| c.device = Some(e.porch.clone())).is_err());
    }
}
