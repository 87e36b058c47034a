//! Signing in, and registering somebody who is being added.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use porchlight_household::PersonId;
use porchlight_household::sign_in::{Error as SignInError, totp};

use super::arrive::{Arrival, Arrived, arrive};
use super::types::{
    RegistrationAnswer, RegistrationStart, SignInChallenge, SignInFinish, SignInStart,
    SignedIn as SignedInAnswer, WrappedIdentity,
};
use crate::auth::{Adult, SignedIn};
use crate::error::ApiError;
use crate::hub::Hub;
use crate::secrets;

/// Begin to sign in. The passphrase never leaves the client: this is OPAQUE.
#[utoipa::path(post, path = "/api/sign-in/start", tag = "sign-in", request_body = SignInStart, security(()),
    responses((status = 200, description = "Done.", body = SignInChallenge), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn start_sign_in(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Json(start): Json<SignInStart>,
) -> Result<Json<SignInChallenge>, ApiError> {
    let home = hub.home();
    let account = match home.household.person_named(&start.name) {
        Ok(person) => secrets::account(&hub.vault, &person.id)
            .await
            .map_err(ApiError::broken)?
            .map(|account| (person.id.clone(), account.record.clone())),
        Err(_) => None,
    };
    let (attempt, response) =
        hub.sign_ins.begin(&start.name, account, &start.request, from.ip(), hub.now())?;
    Ok(Json(SignInChallenge { attempt, response }))
}

/// Finish signing in, with the second factor.
#[utoipa::path(post, path = "/api/sign-in/finish", tag = "sign-in", request_body = SignInFinish, security(()),
    responses((status = 200, description = "Done.", body = SignedInAnswer), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn finish_sign_in(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Json(finish): Json<SignInFinish>,
) -> Result<Arrived, ApiError> {
    let attempt = hub.sign_ins.take(&finish.attempt, from.ip(), hub.now())?;
    let refused = |error: SignInError| {
        hub.sign_ins.failed(&attempt.name, from.ip(), hub.now());
        let word = if error == SignInError::CodeUsed { "code-used" } else { "not-right" };
        ApiError::new(StatusCode::UNAUTHORIZED, word, error.to_string())
    };
    attempt.proof.prove(&finish.finalization).map_err(refused)?;
    let person = attempt.person.clone().ok_or_else(|| refused(SignInError::NotRight))?;
    let account = secrets::account(&hub.vault, &person)
        .await
        .map_err(ApiError::broken)?
        .ok_or_else(|| refused(SignInError::NotRight))?;
    let last = hub.store.used_code(person.as_str()).await?;
    let step = match totp::verify(&account.totp, finish.code.trim(), hub.now(), last) {
        // The passphrase was right and the code was, once: whoever repeats it is early, not guessing.
        Err(SignInError::CodeUsed) => {
            return Err(ApiError::new(
                StatusCode::UNAUTHORIZED,
                "code-used",
                SignInError::CodeUsed.to_string(),
            ));
        }
        step => step.map_err(refused)?,
    };
    if !hub.store.use_code(person.as_str(), step).await? {
        return Err(ApiError::new(StatusCode::UNAUTHORIZED, "code-used", SignInError::CodeUsed.to_string()));
    }
    hub.sign_ins.succeeded(&attempt.name, from.ip());

    let arrival = Arrival { client: &finish.client, cookie: finish.cookie, headers: &headers, by: "code" };
    arrive(&hub, &person, arrival).await
}

/// The signed-in member's own identity, wrapped: only to a session that is alive.
#[utoipa::path(get, path = "/api/identity", tag = "sign-in",
    responses((status = 200, description = "Done.", body = WrappedIdentity), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn identity(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
) -> Result<Json<WrappedIdentity>, ApiError> {
    let account = secrets::account(&hub.vault, who.person()).await.map_err(ApiError::broken)?;
    let account = account.ok_or_else(|| ApiError::not_found("this person cannot sign in"))?;
    Ok(Json(WrappedIdentity { wrapped: BASE64_URL_SAFE_NO_PAD.encode(&account.wrapped_identity) }))
}

/// The hub's half of registering somebody who is about to be added by an owner.
#[utoipa::path(post, path = "/api/registrations", tag = "household", request_body = RegistrationStart,
    responses((status = 200, description = "Done.", body = RegistrationAnswer), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn register(
    State(hub): State<Arc<Hub>>,
    Adult(member): Adult,
    Json(start): Json<RegistrationStart>,
) -> Result<Json<RegistrationAnswer>, ApiError> {
    member
        .viewer()
        .owner()
        .ok_or_else(|| ApiError::not_yours("only an owner of the household can add somebody"))?;
    let person: PersonId = start.person.parse()?;
    let response = hub
        .sign_ins
        .server
        .register(person.as_str(), &start.request)
        .map_err(|error| ApiError::bad(error.to_string()))?;
    Ok(Json(RegistrationAnswer { response }))
}
