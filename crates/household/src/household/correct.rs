//! Corrections: what is written about a person or a device, put right afterwards.
//!
//! Everything that belongs to somebody goes by their id, so another name changes nothing but what they are called.

use jiff::Timestamp;
use url::Url;

use super::Household;
use crate::document::circle;
use crate::{BirthMonth, CircleName, DeviceId, Document, Error, PersonId};

/// What is to be written about a person from now on; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonChange {
    /// What the household calls them.
    pub name: Option<String>,
    /// The month they were born in.
    pub born: Option<BirthMonth>,
    /// Everybody who decides for them, in place of those before.
    pub guardians: Option<Vec<PersonId>>,
    /// Whether they may change everything in the document.
    pub owner: Option<bool>,
}

/// What is to be written about a device from now on; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceChange {
    /// What the household calls it.
    pub name: Option<String>,
    /// The room it is in; `Some(None)` for one that is carried around.
    pub room: Option<Option<String>>,
    /// Where a camera is reached: its host alone. Its password and its path go along beside the document.
    pub address: Option<Url>,
}

impl Household {
    /// Corrects what is written about a person. A guardian who is none any more leaves the child's circle, whose key is retired at
    /// once, and what they agreed to in the child's stead ends.
    ///
    /// # Errors
    /// When the name is taken, a child would be left without a guardian, the last owner would be none any more, or somebody would be
    /// too young for what they are.
    pub fn change_person(
        &mut self,
        id: &PersonId,
        change: PersonChange,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.person(id)?;
        self.edit(now, |d| {
            if let Some(guardians) = change.guardians {
                guard(d, id, guardians, now);
            }
            for person in d.people.iter_mut().filter(|person| person.id == *id) {
                if let Some(name) = &change.name {
                    person.name = name.trim().to_owned();
                }
                person.born = change.born.unwrap_or(person.born);
                person.owner = change.owner.unwrap_or(person.owner);
            }
            Ok(())
        })
    }

    /// Corrects what is written about a device.
    ///
    /// # Errors
    /// When there is no such device, the name is taken, or the address holds more than a host.
    pub fn change_device(
        &mut self,
        id: &DeviceId,
        change: DeviceChange,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.device(id)?;
        self.edit(now, |d| {
            for device in d.devices.iter_mut().filter(|device| device.id == *id) {
                if let Some(name) = &change.name {
                    device.name = name.trim().to_owned();
                }
                if let Some(room) = &change.room {
                    device.room = room.as_deref().map(str::trim).map(str::to_owned);
                }
                if let Some(address) = &change.address {
                    device.address = Some(address.clone());
                }
            }
            Ok(())
        })
    }
}

