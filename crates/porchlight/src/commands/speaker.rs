//! Who speaks by a command: whoever is signed in, or a microphone by its own credential.

use std::path::Path;

use anyhow::{Result, bail};
use porchlight_client::{EventStream, Member, Microphone};
use porchlight_protocol::RingWords;

use crate::files::read_secret;
use crate::session::Sessions;

/// Who speaks, and is told what is to be spoken.
pub(super) enum Speaker<'m> {
    /// Whoever is signed in on this computer.
    Member(&'m Member),
    /// A microphone.
    Microphone(Microphone),
}

impl Speaker<'_> {
    /// The microphone of this credential, at a hub that may but need not have a session on this computer: one by https is known by its
    /// session's authority.
    pub(super) fn of_credential(hub: Option<&str>, file: &Path) -> Result<Speaker<'static>> {
        let credential = read_secret(file)?;
        let sessions = Sessions::load()?;
        let microphone = match (sessions.find(hub), hub) {
            (Ok(session), _) => Microphone::beside(session, credential)?,
            (Err(_), Some(hub)) => Microphone::at(hub, None, credential)?,
            (Err(_), None) => bail!("say which hub: --hub http://127.0.0.1:8420"),
        };
        Ok(Speaker::Microphone(microphone))
    }

    pub(super) fn events(&self, after: Option<u64>) -> Result<EventStream> {
        Ok(match self {
            Speaker::Member(member) => member.events(after)?,
            Speaker::Microphone(microphone) => microphone.events(after)?,
        })
    }

    pub(super) fn event_words(&self, number: u64) -> Result<Option<RingWords>> {
        Ok(match self {
            Speaker::Member(member) => member.event_words(number)?,
            Speaker::Microphone(microphone) => microphone.event_words(number)?,
        })
    }

    pub(super) fn event_speech(&self, number: u64) -> Result<Vec<u8>> {
        Ok(match self {
            Speaker::Member(member) => member.event_speech(number)?,
            Speaker::Microphone(microphone) => microphone.event_speech(number)?,
        })
    }
}
