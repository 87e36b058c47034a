use super::*;
use crate::example::{Example, NOW};
use crate::{Person, Purpose};

/// A household and what a hub has shown of it, version by version: Anna founds it, Anna brings Tom, Tom agrees to something twice.
struct Past {
    e: Example,
    documents: Vec<SignedDocument>,
    steps: Vec<SignedStep>,
}

impl Past {
    fn new() -> Past {
        let e = Example::new();
        let mut past = Past { documents: vec![e.first.clone()], steps: Vec::new(), e };
        let mut home = past.e.home.clone();
        past.go_on(&home, "Anna");
        for purpose in [Purpose::History, Purpose::Reminder] {
            home = past.now();
            home.grant(&past.e.tom, &past.e.tom, &purpose.into(), NOW).unwrap();
            past.go_on(&home, "Tom");
        }
        past
    }

    fn go_on(&mut self, home: &Household, who: &str) {
        let (document, step) = self.made(self.newest(), home, who);
        self.documents.push(document);
        self.steps.push(step);
    }

    /// The next version, and the step to it, as a member's client makes them.
    fn made(&self, before: &SignedDocument, home: &Household, who: &str) -> (SignedDocument, SignedStep) {
        let (id, keys) = match who {
            "Anna" => (&self.e.anna, &self.e.anna_keys),
            _ => (&self.e.tom, &self.e.tom_keys),
        };
        let document = home.sign_next(id, keys).unwrap();
        let step = SignedStep::sign(before, &document, keys).unwrap();
        step.verify(before, &document).unwrap();
        (document, step)
    }

    fn now(&self) -> Household {
        self.newest().household_already_verified().unwrap()
    }

    fn newest(&self) -> &SignedDocument {
        self.documents.last().unwrap()
    }

    /// What somebody who has seen the first version makes of the newest, with these steps to it.
    fn seen_with(&self, steps: &[SignedStep]) -> Result<u64, Error> {
        self.newest().verify_seen(Some(&self.documents[0]), steps).map(|home| home.version)
    }
}

fn between(version: u64, why: Error) -> Result<u64, Error> {
    Err(Error::Between { version, why: Box::new(why) })
}

#[test]
fn who_came_in_between_is_known_by_the_steps() {
    let past = Past::new();
    for seen in 0..3 {
        let shown = past.newest().verify_seen(Some(&past.documents[seen]), &past.steps[seen..]);
        assert_eq!(shown.unwrap().version, 4);
    }
    // A hub that went on meanwhile has a step more.
    assert!(past.documents[2].verify_seen(Some(&past.documents[0]), &past.steps).is_ok());
    // Where the first steps are no longer kept, a newcomer is not known, and whoever was there is.
    for kept in [&[][..], &past.steps[1..]] {
        assert_eq!(past.seen_with(kept), Err(Error::UnknownSigner));
        let later = past.now().sign_next(&past.e.anna, &past.e.anna_keys).unwrap();
        assert_eq!(later.verify_seen(Some(&past.documents[0]), kept).unwrap().version, 5);
    }
}

#[test]
fn a_step_that_does_not_hold_is_named() {
    let past = Past::new();
    let with = |change: &dyn Fn(&mut Vec<SignedStep>)| {
        let mut steps = past.steps.clone();
        change(&mut steps);
        past.seen_with(&steps)
    };
    assert_eq!(with(&|steps| drop(steps.remove(1))), Err(Error::Gap { version: 3 }));
    assert_eq!(with(&|steps| drop(steps.pop())), Err(Error::Gap { version: 4 }));
    assert_eq!(with(&|steps| steps.swap(1, 2)), Err(Error::Gap { version: 3 }));
    let stranger = |steps: &mut Vec<SignedStep>| steps[1].signer = "stranger".parse().unwrap();
    assert_eq!(with(&stranger), between(3, Error::UnknownSigner));
    let in_annas_name = |steps: &mut Vec<SignedStep>| steps[1].signer = past.e.anna.clone();
    assert_eq!(with(&in_annas_name), between(3, Error::BadSignature));
    for place in 0..past.steps[1].step.len() {
        let changed = |steps: &mut Vec<SignedStep>| {
            let mut bytes = steps[1].step.clone().into_bytes();
            bytes[place] ^= 1;
            steps[1].step = String::from_utf8(bytes).unwrap();
        };
        assert_eq!(with(&changed), between(3, Error::BadSignature), "{place}");
    }
}

