//! What the hub says of itself.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use porchlight_vault::Told;
use serde::Deserialize;
use utoipa::IntoParams;

use super::types::{Check, Health, LedgerHead, Policy};
use crate::auth::{Adult, SignedIn};
use crate::doctor;
use crate::error::ApiError;
use crate::hub::Hub;

/// Whether the hub is up.
#[utoipa::path(get, path = "/api/health", tag = "hub", security(()), responses((status = 200, description = "Done.", body = Health)))]
pub(super) async fn health() -> Json<Health> {
    Json(Health { service: "porchlight".into(), version: env!("CARGO_PKG_VERSION").into() })
}

/// This document.
#[utoipa::path(get, path = "/api/openapi.json", tag = "hub", security(()), responses((status = 200, description = "Done.", body = Object)))]
pub(super) async fn openapi_json() -> Json<utoipa::openapi::OpenApi> {
    Json(super::openapi())
}

/// The retention policy in plain words, made from the rules that run.
#[utoipa::path(get, path = "/api/policy", tag = "hub", responses((status = 200, description = "Done.", body = Policy), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn policy(State(hub): State<Arc<Hub>>, _who: SignedIn) -> Json<Policy> {
    let sentences =
        hub.home().household.policy(hub.now()).into_iter().map(|sentence| sentence.text).collect();
    Json(Policy { sentences })
}

/// Look over the hub, its folders, its models and its cameras.
#[utoipa::path(get, path = "/api/doctor", tag = "hub", responses((status = 200, description = "Done.", body = Vec<Check>), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn doctor(State(hub): State<Arc<Hub>>, _who: Adult) -> Result<Json<Vec<Check>>, ApiError> {
    Ok(Json(doctor::look_over(&hub).await))
}

/// The ledger's newest signed checkpoint.
#[utoipa::path(get, path = "/api/ledger", tag = "ledger", responses((status = 200, description = "Done.", body = LedgerHead), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn ledger_head(
    State(hub): State<Arc<Hub>>,
    _who: SignedIn,
) -> Result<Json<LedgerHead>, ApiError> {
    let (size, checkpoint) =
        hub.vault.ledger(|ledger| Ok((ledger.size(), ledger.checkpoint().to_owned()))).await?;
    Ok(Json(LedgerHead { size, checkpoint }))
}

/// Which lines.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Lines {
    /// The number of the first line; the first there is has number 0.
    #[serde(default)]
    from: u64,
}

/// At most so many lines in one answer.
const MOST_LINES: u64 = 1000;

/// Lines of the ledger as they were written: what kind of event, in which hour, and a commitment to its sealed detail.
#[utoipa::path(get, path = "/api/ledger/lines", tag = "ledger", params(Lines), responses((status = 200, description = "Done.", body = Vec<Object>), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn ledger_lines(
    State(hub): State<Arc<Hub>>,
    _who: SignedIn,
    Query(lines): Query<Lines>,
) -> Result<Json<Vec<Told>>, ApiError> {
    let entries = hub.vault.ledger_entries(lines.from..lines.from.saturating_add(MOST_LINES)).await?;
    Ok(Json(entries))
}
