//! What a change still owes once it is made: its line in the ledger, sessions to end, recordings to forget.
//!
//! A change and what must follow it are several durable writes, and a hub can be stopped between any two of them. So whatever changes
//! in the strongbox is one commit, and what it owes is written down in that very commit: its intent. The intent is finished by the
//! request that made the change; where that was cut short, by the next start, the next run of expiry or the next change, whichever
//! comes first. Every step of it can be done again, so that it does not matter where it was cut.

use jiff::Timestamp;
use porchlight_household::{DeviceId, Household, PersonId};
use porchlight_protocol::{LineKind, Message};
use porchlight_vault::{Error as VaultError, Line, OwedLine, Readers, StrongboxChange};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tracing::{error, warn};
use zeroize::Zeroizing;

use crate::deletion::cascade::{Cascade, cascade};
use crate::error::{Error, ErrorKind};
use crate::state::{Changing, Hub};
use crate::store::MissedStretch;

/// Under which names the strongbox holds intents; a number follows, and they are finished in its order.
const NAME: &str = "intent/";
/// How intents are written, and the newest format that is read.
const FORMAT: u32 = 1;

/// What a change owes, as it is written down with it.
#[derive(Serialize, Deserialize)]
struct Intent {
    format: u32,
    /// Who made the change.
    by: String,
    line: OwedLine,
    then: Then,
}

/// What must follow a change.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub enum Then {
    /// What rests on nothing any more is forgotten.
    Forget,
    /// Every session of a person ends, but one, and so does what their own microphones speak by.
    EndOtherSessions {
        /// Whose.
        person: PersonId,
        /// The one that goes on.
        but: String,
    },
    /// A session ends.
    EndSession {
        /// Which.
        session: String,
    },
    /// All that an account of before opened is over.
    ReplaceAccount {
        /// Whose.
        person: PersonId,
    },
    /// What is known of a passkey's use goes.
    ForgetPasskey {
        /// Whose.
        person: PersonId,
        /// The passkey's id.
        passkey: String,
    },
    /// A device has another credential, of which this is stored, since then.
    SetCredential {
        /// Which device.
        device: DeviceId,
        /// What is stored of the credential.
        mac: Vec<u8>,
        /// Since when.
        since: Timestamp,
    },
    /// What cameras had privacy for is written down among what they missed.
    NoteMissed {
        /// The stretches.
        missed: Vec<Missed>,
    },
    /// Nothing but the line.
    Tell,
}

/// A stretch in which a camera had privacy.
#[derive(Serialize, Deserialize)]
pub struct Missed {
    /// The camera.
    pub device: DeviceId,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
}

/// A change that is to be made, as the ledger will tell of it, and what must follow.
pub struct Owed<'a> {
    /// Who makes the change.
    pub by: &'a PersonId,
    /// The kind of the ledger's line.
    pub kind: LineKind,
    /// The line's detail.
    pub detail: Value,
    /// Who may read that.
    pub readers: Readers,
    /// What must follow.
    pub then: Then,
}

/// Makes a change, and writes down with it what it owes. When this returns the change is made; [`follow`] does the rest.
pub async fn make(
    hub: &Hub,
    _changing: &Changing<'_>,
    change: StrongboxChange,
    owed: Owed<'_>,
) -> Result<(), Error> {
    let Owed { by, kind, detail, readers, then } = owed;
    let line = hub.vault.prepare_line(Line { kind: kind.word().to_owned(), detail, readers }).await?;
    let intent = Intent { format: FORMAT, by: by.to_string(), line, then };
    let bytes = Zeroizing::new(serde_json::to_vec(&intent).map_err(Error::broken)?);
    let last = names(hub).await.pop().and_then(|name| name[NAME.len()..].parse::<u64>().ok());
    let name = format!("{NAME}{:010}", last.map_or(0, |last| last + 1));
    Ok(hub.vault.change(change.put(name, bytes)).await?)
}

