//! What proof of who makes it a change of the household takes: by what it gives and what it takes away.
//!
//! What every session holds, however fresh it is, does not stand for its member: whoever copies it must not come to belong to the
//! household, to decide in it or to open what it keeps. And whoever wants less to be kept must never be held up.

use crate::{Change, ChangeKind};

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
            | ChangeKind::LetIn
            | ChangeKind::Keys
            | ChangeKind::Circle
            | ChangeKind::DeviceOwner => ProofNeeded::ForThisAlone,
            // By a name somebody signs in, and by it others mean them: two names that are exchanged keep both out.
            ChangeKind::PersonName => ProofNeeded::ForThisAlone,
            // What a device is decides what is kept of it and who may say so; and by a camera that is reached elsewhere a household may be
            // shown what its own never saw.
            ChangeKind::DeviceNature => ProofNeeded::ForThisAlone,
            // Whom it is about did not say it, and may not be able to take it back.
            ChangeKind::ConsentForAnother => ProofNeeded::ForThisAlone,
            // These have more kept, or kept for longer, of whoever comes by a camera too; what was seen and said meanwhile was, and who has
            // the session can open it.
            ChangeKind::ConsentForOneself | ChangeKind::CameraComes | ChangeKind::KeptLonger => {
                ProofNeeded::ForThisAlone
            }
            // They forget, which cannot be undone; but to want less kept must stay as easy as to forget is, in whatever hurry.
            ChangeKind::ConsentWithdrawn | ChangeKind::DeviceGoes => ProofNeeded::Lately,
            // It is so of what is kept from then on, and forgets nothing that is there.
            ChangeKind::KeptShorter => ProofNeeded::None,
            // A microphone that is nobody's own speaks for nobody, and its credential takes a proof of its own.
            ChangeKind::DeviceComes => ProofNeeded::None,
            // These give nobody anything to decide or to open, are seen by everybody, and can be put back.
            ChangeKind::DeviceName | ChangeKind::Settings => ProofNeeded::None,
        }
    }
}

/// The proof that it takes to make these changes.
pub fn proof_needed<'a>(changes: impl IntoIterator<Item = &'a Change>) -> ProofNeeded {
    changes.into_iter().map(|change| change.what.proof()).max().unwrap_or(ProofNeeded::None)
}

#[cfg(test)]
mod tests {
    use ProofNeeded::{ForThisAlone, Lately};

    use std::collections::BTreeSet;

    use super::*;
    use crate::example::{Example, NOW};
    use crate::{
        Device, DeviceChange, DeviceKind, Household, Keep, Kind, MemberKeys, Person, PersonChange, Purpose,
        Rule,
    };

    /// What a change takes, and what it was taken for.
    fn of(edit: impl FnOnce(&mut Example)) -> (ProofNeeded, Vec<ChangeKind>) {
        let mut e = Example::new();
        e.home.grant(&e.tom, &e.tom, &Purpose::History.into(), NOW).unwrap();
        let before = e.home.clone();
        edit(&mut e);
        let kinds: BTreeSet<ChangeKind> =
            e.home.changes_since(&before).into_iter().map(|change| change.what).collect();
        (proof_needed(&e.home.changes_since(&before)), kinds.into_iter().collect())
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
        let let_in = of(|e| {
            let keys = MemberKeys::generate().unwrap().public();
            e.home.set_keys(&e.leo.clone(), keys, NOW).unwrap();
        });
        assert_eq!(let_in, (ForThisAlone, vec![ChangeKind::LetIn]));
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
            let moved =
                DeviceChange { name: Some("Cellar".into()), room: Some(None), ..DeviceChange::default() };
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
        assert_eq!(oneself, (ForThisAlone, vec![ChangeKind::ConsentForOneself]));
        let sound = of(|e| e.home.grant(&e.tom.clone(), &e.tom.clone(), &e.porch_sound(), NOW).unwrap());
        assert_eq!(sound, (ForThisAlone, vec![ChangeKind::ConsentForOneself]));
        let back = of(|e| e.home.withdraw(&e.tom.clone(), &e.tom.clone(), &history(), NOW).unwrap());
        assert_eq!(back, (Lately, vec![ChangeKind::ConsentWithdrawn]));
        let (needed, kinds) = of(|e| e.home.remove_device(&e.porch.clone()).unwrap());
        assert!(needed == Lately && kinds.contains(&ChangeKind::DeviceGoes), "{kinds:?}");
    }

    #[test]
    fn more_that_is_kept_or_longer_takes_a_proof_of_its_own_and_shorter_none() {
        let camera = of(|e| {
            let yard = Device::new("Yard", DeviceKind::Camera).unwrap();
            e.home.add_device(yard, &e.anna.clone(), NOW).unwrap();
        });
        assert_eq!(camera, (ForThisAlone, vec![ChangeKind::CameraComes, ChangeKind::ConsentForOneself]));
        let moved = of(|e| {
            let mut document = e.home.to_document();
            let at = document.devices.iter().position(|device| device.id == e.porch).unwrap();
            document.devices[at].address = Some("rtsp://elsewhere/".parse().unwrap());
            e.home = Household::from_document(document).unwrap();
        });
        assert_eq!(moved, (ForThisAlone, vec![ChangeKind::DeviceNature]));
        let video = |days| Rule::for_kind(Kind::Video, Keep::Days(days));
        let longer = of(|e| e.home.set_rule(video(36_500), NOW).unwrap());
        assert_eq!(longer, (ForThisAlone, vec![ChangeKind::KeptLonger]));
        let shorter = of(|e| e.home.set_rule(video(1), NOW).unwrap());
        assert_eq!(shorter, (ProofNeeded::None, vec![ChangeKind::KeptShorter]));
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
