//! What changes how somebody signs in: each in one commit with what it owes, told in the ledger and to the household.

use std::sync::Arc;

use porchlight_household::PersonId;
use porchlight_household::sign_in::Account;
use porchlight_household::text::hidden_in;
use porchlight_protocol::events::{AccountChange, Happening};
use porchlight_protocol::{LineKind, NewKit, NewPassphrase, ProofFor};
use porchlight_vault::StrongboxChange;
use serde_json::json;

use crate::accounts::auth::SignedIn;
use crate::accounts::new_account;
use crate::accounts::passkeys::Passkey;
use crate::accounts::sign_in::too_late;
use crate::error::Error;
use crate::intents::{self, Owed, Then};
use crate::ledger::readers_for;
use crate::secrets;
use crate::state::{Changing, Hub};

/// The longest name of a client that is shown in lists.
const MOST_CLIENT: usize = 100;

/// Changes somebody's passphrase. Their other sessions end, and the credentials of their own microphones.
pub async fn change_passphrase(hub: &Hub, who: &SignedIn, new: &NewPassphrase) -> Result<(), Error> {
    let changing = hub.changing.lock().await;
    intents::finish(hub, &changing).await?;
    who.must_have_proved(hub, ProofFor::Account, Some(&new.proof)).await?;
    let account = secrets::account(&hub.vault, who.person()).await.map_err(Error::broken)?;
    let account = account.ok_or_else(Error::signed_out)?;
    let keys = account.keys.as_ref().ok_or_else(Error::old_kit)?;
    let account = new_account::change_passphrase(&account, keys, new)?;
    replace_account(hub, &changing, who, &account).await
}

/// Puts the account with the new passphrase in the place of the old one, and ends the person's other sessions and what their own microphones speak by.
pub async fn replace_account(
    hub: &Hub,
    changing: &Changing<'_>,
    who: &SignedIn,
    account: &Account,
) -> Result<(), Error> {
    let change = secrets::with_account(StrongboxChange::default(), account).map_err(Error::broken)?;
    let (person, session) = (who.person(), &who.session.id);
    let microphones = intents::own_microphones(hub, person).await?;
    let owed = Owed {
        by: person,
        kind: LineKind::Passphrase,
        detail: json!({ "v": 1, "who": person, "session": session, "microphones": microphones, "at": hub.now() }),
        readers: readers_for(hub, person)?,
        then: Then::EndOtherSessions { person: person.clone(), but: session.clone() },
    };
    hub.vault.make_room();
    intents::make(hub, changing, change, owed).await?;
    who.has_used_proof(hub, ProofFor::Account);
    // Before the others end, so that they can be told why.
    who.tell_account_changed(hub, AccountChange::Passphrase)?;
    intents::follow(hub, changing).await?;
    Ok(())
}

/// Makes another recovery kit the one that counts. The hub gets its public half alone.
pub async fn change_kit(hub: &Hub, who: &SignedIn, new: &NewKit) -> Result<(), Error> {
    let changing = hub.changing.lock().await;
    intents::finish(hub, &changing).await?;
    who.must_have_proved(hub, ProofFor::Account, Some(&new.proof)).await?;
    let account = secrets::account(&hub.vault, who.person()).await.map_err(Error::broken)?;
    let account = account.ok_or_else(Error::signed_out)?;
    let account = new_account::change_kit(&account, &hub.home().household, new)?;
    let change = secrets::with_account(StrongboxChange::default(), &account).map_err(Error::broken)?;
    let owed = Owed {
        by: who.person(),
        kind: LineKind::RecoveryKit,
        detail: json!({ "v": 1, "who": who.person(), "session": who.session.id, "at": hub.now() }),
        readers: readers_for(hub, who.person())?,
        then: Then::Tell,
    };
    intents::make(hub, &changing, change, owed).await?;
    who.has_used_proof(hub, ProofFor::Account);
    // What was begun with the kit before leads nowhere any more.
    hub.sign_ins.drop_all(who.person());
    who.tell_account_changed(hub, AccountChange::RecoveryKit)?;
    intents::follow(hub, &changing).await?;
    Ok(())
}

/// What is said of a change of somebody's passkeys.
pub struct PasskeyChange {
    /// What its line in the ledger is called.
    pub line: LineKind,
    /// What the household is told.
    pub told: AccountChange,
    /// The passkey's name.
    pub name: String,
    /// The hub's word for a proof, without which nobody gets a way in of their own.
    pub proof: Option<String>,
    /// What must follow it.
    pub then: Then,
}

