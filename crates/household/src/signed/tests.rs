use proptest::prelude::*;

use super::*;
use crate::example::{Example, NOW};
use crate::rights::proof::{ProofNeeded, proof_needed};
use crate::{CircleName, Device, DeviceKind, Keep, Kind, Person, PersonChange, Purpose, Rule, Units};

/// The example's household as version 2, accepted from Anna's hands. Tom's phone is his by his own word.
fn accepted() -> Example {
    let mut e = Example::new();
    let first = e.first.verify_first(NOW).unwrap();
    let mut shared = e.home.to_document();
    shared.devices[1].person = None;
    let second = Household::from_document(shared).unwrap().sign_next(&e.anna, &e.anna_keys).unwrap();
    e.home = second.verify_next(&first, NOW).unwrap();
    let mut claimed = e.home.to_document();
    claimed.devices[1].person = Some(e.tom.clone());
    let third = Household::from_document(claimed).unwrap().sign_next(&e.tom, &e.tom_keys).unwrap();
    e.home = third.verify_next(&e.home, NOW).unwrap();
    assert_eq!(e.home.version, 3);
    e
}

/// What happens when somebody signs the household after a change.
fn signed_by(
    e: &Example,
    who: &PersonId,
    keys: &MemberKeys,
    change: impl FnOnce(&mut Household),
) -> Result<Household, Error> {
    let mut home = e.home.clone();
    change(&mut home);
    home.sign_next(who, keys)?.verify_next(&e.home, NOW)
}

fn by_tom(e: &Example, change: impl FnOnce(&mut Household)) -> Result<Household, Error> {
    signed_by(e, &e.tom, &e.tom_keys, change)
}

fn by_anna(e: &Example, change: impl FnOnce(&mut Household)) -> Result<Household, Error> {
    signed_by(e, &e.anna, &e.anna_keys, change)
}

/// A change by hand, as an attacker's client would make it.
fn by_hand(change: impl FnOnce(&mut Document)) -> impl FnOnce(&mut Household) {
    move |home| {
        let mut document = home.to_document();
        change(&mut document);
        *home = Household::from_document(document).unwrap();
    }
}

fn refused(result: Result<Household, Error>) -> bool {
    matches!(result, Err(Error::NotAllowed { .. }))
}

#[test]
fn a_first_version_is_signed_by_its_owner() {
    let e = Example::new();
    let home = e.first.verify_first(NOW).unwrap();
    assert_eq!(home.people.len(), 1);
    assert_eq!(SignedDocument::from_bytes(&e.first.to_bytes().unwrap()).unwrap(), e.first);
    // A later version is no first one, and somebody else's signature no owner's.
    let later = e.home.sign_next(&e.anna, &e.anna_keys).unwrap();
    assert_eq!(later.verify_first(NOW), Err(Error::NotNext { expected: 1, found: 2 }));
    assert_eq!(
        SignedDocument::sign(&home, &e.anna, &e.tom_keys).unwrap().verify_first(NOW),
        Err(Error::BadSignature)
    );
    assert_eq!(
        SignedDocument::sign(&home, &e.tom, &e.tom_keys).unwrap().verify_first(NOW),
        Err(Error::UnknownSigner)
    );
}

#[test]
fn a_first_version_agrees_for_nobody_else() {
    let mut e = Example::new();
    e.home.grant(&e.tom, &e.tom, &Purpose::History.into(), NOW).unwrap();
    let first = SignedDocument::sign(&e.home, &e.anna, &e.anna_keys).unwrap();
    assert!(refused(first.verify_first(NOW)));
}

#[test]
fn versions_follow_each_other_in_one_household() {
    let e = accepted();
    let signed = e.home.sign_next(&e.anna, &e.anna_keys).unwrap();
    let next = signed.verify_next(&e.home, NOW).unwrap();
    assert_eq!(signed.verify_next(&next, NOW), Err(Error::NotNext { expected: 5, found: 4 }));
    let skipped = next.sign_next(&e.anna, &e.anna_keys).unwrap();
    assert_eq!(skipped.verify_next(&e.home, NOW), Err(Error::NotNext { expected: 4, found: 5 }));
    let other = by_anna(&e, by_hand(|d| d.id = "elsewhere".parse().unwrap()));
    assert_eq!(other, Err(Error::OtherHousehold));
}

