//! Adding, listing and removing people.

use anyhow::{Result, bail};
use porchlight_hub::client::{Member, NewPerson};
use serde_json::json;

use crate::args::{PersonAdd, PersonCommand};
use crate::files::{must_be_new, read_secret, write_secret};
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
        PersonCommand::Remove { name, yes } => {
            let question = format!("Remove {name}, and forget what was kept for them?");
            if !yes && !confirm(&question)? {
                bail!("nothing was changed");
            }
            let changed = member.remove_person(&name)?;
            out.answer(&json!({ "removed": name, "forgotten": changed.forgotten }), |_| {
                format!("{name} is no longer part of the household. {}", changed.sentence)
            })
        }
    }
}

fn add(member: &Member, person: PersonAdd, out: Output) -> Result<()> {
    let sign_in = match (&person.passphrase_file, &person.recovery_kit) {
        (Some(passphrase), Some(kit)) => {
            must_be_new(kit)?;
            if let Some(file) = &person.totp_secret_file {
                must_be_new(file)?;
            }
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
