//! Who agreed to what: per purpose, dated, and taken back at any time.
//!
//! An adult agrees for themself, a guardian for a child or teen, and nobody for anybody else. Refusing one purpose says
//! nothing about another. A guardian's consent lapses by itself when the person grows up or the guardian goes.

use jiff::Timestamp;

use crate::{Agreement, Consent, DeviceId, DeviceKind, Error, Household, PersonId, Purpose};

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
        crate::document::consent::fits(self, &agreement)?;
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