#[test]
fn people_without_keys_or_age_sign_nothing() {
    let e = accepted();
    let keys = MemberKeys::generate().unwrap();
    assert_eq!(signed_by(&e, &e.mia, &keys, |_| ()), Err(Error::UnknownSigner));
    assert_eq!(signed_by(&e, &"stranger".parse().unwrap(), &keys, |_| ()), Err(Error::UnknownSigner));
    let mut teen = accepted();
    let leo_keys = MemberKeys::generate().unwrap();
    teen.home.set_keys(&teen.leo.clone(), leo_keys.public(), NOW).unwrap();
    assert!(refused(signed_by(&teen, &teen.leo, &leo_keys, |_| ())));
}

#[test]
fn adults_agree_for_themselves_and_guardians_for_children() {
    let e = accepted();
    let history = Purpose::History.into();
    assert!(by_tom(&e, |h| h.grant(&e.tom, &e.tom, &history, NOW).unwrap()).is_ok());
    assert!(by_anna(&e, |h| h.grant(&e.anna, &e.mia, &history, NOW).unwrap()).is_ok());
    // Tom is no guardian of Mia; an owner does not agree for another adult; nor does either in the other's name.
    assert!(refused(by_tom(&e, |h| h.grant(&e.anna, &e.mia, &history, NOW).unwrap())));
    assert!(refused(by_anna(&e, |h| h.grant(&e.tom, &e.tom, &history, NOW).unwrap())));
    assert!(refused(by_tom(&e, |h| h.grant(&e.anna, &e.anna, &history, NOW).unwrap())));
}

#[test]
fn a_consent_that_was_taken_back_does_not_come_back_by_an_owner() {
    let mut e = accepted();
    let history = Purpose::History.into();
    e.home = by_tom(&e, |h| h.grant(&e.tom, &e.tom, &history, NOW).unwrap()).unwrap();
    e.home = by_tom(&e, |h| h.withdraw(&e.tom, &e.tom, &history, NOW).unwrap()).unwrap();
    let again = by_hand(|d| d.consents.last_mut().unwrap().withdrawn = None);
    assert!(refused(by_anna(&e, again)));
    let theirs = by_hand(|d| d.consents.retain(|c| c.person != e.anna));
    assert!(refused(by_tom(&e, theirs))); // Tom takes nothing back for Anna
}

#[test]
fn a_member_changes_only_what_is_theirs() {
    let e = accepted();
    for change in [
        by_hand_boxed(|d| d.people[1].owner = true),
        by_hand_boxed(|d| d.people[2].guardians = vec![d.people[0].id.clone(), d.people[1].id.clone()]),
        by_hand_boxed(|d| d.people[1].born = "1970-01".parse().unwrap()),
        by_hand_boxed(|d| d.people[0].keys = d.people[1].keys.clone()),
        by_hand_boxed(|d| d.name = None),
        by_hand_boxed(|d| d.units = Units::Imperial),
        by_hand_boxed(|d| d.devices[0].room = Some("Bathroom".into())),
        by_hand_boxed(|d| drop(d.devices.remove(0))),
        by_hand_boxed(|d| d.devices.push(Device::new("Spy", DeviceKind::Camera).unwrap())),
        by_hand_boxed(|d| d.devices.push(Device::new("Bug", DeviceKind::Microphone).unwrap())),
        by_hand_boxed(|d| d.circles[0].recipient = d.people[1].keys.clone().map(|k| k.recipient)),
        by_hand_boxed(|d| d.circles.clear()),
        by_hand_boxed(|d| d.retention.rules.push(Rule::for_kind(Kind::Video, Keep::Days(1)))),
        by_hand_boxed(|d| {
            d.people.push(Person::new("Eve", "1990-01".parse().unwrap()).unwrap());
        }),
    ] {
        assert!(refused(by_tom(&e, change)));
    }
    let own = Rule { person: Some(e.tom.clone()), ..Rule::for_kind(Kind::Voice, Keep::Forever) };
    assert!(by_tom(&e, |h| h.set_rule(own, NOW).unwrap()).is_ok());
    let fresh = MemberKeys::generate().unwrap();
    assert!(by_tom(&e, |h| h.set_keys(&e.tom, fresh.public(), NOW).unwrap()).is_ok());
}

