//! What proof of who makes it a change of the household takes: by what it gives and what it takes away.
//!
//! What every session holds, however fresh it is, does not stand for its member: whoever copies it must not come to belong to the
//! household, to decide in it or to open what it keeps. And whoever wants less to be kept must never be held up.

use std::collections::BTreeSet;

use crate::{Device, Document, Household, Person};

/// One kind of thing that a change of the household changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Somebody comes into the household.
    PersonComes,
    /// Somebody goes.
    PersonGoes,
    /// When somebody was born, which says whether they are an adult.
    Born,
    /// Who looks after somebody.
    Guardians,
    /// Who can change the household.
    Owner,
    /// By what keys somebody signs, and what is sealed to them opens.
    Keys,
    /// What is sealed to several, and who holds its key.
    Circle,
    /// Whose own a device is, one that comes or is shared from now on included.
    DeviceOwner,
    /// What a device is, or where it is reached.
    DeviceNature,
    /// A consent that somebody gives in another's stead.
    ConsentForAnother,
    /// A consent that is taken back.
    ConsentWithdrawn,
    /// A device goes.
    DeviceGoes,
    /// A consent that somebody gives for themself.
    ConsentForOneself,
    /// A device comes that is nobody's own.
    DeviceComes,
    /// What a device is called, and its room.
    DeviceName,
    /// What somebody is called.
    PersonName,
    /// How long things are kept.
    Retention,
    /// What the household is called, its time zone, language and units.
    Settings,
}

/// The proof of who they are that somebody has to give for a change, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProofNeeded {
    /// None beside the session and the signature.
    None,
    /// That they proved it lately.
    Lately,
    /// One that is made for this change alone, and that no session holds.
    ForThisAlone,
}

impl ChangeKind {
    /// The proof that it takes.
    pub fn proof(self) -> ProofNeeded {
        match self {
            // These say who belongs, who decides and who can open, or who is believed to speak: they outlive the session in which they
            // are made, and their undoing may be out of its owner's hands.
            ChangeKind::PersonComes
            | ChangeKind::PersonGoes
            | ChangeKind::Born
            | ChangeKind::Guardians
            | ChangeKind::Owner
            | ChangeKind::Keys
            | ChangeKind::Circle
            | ChangeKind::DeviceOwner => ProofNeeded::ForThisAlone,
            // By a name somebody signs in, and by it others mean them: two names that are exchanged keep both out.
            ChangeKind::PersonName => ProofNeeded::ForThisAlone,
            // What a device is decides what is kept of it and who may say so. It never changes in a client of ours.
            ChangeKind::DeviceNature => ProofNeeded::ForThisAlone,
            // Whom it is about did not say it, and may not be able to take it back.
            ChangeKind::ConsentForAnother => ProofNeeded::ForThisAlone,
            // They forget, which cannot be undone; but to want less kept must stay as easy as to forget is, in whatever hurry.
            ChangeKind::ConsentWithdrawn | ChangeKind::DeviceGoes => ProofNeeded::Lately,
            // What is kept by it opens for who said so and, of a camera, for the adults; and they take it back at any time.
            ChangeKind::ConsentForOneself => ProofNeeded::None,
            // A device that is nobody's own speaks for nobody, and its credential takes a proof of its own.
            ChangeKind::DeviceComes => ProofNeeded::None,
            // These give nobody anything to decide or to open, are seen by everybody, and can be put back.
            ChangeKind::DeviceName | ChangeKind::Retention | ChangeKind::Settings => ProofNeeded::None,
        }
    }
}

impl Household {
    /// The proof that it takes to make this household of the one before.
    pub fn proof_needed_since(&self, before: &Household) -> ProofNeeded {
        let needed = self.changes_since(before).into_iter().map(ChangeKind::proof);
        needed.max().unwrap_or(ProofNeeded::None)
    }