/// Finishes every change that still owes something, in the order in which they were made. Gives what was forgotten.
pub async fn finish(hub: &Hub, _changing: &Changing<'_>) -> Result<Cascade, Error> {
    let mut forgotten = Cascade::default();
    for name in names(hub).await {
        let Some(bytes) = hub.vault.secret(&name).await else { continue };
        let intent: Intent = serde_json::from_slice(&bytes).map_err(|_| newer())?;
        if intent.format != FORMAT {
            return Err(newer());
        }
        match hub.vault.tell(&intent.line).await {
            // One of an earlier release, which lies under the root and is still to be followed.
            Err(why @ VaultError::NotOurs) => error!(target: "porchlight", "{why}"),
            told => drop(told?),
        }
        match &intent.then {
            Then::Forget => {
                forgotten.extend(cascade(hub, &intent.by, Timestamp::MIN).await?);
                // What an earlier try has only hidden is owed until it is gone.
                forgotten.add(&hub.vault.finish_begun(&intent.by).await?);
            }
            Then::EndOtherSessions { person, but } => {
                hub.sign_ins.drop_all(person);
                hub.store.end_other_sessions(person.as_str(), but).await?;
                end_microphones(hub, person).await?;
                hub.store.forget_code_tries(person).await?;
            }
            Then::EndSession { session } => hub.store.end_session(session).await?,
            Then::ReplaceAccount { person } => {
                hub.sign_ins.drop_all(person);
                hub.store.end_sessions(person.as_str()).await?;
                end_microphones(hub, person).await?;
                hub.store.forget_passkeys(person.as_str(), None).await?;
                // Another authenticator's codes have not been used.
                hub.store.forget_code(person.as_str()).await?;
                hub.store.forget_code_tries(person).await?;
            }
            Then::ForgetPasskey { person, passkey } => {
                hub.store.forget_passkeys(person.as_str(), Some(passkey)).await?;
            }
            Then::SetCredential { device, mac, since } => {
                hub.store.put_device_credential(device.as_str(), mac, *since).await?;
            }
            Then::NoteMissed { missed } => {
                for stretch in missed {
                    let Missed { device, from, to } = stretch;
                    hub.store.add_missed(device.as_str(), &MissedStretch::of_privacy(*from, *to)).await?;
                }
            }
            Then::Tell => {}
        }
        hub.vault.forget_secret(&name).await?;
    }
    Ok(forgotten)
}

/// Finishes what a change owes that was made just now. Where nothing but its line is left to be told, the change is as it should be and
/// the line is owed; else it is said that the change is made: whoever were told that it failed would make it twice.
pub async fn follow(hub: &Hub, changing: &Changing<'_>) -> Result<Cascade, Error> {
    match finish(hub, changing).await {
        Err(why) if only_lines_are_owed(hub).await => {
            warn!(target: "porchlight", "a line of the ledger is owed, and is appended by the next round: {why}");
            Ok(Cascade::default())
        }
        done => done.map_err(not_followed),
    }
}

async fn only_lines_are_owed(hub: &Hub) -> bool {
    for name in names(hub).await {
        let intent = hub.vault.secret(&name).await.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        if !matches!(intent, Some(Intent { then: Then::Tell, .. })) {
            return false;
        }
    }
    true
}

/// The change is made, and what must follow it is not finished.
fn not_followed(why: Error) -> Error {
    let why = why.into_message();
    let text = format!(
        "the change is made; what must follow it is not finished yet, and is tried again by itself until it is ({})",
        why.text
    );
    let said = Message::new("change-not-followed", text).because(why);
    Error::new(ErrorKind::Broken, "not-followed", said)
}

/// Finishes what an earlier run of the hub, or a disk that failed, left. Where that fails again it is said, and tried again later.
pub(crate) async fn finish_left(hub: &Hub) {
    let changing = hub.changing.lock().await;
    if let Err(why) = finish(hub, &changing).await {
        warn!(target: "porchlight", "what must follow a change is not finished yet, and is tried again: {why}");
    }
}

/// Ends the credentials of somebody's own microphones: whoever had their passphrase may have made one.
async fn end_microphones(hub: &Hub, person: &PersonId) -> Result<(), Error> {
    let home = hub.home();
    Ok(hub.store.end_device_credentials(personal(&home.household, person).map(DeviceId::as_str)).await?)
}

/// Somebody's own microphones that have a credential, for the line of what ends it.
pub async fn own_microphones(hub: &Hub, person: &PersonId) -> Result<Vec<DeviceId>, Error> {
    let (home, with) = (hub.home(), hub.store.device_credentials().await?);
    let has_one = |device: &&DeviceId| with.iter().any(|(id, _)| id == device.as_str());
    Ok(personal(&home.household, person).filter(has_one).cloned().collect())
}

fn personal<'h>(household: &'h Household, person: &'h PersonId) -> impl Iterator<Item = &'h DeviceId> {
    household.devices.iter().filter(|device| device.person.as_ref() == Some(person)).map(|device| &device.id)
}

async fn names(hub: &Hub) -> Vec<String> {
    let mut names = hub.vault.secret_names(NAME).await;
    names.sort();
    names
}

fn newer() -> Error {
    Error::broken("what an earlier change still owes is of a newer release; start that one again")
}
