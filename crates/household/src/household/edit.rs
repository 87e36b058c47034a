//! The changes a client makes before it signs the next version.
//!
//! Each edit is made on a copy that is checked whole; it happens or it does not. An edit says whether the *document* may
//! look like this; whether the *signer* may make it so is decided by whoever accepts the signed version.

use jiff::Timestamp;

use super::Household;
use crate::document::{FORMAT, check, circle, consent};
use crate::{
    Agreement, Consent, Device, DeviceId, DeviceKind, Document, Error, HouseholdId, MemberKeys, Person,
    PersonId, PublicKeys, Purpose, Retention, Rule, SignedDocument, Units,
};

impl Household {
    /// A new household, owned by one adult, whose client makes its first circle and signs its first version.
    ///
    /// # Errors
    /// When the zone, the language or a name is none, or the owner is no adult.
    pub fn first(
        name: Option<&str>,
        time_zone: &str,
        language: &str,
        mut owner: Person,
        keys: &MemberKeys,
        now: Timestamp,
    ) -> Result<(Self, SignedDocument), Error> {
        owner.owner = true;
        owner.keys = Some(keys.public());
        let me = owner.id.clone();
        let mut home = Self::from_document(Document {
            format: FORMAT,
            id: HouseholdId::random()?,
            version: 1,
            name: name.map(|n| n.trim().to_owned()),
            time_zone: time_zone.to_owned(),
            language: language.to_owned(),
            units: Units::default(),
            people: vec![owner],
            devices: Vec::new(),
            circles: Vec::new(),
            consents: Vec::new(),
            retention: Retention::default(),
        })?;
        home.check_names(None)?;
        home.check_on(now)?;
        home.tend_circles(&me, keys, now)?;
        let signed = SignedDocument::sign(&home, &me, keys)?;
        Ok((home, signed))
    }

    /// Adds a person.
    ///
    /// # Errors
    /// When the name is taken, or a child has no guardian who is an adult of the household.
    pub fn add_person(&mut self, person: Person, now: Timestamp) -> Result<(), Error> {
        self.edit(now, |d| {
            d.people.push(person);
            Ok(())
        })
    }

    /// Removes a person, with their consents, those they gave for others, and their rules. Their personal devices become
    /// shared, and every circle they were in is retired at once.
    ///
    /// # Errors
    /// When they are the last owner, or a child would be left without a guardian.
    pub fn remove_person(&mut self, id: &PersonId, now: Timestamp) -> Result<(), Error> {
        self.person(id)?;
        self.edit(now, |d| {
            d.people.retain(|p| p.id != *id);
            for person in &mut d.people {
                person.guardians.retain(|g| g != id);
            }
            for device in d.devices.iter_mut().filter(|device| device.person.as_ref() == Some(id)) {
                device.person = None;
            }
            d.consents.retain(|c| c.person != *id && c.by != *id);
            for consent in d.consents.iter_mut().filter(|c| c.withdrawn_by.as_ref() == Some(id)) {
                consent.withdrawn_by = None;
            }
            d.retention.rules.retain(|r| r.person.as_ref() != Some(id));
            circle::expel(d, id);
            Ok(())
        })
    }

    /// Replaces a person's public keys. Circles they were in under other keys are retired at once.
    ///
    /// # Errors
    /// When there is no such person or the keys are none.
    pub fn set_keys(&mut self, id: &PersonId, keys: PublicKeys, now: Timestamp) -> Result<(), Error> {
        self.person(id)?;
        self.edit(now, |d| {
            let person = d.people.iter_mut().find(|p| p.id == *id);
            let before = person.and_then(|p| p.keys.replace(keys));
            if before.is_some() {
                circle::expel(d, id);
            }
            Ok(())
        })
    }

    /// Adds a device. A camera comes with the consent of `by`, the adult who adds it, to its pictures: not to its sound.
    ///
    /// # Errors
    /// When the name is taken, the address holds a password, it is personal to no adult, or `by` is no adult.
    pub fn add_device(&mut self, device: Device, by: &PersonId, now: Timestamp) -> Result<(), Error> {
        let camera = (device.kind == DeviceKind::Camera).then(|| device.id.clone());
        let mut next = self.clone();
        next.edit(now, |d| {
            d.devices.push(device);
            Ok(())
        })?;
        if camera.is_some() {
            next.grant(by, by, &Agreement { purpose: Purpose::Security, device: camera }, now)?;
        }
        *self = next;
        Ok(())
    }