fn by_hand_boxed(change: impl FnOnce(&mut Document) + 'static) -> Box<dyn FnOnce(&mut Household)> {
    Box::new(by_hand(change))
}

#[test]
fn who_may_not_change_people_is_told_that_and_not_what_would_go_along_with_them() {
    let mut e = accepted();
    e.home.grant(&e.anna, &e.mia, &Purpose::History.into(), NOW).unwrap();
    let why = |result: Result<Household, Error>| match result {
        Err(Error::NotAllowed { why, .. }) => why,
        other => panic!("{other:?}"),
    };
    // With what else the change takes away: a shared camera, and what was agreed to for a child.
    let renamed = |home: &mut Household| {
        let name = PersonChange { name: Some("Hannah".to_owned()), ..PersonChange::default() };
        home.change_person(&e.anna, name, NOW).unwrap();
        home.remove_device(&e.porch).unwrap();
    };
    assert!(why(by_tom(&e, renamed)).contains("who lives here"));
    let without_mia = |home: &mut Household| home.remove_person(&e.mia, NOW).unwrap();
    assert!(why(by_tom(&e, without_mia)).contains("who lives here"));
}

#[test]
fn only_its_person_says_that_a_device_is_personal() {
    let e = accepted();
    let mut earphones = Device::new("Earphones", DeviceKind::Microphone).unwrap();
    earphones.person = Some(e.tom.clone());
    let add = |h: &mut Household| h.add_device(earphones.clone(), &e.tom, NOW).unwrap();
    assert!(by_tom(&e, add).is_ok());
    assert!(refused(by_anna(&e, add)));
    // Nor may an owner move what is Tom's own into the kitchen; but they may make it shared, or remove it.
    assert!(refused(by_anna(&e, by_hand(|d| d.devices[1].room = Some("Kitchen".into())))));
    assert!(by_anna(&e, by_hand(|d| d.devices[1].person = None)).is_ok());
    assert!(by_anna(&e, |h| h.remove_device(&e.toms_phone).unwrap()).is_ok());
    assert!(by_tom(&e, |h| h.remove_device(&e.toms_phone).unwrap()).is_ok());
    assert!(by_tom(&e, by_hand(|d| d.devices[1].person = None)).is_ok());
}

#[test]
fn an_owner_puts_no_key_between_an_adult_and_their_recordings() {
    let mut e = accepted();
    e.home = by_tom(&e, |h| h.grant(&e.tom, &e.tom, &Purpose::History.into(), NOW).unwrap()).unwrap();
    let mine = MemberKeys::generate().unwrap();
    assert!(refused(by_anna(&e, |h| h.set_keys(&e.tom, mine.public(), NOW).unwrap())));
    let forever = Rule { person: Some(e.tom.clone()), ..Rule::for_kind(Kind::Voice, Keep::Forever) };
    assert!(refused(by_anna(&e, |h| h.set_rule(forever, NOW).unwrap())));
    // Made a child on paper, with Anna for a guardian.
    let younger = by_hand(|d| {
        d.devices[1].person = None;
        d.people[1].born = "2020-01".parse().unwrap();
        d.people[1].guardians = vec![d.people[0].id.clone()];
        d.circles[0].wrapped.remove(&d.people[1].id);
        d.circles[0].recipient = None;
    });
    assert!(refused(by_anna(&e, younger)));
    // Nor does she take back what he agreed to, to do so then. Once he has, nothing of his is kept any more.
    let back = e.home.clone().withdraw(&e.anna, &e.tom, &Purpose::History.into(), NOW);
    assert!(matches!(back, Err(Error::NotTheirsToWithdraw { .. })));
    e.home = by_tom(&e, |h| h.withdraw(&e.tom, &e.tom, &Purpose::History.into(), NOW).unwrap()).unwrap();
    assert!(by_anna(&e, |h| h.set_keys(&e.tom, mine.public(), NOW).unwrap()).is_ok());
}

