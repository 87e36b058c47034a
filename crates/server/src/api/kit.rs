//! Another recovery kit. The one before lets nobody in any more; what is sealed to its owner it opens still.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use porchlight_hub::Hub;
use porchlight_hub::accounts::account_changes::change_kit;
use porchlight_protocol::NewKit;

use super::error::ApiError;
use crate::extract::Fresh;

/// Make another recovery kit the one that counts. The hub gets its public half alone.
#[utoipa::path(put, path = "/api/account/kit", tag = "sign-in", request_body = NewKit,
    responses((status = 204, description = "Done."), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn change(
    State(hub): State<Arc<Hub>>,
    Fresh(who): Fresh,
    Json(new): Json<NewKit>,
) -> Result<StatusCode, ApiError> {
    // On a task of its own: a client that goes away must not leave it half done.
    let done = tokio::spawn(async move {
        change_kit(&hub, &who, &new).await?;
        Ok::<_, ApiError>(StatusCode::NO_CONTENT)
    });
    done.await?
}