    /// Removes a device, with every consent to it and every rule about it.
    ///
    /// # Errors
    /// When there is no such device.
    pub fn remove_device(&mut self, id: &DeviceId) -> Result<(), Error> {
        self.device(id)?;
        let mut document = self.to_document();
        document.devices.retain(|d| d.id != *id);
        document.consents.retain(|c| c.device.as_ref() != Some(id));
        document.retention.rules.retain(|r| r.device.as_ref() != Some(id));
        *self = Self::from_document(document)?;
        Ok(())
    }

    /// Writes down that `by` agrees, for themself or for a child they guard.
    ///
    /// # Errors
    /// When it is not theirs to agree to, stands already, or names no camera.
    pub fn grant(
        &mut self,
        by: &PersonId,
        person: &PersonId,
        to: &Agreement,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (by_name, person_name) = (self.person(by)?.name.clone(), self.person(person)?.name.clone());
        consent::fits(self, to)?;
        if !self.decides(by, person, now) || (to.purpose.is_per_camera() && by != person) {
            return Err(Error::NotTheirsToGrant { by: by_name, person: person_name });
        }
        if self.agrees(person, to, now) {
            return Err(Error::AlreadyGranted { person: person_name, purpose: to.purpose.word() });
        }
        let consent = Consent {
            person: person.clone(),
            by: by.clone(),
            purpose: to.purpose,
            device: to.device.clone(),
            granted: now,
            withdrawn: None,
            withdrawn_by: None,
        };
        self.edit(now, |d| {
            // One that lapsed (a guardian's, of a child who has grown up) ends when the new one begins.
            close(d, person, to, None, now);
            d.consents.push(consent);
            Ok(())
        })
    }

    /// Writes down that `by` takes back what was agreed for `person`. What was kept for it is then to be forgotten.
    ///
    /// # Errors
    /// When nothing stands, or it is not theirs to take back.
    pub fn withdraw(
        &mut self,
        by: &PersonId,
        person: &PersonId,
        from: &Agreement,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (by_name, person_name) = (self.person(by)?.name.clone(), self.person(person)?.name.clone());
        if !self.may_withdraw(by, person, from, now) {
            return Err(Error::NotTheirsToWithdraw { by: by_name, person: person_name });
        }
        self.edit(now, |d| {
            if close(d, person, from, (by != person).then_some(by), now) {
                Ok(())
            } else {
                Err(Error::NotGranted { person: person_name, purpose: from.purpose.word() })
            }
        })
    }

    /// Sets how long what the rule names is kept, in place of an earlier rule about the same.
    ///
    /// # Errors
    /// When the rule names who or what is not there, or breaks a bound: "forever" for what is not an adult's own,
    /// over 18 months for a child's.
    pub fn set_rule(&mut self, rule: Rule, now: Timestamp) -> Result<(), Error> {
        self.edit(now, |d| {
            d.retention.rules.retain(|r| !r.is_about_the_same(&rule));
            d.retention.rules.push(rule);
            Ok(())
        })
    }

    /// Drops the rule about the same as this one; false when there was none.
    pub fn drop_rule(&mut self, rule: &Rule, now: Timestamp) -> Result<bool, Error> {
        let before = self.retention.rules.len();
        self.edit(now, |d| {
            d.retention.rules.retain(|r| !r.is_about_the_same(rule));
            Ok(())
        })?;
        Ok(self.retention.rules.len() < before)
    }

    /// Makes a change on a copy, checks the copy, and takes it.
    pub(crate) fn edit(
        &mut self,
        now: Timestamp,
        change: impl FnOnce(&mut Document) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut document = self.to_document();
        change(&mut document)?;
        // First, for it says what is wrong with a name.
        check::new_names(Some(self), &document)?;
        let next = Self::from_document(document)?;
        next.check_on(now)?;
        *self = next;
        Ok(())
    }
}

