//! Coming into a household, at the newcomer's end.

use std::fs;
use std::io::{IsTerminal, stdin};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use porchlight_client::{AnswerState, ClientError, Code, Joined, Joining};
use serde_json::json;
use zeroize::Zeroizing;

use super::sessions::{authority, begun, keep, this_computer};
use crate::args::Join;
use crate::files::{must_be_free, read_secret, write_secret};
use crate::messages::prompt;
use crate::output::{Output, ask, say, use_zone, zoned};
use crate::session::Sessions;

pub(super) fn run(hub: Option<&str>, join: &Join, out: Output) -> Result<()> {
    let Some(hub) = hub else { bail!("which hub? add --hub http://127.0.0.1:8420, or set PORCHLIGHT_HUB") };
    must_be_free([&join.recovery_kit].into_iter().chain(&join.totp_secret_file), &[])?;
    let (code, passphrase) = (Code::read(&typed(&join.code)?)?, read_secret(&join.passphrase_file)?);
    let sessions = Sessions::load()?;
    let authority = authority(join.authority.as_deref())?;
    let joining = Joining::open(hub, authority.as_deref(), &code)?;
    let (name, by) = (joining.name(), joining.by());
    if let (Some(zone), false) = (joining.time_zone(), out.json) {
        use_zone(zone);
    }
    let household = joining.household().map(|home| format!(" into {home}")).unwrap_or_default();
    say(format!("{by} asks {name} in{household}. The code works until {}.", zoned(joining.until())));
    let joined = joining.make(&passphrase)?;

    // The kit is written before the hub is sent anything that is sealed to its key.
    let mut written = Written::default();
    written.put_away(join, &joined)?;
    if let Err(error) = joining.answer(&joined) {
        return Err(written.of_nobody(error));
    }
    say(format!("Waiting for {by}'s screen …"));
    let numbers = match joining.numbers(&joined) {
        Ok(numbers) => numbers,
        Err(error) => return Err(written.of_nobody(error)),
    };
    if let Some(numbers) = numbers {
        out.announce(&json!({ "name": name, "by": by, "numbers": numbers.each() }), |_| {
            format!("Both screens show four numbers. Here: {numbers}")
        })?;
    }
    if numbers.is_some() && differ(by)? {
        match joining.stop(&joined)? {
            AnswerState::LetIn => bail!(
                "{by} had let you in by then, and the kit is kept. If the numbers differed, sign in nowhere and tell {by} to remove you"
            ),
            _ => {
                written.remove();
                bail!(
                    "stopped: nobody was let in, and the code works no more. If the numbers differed, look at the hub itself with {by}"
                )
            }
        }
    }
    say(format!("Waiting until {by} lets you in …"));
    let signed_in = match joining.come_in(&joined, &passphrase, &this_computer()) {
        Ok(signed_in) => signed_in,
        Err(error) => return Err(written.of_nobody(error)),
    };
    let answer = begun(&signed_in);
    keep(sessions, signed_in, |member| joining.check_household(member))?;
    out.answer(&answer, |_| {
        format!(
            "You are in, and signed in to {} as {name}. The kit is in {}: print it, then put it away.",
            hub,
            join.recovery_kit.display()
        )
    })
}

/// The code as it was typed: on the line, or, where others who use this computer are not to see it there, by standard input.
fn typed(words: &[String]) -> Result<Zeroizing<String>> {
    match words {
        [] if !stdin().is_terminal() => {
            bail!("which code? Type it at a terminal, or send it by standard input: porchlight join - …")
        }
        [] => prompt("The code that an owner gave you: "),
        [dash] if dash == "-" => {}
        words => return Ok(Zeroizing::new(words.concat())),
    }
    let mut line = Zeroizing::new(String::with_capacity(64));
    stdin().read_line(&mut line).context("cannot read the code")?;
    Ok(line)
}

/// Asks whether the numbers differ, which whoever cannot be asked does not say: the owner is asked too, and decides.
fn differ(by: &str) -> Result<bool> {
    let answer = ask(&format!("Are they the same on {by}'s screen? (Y/n) "))?;
    Ok(["n", "no"].iter().any(|no| answer.eq_ignore_ascii_case(no)))
}

/// The secrets that were put away for somebody who is not in yet.
#[derive(Default)]
struct Written(Vec<PathBuf>);

impl Written {
    fn put_away(&mut self, join: &Join, joined: &Joined) -> Result<()> {
        let enrolled = &joined.enrolled;
        self.write(&join.recovery_kit, &enrolled.recovery_kit)?;
        match &join.totp_secret_file {
            Some(file) => {
                self.write(file, &Zeroizing::new(format!("{}\n", enrolled.totp_secret.as_str())))?
            }
            None => say(format!("For your authenticator app, shown once: {}", enrolled.totp_url.as_str())),
        }
        Ok(())
    }

    fn write(&mut self, file: &Path, text: &str) -> Result<()> {
        write_secret(file, text).inspect_err(|_| self.remove())?;
        self.0.push(file.to_owned());
        Ok(())
    }

    /// They are of no use to anybody.
    fn remove(&self) {
        for file in &self.0 {
            let _ = fs::remove_file(file);
        }
    }

    /// What is wrong where nobody was let in, or where that is not known.
    fn of_nobody(&self, error: ClientError) -> anyhow::Error {
        if error.is_of_nobody_let_in() {
            self.remove();
            return error.into();
        }
        let kept: Vec<String> = self.0.iter().map(|file| file.display().to_string()).collect();
        anyhow::Error::new(error).context(format!(
            "it is not known whether you were let in: keep {}, and try `porchlight sign-in`",
            kept.join(" and ")
        ))
    }
}