#[test]
fn who_leaves_a_circle_takes_its_key_along() {
    let e = accepted();
    let kept = by_hand(|d| drop(d.circles[0].wrapped.remove(&d.people[1].id)));
    assert!(refused(by_anna(&e, kept)));
    assert!(by_anna(&e, |h| h.remove_person(&e.tom, NOW).unwrap()).is_ok());
}

#[test]
fn a_guardian_tends_the_circle_of_the_child() {
    let mut e = accepted();
    // Tom becomes a guardian by Anna's hand; then Anna's circle takes him in, or a guardian mints one.
    e.home = by_anna(&e, by_hand(|d| d.people[2].guardians.push(e.tom.clone()))).unwrap();
    let name = CircleName::GuardiansOf(e.mia.clone());
    let minted = by_hand(|d| d.circles.retain(|c| c.name != name));
    e.home = by_anna(&e, minted).unwrap();
    let next = by_tom(&e, |h| drop(h.tend_circles(&e.tom, &e.tom_keys, NOW).unwrap())).unwrap();
    let circle = next.circles.iter().find(|c| c.name == name).unwrap();
    assert!(circle.open(&e.anna, &e.anna_keys).is_ok() && circle.open(&e.tom, &e.tom_keys).is_ok());
}

#[test]
fn a_document_that_does_not_hold_on_that_day_is_refused() {
    let e = accepted();
    let orphan = by_anna(
        &e,
        by_hand(|d| {
            d.people[2].guardians.clear();
            d.circles.retain(|c| c.name == CircleName::Adults);
        }),
    );
    assert_eq!(orphan, Err(Error::NeedsGuardian("Mia".into())));
    let young = by_anna(&e, by_hand(|d| d.people[0].born = "2012-01".parse().unwrap()));
    assert_eq!(young, Err(Error::OwnerNotAdult("Anna".into())));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// No byte of the text, the signer or the signature can be changed.
    #[test]
    fn any_flipped_byte_is_refused(place in any::<prop::sample::Index>(), bit in 0u8..7) {
        let e = Example::new();
        let first = e.first.verify_first(NOW).unwrap();
        let signed = e.home.sign_next(&e.anna, &e.anna_keys).unwrap();
        let mut bytes = signed.to_bytes().unwrap();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        if let Ok(changed) = SignedDocument::from_bytes(&bytes) {
            // JSON has more than one way to write the same text; what it says must be refused unless it is the same.
            prop_assert!(changed == signed || changed.verify_next(&first, NOW).is_err());
        }
    }

    /// A reader, guardian or consent that is added to the text without the right signature changes nothing.
    #[test]
    fn nothing_is_added_without_the_right_signature(what in 0..4usize, by_self in any::<bool>()) {
        let e = accepted();
        let mut document = e.home.to_document();
        document.version += 1;
        let attacker = MemberKeys::generate().unwrap();
        match what {
            0 => {
                let mut reader = Person::new("Eve", "1990-01".parse().unwrap()).unwrap();
                reader.keys = Some(attacker.public());
                document.people.push(reader);
            }
            1 => document.people[2].guardians.push(e.tom.clone()),
            2 => document.consents.push(crate::Consent {
                person: e.anna.clone(), by: e.anna.clone(), purpose: Purpose::History,
                device: None, granted: NOW, withdrawn: None, withdrawn_by: None,
            }),
            _ => document.circles[0].recipient = Some(attacker.public().recipient),
        }
        let home = Household::from_document(document).unwrap();
        // Signed by Tom himself, who may not; or by a key nobody knows, in Anna's name.
        let signed = if by_self {
            SignedDocument::sign(&home, &e.tom, &e.tom_keys).unwrap()
        } else {
            SignedDocument::sign(&home, &e.anna, &attacker).unwrap()
        };
        let refused = signed.verify_next(&e.home, NOW);
        prop_assert!(matches!(refused, Err(Error::NotAllowed { .. } | Error::BadSignature)), "{refused:?}");
    }
}

