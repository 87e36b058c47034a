//! Granting, withdrawing and listing consents.

use anyhow::{Result, bail};
use porchlight_client::{GoesWith, Granted, Member, TakingBack};
use porchlight_protocol::Amount;
use serde_json::json;

use super::receipts::{Kept, must_be_writable};
use crate::args::{ConsentChange, ConsentCommand, ConsentWithdraw};
use crate::output::{Output, confirm, say};

pub(super) fn run(member: &Member, command: ConsentCommand, out: Output) -> Result<()> {
    match command {
        ConsentCommand::Grant(change) => {
            let done = member.grant(&change.name, &change.purpose)?;
            let answer = json!({
                "name": done.person, "by": done.by, "granted": done.granted, "stood": done.stood,
            });
            out.answer(&answer, |_| agreed(&done))
        }
        ConsentCommand::Withdraw(ConsentWithdraw { change, yes }) => {
            must_be_writable(None)?;
            if !yes {
                must_confirm(member, &change)?;
            }
            let changed = member.withdraw(&change.name, &change.purpose)?;
            let kept = Kept::of(&changed);
            let answer = json!({
                "name": change.name, "withdrawn": change.purpose, "forgotten": changed.forgotten, "receipts": kept.receipts,
            });
            out.answer(&answer, |_| {
                let purposes = change.purpose.join(" and ");
                format!("The consent of {} to {purposes} is taken back. {kept}", change.name)
            })?;
            kept.must_be_whole()
        }
        ConsentCommand::List => {
            let people: Vec<_> = member
                .people()?
                .into_iter()
                .map(|person| json!({ "name": person.name, "consents": person.consents }))
                .collect();
            out.answers(&people, "There is nobody in this household.", |person| {
                let consents: Vec<&str> =
                    person["consents"].as_array().into_iter().flatten().filter_map(|c| c.as_str()).collect();
                let name = person["name"].as_str().unwrap_or_default();
                if consents.is_empty() {
                    format!("{name}: none")
                } else {
                    format!("{name}:\n  {}", consents.join("\n  "))
                }
            })
        }
    }
}

/// Who agreed to what, and what stood already.
fn agreed(done: &Granted) -> String {
    let Granted { by, person, granted, stood } = done;
    let mut said = Vec::new();
    if !granted.is_empty() {
        let granted = granted.join(" and ");
        said.push(match by == person {
            true => format!("{person} agreed to {granted}."),
            false => format!("{by} agreed for {person}: {granted}."),
        });
    }
    if !stood.is_empty() {
        let stood = stood.join(" and ");
        said.push(format!("The consent of {person} to {stood} stands already, and is left as it is."));
    }
    said.join(" ")
}

/// Asks before what is kept goes with an agreement, or another adult's is taken back, having said what goes; else nobody is asked.
fn must_confirm(member: &Member, change: &ConsentChange) -> Result<()> {
    let taking = member.goes_with(&change.name, &change.purpose)?;
    if taking.goes.is_empty() && !taking.of_another {
        return Ok(());
    }
    goes(&taking, member.name()).into_iter().for_each(say);
    match confirm(&question(member.name(), &change.name, &change.purpose, &taking))? {
        true => Ok(()),
        false => bail!("nothing was changed"),
    }
}

/// What goes with each, in sentences.
fn goes(taking: &TakingBack, me: &str) -> Vec<String> {
    let mut said = Vec::new();
    for GoesWith { person, agreement, goes, held } in &taking.goes {
        let kept = format!("kept for {person}'s consent to {agreement}");
        if !goes.is_nothing() {
            said.push(format!("{}, {kept}, would go with it for good.", goes.in_full(me)));
        }
        if !held.is_nothing() {
            said.push(format!("{}, {kept}, would be forgotten when the hold on it ends.", held.in_full(me)));
        }
    }
    if said.is_empty() {
        said.push("Nothing that is kept would go with it.".to_owned());
    }
    said
}

fn question(me: &str, name: &str, purposes: &[String], taking: &TakingBack) -> String {
    let mut all = Amount::default();
    taking.goes.iter().for_each(|one| all.add(&one.goes));
    let with_it = match all.is_nothing() {
        true => "?".to_owned(),
        false => format!(", and forget {} for good? There is no way back.", all.in_full(me)),
    };
    let told = if taking.of_another { format!(" {name} is told.") } else { String::new() };
    format!("Take back the consent of {name} to {}{with_it}{told}", purposes.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_says_how_much_goes_of_which_camera() {
        let of = |agreement: &str, goes: f64, held: f64| {
            let film = |seconds| match seconds {
                0.0 => Amount::default(),
                seconds => Amount::of_film(agreement.trim_start_matches("sound:"), seconds),
            };
            GoesWith {
                person: "Tom".to_owned(),
                agreement: agreement.to_owned(),
                goes: film(goes),
                held: film(held),
            }
        };
        let taking = TakingBack {
            of_another: true,
            goes: vec![of("sound:Porch", 720.0, 0.0), of("sound:Yard", 4.0, 8.0)],
        };
        let said = [
            "12 minutes of Porch, kept for Tom's consent to sound:Porch, would go with it for good.",
            "4 seconds of Yard, kept for Tom's consent to sound:Yard, would go with it for good.",
            "8 seconds of Yard, kept for Tom's consent to sound:Yard, would be forgotten when the hold on it ends.",
        ];
        assert_eq!(goes(&taking, "Anna"), said);
        let purposes = ["sound:Porch".to_owned(), "sound:Yard".to_owned()];
        let asked = "Take back the consent of Tom to sound:Porch and sound:Yard, and forget 12 minutes of Porch and 4 seconds of Yard for \
                     good? There is no way back. Tom is told.";
        assert_eq!(question("Anna", "Tom", &purposes, &taking), asked);
        let nothing = TakingBack { of_another: true, goes: vec![] };
        assert_eq!(goes(&nothing, "Anna"), ["Nothing that is kept would go with it."]);
    }

    #[test]
    fn who_agrees_for_a_child_is_named_and_what_stood_already_is_no_news() {
        let done = |by: &str, granted: &[&str], stood: &[&str]| {
            let words = |purposes: &[&str]| purposes.iter().map(|word| (*word).to_owned()).collect();
            agreed(&Granted {
                by: by.to_owned(),
                person: "Leo".to_owned(),
                granted: words(granted),
                stood: words(stood),
            })
        };
        assert_eq!(done("Leo", &["history"], &[]), "Leo agreed to history.");
        assert_eq!(done("Anna", &["history", "reminder"], &[]), "Anna agreed for Leo: history and reminder.");
        let stands = "The consent of Leo to history stands already, and is left as it is.";
        assert_eq!(done("Anna", &[], &["history"]), stands);
        assert_eq!(done("Leo", &["reminder"], &["history"]), format!("Leo agreed to reminder. {stands}"));
    }
}