    /// The kinds of things that changed since. Every field is named here, so that one that is added later is not passed over.
    pub fn changes_since(&self, before: &Household) -> BTreeSet<ChangeKind> {
        let Document {
            format: _,
            id: _,
            version: _,
            name,
            time_zone,
            language,
            units,
            people,
            devices,
            circles,
            consents,
            retention,
        } = self.to_document();
        let mut changed = BTreeSet::new();
        let mut note = |differs: bool, kind| {
            if differs {
                changed.insert(kind);
            }
        };
        let settings = (&name, &time_zone, &language, &units);
        note(
            settings != (&before.name, &before.time_zone, &before.language, &before.units),
            ChangeKind::Settings,
        );
        note(retention != before.retention, ChangeKind::Retention);
        note(circles != before.circles, ChangeKind::Circle);
        for now in &people {
            let Ok(was) = before.person(&now.id) else {
                note(true, ChangeKind::PersonComes);
                continue;
            };
            let Person { id: _, name, born, guardians, owner, keys } = now;
            note(*name != was.name, ChangeKind::PersonName);
            note(*born != was.born, ChangeKind::Born);
            note(*guardians != was.guardians, ChangeKind::Guardians);
            note(*owner != was.owner, ChangeKind::Owner);
            note(*keys != was.keys, ChangeKind::Keys);
        }
        note(before.people.iter().any(|was| self.person(&was.id).is_err()), ChangeKind::PersonGoes);
        for now in &devices {
            let Device { id, name, kind, room, person, address } = now;
            let Ok(was) = before.device(id) else {
                note(true, ChangeKind::DeviceComes);
                note(person.is_some(), ChangeKind::DeviceOwner);
                continue;
            };
            note((name, room) != (&was.name, &was.room), ChangeKind::DeviceName);
            note((kind, address) != (&was.kind, &was.address), ChangeKind::DeviceNature);
            note(*person != was.person, ChangeKind::DeviceOwner);
        }
        note(before.devices.iter().any(|was| self.device(&was.id).is_err()), ChangeKind::DeviceGoes);
        for now in consents.iter().filter(|now| now.stands() && !before.consents.contains(now)) {
            note(now.by != now.person, ChangeKind::ConsentForAnother);
            note(now.by == now.person, ChangeKind::ConsentForOneself);
        }
        note(!self.withdrawn_since(before).is_empty(), ChangeKind::ConsentWithdrawn);
        changed
    }
}

#[cfg(test)]
mod tests {
    use ProofNeeded::{ForThisAlone, Lately};

    use super::*;
    use crate::example::{Example, NOW};
    use crate::{DeviceChange, DeviceKind, MemberKeys, PersonChange, Purpose};

    /// What a change takes, and what it was taken for.
    fn of(edit: impl FnOnce(&mut Example)) -> (ProofNeeded, Vec<ChangeKind>) {
        let mut e = Example::new();
        e.home.grant(&e.tom, &e.tom, &Purpose::History.into(), NOW).unwrap();
        let before = e.home.clone();
        edit(&mut e);
        let kinds = e.home.changes_since(&before).into_iter().collect();
        (e.home.proof_needed_since(&before), kinds)
    }

    fn person(e: &mut Example, id: &crate::PersonId, change: PersonChange) {
        e.home.change_person(id, change, NOW).unwrap();
    }

    #[test]
    fn who_belongs_who_decides_and_who_opens_takes_a_proof_of_its_own() {
        let comes = |e: &mut Example| {
            let eve = Person::new("Eve", "1990-01".parse().unwrap()).unwrap();
            e.home.add_person(eve, NOW).unwrap();
        };
        assert_eq!(of(comes), (ForThisAlone, vec![ChangeKind::PersonComes]));
        let (needed, kinds) = of(|e| e.home.remove_person(&e.tom, NOW).unwrap());
        assert!(needed == ForThisAlone && kinds.contains(&ChangeKind::PersonGoes), "{kinds:?}");
        let owner = of(|e| {
            let change = PersonChange { owner: Some(true), ..PersonChange::default() };
            person(e, &e.tom.clone(), change);
        });
        assert_eq!(owner, (ForThisAlone, vec![ChangeKind::Owner]));
        let born = of(|e| {
            let change = PersonChange { born: Some("2010-02".parse().unwrap()), ..PersonChange::default() };
            person(e, &e.leo.clone(), change);
        });
        assert_eq!(born, (ForThisAlone, vec![ChangeKind::Born]));
        let (needed, kinds) = of(|e| {
            let guardians = Some(vec![e.anna.clone(), e.tom.clone()]);
            person(e, &e.mia.clone(), PersonChange { guardians, ..PersonChange::default() });
        });
        assert!(needed == ForThisAlone && kinds.contains(&ChangeKind::Guardians), "{kinds:?}");
        let keys = of(|e| {
            let mut document = e.home.to_document();
            document.people[0].keys = Some(MemberKeys::generate().unwrap().public());
            e.home = Household::from_document(document).unwrap();
        });
        assert_eq!(keys, (ForThisAlone, vec![ChangeKind::Keys]));
        let circle = of(|e| {
            let mut document = e.home.to_document();
            document.circles[0].recipient = None;
            e.home = Household::from_document(document).unwrap();
        });
        assert_eq!(circle, (ForThisAlone, vec![ChangeKind::Circle]));
    }

