//! What the hub says of itself.

use std::sync::{Arc, LazyLock};

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use porchlight_household::Language;
use serde::Deserialize;
use utoipa::IntoParams;

use super::types::{Check, Health, HubState, InLanguage, Policy, PolicyPart};
use crate::attention;
use crate::auth::{Adult, SignedIn};
use crate::doctor::{self, Depth};
use crate::error::ApiError;
use crate::hub::Hub;

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
    let document = DOCUMENT.as_ref().map_err(ApiError::broken)?;
    Ok(([(CONTENT_TYPE, "application/json")], document.clone()).into_response())
}

/// The retention policy in plain words, made from the rules that run.
#[utoipa::path(get, path = "/api/policy", tag = "hub", params(InLanguage), responses((status = 200, description = "Done.", body = Policy), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn policy(
    State(hub): State<Arc<Hub>>,
    _who: SignedIn,
    Query(wanted): Query<InLanguage>,
) -> Json<Policy> {
    let language = Language::of(wanted.language.as_deref().unwrap_or_default());
    let policy = hub.home().household.policy(hub.now(), language);
    let sentences = policy.iter().map(|sentence| sentence.text.clone()).collect();
    let parts = policy.into_iter().map(|sentence| PolicyPart {
        text: sentence.text,
        person: sentence.person.map(|id| id.to_string()),
        device: sentence.device.map(|id| id.to_string()),
        kind: sentence.kind.map(|kind| kind.to_string()),
    });
    Json(Policy { sentences, paused: attention::paused(&hub), parts: parts.collect() })
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
#[utoipa::path(get, path = "/api/doctor", tag = "hub", params(Thorough), responses((status = 200, description = "Done.", body = Vec<Check>), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn doctor(
    State(hub): State<Arc<Hub>>,
    _who: Adult,
    Query(Thorough { thorough }): Query<Thorough>,
) -> Result<Json<Vec<Check>>, ApiError> {
    let depth = if thorough { Depth::Opened } else { Depth::Counted };
    Ok(Json(doctor::look_over(&hub, depth).await))
}
