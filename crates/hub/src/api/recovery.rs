//! Getting back in with the recovery kit, when a passphrase is forgotten or a phone is lost.
//!
//! Whoever has the kit has the recovery secret that stands on it and nowhere else. With it they answer the hub's challenge, and bring a
//! new passphrase and a new second factor; the old ones, the passkeys and all other sessions are gone, and the household is told. What a
//! session holds answers nothing, the member's identity included.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use porchlight_household::member::is_recovered_by;
use porchlight_household::sign_in::{Account, Error as SignInError};
use porchlight_vault::StrongboxChange;
use serde_json::json;

use super::arrive::{Arrival, Arrived, arrive, client_words};
use super::types::{RecoveryChallenge, RecoveryFinish, RecoveryStart, SignedIn as SignedInAnswer};
use crate::attempts::{Attempt, Proof};
use crate::error::ApiError;
use crate::events::Happening;
use crate::hub::Hub;
use crate::intents::{self, Owed, Then};
use crate::ledger::{LineKind, readers_for};
use crate::listener::Encrypted;
use crate::new_account::{recover_account, recovered};
use crate::rate_limits::Claim;
use crate::secrets;
use crate::sign_in::{Beginning, claimed, not_right, too_late};

/// Begin to get back in with the recovery kit. A name that is not known is answered like one that is.
#[utoipa::path(post, path = "/api/recovery/start", tag = "sign-in", request_body = RecoveryStart, security(()),
    responses((status = 200, description = "Done.", body = RecoveryChallenge), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn start(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Json(start): Json<RecoveryStart>,
) -> Result<Json<RecoveryChallenge>, ApiError> {
    let (claim, _) = claimed(&hub, &start.name).await?;
    let mut challenge = [0; 32];
    getrandom::fill(&mut challenge)?;
    let beginning = Beginning::by_name(&hub, Some(claim), from.ip(), &headers);
    let (attempt, response) = hub.sign_ins.begin_kit(beginning, challenge, &start.request)?;
    Ok(Json(RecoveryChallenge { attempt, challenge: BASE64_URL_SAFE_NO_PAD.encode(challenge), response }))
}

/// Get back in: a new passphrase and second factor, and a session.
#[utoipa::path(post, path = "/api/recovery/finish", tag = "sign-in", request_body = RecoveryFinish, security(()),
    responses((status = 200, description = "Done.", body = SignedInAnswer), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn finish(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    encrypted: Encrypted,
    headers: HeaderMap,
    Json(finish): Json<RecoveryFinish>,
) -> Result<Arrived, ApiError> {
    let Attempt { begun, proof } = hub.sign_ins.open(&finish.attempt, None, hub.now())?;
    let Proof::Kit(challenge) = proof else { return Err(too_late()) };
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(challenge);
    let old = match &begun.claim {
        Some(Claim::Member(person)) => {
            secrets::account(&hub.vault, person).await.map_err(ApiError::broken)?
        }
        _ => None,
    };
    let keys = old.as_ref().and_then(|account| account.keys.as_ref());
    let answered = recovered(&challenge, &finish.account);
    let right = is_recovered_by(keys.map(|keys| &keys.recovery), &answered, &finish.signature);
    let old = old.filter(|_| right).ok_or_else(|| not_right(SignInError::NotThisKit))?;
    let account = recover_account(&old, &challenge, &finish.account)?;
    let person = account.person.clone();
    hub.sign_ins.got_in(&begun, &person, hub.now())?;

    // On a task of its own: a browser that goes away must not leave the old sessions alive.
    let done = tokio::spawn(async move {
        recover(&hub, &account, &finish.client).await?;
        let (client, cookie) = (finish.client.as_str(), finish.cookie);
        let arrival = Arrival { client, cookie, headers: &headers, encrypted, from: from.ip(), by: "kit" };
        arrive(&hub, &person, arrival).await
    });
    done.await?
}

/// Puts a new account in the place of the old one, and ends all that the old one opened.
pub(super) async fn recover(hub: &Hub, account: &Account, client: &str) -> Result<(), ApiError> {
    let changing = hub.changing.lock().await;
    intents::finish(hub, &changing).await?;
    let (person, client) = (&account.person, client_words(client));
    let name = hub.home().household.person(person)?.name.clone();
    // While this waited the kit that answered may have been replaced, which makes it worthless.
    let now = secrets::account(&hub.vault, person).await.map_err(ApiError::broken)?;
    if now.is_none_or(|now| now.keys != account.keys) {
        return Err(too_late());
    }
    let change = secrets::with_account(StrongboxChange::default(), account)
        .and_then(|change| secrets::with_passkeys(change, person, &[]))
        .map_err(ApiError::broken)?;
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