/// Puts these guardians in the place of those before.
fn guard(document: &mut Document, child: &PersonId, guardians: Vec<PersonId>, now: Timestamp) {
    let Some(person) = document.people.iter_mut().find(|person| person.id == *child) else { return };
    let before = std::mem::replace(&mut person.guardians, guardians.clone());
    let circle = CircleName::GuardiansOf(child.clone());
    for left in before.iter().filter(|guardian| !guardians.contains(guardian)) {
        circle::leave(document, &circle, left);
        let theirs = document.consents.iter_mut().filter(|c| c.person == *child && c.by == *left);
        for consent in theirs.filter(|consent| consent.stands()) {
            consent.withdrawn = Some(now.max(consent.granted));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Purpose;
    use crate::example::{Example, NOW};

    fn named(name: &str) -> PersonChange {
        PersonChange { name: Some(name.to_owned()), ..PersonChange::default() }
    }

    fn guarded(by: &[&PersonId]) -> PersonChange {
        let guardians = by.iter().map(|id| (*id).clone()).collect();
        PersonChange { guardians: Some(guardians), ..PersonChange::default() }
    }

    #[test]
    fn another_name_changes_nothing_but_the_name() {
        let mut e = Example::new();
        let before = e.home.person(&e.tom).unwrap().clone();
        e.home.change_person(&e.tom, named(" Thomas "), NOW).unwrap();
        let mut after = e.home.person(&e.tom).unwrap().clone();
        assert_eq!(after.name, "Thomas");
        after.name.clone_from(&before.name);
        assert_eq!(after, before);
        assert!(e.home.person_named("Tom").is_err() && e.home.person_named("thomas").is_ok());
        let taken = e.home.change_person(&e.tom, named("anna"), NOW);
        assert!(matches!(taken, Err(Error::NameTaken { .. })), "{taken:?}");
        assert!(e.home.change_person(&e.tom, named("  "), NOW).is_err());
    }

    #[test]
    fn whoever_guards_no_more_leaves_the_circle_and_what_they_agreed_to_ends() {
        let mut e = Example::new();
        let circle = |home: &Household, child: &PersonId| {
            home.circles.iter().find(|c| c.name == CircleName::GuardiansOf(child.clone())).unwrap().clone()
        };
        e.home.grant(&e.anna, &e.mia, &Purpose::History.into(), NOW).unwrap();
        e.home.change_person(&e.mia, guarded(&[&e.anna, &e.tom]), NOW).unwrap();
        e.home.tend_circles(&e.anna, &e.anna_keys, NOW).unwrap();
        let before = circle(&e.home, &e.mia);
        assert!(
            e.home.agrees(&e.mia, &Purpose::History.into(), NOW),
            "who stays a guardian has still agreed"
        );

        let earlier = e.home.clone();
        e.home.change_person(&e.mia, guarded(&[&e.tom]), NOW).unwrap();
        let left = circle(&e.home, &e.mia);
        assert_eq!((left.recipient, left.wrapped.contains_key(&e.anna)), (None, false));
        assert!(!e.home.agrees(&e.mia, &Purpose::History.into(), NOW));
        assert_eq!(e.home.withdrawn_since(&earlier).len(), 1, "what was kept for it is to be forgotten");
        // The one who stays opens what was before, and replaces the key.
        e.home.tend_circles(&e.tom, &e.tom_keys, NOW).unwrap();
        let now = circle(&e.home, &e.mia);
        assert_ne!(now.recipient, before.recipient);
        assert_eq!(now.open(&e.tom, &e.tom_keys).unwrap().len(), 2);
    }

    #[test]
    fn a_child_keeps_a_guardian_and_the_household_an_owner() {
        let mut e = Example::new();
        let before = e.home.clone();
        let owner = |owner| PersonChange { owner: Some(owner), ..PersonChange::default() };
        let born = |born: &str| PersonChange { born: Some(born.parse().unwrap()), ..PersonChange::default() };
        let refused = |home: &mut Household, id, change| home.change_person(id, change, NOW).unwrap_err();
        assert_eq!(refused(&mut e.home, &e.mia, guarded(&[])), Error::NeedsGuardian("Mia".into()));
        assert!(matches!(refused(&mut e.home, &e.mia, guarded(&[&e.leo])), Error::BadGuardian { .. }));
        assert_eq!(refused(&mut e.home, &e.anna, owner(false)), Error::NeedsOwner);
        assert_eq!(refused(&mut e.home, &e.mia, owner(true)), Error::OwnerNotAdult("Mia".into()));
        assert_eq!(refused(&mut e.home, &e.anna, born("2015-01")), Error::OwnerNotAdult("Anna".into()));
        assert_eq!(refused(&mut e.home, &e.mia, born("2200-01")), Error::BornInTheFuture("Mia".into()));
        assert_eq!(e.home, before);
        e.home.change_person(&e.tom, owner(true), NOW).unwrap();
        e.home.change_person(&e.anna, owner(false), NOW).unwrap();
        e.home.change_person(&e.leo, guarded(&[]), NOW).unwrap();
        e.home.change_person(&e.mia, born("2010-01"), NOW).unwrap();
    }

    #[test]
    fn a_device_is_called_something_else_and_moves() {
        let mut e = Example::new();
        let name = DeviceChange { name: Some("Hob".into()), ..DeviceChange::default() };
        e.home.change_device(&e.kitchen, name, NOW).unwrap();
        let room = |room: Option<&str>| DeviceChange {
            room: Some(room.map(str::to_owned)),
            ..DeviceChange::default()
        };
        e.home.change_device(&e.kitchen, room(Some(" Pantry ")), NOW).unwrap();
        let device = e.home.device(&e.kitchen).unwrap();
        assert_eq!((device.name.as_str(), device.room.as_deref()), ("Hob", Some("Pantry")));
        e.home.change_device(&e.kitchen, room(None), NOW).unwrap();
        assert_eq!(e.home.device(&e.kitchen).unwrap().room, None);
        let taken = DeviceChange { name: Some("porch".into()), ..DeviceChange::default() };
        assert!(matches!(e.home.change_device(&e.kitchen, taken, NOW), Err(Error::NameTaken { .. })));
    }
}
