//! Tries to sign in as somebody that failed: counted for each member, and told to them.
//!
//! What is told is coarse, and seldom, so that no stranger can make the ledger grow: of each kind one line an hour at most where it is
//! many, one a day where it is few. First it is noted in the hub's database with its line, then that is in the ledger, then it is told; a
//! start goes on where another was cut off.

use std::sync::Arc;
use std::time::Duration;

use porchlight_household::PersonId;
use porchlight_protocol::events::Happening;
use porchlight_protocol::{FailedTries, LineKind};
use porchlight_vault::{Error as VaultError, OwedLine};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use crate::error::Error;
use crate::events::To;
use crate::ledger;
use crate::state::Hub;

/// How often the clock is looked at.
const LOOK: Duration = Duration::from_secs(60);

/// Notes how much strangers have tried each member's passphrase, so that the next start counts on from there.
pub(crate) async fn note_tries(hub: &Hub) -> Result<(), Error> {
    for (person, tries) in hub.sign_ins.limits.unnoted() {
        // Of somebody who has left nothing is remembered.
        if hub.home().household.person(&person).is_ok() {
            hub.store.note_passphrase_tries(&person, tries).await?;
        }
        hub.sign_ins.limits.noted(&person, tries);
    }
    Ok(())
}

/// Tells every member of tries to sign in as them that failed, until the hub stops; each minute, and at the end, it is noted how much was
/// tried.
pub(crate) async fn tell(hub: Arc<Hub>, stop: CancellationToken) {
    loop {
        if let Err(error) = tell_due(&hub).await {
            warn!(target: "porchlight", "tries to sign in that failed could not be told of yet: {error}");
        }
        if let Err(error) = note_tries(&hub).await {
            warn!(target: "porchlight", "how much strangers tried could not be noted yet: {error}");
        }
        if stop.is_cancelled() {
            return;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = hub.sign_ins.tally.due.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Tells of what is due, and of what an earlier start left untold.
pub async fn tell_due(hub: &Hub) -> Result<(), Error> {
    // What a start before this one, or a full disk, left.
    for (person, failed, line) in hub.store.untold_failed_tries().await? {
        match line {
            Some(line) => write(hub, &person, &failed, &line).await?,
            None => note_and_write(hub, &person, &failed).await?,
        }
    }
    for (person, failed) in hub.sign_ins.tally.take_due(hub.now()) {
        // Of somebody who has left there is nobody to tell.
        if hub.home().household.person(&person).is_ok() {
            note_and_write(hub, &person, &failed).await?;
        }
    }
    Ok(())
}

/// Notes what is to be told together with its line, so that a crash between that and the next lets nothing be told twice.
async fn note_and_write(hub: &Hub, person: &PersonId, failed: &FailedTries) -> Result<(), Error> {
    let noted = async {
        let FailedTries { at, home, elsewhere, from, until } = failed;
        let detail = json!({
            "v": 1, "who": person, "tried": at, "home": home, "elsewhere": elsewhere, "from": from, "until": until, "at": hub.now()
        });
        let line = ledger::owed_for(hub, person, LineKind::FailedSignIn, detail).await?;
        hub.store.put_failed_tries(person, failed, &line).await?;
        Ok(line)
    };
    match noted.await {
        Ok(line) => write(hub, person, failed, &line).await,
        Err(error) => {
            hub.sign_ins.tally.put_back(person, failed);
            Err(error)
        }
    }
}

/// Into the ledger, and onto the person's own screens.
async fn write(hub: &Hub, person: &PersonId, failed: &FailedTries, line: &OwedLine) -> Result<(), Error> {
    match hub.vault.tell(line).await {
        // Whoever changed that row leaves the tries to be told of anew by those who make them.
        Err(why @ VaultError::NotOurs) => {
            error!(target: "porchlight", "{why}");
            return Ok(hub.store.told_failed_tries(person, failed).await?);
        }
        told => told?,
    };
    if let Some(name) = hub.home().household.person(person).ok().map(|person| person.name.clone()) {
        let told = Happening::SignInFailed { person: name, failed: failed.clone() };
        hub.events.tell_to(To::Alone(person.clone()), hub.now(), told);
    }
    hub.store.told_failed_tries(person, failed).await?;
    Ok(())
}
