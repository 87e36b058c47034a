//! Letting somebody in, at the owner's end: the code, the numbers, and the question.

use std::io::{self, IsTerminal};

use anyhow::{Result, bail};
use porchlight_client::{Answer, ClientError, Inviting, Member, Progress};
use serde_json::json;

use super::phone_code::drawn;
use crate::output::{Output, ask, say, time, use_zone};

/// Shows the code, waits for whoever comes with it, and asks whether the numbers are the same.
pub(super) fn invite(member: &Member, name: &str, out: Output) -> Result<()> {
    if !out.json {
        use_zone(member.time_zone()?);
    }
    let inviting = member.invite(name)?;
    show(&inviting, out)?;
    let name = inviting.name();
    let mut watching = member.watch(&inviting);
    let answer = loop {
        match watching.further() {
            Ok(Progress::Waiting) => say(format!("Waiting for {name} …")),
            Ok(Progress::Opened) => {
                say(format!("{name} has come with the code, and is choosing a passphrase …"))
            }
            Ok(Progress::Answered(answer)) => break answer,
            Ok(Progress::Stopped) => {
                bail!("{name} stopped it, so nobody was let in; invite them again if they want that")
            }
            Ok(Progress::Ended) => bail!("the code ended, so nobody was let in; invite {name} again"),
            Ok(Progress::Gone) => bail!(
                "the hub does not know this invitation any more: it was started anew, or another one took its place. Nobody was let in; invite \
                 {name} again"
            ),
            Err(error @ ClientError::AlteredAnswer(_)) => {
                member.stop_inviting(&inviting)?;
                return Err(error.into());
            }
            Err(error) => return Err(error.into()),
        }
    };
    let numbers = answer.numbers.each();
    out.announce(&json!({ "name": name, "numbers": numbers }), |_| {
        format!("Both screens show four numbers. Here: {}", answer.numbers)
    })?;
    match are_same(name)? {
        true => let_in(member, &inviting, &answer, out),
        false => {
            member.stop_inviting(&inviting)?;
            bail!(
                "nobody was let in, and the code works no more. If the numbers differed, somebody is between you and {name}: look at the hub itself"
            )
        }
    }
}

fn let_in(member: &Member, inviting: &Inviting, answer: &Answer, out: Output) -> Result<()> {
    let done = member.let_in(inviting, answer)?;
    let name = inviting.name();
    out.answer(&json!({ "name": name, "let_in": true, "version": done.version }), |_| {
        format!(
            "{name} is in. They sign in with their own passphrase and the six digits of their authenticator."
        )
    })
}

/// Shows the code and how it is used.
fn show(inviting: &Inviting, out: Output) -> Result<()> {
    let (code, address, trust) = (inviting.code().shown(), inviting.address(), inviting.trust());
    let shown = json!({
        "name": inviting.name(), "code": code.as_str(), "until": inviting.until(), "address": address, "trust": trust,
    });
    out.announce(&shown, |_| {
        let name = inviting.name();
        let mut words = format!(
            "The code for {name}: {}\nIt works until {}, once.",
            code.as_str(),
            time(inviting.until())
        );
        match &address {
            Some(address) => {
                words += &format!("\nOn their own phone, at home, {name} opens {address}");
                if let Some(trust) = &trust {
                    words += &format!("\nA phone that does not know your hub yet opens {trust} first.");
                }
            }
            None => {
                words += "\nPhones cannot come in here yet: `porchlight serve --phones yes` lets them, and so does Add a phone in the app.";
            }
        }
        // Without the code: where it stands on the line, others who use that computer see it.
        words += "\nOn a computer of their own, which asks for the code: porchlight join --hub URL …";
        words
    })?;
    if !out.json
        && io::stderr().is_terminal()
        && let Some(drawn) = address.as_deref().and_then(drawn)
    {
        say(format!("{drawn}\nOr {} points the phone's camera at this.", inviting.name()));
    }
    Ok(())
}

/// Asks whoever can see both screens. Where nobody answers they are not known to be the same.
fn are_same(name: &str) -> Result<bool> {
    let answer = ask(&format!("Are they the same on {name}'s screen: let {name} in? (y/N) "))?;
    Ok(["y", "yes"].iter().any(|yes| answer.eq_ignore_ascii_case(yes)))
}
