//! Signing in, sessions, and registering somebody who is being added.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use porchlight_household::PersonId;
use porchlight_household::sign_in::{Error as SignInError, totp};
use serde_json::json;
use zeroize::Zeroizing;

use super::browser;
use super::types::{
    RegistrationAnswer, RegistrationStart, SessionView, SignInChallenge, SignInFinish, SignInStart,
    SignedIn as SignedInAnswer, WrappedIdentity,
};
use crate::auth::{Adult, SignedIn, TOKEN};
use crate::error::ApiError;
use crate::events::Happening;
use crate::hub::Hub;
use crate::{ledger, secrets};

/// The longest name of a client that is shown in lists.
const MOST_CLIENT: usize = 100;

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
    Json(finish): Json<SignInFinish>,
) -> Result<(HeaderMap, Json<SignedInAnswer>), ApiError> {
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

    let mut token = Zeroizing::new([0; TOKEN]);
    getrandom::fill(token.as_mut_slice())?;
    let client: String = finish.client.chars().filter(|c| !c.is_control()).take(MOST_CLIENT).collect();
    let home = hub.home();
    let name = home.household.person(&person)?.name.clone();
    ledger::write(&hub, "sign-in", json!({ "v": 1, "who": person, "client": client, "at": hub.now() }))
        .await?;
    let session = hub.store.start_session(token.as_slice(), person.as_str(), &client, hub.now()).await?;
    hub.events.tell(hub.now(), Happening::SignedIn { person: name.clone(), client });
    let token = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(token.as_slice()));
    let mut headers = HeaderMap::new();
    if finish.cookie {
        headers.extend(browser::cookie(&hub, Some(&token)).map(|cookie| (SET_COOKIE, cookie)));
    }
    let token = (!finish.cookie).then(|| token.to_string());
    Ok((headers, Json(SignedInAnswer { token, session: session.id, person: name })))
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

/// One's own sessions, newest first.
#[utoipa::path(get, path = "/api/sessions", tag = "sign-in",
    responses((status = 200, description = "Done.", body = Vec<SessionView>), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn sessions(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
) -> Result<Json<Vec<SessionView>>, ApiError> {
    let sessions = hub.store.sessions_of(who.person().as_str()).await?;
    let view = |session: crate::store::Session| SessionView {
        this: session.id == who.session.id,
        id: session.id,
        client: session.client,
        started: session.started,
        seen: session.seen,
    };
    Ok(Json(sessions.into_iter().map(view).collect()))
}

/// End one of one's own sessions; `this` names the one that asks.
#[utoipa::path(delete, path = "/api/sessions/{id}", tag = "sign-in", params(("id" = String, Path)),
    responses((status = 204, description = "Done."), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn end_session(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
    Path(id): Path<String>,
) -> Result<(HeaderMap, StatusCode), ApiError> {
    let id = if id == "this" { who.session.id.clone() } else { id };
    let mine = hub.store.sessions_of(who.person().as_str()).await?;
    if !mine.iter().any(|session| session.id == id) {
        return Err(ApiError::not_found("you have no session with that id; see `porchlight session list`"));
    }
    hub.store.end_session(&id).await?;
    // A line, so that an older copy of the data folder, in which the session still lives, is known for what it is.
    ledger::write(&hub, "sign-out", json!({ "v": 1, "who": who.person(), "session": id, "at": hub.now() }))
        .await?;
    // A browser lets go of the session that it asked with.
    let gone = (id == who.session.id).then(|| browser::cookie(&hub, None)).flatten();
    Ok((gone.into_iter().map(|cookie| (SET_COOKIE, cookie)).collect(), StatusCode::NO_CONTENT))
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
