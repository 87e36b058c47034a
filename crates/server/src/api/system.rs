//! What the hub says of itself.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use porchlight_household::{HeldOf, Language};
use porchlight_hub::accounts::auth::SignedIn;
use porchlight_hub::query::{self, MOST_IDS, Names};
use porchlight_hub::{Error, Hub, attention};
use porchlight_protocol::{Check, Depth, Health, HubState, InLanguage, Policy, PolicyPart};
use porchlight_vault::{Filter, Owner};
use serde::Deserialize;
use utoipa::IntoParams;

use super::error::ApiError;
use crate::doctor;
use crate::extract::Adult;
use crate::site::Site;

/// Whether the hub is up.
#[utoipa::path(get, path = "/api/health", tag = "hub", security(()), responses((status = 200, description = "Done.", body = Health)))]
pub(super) async fn health() -> Json<Health> {
    Json(state(HubState::Home))
}

/// What a hub says of itself to anybody.
pub(super) fn state(state: HubState) -> Health {
    Health { service: "porchlight".into(), version: env!("CARGO_PKG_VERSION").into(), state }
}

/// This document.
#[utoipa::path(get, path = "/api/openapi.json", tag = "hub", security(()), responses((status = 200, description = "Done.", body = Object)))]
pub(super) async fn openapi_json() -> Result<Response, ApiError> {
    // Made once: to make it costs as much as hundreds of other answers, and anybody may ask.
    static DOCUMENT: LazyLock<Result<Bytes, String>> =
        LazyLock::new(|| Ok(super::openapi().to_json().map_err(|why| why.to_string())?.into()));
    let document = DOCUMENT.as_ref().map_err(Error::broken)?;
    Ok(([(CONTENT_TYPE, "application/json")], document.clone()).into_response())
}

/// The retention policy in plain words, made from the rules that run.
#[utoipa::path(get, path = "/api/policy", tag = "hub", params(InLanguage), responses((status = 200, description = "Done.", body = Policy), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn policy(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
    Query(wanted): Query<InLanguage>,
) -> Result<Json<Policy>, ApiError> {
    let language = Language::of(wanted.language.as_deref().unwrap_or_default());
    let policy = hub.home().household.policy(hub.now(), language);
    let mut parts: Vec<PolicyPart> = policy
        .into_iter()
        .map(|sentence| PolicyPart {
            text: sentence.text,
            person: sentence.person.map(|id| id.to_string()),
            device: sentence.device.map(|id| id.to_string()),
            kind: sentence.kind.map(|kind| kind.to_string()),
        })
        .collect();
    for held in held(&hub, &who, language).await? {
        // Beside what it is an exception to; what is of somebody or something that is gone stands at the end.
        let about = |part: &PolicyPart| (&part.person, &part.device) == (&held.person, &held.device);
        let at = parts.iter().rposition(about).map_or(parts.len(), |at| at + 1);
        parts.insert(at, held);
    }
    let sentences = parts.iter().map(|part| part.text.clone()).collect();
    Ok(Json(Policy { sentences, paused: attention::paused(&hub), parts }))
}

/// What is held of what this person may know of, whatever the rules say: of each person, and of each camera, until when the last of it is.
async fn held(hub: &Hub, who: &SignedIn, language: Language) -> Result<Vec<PolicyPart>, Error> {
    let held = hub.vault.held().await?;
    if held.is_empty() {
        return Ok(Vec::new());
    }
    let (home, mut until) = (hub.home(), BTreeMap::new());
    for ids in held.keys().copied().collect::<Vec<_>>().chunks(MOST_IDS) {
        let filter = Filter { ids: ids.to_vec(), ..Filter::default() };
        for entry in query::list(hub, &who.viewer, filter).await? {
            let about = match &entry.owner {
                Owner::Person(id) => (Some(id.clone()), None),
                Owner::Household => (None, entry.device.clone()),
            };
            if let Some(held) = held.get(&entry.moment) {
                let last = until.entry(about).or_insert(held.until);
                *last = held.until.max(*last);
            }
        }
    }
    let names = Names::for_lists(hub).await?;
    let part = |((person, device), until): ((Option<String>, Option<String>), Timestamp)| {
        let name =
            person.as_deref().map(|id| names.person(id)).or(device.as_deref().map(|id| names.device(id)));
        let whose = name.as_deref().map(|name| match person {
            Some(_) => HeldOf::Person(name),
            None => HeldOf::Camera(name),
        });
        PolicyPart { text: home.household.policy_of_held(whose, until, language), person, device, kind: None }
    };
    Ok(until.into_iter().map(part).collect())
}

/// How closely `doctor` looks.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Thorough {
    /// Open every recording's header and read all its bytes, which takes as long as that takes; otherwise they are counted.
    #[serde(default)]
    thorough: bool,
}

/// Look over the hub, its folders, its models and its cameras.
#[utoipa::path(get, path = "/api/doctor", tag = "hub", params(Thorough), responses((status = 200, description = "Done.", body = Vec<Check>), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn doctor(
    State(site): State<Site>,
    _who: Adult,
    Query(Thorough { thorough }): Query<Thorough>,
) -> Result<Json<Vec<Check>>, ApiError> {
    let depth = if thorough { Depth::Opened } else { Depth::Counted };
    Ok(Json(doctor::look_over(&site, depth).await))
}