#[test]
fn a_client_takes_only_what_follows_from_what_it_saw() {
    let e = accepted();
    let known = e.home.sign_next(&e.anna, &e.anna_keys).unwrap();
    let next = known.household_already_verified().unwrap();
    let later = next.sign_next(&e.tom, &e.tom_keys).unwrap();
    assert_eq!(known.verify_seen(None, &[]).unwrap().version, 4);
    assert_eq!(known.verify_seen(Some(&known), &[]).unwrap().version, 4);
    assert_eq!(later.verify_seen(Some(&known), &[]).unwrap().version, 5);
    assert_eq!(known.verify_seen(Some(&later), &[]), Err(Error::Older { shown: 4, seen: 5 }));

    // A hub that was broken into adds a reader of its own, and signs as somebody it made up, or as Anna without her key.
    let intruder = MemberKeys::generate().unwrap();
    let mut forged = next.to_document();
    forged.people[0].keys = Some(intruder.public());
    let forged = Household::from_document(forged).unwrap().sign_next(&e.anna, &intruder).unwrap();
    assert_eq!(forged.verify_seen(Some(&known), &[]).unwrap_err(), Error::BadSignature);
}

#[test]
fn a_rule_stands_once_and_of_two_that_stood_the_longer_is_not_left_alone_without_a_proof() {
    let mut e = accepted();
    let video = |days| Rule::for_kind(Kind::Video, Keep::Days(days));
    e.home = by_anna(&e, |home| home.set_rule(video(1), NOW).unwrap()).unwrap();
    for second in [video(1), video(36_500)] {
        assert!(refused(by_anna(&e, by_hand(|d| d.retention.rules.push(second)))));
    }
    assert!(by_anna(&e, by_hand(|d| d.retention.rules = vec![video(2)])).is_ok());

    // Written by a program of before: what stands there twice is read, and only the shorter ever went.
    let mut document = e.home.to_document();
    document.retention.rules = vec![video(1), video(36_500), video(1)];
    e.home = Household::from_document(document).unwrap();
    let left_alone = by_anna(&e, by_hand(|d| d.retention.rules = vec![video(36_500)])).unwrap();
    assert_eq!(proof_needed(&left_alone.changes_since(&e.home)), ProofNeeded::ForThisAlone);
    let mended = by_anna(&e, |home| home.set_rule(video(1), NOW).unwrap()).unwrap();
    assert_eq!(mended.retention.rules, [video(1)]);
    assert_eq!(proof_needed(&mended.changes_since(&e.home)), ProofNeeded::None);
}

#[test]
fn a_document_that_somebody_fills_has_room_for_taking_back() {
    let mut e = accepted();
    e.home =
        by_anna(&e, |home| home.grant(&e.anna, &e.anna, &Purpose::History.into(), NOW).unwrap()).unwrap();
    let many = by_hand(|d| {
        let rules = (0..501).map(|_| Rule::for_kind(Kind::Video, Keep::Days(1)));
        d.retention.rules.extend(rules);
    });
    assert!(refused(by_anna(&e, many)));
    // A microphone takes no proof, so that whoever copied a session can add one after the other.
    let filled = |bytes: usize| {
        by_hand(move |d| {
            let first = d.devices.len();
            let one = |n| Device::new(&format!("Microphone {n:06}"), DeviceKind::Microphone).unwrap();
            let each = serde_json::to_string(&one(0)).unwrap().len();
            d.devices.extend((first..first + bytes / each).map(one));
        })
    };
    let full = filled(super::LONGEST_DOCUMENT / 2 - (16 << 10));
    e.home = by_anna(&e, full).unwrap();
    assert!(refused(by_anna(&e, filled(32 << 10))));
    assert!(refused(by_anna(&e, filled(super::LONGEST_DOCUMENT / 2))), "not even read");
    let back = |home: &mut Household| home.withdraw(&e.anna, &e.anna, &Purpose::History.into(), NOW).unwrap();
    assert!(by_anna(&e, back).is_ok());
    let gone = e.home.devices.last().unwrap().id.clone();
    assert!(by_anna(&e, |home| home.remove_device(&gone).unwrap()).is_ok());
}