/// Ends the standing consents of a person to something; false when there is none. A consent that was granted by a
/// clock ahead of this one ends where it began.
fn close(
    document: &mut Document,
    person: &PersonId,
    to: &Agreement,
    by: Option<&PersonId>,
    now: Timestamp,
) -> bool {
    let about = |c: &&mut Consent| c.stands() && c.person == *person && c.agreement() == *to;
    let mut found = false;
    for consent in document.consents.iter_mut().filter(about) {
        consent.withdrawn = Some(now.max(consent.granted));
        consent.withdrawn_by = by.cloned();
        found = true;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{Example, NOW, at};
    use crate::{CircleName, Keep, Kind};

    #[test]
    fn an_edit_happens_whole_or_not_at_all() {
        let mut e = Example::new();
        let before = e.home.clone();
        let child = Person::new("Ben", "2020-01".parse().unwrap()).unwrap();
        assert_eq!(e.home.add_person(child, NOW), Err(Error::NeedsGuardian("Ben".into())));
        let mut camera = Device::new("Yard", DeviceKind::Camera).unwrap();
        camera.address = Some("rtsp://yard/".parse().unwrap());
        assert!(matches!(e.home.add_device(camera, &e.mia, NOW), Err(Error::NotTheirsToGrant { .. })));
        assert_eq!(e.home, before);
    }

    #[test]
    fn a_person_who_leaves_takes_everything_along() {
        let mut e = Example::new();
        e.home.grant(&e.tom, &e.tom, &Purpose::History.into(), NOW).unwrap();
        e.home
            .set_rule(Rule { person: Some(e.tom.clone()), ..Rule::for_kind(Kind::Voice, Keep::Days(3)) }, NOW)
            .unwrap();
        e.home.remove_person(&e.tom, NOW).unwrap();
        assert!(e.home.person(&e.tom).is_err());
        assert_eq!(e.home.device(&e.toms_phone).unwrap().person, None);
        assert!(e.home.consents.iter().all(|c| c.person != e.tom));
        assert!(e.home.retention.rules.is_empty());
        let adults = e.home.circles.iter().find(|c| c.name == CircleName::Adults).unwrap();
        assert_eq!(adults.recipient, None);
        assert!(!adults.wrapped.contains_key(&e.tom));
    }

    #[test]
    fn the_last_owner_and_the_last_guardian_stay() {
        let mut e = Example::new();
        assert_eq!(e.home.remove_person(&e.anna, NOW), Err(Error::NeedsOwner));
        let mut document = e.home.to_document();
        document.people[1].owner = true;
        e.home = Household::from_document(document).unwrap();
        assert_eq!(e.home.remove_person(&e.anna, NOW), Err(Error::NeedsGuardian("Mia".into())));
    }

    #[test]
    fn consent_is_given_by_the_right_one_and_once() {
        let mut e = Example::new();
        let history = Agreement::from(Purpose::History);
        e.home.grant(&e.tom, &e.tom, &history, NOW).unwrap();
        assert!(matches!(e.home.grant(&e.tom, &e.tom, &history, NOW), Err(Error::AlreadyGranted { .. })));
        for (by, person) in [(&e.anna, &e.tom), (&e.tom, &e.mia), (&e.mia, &e.mia), (&e.leo, &e.leo)] {
            let refused = e.home.grant(by, person, &history, NOW);
            assert!(matches!(refused, Err(Error::NotTheirsToGrant { .. })), "{by} for {person}");
        }
        e.home.grant(&e.anna, &e.mia, &history, NOW).unwrap();
        let sound = e.porch_sound();
        assert!(e.home.grant(&e.anna, &e.mia, &sound, NOW).is_err());
        assert_eq!(
            e.home.grant(&e.tom, &e.tom, &Purpose::Answer.into(), NOW),
            Err(Error::AnswerNeedsNoConsent)
        );
    }

    #[test]
    fn taking_back_is_dated_and_can_be_undone_by_a_new_grant() {
        let mut e = Example::new();
        let history = Agreement::from(Purpose::History);
        assert!(matches!(e.home.withdraw(&e.tom, &e.tom, &history, NOW), Err(Error::NotGranted { .. })));
        e.home.grant(&e.tom, &e.tom, &history, NOW).unwrap();
        let later = at("2026-12-01T00:00:00Z");
        assert!(matches!(
            e.home.withdraw(&e.leo, &e.tom, &history, later),
            Err(Error::NotTheirsToWithdraw { .. })
        ));
        e.home.withdraw(&e.tom, &e.tom, &history, later).unwrap();
        assert_eq!(e.home.consents.last().unwrap().withdrawn, Some(later));
        assert!(!e.home.agrees(&e.tom, &history, later));
        e.home.grant(&e.tom, &e.tom, &history, later).unwrap();
        assert!(e.home.agrees(&e.tom, &history, later));
        assert_eq!(e.home.consents.iter().filter(|c| c.person == e.tom).count(), 2);
    }

    #[test]
    fn a_camera_comes_with_consent_to_its_pictures_alone() {
        let e = Example::new();
        let pictures = e.home.camera_consent(&e.porch, Purpose::Security, NOW).unwrap();
        assert_eq!((&pictures.person, pictures.granted), (&e.anna, NOW));
        assert!(!e.home.hears(&e.porch, NOW));
    }

    #[test]
    fn a_grown_child_agrees_anew() {
        let mut e = Example::new();
        let history = Agreement::from(Purpose::History);
        e.home.grant(&e.anna, &e.leo, &history, NOW).unwrap();
        let grown = at("2029-03-01T12:00:00Z");
        assert!(!e.home.agrees(&e.leo, &history, grown));
        e.home.grant(&e.leo, &e.leo, &history, grown).unwrap();
        assert!(e.home.agrees(&e.leo, &history, grown));
    }
}
