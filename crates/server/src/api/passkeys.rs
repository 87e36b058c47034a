//! One's own passkeys, and signing in with one.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, StatusCode};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use porchlight_household::member::AccountStatement;
use porchlight_household::sign_in::Error as SignInError;
use porchlight_hub::accounts::account_changes::{PasskeyChange, has_old_kit, settle_passkeys};
use porchlight_hub::accounts::attempts::{Attempt, Proof};
use porchlight_hub::accounts::auth::SignedIn;
use porchlight_hub::accounts::new_account::read_wrapped;
use porchlight_hub::accounts::passkeys::{MOST, Making, Question, SALT};
use porchlight_hub::accounts::proving::claimed;
use porchlight_hub::accounts::sign_in::{Beginning, Given, too_late};
use porchlight_hub::intents::Then;
use porchlight_hub::{Error, Hub, secrets};
use porchlight_protocol::events::AccountChange;
use porchlight_protocol::{
    LineKind, Message, NewPasskey, PasskeyChallenge, PasskeyMaking, PasskeyName, PasskeySignInFinish,
    PasskeySignInStart, PasskeyView, SignedIn as SignedInAnswer,
};
use porchlight_vault::StrongboxChange;

use super::arrive::{Arrival, Arrived, arrive, begin};
use super::error::ApiError;
use crate::extract::{At, Fresh};
use crate::listener::Encrypted;

/// The longest name of a passkey, in characters.
const MOST_NAME: usize = 64;

