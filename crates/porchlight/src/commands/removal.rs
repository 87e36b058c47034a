//! Removing a person or a device: first how much goes with it, then the question, then what went.

use anyhow::{Result, bail};
use porchlight_client::{Member, Removal};
use porchlight_protocol::{ChangeDone, Filter, PersonView, Selection};
use serde_json::json;

use super::forget::is_finished;
use super::receipts::Kept;
use crate::output::{Output, confirm, say};

/// Asks whether a person is to go, having said what goes with them.
pub(super) fn must_confirm_person(member: &Member, name: &str, out: Output) -> Result<()> {
    let removal = member.goes_with_person(name)?;
    let filter = Filter { person: Some(name.to_owned()), ..Filter::default() };
    let films =
        (!removal.cameras.is_empty()).then(|| "What is recorded there until then goes too.".to_owned());
    let unseen = unseen(&member.people()?, Some(name), member.name(), Leaves::Person);
    must_confirm(member, name, &removal, filter, films.into_iter().chain(unseen).collect(), out)
}

/// The same of a device.
pub(super) fn must_confirm_device(member: &Member, name: &str, out: Output) -> Result<()> {
    let removal = member.goes_with_device(name)?;
    let (devices, people) = (member.devices()?, member.people()?);
    let mut besides = Vec::new();
    if let Some(device) = devices.iter().find(|device| is_called(&device.name, name)) {
        besides.extend(match device.kind == "camera" {
            true => Some("What it records until then goes too.".to_owned()),
            false => unseen(&people, device.person.as_deref(), member.name(), Leaves::Device),
        });
    }
    let filter = Filter { device: Some(name.to_owned()), ..Filter::default() };
    must_confirm(member, name, &removal, filter, besides, out)
}

fn must_confirm(
    member: &Member,
    name: &str,
    removal: &Removal,
    filter: Filter,
    besides: Vec<String>,
    out: Output,
) -> Result<()> {
    let preview = member.preview_forget(&Selection { filter, ..Selection::default() })?;
    preview.finished.iter().try_for_each(|done| is_finished(done, None, out))?;
    for sentence in goes(removal, member.name()).into_iter().chain(besides) {
        say(sentence);
    }
    let with_it = match removal.goes.is_nothing() {
        true => String::new(),
        false => format!(", and forget {}", removal.goes.in_full(member.name())),
    };
    match confirm(&format!("Remove {name}{with_it} for good? There is no way back."))? {
        true => Ok(()),
        false => bail!("nothing was changed"),
    }
}

/// What went: the same that is on the receipts.
pub(super) fn answer(name: &str, changed: &ChangeDone, out: Output) -> Result<()> {
    let kept = Kept::of(changed);
    let answer = json!({ "removed": name, "forgotten": changed.forgotten, "receipts": kept.receipts });
    out.answer(&answer, |_| format!("{name} is no longer part of the household. {kept}"))?;
    kept.must_be_whole()
}

/// What goes and what is held of what one may know, in sentences.
fn goes(removal: &Removal, me: &str) -> Vec<String> {
    let mut said = vec![match removal.goes.is_nothing() {
        true => "Nothing that you can see would go with it.".to_owned(),
        false => format!("This would go with it for good: {}.", removal.goes.in_full(me)),
    }];
    if !removal.held.is_nothing() {
        said.push(format!("This is held, and forgotten when the hold ends: {}.", removal.held.in_full(me)));
    }
    if !removal.for_consents.is_nothing() {
        said.push(format!("Among it, for a consent that ends: {}.", removal.for_consents.in_full(me)));
    }
    said.extend(removal.cameras.iter().cloned());
    said
}

/// What is removed: of a person's the adults get the receipt, for there is nobody else; of a device's those whose own it was.
#[derive(Clone, Copy)]
enum Leaves {
    Person,
    Device,
}

/// What is said of what only somebody else may know of: theirs, or where it is a device that is nobody's own, anybody's. It is as true
/// before as when it is done.
fn unseen(people: &[PersonView], whose: Option<&str>, me: &str, leaves: Leaves) -> Option<String> {
    let Some(whose) = whose else {
        let others = people.iter().any(|person| person.can_sign_in && !is_called(&person.name, me));
        let said = "What is others' own goes too, and what of it is held goes when its hold ends; how much that is, only they can see.";
        return others.then(|| said.to_owned());
    };
    let person = people.iter().find(|person| is_called(&person.name, whose))?;
    let known = is_called(whose, me) || person.guardians.iter().any(|guardian| is_called(guardian, me));
    (!known).then(|| match leaves {
        Leaves::Person => format!(
            "Whatever is kept of {0} goes too, and what of it is held goes when its hold ends; until then only {0} can see how much that is, and then the receipt says it.",
            person.name
        ),
        Leaves::Device => {
            format!(
                "Whatever is kept of {0} goes too, and what of it is held goes when its hold ends; how much that is, only {0} can see.",
                person.name
            )
        }
    })
}

fn is_called(name: &str, given: &str) -> bool {
    name.to_lowercase() == given.to_lowercase()
}

#[cfg(test)]
mod tests {
    use porchlight_protocol::Amount;

    use super::*;

    #[test]
    fn what_goes_for_a_consent_that_ends_with_somebody_is_counted_and_named() {
        let mut for_consents = Amount::of_film("Attic", 240.0);
        for_consents.add(&Amount::of_film("Porch", 60.0));
        let mut removal = Removal {
            goes: for_consents.clone(),
            held: Amount::of_film("Porch", 4.0),
            for_consents,
            cameras: vec!["Nobody else agrees to Attic: it is not recorded any more.".to_owned()],
        };
        let said = [
            "This would go with it for good: 4 minutes of Attic and 1 minute of Porch.",
            "This is held, and forgotten when the hold ends: 4 seconds of Porch.",
            "Among it, for a consent that ends: 4 minutes of Attic and 1 minute of Porch.",
            "Nobody else agrees to Attic: it is not recorded any more.",
        ];
        assert_eq!(goes(&removal, "Anna"), said);
        removal = Removal {
            goes: Amount::default(),
            held: Amount::default(),
            for_consents: Amount::default(),
            cameras: vec![],
        };
        assert_eq!(goes(&removal, "Anna"), ["Nothing that you can see would go with it."]);
    }

    #[test]
    fn of_what_only_others_may_know_no_number_is_claimed() {
        let person = |name: &str, guardians: &[&str], can_sign_in| PersonView {
            name: name.into(),
            age: String::new(),
            guardians: guardians.iter().map(|name| (*name).to_owned()).collect(),
            owner: false,
            can_sign_in,
            consents: vec![],
        };
        let people = [person("Anna", &[], true), person("Tom", &[], true), person("Mia", &["Anna"], false)];
        for leaves in [Leaves::Person, Leaves::Device] {
            let unseen = |whose, me| unseen(&people, whose, me, leaves);
            assert_eq!(unseen(Some("anna"), "Anna"), None);
            assert_eq!(unseen(Some("Mia"), "Anna"), None);
            assert!(unseen(Some("Mia"), "Tom").unwrap().contains("only Mia can see"));
            assert!(unseen(Some("tom"), "Anna").unwrap().contains("only Tom can see"));
        }
        assert!(unseen(&people, None, "Anna", Leaves::Device).unwrap().contains("only they can see"));
        assert_eq!(unseen(&people[..1], None, "Anna", Leaves::Device), None);
        let leaves = unseen(&people, Some("Tom"), "Anna", Leaves::Person).unwrap();
        assert!(leaves.ends_with("then the receipt says it."), "what is told then is announced: {leaves}");
    }
}
