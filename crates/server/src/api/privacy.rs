//! Privacy: cameras that are switched off for now.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use porchlight_hub::{Hub, recording};
use porchlight_protocol::{PrivacySwitched, SwitchPrivacy};

use super::error::ApiError;
use crate::extract::Adult;

/// Switch the privacy of cameras on or off. A camera that has it is connected to no more, so that nothing of it is seen, heard or recorded;
/// whoever watches it live is told and stops. When this answers, it is so.
#[utoipa::path(put, path = "/api/privacy", tag = "household", request_body = SwitchPrivacy,
    responses((status = 200, description = "Done.", body = PrivacySwitched), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn switch(
    State(hub): State<Arc<Hub>>,
    Adult(by): Adult,
    Json(asked): Json<SwitchPrivacy>,
) -> Result<Json<PrivacySwitched>, ApiError> {
    // On a task of its own: a client that goes away must not leave it half done.
    let done =
        tokio::spawn(async move { recording::privacy::switch(&hub, &by, &asked.cameras, asked.on).await });
    Ok(Json(PrivacySwitched { cameras: done.await?? }))
}
