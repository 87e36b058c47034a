//! Changing one's own passphrase.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use porchlight_hub::Hub;
use porchlight_hub::accounts::account_changes::change_passphrase;
use porchlight_hub::accounts::sign_in::Beginning;
use porchlight_protocol::{NewPassphrase, PassphraseStart, RegistrationAnswer};

use super::error::ApiError;
use crate::extract::Fresh;

/// The hub's half of a new passphrase. Nothing changes yet.
#[utoipa::path(post, path = "/api/account/passphrase/start", tag = "sign-in", request_body = PassphraseStart,
    responses((status = 200, description = "Done.", body = RegistrationAnswer), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn start(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Fresh(who): Fresh,
    Json(start): Json<PassphraseStart>,
) -> Result<Json<RegistrationAnswer>, ApiError> {
    let beginning = Beginning::again(&hub, &who, from.ip());
    let response = hub.sign_ins.begin_new_passphrase(&beginning, &start.request)?;
    Ok(Json(RegistrationAnswer { response }))
}

/// Change the passphrase. One's other sessions end, and the credentials of one's own microphones.
#[utoipa::path(put, path = "/api/account/passphrase", tag = "sign-in", request_body = NewPassphrase,
    responses((status = 204, description = "Done."), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn change(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Fresh(who): Fresh,
    Json(new): Json<NewPassphrase>,
) -> Result<StatusCode, ApiError> {
    // On a task of its own: a browser that goes away must not leave the other sessions alive.
    let done = tokio::spawn(async move {
        change_passphrase(&hub, &who, &new).await?;
        hub.sign_ins.has_new_passphrase(&Beginning::again(&hub, &who, from.ip()));
        Ok::<_, ApiError>(StatusCode::NO_CONTENT)
    });
    done.await?
}
