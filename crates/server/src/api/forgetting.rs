//! Forgetting: a preview of exactly what goes, and the deed.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use porchlight_hub::Hub;
use porchlight_hub::accounts::auth::SignedIn;
use porchlight_hub::deletion::by_hand;
use porchlight_protocol::{ForgetConfirm, ForgetPreview, ForgottenView, Selection};

use super::error::ApiError;

/// What exactly would be forgotten, what stays, and where copies are. Changes nothing, but finishes what was begun before.
#[utoipa::path(post, path = "/api/forget/preview", tag = "forgetting", request_body = Selection,
    responses((status = 200, description = "Done.", body = ForgetPreview), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn preview(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
    Json(request): Json<Selection>,
) -> Result<Json<ForgetPreview>, ApiError> {
    Ok(Json(by_hand::preview(&hub, &who, request).await?))
}

/// Forget what a preview showed, for good.
#[utoipa::path(post, path = "/api/forget", tag = "forgetting", request_body = ForgetConfirm,
    responses((status = 200, description = "Done.", body = ForgottenView), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn forget(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
    Json(confirm): Json<ForgetConfirm>,
) -> Result<Json<ForgottenView>, ApiError> {
    Ok(Json(by_hand::forget(&hub, &who, &confirm).await?))
}
