//! Who asks, and the sessions in which they are signed in.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use porchlight_household::Units;
use porchlight_hub::accounts::account_changes::{end_session, has_old_kit};
use porchlight_hub::accounts::auth::SignedIn;
use porchlight_hub::store::Session;
use porchlight_hub::{Error, Hub};
use porchlight_protocol::{Me, Message, MyHousehold, SessionName, SessionView};

use super::browser;
use super::error::ApiError;
use super::household::age_word;
use crate::listener::Encrypted;

/// The longest name of a session, in characters.
const MOST_NAME: usize = 64;

/// Who asks, and of which household they are.
#[utoipa::path(get, path = "/api/me", tag = "sign-in",
    responses((status = 200, description = "Done.", body = Me), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn me(State(hub): State<Arc<Hub>>, who: SignedIn) -> Result<Json<Me>, ApiError> {
    let home = hub.home();
    let household = &home.household;
    let person = household.person(who.person())?;
    let units = match household.units {
        Units::Metric => "metric",
        Units::Imperial => "imperial",
    };
    Ok(Json(Me {
        person: person.id.to_string(),
        name: person.name.clone(),
        age: age_word(household.age(&person.id, hub.certain_now())?).to_owned(),
        owner: person.owner,
        household: MyHousehold {
            id: household.id.to_string(),
            name: household.name.clone(),
            time_zone: household.time_zone.clone(),
            language: household.language.clone(),
            units: units.to_owned(),
            version: household.version,
        },
        session: view(&who.session, &who.session.id, hub.now()),
        old_kit: has_old_kit(&hub, who.person()).await?,
        failed: hub.store.failed_tries(&person.id, hub.now()).await?,
    }))
}

/// One's own sessions, newest first.
#[utoipa::path(get, path = "/api/sessions", tag = "sign-in",
    responses((status = 200, description = "Done.", body = Vec<SessionView>), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn list(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
) -> Result<Json<Vec<SessionView>>, ApiError> {
    let sessions = hub.store.sessions_of(who.person().as_str()).await?;
    Ok(Json(sessions.iter().map(|session| view(session, &who.session.id, hub.now())).collect()))
}

/// Call one of one's own sessions something; `this` names the one that asks.
#[utoipa::path(patch, path = "/api/sessions/{id}", tag = "sign-in", params(("id" = String, Path)), request_body = SessionName,
    responses((status = 204, description = "Done."), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn name(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
    Path(id): Path<String>,
    Json(SessionName { name }): Json<SessionName>,
) -> Result<StatusCode, ApiError> {
    let id = mine(&hub, &who, id).await?;
    let name = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    if name.as_ref().is_some_and(|name| name.chars().count() > MOST_NAME || name.contains(char::is_control)) {
        let text = format!("a session's name is one line of at most {MOST_NAME} letters");
        return Err(Error::bad(Message::new("session-name-length", text).with("most", MOST_NAME)).into());
    }
    Error::refuse_hidden(name.as_deref().unwrap_or_default())?;
    hub.store.name_session(&id, name.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End one of one's own sessions; `this` names the one that asks. What it listens to ends with it. Another than this one takes a
/// fresh session.
#[utoipa::path(delete, path = "/api/sessions/{id}", tag = "sign-in", params(("id" = String, Path)),
    responses((status = 204, description = "Done."), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn end(
    State(hub): State<Arc<Hub>>,
    encrypted: Encrypted,
    who: SignedIn,
    Path(id): Path<String>,
) -> Result<(HeaderMap, StatusCode), ApiError> {
    let id = mine(&hub, &who, id).await?;
    if id != who.session.id {
        who.must_be_fresh(&hub)?;
    }
    // On a task of its own: a browser that goes away must not leave a session alive.
    let (ending, ended, by) = (hub.clone(), id.clone(), who.person().clone());
    tokio::spawn(async move { end_session(&ending, &by, &ended).await }).await??;
    // A browser lets go of the session that it asked with.
    let gone = (id == who.session.id).then(|| browser::cookie(encrypted, None)).flatten();
    Ok((gone.into_iter().map(|cookie| (SET_COOKIE, cookie)).collect(), StatusCode::NO_CONTENT))
}

/// The id of one of one's own sessions.
async fn mine(hub: &Hub, who: &SignedIn, id: String) -> Result<String, Error> {
    if id == "this" {
        return Ok(who.session.id.clone());
    }
    let mine = hub.store.sessions_of(who.person().as_str()).await?;
    if !mine.iter().any(|session| session.id == id) {
        return Err(Error::not_found("you have no session with that id; see `porchlight session list`"));
    }
    Ok(id)
}

fn view(session: &Session, this: &str, now: Timestamp) -> SessionView {
    SessionView {
        id: session.id.clone(),
        client: session.client.clone(),
        name: session.name.clone(),
        started: session.started,
        seen: session.seen,
        fresh_until: session.is_fresh(now).then_some(session.fresh_until),
        this: session.id == this,
    }
}