#[test]
fn who_may_not_change_who_signs_takes_no_such_step() {
    let past = Past::new();
    let intruder = MemberKeys::generate().unwrap();
    let mut lets_in = past.now().to_document();
    let mut eve = Person::new("Eve", "1990-01".parse().unwrap()).unwrap();
    eve.keys = Some(intruder.public());
    lets_in.people.push(eve);
    let mut owns = past.now().to_document();
    owns.people[1].owner = true;
    let mut swaps = past.now().to_document();
    swaps.people[0].keys = Some(intruder.public());
    for document in [lets_in, owns, swaps] {
        let forged = Household::from_document(document).unwrap();
        let forged = forged.sign_next(&past.e.tom, &past.e.tom_keys).unwrap();
        let step = SignedStep::sign(past.newest(), &forged, &past.e.tom_keys).unwrap();
        let steps = [&past.steps[..], &[step]].concat();
        let refused = forged.verify_seen(Some(&past.documents[0]), &steps);
        assert_eq!(refused.map(|home| home.version), between(5, Error::SignersNotTheirs));
    }
    // Their own key they may change; the old one is worth nothing from then on.
    let mut past = past;
    let mut home = past.now();
    home.set_keys(&past.e.tom, intruder.public(), NOW).unwrap();
    past.go_on(&home, "Tom");
    assert_eq!(past.seen_with(&past.steps), Ok(5));
    let late = past.now().sign_next(&past.e.tom, &past.e.tom_keys).unwrap();
    let step = SignedStep::sign(past.newest(), &late, &past.e.tom_keys).unwrap();
    let steps = [&past.steps[..], &[step]].concat();
    let refused = late.verify_seen(Some(&past.documents[0]), &steps);
    assert_eq!(refused.map(|home| home.version), between(6, Error::BadSignature));
}

#[test]
fn a_household_that_went_two_ways_is_told_of() {
    let mut past = Past::new();
    let seen = past.newest().clone();
    // An older copy was put back, and another version 4 made on it, and a fifth on that.
    past.documents.pop();
    past.steps.pop();
    let mut other = past.now();
    other.grant(&past.e.anna, &past.e.anna, &Purpose::History.into(), NOW).unwrap();
    past.go_on(&other, "Anna");
    let shown = past.newest().verify_seen(Some(&seen), &[]);
    assert_eq!(shown, Err(Error::Fork { version: 4 }));
    past.go_on(&past.now(), "Anna");
    let shown = past.newest().verify_seen(Some(&seen), &past.steps[3..]);
    assert_eq!(shown, Err(Error::Fork { version: 4 }));

    // Two documents that their signer did sign: the steps lead to the other one.
    let mut twice = past.now();
    twice.grant(&past.e.anna, &past.e.mia, &Purpose::History.into(), NOW).unwrap();
    let (one, step) = past.made(past.newest(), &past.now(), "Anna");
    let (two, _) = past.made(past.newest(), &twice, "Anna");
    let steps = [&past.steps[..], &[step]].concat();
    assert!(one.verify_seen(Some(&past.documents[0]), &steps).is_ok());
    assert_eq!(two.verify_seen(Some(&past.documents[0]), &steps), Err(Error::Fork { version: 6 }));
}

#[test]
fn a_step_belongs_to_one_version_and_its_signer() {
    let past = Past::new();
    let (anna, tom) = (&past.e.anna_keys, &past.e.tom_keys);
    let (before, next) = (&past.documents[2], &past.documents[3]);
    let other = past.documents[2].household_already_verified().unwrap();
    let other = other.sign_next(&past.e.tom, tom).unwrap();
    let refused = |step: &SignedStep| step.verify(before, next).unwrap_err();
    assert_eq!(refused(&SignedStep::sign(before, &other, tom).unwrap()), Error::OtherStep);
    assert_eq!(refused(&SignedStep::sign(before, next, anna).unwrap()), Error::BadSignature);
    let elses = SignedStep { signer: past.e.anna.clone(), ..SignedStep::sign(before, next, anna).unwrap() };
    assert_eq!(refused(&elses), Error::OtherStep);
    let skipped = SignedStep::sign(&past.documents[1], next, tom).unwrap();
    assert_eq!(refused(&skipped), Error::Fork { version: 3 });
}

#[test]
fn a_step_names_nobody() {
    let past = Past::new();
    for step in &past.steps {
        for person in &past.now().people {
            let born = serde_json::to_string(&person.born).unwrap();
            assert!(!step.step.contains(&person.name) && !step.step.contains(born.trim_matches('"')));
        }
    }
}
