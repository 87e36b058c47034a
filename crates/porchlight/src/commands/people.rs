//! Adding, listing, correcting and removing people.

use anyhow::{Result, bail};
use porchlight_client::{Member, NewPerson, PersonDetails};
use serde_json::json;

use super::receipts::{Kept, must_be_writable};
use super::removal;
use crate::args::{PersonAdd, PersonCommand};
use crate::files::{must_be_free, read_secret, write_secret};
use crate::output::{Output, confirm, say};

pub(super) fn run(member: &Member, command: PersonCommand, out: Output) -> Result<()> {
    match command {
        PersonCommand::Add(person) => add(member, person, out),
        PersonCommand::List => {
            out.answers(&member.people()?, "There is nobody in this household.", |person| {
                let mut line = format!("{}: {}", person.name, person.age);
                if person.owner {
                    line += ", owner";
                }
                if !person.guardians.is_empty() {
                    line += &format!(", guarded by {}", person.guardians.join(" and "));
                }
                if !person.can_sign_in && person.age == "adult" {
                    line += ", cannot sign in yet";
                }
                person.consents.iter().fold(line, |line, consent| format!("{line}\n  {consent}"))
            })
        }
        PersonCommand::Rename { name, new_name } => {
            let details = PersonDetails { name: Some(new_name.clone()), ..PersonDetails::default() };
            let changed = member.change_person(&name, &details)?;
            out.answer(&json!({ "name": new_name, "was": name }), |_| {
                let words = format!("{name} is called {new_name} now, and signs in with that name.");
                format!("{words} {}", changed.sentence).trim_end().to_owned()
            })
        }
        PersonCommand::Born { name, born, guardian } => {
            let guardians = (!guardian.is_empty()).then_some(guardian);
            let details = PersonDetails { born: Some(born.clone()), guardians, ..PersonDetails::default() };
            correct(member, &name, &details, out, |_| format!("{name} was born in {born}."))
        }
        PersonCommand::Guardian { name, guardians, yes } => {
            let whom = if guardians.is_empty() { "nobody".to_owned() } else { guardians.join(" and ") };
            let question = format!(
                "Leave {name} in the care of {whom}? What others agreed to for {name} ends, and what was kept for it is forgotten."
            );
            let details = PersonDetails { guardians: Some(guardians), ..PersonDetails::default() };
            member.must_change_person(&name, &details)?;
            if !yes && !confirm(&question)? {
                bail!("nothing was changed");
            }
            correct(member, &name, &details, out, |_| format!("{name} is in the care of {whom}."))
        }
        PersonCommand::Owner { name, not } => {
            let details = PersonDetails { owner: Some(!not), ..PersonDetails::default() };
            let can = if not { "can no longer" } else { "can" };
            correct(member, &name, &details, out, |_| format!("{name} {can} change the household."))
        }
        PersonCommand::Remove { name, yes } => {
            must_be_writable(None)?;
            if !yes {
                removal::must_confirm_person(member, &name, out)?;
            }
            removal::answer(&name, &member.remove_person(&name)?, out)
        }
    }
}

/// Makes a correction, and says how things are now.
fn correct(
    member: &Member,
    name: &str,
    details: &PersonDetails,
    out: Output,
    words: impl Fn(&str) -> String,
) -> Result<()> {
    must_be_writable(None)?;
    let changed = member.change_person(name, details)?;
    let kept = Kept::of(&changed);
    let people = member.people()?;
    let person = people.iter().find(|person| person.name.to_lowercase() == name.to_lowercase());
    let answer = json!({ "person": person, "forgotten": changed.forgotten, "receipts": kept.receipts });
    out.answer(&answer, |_| format!("{} {kept}", words(name)).trim_end().to_owned())?;
    kept.must_be_whole()
}

fn add(member: &Member, person: PersonAdd, out: Output) -> Result<()> {
    let sign_in = match (&person.passphrase_file, &person.recovery_kit) {
        (Some(passphrase), Some(kit)) => {
            must_be_free([kit].into_iter().chain(&person.totp_secret_file), &[])?;
            Some((read_secret(passphrase)?, kit))
        }
        _ => None,
    };
    let added = member.add_person(NewPerson {
        name: person.name.clone(),
        born: person.born,
        guardians: person.guardian,
        passphrase: sign_in.as_ref().map(|(passphrase, _)| passphrase.clone()),
    })?;
    if let (Some(keys), Some((_, kit))) = (&added.keys, &sign_in) {
        // Written after the hub took the change: until then the key opens nothing. A failure here says so and names the way out.
        write_secret(kit, &keys.recovery_kit)?;
        match &person.totp_secret_file {
            Some(file) => write_secret(file, &format!("{}\n", keys.totp_secret.as_str()))?,
            None => say(format!(
                "For {}'s authenticator app, shown once: {}",
                person.name,
                keys.totp_url.as_str()
            )),
        }
    }
    let answer = json!({ "name": person.name, "age": added.age, "can_sign_in": added.keys.is_some() });
    out.answer(&answer, |_| {
        let sign_in = match (added.age.as_str(), added.keys.is_some()) {
            (_, true) => " They can sign in.",
            ("adult", false) => {
                " They cannot sign in until they have a passphrase; until then nothing of theirs is kept."
            }
            _ => "",
        };
        format!("{} is part of the household ({}).{sign_in}", person.name, added.age)
    })
}