/// Begin to sign in with a passkey. The question is the same for everybody.
#[utoipa::path(post, path = "/api/sign-in/passkey/start", tag = "sign-in", request_body = PasskeySignInStart, security(()),
    responses((status = 200, description = "Done.", body = PasskeyChallenge), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn start_sign_in(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    At(place): At,
    headers: HeaderMap,
    Json(start): Json<PasskeySignInStart>,
) -> Result<Json<PasskeyChallenge>, ApiError> {
    let (question, options) = Question::ask(place?)?;
    let claim = match start.name.as_deref() {
        Some(name) if !name.trim().is_empty() => Some(claimed(&hub, name).await?.0),
        _ => None,
    };
    let beginning = begin(&hub, claim, from.ip(), &headers);
    let attempt = hub.sign_ins.begin_passkey(beginning, Proof::Passkey(question))?;
    Ok(Json(PasskeyChallenge { attempt, options }))
}

/// Finish signing in with a passkey, which is both factors in one.
#[utoipa::path(post, path = "/api/sign-in/passkey/finish", tag = "sign-in", request_body = PasskeySignInFinish, security(()),
    responses((status = 200, description = "Done.", body = SignedInAnswer), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn finish_sign_in(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    encrypted: Encrypted,
    headers: HeaderMap,
    Json(finish): Json<PasskeySignInFinish>,
) -> Result<Arrived, ApiError> {
    let attempt = hub.sign_ins.open(&finish.attempt, None, hub.now())?;
    let given = Given { passkey: Some(&finish.credential), ..Given::default() };
    let (person, by) = attempt.judge(&hub, given).await?;
    let (client, cookie, from) = (finish.client.as_str(), finish.cookie, from.ip());
    Ok(arrive(&hub, &person, Arrival { client, cookie, headers: &headers, encrypted, from, by }).await?)
}

/// One's own passkeys.
#[utoipa::path(get, path = "/api/passkeys", tag = "sign-in",
    responses((status = 200, description = "Done.", body = Vec<PasskeyView>), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn list(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
) -> Result<Json<Vec<PasskeyView>>, ApiError> {
    let mut views = Vec::new();
    for passkey in secrets::passkeys(&hub.vault, who.person()).await.map_err(Error::broken)? {
        views.push(PasskeyView {
            seen: hub.store.passkey_seen(&passkey.id).await?,
            id: passkey.id.clone(),
            name: passkey.name.clone(),
            added: passkey.added,
            host: passkey.host.clone(),
            unwraps: passkey.wrapped.is_some(),
        });
    }
    Ok(Json(views))
}

/// Begin to add a passkey. Takes a fresh session.
#[utoipa::path(post, path = "/api/passkeys/start", tag = "sign-in",
    responses((status = 200, description = "Done.", body = PasskeyMaking), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn start(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Fresh(who): Fresh,
    At(place): At,
) -> Result<Json<PasskeyMaking>, ApiError> {
    let home = hub.home();
    let known = secrets::passkeys(&hub.vault, who.person()).await.map_err(Error::broken)?;
    room(known.len())?;
    if has_old_kit(&hub, who.person()).await? {
        return Err(Error::old_kit().into());
    }
    let (making, options) = Making::begin(place?, &home.household, who.person(), &known)?;
    let beginning = Beginning::again(&hub, &who, from.ip());
    let attempt = hub.sign_ins.begin_passkey(beginning, Proof::NewPasskey(making))?;
    Ok(Json(PasskeyMaking { attempt, options, salt: BASE64_URL_SAFE_NO_PAD.encode(SALT) }))
}

/// Add a passkey. Takes a fresh session.
#[utoipa::path(post, path = "/api/passkeys", tag = "sign-in", request_body = NewPasskey,
    responses((status = 201, description = "Added.", body = PasskeyView), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn add(
    State(hub): State<Arc<Hub>>,
    Fresh(who): Fresh,
    Json(new): Json<NewPasskey>,
) -> Result<(StatusCode, Json<PasskeyView>), ApiError> {
    let Attempt { begun, proof } = hub.sign_ins.open(&new.attempt, Some(&who.session.id), hub.now())?;
    let Proof::NewPasskey(making) = proof else { return Err(too_late().into()) };
    if !hub.sign_ins.attempts.finish(&begun, who.person()) {
        return Err(too_late().into());
    }
    let name = good_name(&new.name)?;
    if let Some(wrapped) = &new.wrapped {
        read_wrapped(wrapped)?;
    }
    let passkey = making.finish(&new.credential, name, new.wrapped, hub.now())?;
    let account = secrets::account(&hub.vault, who.person()).await.map_err(Error::broken)?;
    let keys = account.and_then(|account| account.keys).ok_or_else(Error::old_kit)?;
    let (credential, wrapped) = (passkey.id.as_str(), passkey.wrapped.as_deref().unwrap_or_default());
    let statement = AccountStatement::Passkey { proof: &new.proof, credential, wrapped };
    if !keys.account.states(&statement, &new.signature) {
        return Err(SignInError::NotTheirOwn.into());
    }

    let view = PasskeyView {
        id: passkey.id.clone(),
        name: passkey.name.clone(),
        added: passkey.added,
        seen: None,
        host: passkey.host.clone(),
        unwraps: passkey.wrapped.is_some(),
    };
    hub.vault.check_room()?;
    let change = PasskeyChange {
        line: LineKind::PasskeyAdded,
        told: AccountChange::PasskeyAdded,
        name: view.name.clone(),
        proof: Some(new.proof),
        then: Then::Tell,
    };
    settle_passkeys(hub, who, change, move |known| {
        room(known.len())?;
        if known.iter().any(|other| other.id == passkey.id) {
            return Err(Error::bad("this passkey is there already"));
        }
        known.push(passkey);
        Ok(())
    })
    .await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// Call one of one's own passkeys something else. It signs in as before, so nothing is written of it.
#[utoipa::path(patch, path = "/api/passkeys/{id}", tag = "sign-in", params(("id" = String, Path)), request_body = PasskeyName,
    responses((status = 204, description = "Done."), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn rename(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
    Path(id): Path<String>,
    Json(PasskeyName { name }): Json<PasskeyName>,
) -> Result<StatusCode, ApiError> {
    let name = good_name(&name)?;
    let done = tokio::spawn(async move {
        let _one_at_a_time = hub.changing.lock().await;
        // It may have been ended while this waited, and its passkeys be gone.
        if !hub.store.session_lives(&who.session.id).await? {
            return Err(Error::signed_out().into());
        }
        let mut known = secrets::passkeys(&hub.vault, who.person()).await.map_err(Error::broken)?;
        known.iter_mut().find(|passkey| passkey.id == id).ok_or_else(no_such)?.name = name;
        let change = secrets::with_passkeys(StrongboxChange::default(), who.person(), &known);
        hub.vault.change(change.map_err(Error::broken)?).await?;
        Ok(StatusCode::NO_CONTENT)
    });
    done.await?
}

/// Remove a passkey. Takes a fresh session. Sessions that began with it go on until they are ended.
#[utoipa::path(delete, path = "/api/passkeys/{id}", tag = "sign-in", params(("id" = String, Path)),
    responses((status = 204, description = "Done."), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn remove(
    State(hub): State<Arc<Hub>>,
    Fresh(who): Fresh,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let known = secrets::passkeys(&hub.vault, who.person()).await.map_err(Error::broken)?;
    let name = known.iter().find(|passkey| passkey.id == id).map(|passkey| passkey.name.clone());
    let change = PasskeyChange {
        line: LineKind::PasskeyRemoved,
        told: AccountChange::PasskeyRemoved,
        name: name.ok_or_else(no_such)?,
        proof: None,
        then: Then::ForgetPasskey { person: who.person().clone(), passkey: id.clone() },
    };
    hub.vault.make_room();
    settle_passkeys(hub, who, change, move |known| {
        let at = known.iter().position(|passkey| passkey.id == id);
        known.remove(at.ok_or_else(no_such)?);
        Ok(())
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn good_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MOST_NAME || name.contains(char::is_control) {
        let text = format!("a passkey needs a name: one line of at most {MOST_NAME} letters");
        return Err(Error::bad(Message::new("passkey-name-length", text).with("most", MOST_NAME)));
    }
    Error::refuse_hidden(name)?;
    Ok(name.to_owned())
}

fn no_such() -> Error {
    Error::not_found("you have no such passkey")
}

fn room(known: usize) -> Result<(), Error> {
    if known < MOST {
        return Ok(());
    }
    let text = format!("you have {MOST} passkeys, which is the most; remove one first");
    Err(Error::bad(Message::new("too-many-passkeys", text).with("most", MOST)))
}
