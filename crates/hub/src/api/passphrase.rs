//! Changing one's own passphrase.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use porchlight_household::sign_in::Account;
use porchlight_vault::StrongboxChange;
use serde_json::json;

use super::types::{NewPassphrase, PassphraseStart, ProofFor, RegistrationAnswer};
use crate::auth::{Fresh, SignedIn};
use crate::error::ApiError;
use crate::events::AccountChange;
use crate::hub::{Changing, Hub};
use crate::intents::{self, Owed, Then};
use crate::ledger::{LineKind, readers_for};
use crate::new_account::change_passphrase;
use crate::secrets;
use crate::sign_in::Beginning;

/// The hub's half of a new passphrase. Nothing changes yet.
#[utoipa::path(post, path = "/api/account/passphrase/start", tag = "sign-in", request_body = PassphraseStart,
    responses((status = 200, description = "Done.", body = RegistrationAnswer), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn start(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Fresh(who): Fresh,
    Json(start): Json<PassphraseStart>,
) -> Result<Json<RegistrationAnswer>, ApiError> {
    let beginning = Beginning::again(&hub, &who, from.ip());
    let response = hub.sign_ins.begin_new_passphrase(&beginning, &start.request)?;
    Ok(Json(RegistrationAnswer { response }))
}

/// Change the passphrase. One's other sessions end, and the credentials of one's own microphones.
#[utoipa::path(put, path = "/api/account/passphrase", tag = "sign-in", request_body = NewPassphrase,
    responses((status = 204, description = "Done."), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn change(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Fresh(who): Fresh,
    Json(new): Json<NewPassphrase>,
) -> Result<StatusCode, ApiError> {
    // On a task of its own: a browser that goes away must not leave the other sessions alive.
    let done = tokio::spawn(async move {
        let changing = hub.changing.lock().await;
        intents::finish(&hub, &changing).await?;
        who.must_have_proved(&hub, ProofFor::Account, Some(&new.proof)).await?;
        let account = secrets::account(&hub.vault, who.person()).await.map_err(ApiError::broken)?;
        let account = account.ok_or_else(ApiError::signed_out)?;
        let keys = account.keys.as_ref().ok_or_else(ApiError::old_kit)?;
        let account = change_passphrase(&account, keys, &new)?;
        replace(&hub, &changing, &who, &account).await?;
        hub.sign_ins.has_new_passphrase(&Beginning::again(&hub, &who, from.ip()));
        Ok::<_, ApiError>(StatusCode::NO_CONTENT)
    });
    done.await?
}

/// Puts the account with the new passphrase in the place of the old one, and ends the person's other sessions and what their own microphones speak by.
pub(super) async fn replace(
    hub: &Hub,
    changing: &Changing<'_>,
    who: &SignedIn,
    account: &Account,
) -> Result<(), ApiError> {
    let change = secrets::with_account(StrongboxChange::default(), account).map_err(ApiError::broken)?;
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
