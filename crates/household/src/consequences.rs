//! What a change takes along: of a device or a person that goes, and of a consent that is taken back. It is said before and after, in the
//! household's words; how much it was is the vault's to count.

use crate::{Basis, DeviceKind, Household, Kind, PersonId, Viewer, Whose};

impl Household {
    /// What the change from `before` left without a reason was kept for, in words that follow "what was": "recorded with Porch".
    pub fn no_longer_kept_for(&self, before: &Household) -> Vec<String> {
        let devices = before.devices.iter().filter(|old| self.device(&old.id).is_err());
        let people = before.people.iter().filter(|old| self.person(&old.id).is_err());
        devices
            .map(|device| format!("recorded with {}", device.name))
            .chain(people.map(|person| format!("kept for {}", person.name)))
            .chain(self.no_longer_agreed_to(before))
            .collect()
    }

    /// Whether the change from `before` may take what is the own of somebody of whom whoever makes it may not know, whether or not there
    /// is any: what others said at a device that goes, or what was kept for a consent of theirs.
    pub fn takes_unseen_since(&self, before: &Household, viewer: &Viewer) -> bool {
        let heard_others = before.devices.iter().any(|device| match &device.person {
            _ if self.device(&device.id).is_ok() || device.kind == DeviceKind::Camera => false,
            Some(person) => !viewer.may_know_own_of(person),
            None => {
                self.people.iter().any(|other| other.keys.is_some() && !viewer.may_know_own_of(&other.id))
            }
        });
        let of_others = |person: &PersonId| self.person(person).is_ok() && !viewer.may_know_own_of(person);
        let mut withdrawn = self.withdrawn_since(before).into_iter();
        heard_others || withdrawn.any(|consent| consent.device.is_none() && of_others(&consent.person))
    }

    fn no_longer_agreed_to<'a>(&'a self, before: &'a Household) -> impl Iterator<Item = String> + 'a {
        self.withdrawn_since(before).into_iter().filter_map(move |consent| {
            let device = consent.device.as_ref();
            // Of somebody or something that left, what was kept is named already.
            let stays = match device {
                Some(camera) => self.device(camera).is_ok(),
                None => self.person(&consent.person).is_ok(),
            };
            let person = before.person(&consent.person).ok().filter(|_| stays)?;
            let basis = Basis {
                owner: device.is_none().then_some(consent.person.as_str()),
                purpose: consent.purpose.word(),
                device: device.map(|id| id.as_str()),
                sound: false,
            };
            // Another adult may still agree to a camera.
            self.lost(&basis, None)?;
            let agreed = self.agreement_words(&consent.agreement());
            Some(format!("kept for {}'s consent to {agreed}", person.name))
        })
    }
}

impl Viewer {
    /// Whether they may know of what is this person's own.
    pub fn may_know_own_of(&self, person: &PersonId) -> bool {
        self.may_know(&Whose::Person(person.clone()), Kind::Voice)
    }
}

#[cfg(test)]
mod tests {
    use crate::Purpose;
    use crate::example::{Example, NOW};

    #[test]
    fn what_goes_is_named_once_by_what_takes_it_along() {
        let mut e = Example::new();
        e.home.grant(&e.tom, &e.tom, &Purpose::History.into(), NOW).unwrap();
        assert!(e.home.no_longer_kept_for(&e.home).is_empty());

        let mut without = e.home.clone();
        without.remove_device(&e.porch).unwrap();
        assert_eq!(without.no_longer_kept_for(&e.home), ["recorded with Porch"], "and not its consents too");

        let mut without = e.home.clone();
        without.withdraw(&e.tom, &e.tom, &Purpose::History.into(), NOW).unwrap();
        let [why] = &without.no_longer_kept_for(&e.home)[..] else { panic!("one consent was taken back") };
        assert!(why.starts_with("kept for Tom's consent to "), "{why}");
    }

    #[test]
    fn a_camera_that_another_adult_agrees_to_as_well_loses_nothing() {
        let mut e = Example::new();
        e.home.grant(&e.tom, &e.tom, &e.porch_sound(), NOW).unwrap();
        e.home.grant(&e.anna, &e.anna, &e.porch_sound(), NOW).unwrap();
        let before = e.home.clone();
        e.home.withdraw(&e.tom, &e.tom, &e.porch_sound(), NOW).unwrap();
        assert!(e.home.no_longer_kept_for(&before).is_empty());
        e.home.withdraw(&e.anna, &e.anna, &e.porch_sound(), NOW).unwrap();
        assert_eq!(e.home.no_longer_kept_for(&before).len(), 2);
    }

    #[test]
    fn what_others_said_at_a_device_that_goes_is_not_seen_by_whoever_removes_it() {
        let e = Example::new();
        let anna = e.home.viewer(&e.anna, NOW).unwrap();
        let tom = e.home.viewer(&e.tom, NOW).unwrap();
        for (device, unseen_by_anna, unseen_by_tom) in
            [(&e.kitchen, true, true), (&e.toms_phone, true, false), (&e.porch, false, false)]
        {
            let mut without = e.home.clone();
            without.remove_device(device).unwrap();
            assert_eq!(without.takes_unseen_since(&e.home, &anna), unseen_by_anna);
            assert_eq!(without.takes_unseen_since(&e.home, &tom), unseen_by_tom);
        }
        assert!(!e.home.takes_unseen_since(&e.home, &anna));
    }
}
