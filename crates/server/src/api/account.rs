//! Signing in.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::HeaderMap;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use porchlight_hub::accounts::passkeys::Question;
use porchlight_hub::accounts::proving::claimed;
use porchlight_hub::accounts::sign_in::Given;
use porchlight_hub::{Error, Hub, secrets};
use porchlight_protocol::{
    IdentityOf, SignInChallenge, SignInFinish, SignInStart, SignedIn as SignedInAnswer, WrappedIdentity,
};

use super::arrive::{Arrival, Arrived, arrive, begin};
use super::error::ApiError;
use crate::extract::{At, Fresh};
use crate::listener::Encrypted;

/// Begin to sign in. The passphrase never leaves the client: this is OPAQUE.
#[utoipa::path(post, path = "/api/sign-in/start", tag = "sign-in", request_body = SignInStart, security(()),
    responses((status = 200, description = "Done.", body = SignInChallenge), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn start_sign_in(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    At(place): At,
    headers: HeaderMap,
    Json(start): Json<SignInStart>,
) -> Result<Json<SignInChallenge>, ApiError> {
    let (claim, account) = claimed(&hub, &start.name).await?;
    let beginning = begin(&hub, Some(claim), from.ip(), &headers);
    let record = account.as_ref().map(|account| &account.record);
    let (question, passkey) = place.ok().map(Question::ask).transpose()?.unzip();
    let (attempt, response) = hub.sign_ins.begin_passphrase(beginning, record, &start.request, question)?;
    Ok(Json(SignInChallenge { attempt, response, passkey }))
}

/// Finish signing in, with the second factor.
#[utoipa::path(post, path = "/api/sign-in/finish", tag = "sign-in", request_body = SignInFinish, security(()),
    responses((status = 200, description = "Done.", body = SignedInAnswer), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn finish_sign_in(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    encrypted: Encrypted,
    headers: HeaderMap,
    Json(finish): Json<SignInFinish>,
) -> Result<Arrived, ApiError> {
    let attempt = hub.sign_ins.open(&finish.attempt, None, hub.now())?;
    let given = Given {
        finalization: Some(&finish.finalization),
        code: &finish.code,
        passkey: finish.passkey.as_ref(),
        alone: false,
    };
    let (person, by) = attempt.judge(&hub, given).await?;
    let (client, cookie, from) = (finish.client.as_str(), finish.cookie, from.ip());
    let arrival = Arrival { client, cookie, headers: &headers, encrypted, from, by };
    Ok(arrive(&hub, &person, arrival).await?)
}

/// The signed-in member's own identity, wrapped for their passphrase or for one of their passkeys. Takes a fresh session.
#[utoipa::path(get, path = "/api/identity", tag = "sign-in", params(IdentityOf),
    responses((status = 200, description = "Done.", body = WrappedIdentity), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn identity(
    State(hub): State<Arc<Hub>>,
    Fresh(who): Fresh,
    Query(of): Query<IdentityOf>,
) -> Result<Json<WrappedIdentity>, ApiError> {
    if let Some(id) = of.passkey {
        let known = secrets::passkeys(&hub.vault, who.person()).await.map_err(Error::broken)?;
        let wrapped =
            known.iter().find(|passkey| passkey.id == id).and_then(|passkey| passkey.wrapped.clone());
        let wrapped = wrapped.ok_or_else(|| Error::not_found("this passkey unwraps no identity"))?;
        return Ok(Json(WrappedIdentity { wrapped }));
    }
    let account = secrets::account(&hub.vault, who.person()).await.map_err(Error::broken)?;
    let account = account.ok_or_else(|| Error::not_found("this person cannot sign in"))?;
    Ok(Json(WrappedIdentity { wrapped: BASE64_URL_SAFE_NO_PAD.encode(&account.wrapped_identity) }))
}
