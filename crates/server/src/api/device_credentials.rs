//! Credentials of microphones: by what one speaks for itself, with no session of anybody's.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use porchlight_hub::Hub;
use porchlight_hub::accounts::device_credentials;
use porchlight_protocol::{DeviceCredential, NewDeviceCredential};

use super::error::ApiError;
use crate::extract::Fresh;

/// Make the credential of a microphone or phone, in the place of the one it had. It is shown this once. One that is personal to somebody
/// gets it from them alone: by it, whatever is said there is theirs. Takes a fresh session, and the hub's word for a proof that was made
/// for it (`proof`).
#[utoipa::path(post, path = "/api/devices/credential", tag = "household", request_body = NewDeviceCredential,
    responses((status = 200, description = "Done.", body = DeviceCredential), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn make(
    State(hub): State<Arc<Hub>>,
    Fresh(who): Fresh,
    Json(new): Json<NewDeviceCredential>,
) -> Result<Json<DeviceCredential>, ApiError> {
    // On a task of its own: a client that goes away must not leave it half done.
    let made = tokio::spawn(async move { device_credentials::make(&hub, &who, new).await });
    Ok(Json(made.await??))
}
