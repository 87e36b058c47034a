//! Making a household in the browser: all that a hub without one answers.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use porchlight_protocol::{Health, HubState, SetUpDone, SetUpFinish, SetUpStart, SetUpStarted};

use super::error::ApiError;
use super::system;
use crate::making::SetUp;

/// Begin to make a household: the hub's half of the owner's account. Answered until there is a household, to whoever has the code that
/// the hub shows on its own screen.
#[utoipa::path(post, path = "/api/setup/start", tag = "set-up", request_body = SetUpStart, security(()),
    responses((status = 200, description = "Done.", body = SetUpStarted), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn start(
    State(set_up): State<Arc<SetUp>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Json(start): Json<SetUpStart>,
) -> Result<Json<SetUpStarted>, ApiError> {
    Ok(Json(set_up.begin(&start, from.ip())?))
}

/// Make the household. From then on its hub answers, at the same address.
#[utoipa::path(post, path = "/api/setup", tag = "set-up", request_body = SetUpFinish, security(()),
    responses((status = 201, description = "Made.", body = SetUpDone), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn finish(
    State(set_up): State<Arc<SetUp>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Json(finish): Json<SetUpFinish>,
) -> Result<(StatusCode, Json<SetUpDone>), ApiError> {
    // On a task of its own: a browser that goes away must not leave a household half made.
    let done = tokio::spawn(async move { set_up.finish(finish, from.ip()).await });
    Ok((StatusCode::CREATED, Json(done.await??)))
}

/// Whatever else is asked.
pub(super) async fn not_yet() -> ApiError {
    let sentence = "this hub has no household yet; make one first";
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "no-household", sentence)
}

/// Says that this hub waits for its household.
pub(super) async fn health() -> Json<Health> {
    Json(system::state(HubState::SetUp))
}