/// Changes somebody's passkeys. It is in the ledger, and the household is told. On a task of its own: a browser that goes away
/// must not leave it half done.
pub async fn settle_passkeys(
    hub: Arc<Hub>,
    who: SignedIn,
    change: PasskeyChange,
    edit: impl FnOnce(&mut Vec<Passkey>) -> Result<(), Error> + Send + 'static,
) -> Result<(), Error> {
    let done = tokio::spawn(async move {
        let changing = hub.changing.lock().await;
        intents::finish(&hub, &changing).await?;
        match &change.proof {
            Some(proof) => who.must_have_proved(&hub, ProofFor::Account, Some(proof)).await?,
            // It may have been ended while this waited: by a recovery, say.
            None if !hub.store.session_lives(&who.session.id).await? => return Err(Error::signed_out()),
            None => {}
        }
        let mut known = secrets::passkeys(&hub.vault, who.person()).await.map_err(Error::broken)?;
        edit(&mut known)?;
        let (person, session) = (who.person(), &who.session.id);
        let detail =
            json!({ "v": 1, "who": person, "name": change.name, "session": session, "at": hub.now() });
        let (kind, then, readers) = (change.line, change.then, readers_for(&hub, person)?);
        let made = secrets::with_passkeys(StrongboxChange::default(), person, &known);
        let owed = Owed { by: person, kind, detail, readers, then };
        intents::make(&hub, &changing, made.map_err(Error::broken)?, owed).await?;
        if change.proof.is_some() {
            who.has_used_proof(&hub, ProofFor::Account);
        }
        who.tell_account_changed(&hub, change.told)?;
        intents::follow(&hub, &changing).await?;
        Ok(())
    });
    done.await?
}

/// Puts a new account in the place of the old one, and ends all that the old one opened.
pub async fn recover(hub: &Hub, account: &Account, client: &str) -> Result<(), Error> {
    let changing = hub.changing.lock().await;
    intents::finish(hub, &changing).await?;
    let (person, client) = (&account.person, client_words(client));
    let name = hub.home().household.person(person)?.name.clone();
    // While this waited the kit that answered may have been replaced, which makes it worthless.
    let now = secrets::account(&hub.vault, person).await.map_err(Error::broken)?;
    if now.is_none_or(|now| now.keys != account.keys) {
        return Err(too_late());
    }
    let change = secrets::with_account(StrongboxChange::default(), account)
        .and_then(|change| secrets::with_passkeys(change, person, &[]))
        .map_err(Error::broken)?;
    let microphones = intents::own_microphones(hub, person).await?;
    let owed = Owed {
        by: person,
        kind: LineKind::Recovery,
        detail: json!({ "v": 1, "who": person, "client": client, "microphones": microphones, "at": hub.now() }),
        readers: readers_for(hub, person)?,
        then: Then::ReplaceAccount { person: person.clone() },
    };
    hub.vault.make_room();
    intents::make(hub, &changing, change, owed).await?;
    // Before the sessions end, so that they can be told why.
    hub.events.tell(hub.now(), Happening::Recovered { person: name, client });
    intents::follow(hub, &changing).await?;
    Ok(())
}

/// Ends a session. There is a line of it, so that an older copy of the data folder, in which it still lives, is known for what it is.
pub async fn end_session(hub: &Hub, by: &PersonId, session: &str) -> Result<(), Error> {
    let changing = hub.changing.lock().await;
    let owed = Owed {
        by,
        kind: LineKind::SignOut,
        detail: json!({ "v": 1, "who": by, "session": session, "at": hub.now() }),
        readers: readers_for(hub, by)?,
        then: Then::EndSession { session: session.to_owned() },
    };
    hub.vault.make_room();
    intents::make(hub, &changing, StrongboxChange::default(), owed).await?;
    intents::follow(hub, &changing).await?;
    Ok(())
}

/// Whether somebody's recovery kit is of an earlier release, and lets them back in no longer.
pub async fn has_old_kit(hub: &Hub, person: &PersonId) -> Result<bool, Error> {
    let account = secrets::account(&hub.vault, person).await.map_err(Error::broken)?;
    Ok(account.is_some_and(|account| account.keys.is_none()))
}

/// What a client calls itself, as lists show it: without what nobody sees.
pub fn client_words(client: &str) -> String {
    let mut words: String = client.chars().take(MOST_CLIENT).collect();
    while let Some(hidden) = hidden_in(&words) {
        words.retain(|c| c != hidden);
    }
    words
}
