//! Holds: what somebody needs for a while, and nobody can forget until then.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use porchlight_hub::Hub;
use porchlight_hub::accounts::auth::SignedIn;
use porchlight_hub::deletion::holds;
use porchlight_protocol::{HoldRequest, HoldView};

use super::error::ApiError;
use crate::extract::Fresh;

/// Keep moments from being forgotten, by anybody and by their end dates, until a date. What one holds until then already is held once. Takes
/// a proof that is made for it, as a longer rule does: whoever comes by a session must not have it keep more for them.
#[utoipa::path(post, path = "/api/holds", tag = "forgetting", request_body = HoldRequest,
    responses((status = 200, description = "Done.", body = HoldView), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn hold(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
    Json(request): Json<HoldRequest>,
) -> Result<Json<HoldView>, ApiError> {
    Ok(Json(holds::hold(&hub, &who, &request).await?))
}

/// The holds that are in force, as far as one may release them: oldest first.
#[utoipa::path(get, path = "/api/holds", tag = "forgetting",
    responses((status = 200, description = "Done.", body = Vec<HoldView>), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn list(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
) -> Result<Json<Vec<HoldView>>, ApiError> {
    Ok(Json(holds::list(&hub, &who).await?))
}

/// Release a hold before its end. What was to be forgotten meanwhile is forgotten now, or as soon as the disk lets it be. Takes a fresh session.
#[utoipa::path(delete, path = "/api/holds/{id}", tag = "forgetting", params(("id" = u64, Path)),
    responses((status = 204, description = "Done."), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn release(
    State(hub): State<Arc<Hub>>,
    Fresh(who): Fresh,
    Path(id): Path<u64>,
) -> Result<StatusCode, ApiError> {
    holds::release(&hub, &who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
