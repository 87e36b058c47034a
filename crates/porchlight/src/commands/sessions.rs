//! Signing in and out.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use porchlight_client::{ClientError, Codes, Member, SignedInAs, sign_in as client_sign_in};
use serde_json::{Value, json};

use super::answers::ask_code;
use crate::args::{SessionCommand, SignIn};
use crate::files::read_secret;
use crate::output::{Output, say, time};
use crate::session::Sessions;

const OLD_KIT: &str = "Your recovery kit is of an earlier release: it opens your exports, and lets you back in no longer. Make a new one:\n  \
     porchlight account new-kit --recovery-kit FILE";

pub(super) fn sign_in(hub: Option<&str>, arguments: SignIn, out: Output) -> Result<()> {
    let sessions = Sessions::load()?;
    let hub = match hub.or(sessions.current()) {
        Some(hub) => hub.to_owned(),
        None => bail!("which hub? add --hub http://127.0.0.1:8420, or set PORCHLIGHT_HUB"),
    };
    let passphrase = read_secret(&arguments.passphrase_file)?;
    let secret = arguments.totp_secret_file.as_deref().map(read_secret).transpose()?;
    let codes = match &secret {
        Some(secret) => Codes::Secret(secret),
        None => Codes::Ask(&ask_code),
    };
    let authority = authority(arguments.authority.as_deref())?;
    let authority = authority.as_deref().or_else(|| sessions.find(Some(&hub)).ok()?.authority());
    let signed_in = client_sign_in(&hub, authority, &arguments.name, &passphrase, codes, &this_computer())?;
    let (hub, name) = (signed_in.session.hub().to_owned(), signed_in.session.name().to_owned());
    let answer = begun(&signed_in);
    let old_kit = signed_in.old_kit;
    keep(sessions, signed_in, |_| Ok(()))?;
    if old_kit {
        say(OLD_KIT);
    }
    out.answer(&answer, |_| format!("You are signed in to {hub} as {name}."))
}

/// A session that has just begun, as scripts are told.
pub(super) fn begun(signed_in: &SignedInAs) -> Value {
    let SignedInAs { session, old_kit } = signed_in;
    json!({ "hub": session.hub(), "name": session.name(), "session": session.id(), "old_kit": old_kit })
}

/// Keeps a session that has just begun on this computer, where what it shows of itself is as it has to be.
pub(super) fn keep(
    mut sessions: Sessions,
    signed_in: SignedInAs,
    check: impl FnOnce(&Member) -> Result<(), ClientError>,
) -> Result<()> {
    let hub = signed_in.session.hub().to_owned();
    sessions.add(signed_in.session);
    // From now on the hub is held to the ledger that it shows.
    let member = Member::resume(sessions.find(Some(&hub))?)?;
    check(&member)?;
    member.ledger_key()?;
    if let Some(seen) = member.seen_since(sessions.find(Some(&hub))?) {
        sessions.remember(hub.trim_end_matches('/'), seen);
    }
    sessions.save()
}

/// The certificate of the authority that an https hub has to show, from the file that is named.
pub(super) fn authority(named: Option<&Path>) -> Result<Option<String>> {
    let read = named.map(fs::read_to_string).transpose();
    read.context("the file with the authority's certificate cannot be read")
}

pub(super) fn sign_out(hub: Option<&str>, out: Output) -> Result<()> {
    let mut sessions = Sessions::load()?;
    let session = sessions.find(hub)?;
    let address = session.hub().to_owned();
    // The local half goes first and whatever happens: without it the token is of no use here.
    let member = Member::resume(session);
    sessions.remove(&address);
    sessions.save()?;
    if let Err(error) = member.and_then(|member| member.sign_out()) {
        say(format!(
            "The hub could not be told ({error}). The session is gone from this computer; end it at the hub with `porchlight session end`."
        ));
    }
    out.answer(&json!({ "hub": address, "signed_in": false }), |_| {
        format!("You are signed out of {address}.")
    })
}

pub(super) fn run(member: &Member, command: SessionCommand, out: Output) -> Result<()> {
    match command {
        SessionCommand::List => out.answers(&member.sessions()?, "There are no sessions.", |session| {
            let here = if session.this { ", this one" } else { "" };
            let name = session.name.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
            format!(
                "{}  {name}{} since {}, last used {}{here}",
                session.id,
                session.client,
                time(session.started),
                time(session.seen)
            )
        }),
        SessionCommand::Name { id, name } => {
            member.name_session(&id, name.as_deref())?;
            out.answer(&json!({ "named": id, "name": name }), |_| "That session has its name.".to_owned())
        }
        SessionCommand::Prove(_) => {
            member.prove()?;
            out.answer(&json!({ "proved": true }), |_| {
                "It is you: for 15 minutes this session may do what takes a proof.".to_owned()
            })
        }
        SessionCommand::End { id } => {
            member.end_session(&id)?;
            out.answer(&json!({ "ended": id }), |_| "That session is over.".to_owned())
        }
    }
}

/// What the list of sessions will call this computer.
pub(super) fn this_computer() -> String {
    let name = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    match name.trim() {
        "" => "the command line".to_owned(),
        name => format!("the command line on {name}"),
    }
}
