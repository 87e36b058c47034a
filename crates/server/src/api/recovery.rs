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
use porchlight_household::sign_in::Error as SignInError;
use porchlight_hub::accounts::account_changes;
use porchlight_hub::accounts::attempts::{Attempt, Proof};
use porchlight_hub::accounts::new_account::{recover_account, recovered};
use porchlight_hub::accounts::proving::claimed;
use porchlight_hub::accounts::rate_limits::Claim;
use porchlight_hub::accounts::sign_in::{not_right, too_late};
use porchlight_hub::{Error, Hub, secrets};
use porchlight_protocol::{RecoveryChallenge, RecoveryFinish, RecoveryStart, SignedIn as SignedInAnswer};

use super::arrive::{Arrival, Arrived, arrive, begin};
use super::error::ApiError;
use crate::listener::Encrypted;

/// Begin to get back in with the recovery kit. A name that is not known is answered like one that is.
#[utoipa::path(post, path = "/api/recovery/start", tag = "sign-in", request_body = RecoveryStart, security(()),
    responses((status = 200, description = "Done.", body = RecoveryChallenge), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn start(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Json(start): Json<RecoveryStart>,
) -> Result<Json<RecoveryChallenge>, ApiError> {
    let (claim, _) = claimed(&hub, &start.name).await?;
    let mut challenge = [0; 32];
    getrandom::fill(&mut challenge)?;
    let beginning = begin(&hub, Some(claim), from.ip(), &headers);
    let (attempt, response) = hub.sign_ins.begin_kit(beginning, challenge, &start.request)?;
    Ok(Json(RecoveryChallenge { attempt, challenge: BASE64_URL_SAFE_NO_PAD.encode(challenge), response }))
}

/// Get back in: a new passphrase and second factor, and a session.
#[utoipa::path(post, path = "/api/recovery/finish", tag = "sign-in", request_body = RecoveryFinish, security(()),
    responses((status = 200, description = "Done.", body = SignedInAnswer), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn finish(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    encrypted: Encrypted,
    headers: HeaderMap,
    Json(finish): Json<RecoveryFinish>,
) -> Result<Arrived, ApiError> {
    let Attempt { begun, proof } = hub.sign_ins.open(&finish.attempt, None, hub.now())?;
    let Proof::Kit(challenge) = proof else { return Err(too_late().into()) };
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(challenge);
    let old = match &begun.claim {
        Some(Claim::Member(person)) => secrets::account(&hub.vault, person).await.map_err(Error::broken)?,
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
        account_changes::recover(&hub, &account, &finish.client).await?;
        let (client, cookie) = (finish.client.as_str(), finish.cookie);
        let arrival = Arrival { client, cookie, headers: &headers, encrypted, from: from.ip(), by: "kit" };
        Ok(arrive(&hub, &person, arrival).await?)
    });
    done.await?
}
