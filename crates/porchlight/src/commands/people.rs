//! Adding, listing, correcting and removing people.

use std::path::Path;

use anyhow::{Result, bail};
use porchlight_client::{Member, NewPerson, PersonDetails};
use porchlight_hub::in_shell;
use serde_json::json;

use super::receipts::{Kept, must_be_writable};
use super::{inviting, removal};
use crate::args::{PersonAdd, PersonCommand};
use crate::output::{Output, confirm};

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
                    line += ", cannot sign in yet: person invite";
                }
                person.consents.iter().fold(line, |line, consent| format!("{line}\n  {consent}"))
            })
        }
        PersonCommand::Invite { name } => inviting::invite(member, &name, out),
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
    let PersonAdd { name, born, guardian: guardians } = person;
    let age = member.add_person(&NewPerson { name: name.clone(), born, guardians })?;
    out.answer(&json!({ "name": name, "age": age, "can_sign_in": false }), |_| {
        let comes_in = match age {
            "child" => String::new(),
            _ => format!(
                " To let them in, with keys and a passphrase of their own: porchlight person invite {}. Until then nothing of theirs is kept.",
                in_shell(Path::new(&name))
            ),
        };
        format!("{name} is part of the household ({age}).{comes_in}")
    })
}