    #[test]
    fn whose_a_device_is_and_what_takes_a_proof_of_its_own_and_its_name_none() {
        let edited = |edit: fn(&mut Example, &mut Device)| {
            of(|e| {
                let mut document = e.home.to_document();
                let at = document.devices.iter().position(|device| device.id == e.kitchen).unwrap();
                edit(e, &mut document.devices[at]);
                e.home = Household::from_document(document).unwrap();
            })
        };
        let owned = edited(|e, kitchen| kitchen.person = Some(e.anna.clone()));
        assert_eq!(owned, (ForThisAlone, vec![ChangeKind::DeviceOwner]));
        let another = edited(|_, kitchen| kitchen.kind = DeviceKind::Phone);
        assert_eq!(another, (ForThisAlone, vec![ChangeKind::DeviceNature]));
        let shared = of(|e| {
            let mut document = e.home.to_document();
            for device in &mut document.devices {
                device.person = None;
            }
            e.home = Household::from_document(document).unwrap();
        });
        assert_eq!(shared, (ForThisAlone, vec![ChangeKind::DeviceOwner]));
        let comes = |whose: fn(&Example) -> Option<crate::PersonId>| {
            of(|e| {
                let mut desk = Device::new("Desk", DeviceKind::Microphone).unwrap();
                desk.person = whose(e);
                e.home.add_device(desk, &e.anna.clone(), NOW).unwrap();
            })
        };
        let (needed, kinds) = comes(|e| Some(e.anna.clone()));
        assert_eq!((needed, kinds.contains(&ChangeKind::DeviceOwner)), (ForThisAlone, true));
        assert_eq!(comes(|_| None), (ProofNeeded::None, vec![ChangeKind::DeviceComes]));
        let named = of(|e| {
            let moved = DeviceChange { name: Some("Cellar".into()), room: Some(None) };
            e.home.change_device(&e.kitchen.clone(), moved, NOW).unwrap();
        });
        assert_eq!(named, (ProofNeeded::None, vec![ChangeKind::DeviceName]));
    }

    #[test]
    fn to_agree_for_another_takes_a_proof_of_its_own_and_to_take_it_back_is_as_easy_as_ever() {
        let history = || Purpose::History.into();
        let another = of(|e| e.home.grant(&e.anna.clone(), &e.mia.clone(), &history(), NOW).unwrap());
        assert_eq!(another, (ForThisAlone, vec![ChangeKind::ConsentForAnother]));
        let oneself = of(|e| e.home.grant(&e.anna.clone(), &e.anna.clone(), &history(), NOW).unwrap());
        assert_eq!(oneself, (ProofNeeded::None, vec![ChangeKind::ConsentForOneself]));
        let back = of(|e| e.home.withdraw(&e.tom.clone(), &e.tom.clone(), &history(), NOW).unwrap());
        assert_eq!(back, (Lately, vec![ChangeKind::ConsentWithdrawn]));
        let (needed, kinds) = of(|e| e.home.remove_device(&e.porch.clone()).unwrap());
        assert!(needed == Lately && kinds.contains(&ChangeKind::DeviceGoes), "{kinds:?}");
    }

    #[test]
    fn the_gravest_of_what_changed_counts() {
        let named = |e: &mut Example| {
            let named = PersonChange { name: Some("Thomas".into()), ..PersonChange::default() };
            person(e, &e.tom.clone(), named);
        };
        assert_eq!(of(named), (ForThisAlone, vec![ChangeKind::PersonName]));
        let settings = of(|e| {
            let mut document = e.home.to_document();
            document.name = Some("Maple Street 7".into());
            e.home = Household::from_document(document).unwrap();
        });
        assert_eq!(settings, (ProofNeeded::None, vec![ChangeKind::Settings]));
        let both = of(|e| {
            named(e);
            e.home.withdraw(&e.tom.clone(), &e.tom.clone(), &Purpose::History.into(), NOW).unwrap();
            let change = PersonChange { owner: Some(true), ..PersonChange::default() };
            person(e, &e.tom.clone(), change);
        });
        let kinds = vec![ChangeKind::Owner, ChangeKind::ConsentWithdrawn, ChangeKind::PersonName];
        assert_eq!(both, (ForThisAlone, kinds));
        assert_eq!(of(|_| ()), (ProofNeeded::None, vec![]));
    }
}
