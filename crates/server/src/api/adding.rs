//! Before a camera is added: which there are, and whether one's pictures come.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use porchlight_hub::{Hub, recording};
use porchlight_protocol::{CameraTried, FindCameras, FoundCamera, TryCamera};

use super::error::ApiError;
use crate::extract::Owning;

/// Look for cameras on the home's network, by ONVIF. Takes some seconds.
#[utoipa::path(post, path = "/api/cameras/find", tag = "household", request_body = FindCameras,
    responses((status = 200, description = "Done.", body = Vec<FoundCamera>), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn find(
    State(hub): State<Arc<Hub>>,
    _by: Owning,
    Json(asked): Json<FindCameras>,
) -> Result<Json<Vec<FoundCamera>>, ApiError> {
    Ok(Json(recording::adding::find(&hub, &asked).await?))
}

/// Try a camera before it is added: its streams, and a picture of the one to be recorded or why there is none. Nothing is kept; that there was
/// a picture is in the ledger before it is sent.
#[utoipa::path(post, path = "/api/cameras/try", tag = "household", request_body = TryCamera,
    responses((status = 200, description = "Done.", body = CameraTried), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn try_camera(
    State(hub): State<Arc<Hub>>,
    Owning(by): Owning,
    Json(asked): Json<TryCamera>,
) -> Result<Json<CameraTried>, ApiError> {
    Ok(Json(recording::adding::try_camera(&hub, &by, asked).await?))
}
