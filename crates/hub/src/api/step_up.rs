//! Proving again who one is, before what cannot be undone.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, State};

use super::types::{StepUpChallenge, StepUpDone, StepUpFinish, StepUpStart};
use crate::auth::SignedIn;
use crate::error::ApiError;
use crate::hub::Hub;
use crate::secrets;
use crate::sign_in::Beginning;

/// Begin to prove again who you are.
#[utoipa::path(post, path = "/api/step-up/start", tag = "sign-in", request_body = StepUpStart,
    responses((status = 200, description = "Done.", body = StepUpChallenge), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn start(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    who: SignedIn,
    Json(start): Json<StepUpStart>,
) -> Result<Json<StepUpChallenge>, ApiError> {
    let account = secrets::account(&hub.vault, who.person()).await.map_err(ApiError::broken)?;
    let account = account.ok_or_else(ApiError::signed_out)?;
    let name = hub.home().household.person(who.person())?.name.clone();
    let beginning = Beginning {
        name: &name,
        person: Some(who.person().clone()),
        session: Some(who.session.id.clone()),
        from: from.ip(),
        now: hub.now(),
    };
    let begun = hub.sign_ins.begin_passphrase(beginning, Some(&account.record), &start.request)?;
    let (attempt, response) = begun;
    Ok(Json(StepUpChallenge { attempt, response }))
}

/// Finish proving it: this session counts as fresh for a while, as after a sign-in.
#[utoipa::path(post, path = "/api/step-up/finish", tag = "sign-in", request_body = StepUpFinish,
    responses((status = 200, description = "Done.", body = StepUpDone), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn finish(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    who: SignedIn,
    Json(finish): Json<StepUpFinish>,
) -> Result<Json<StepUpDone>, ApiError> {
    let attempt = hub.sign_ins.take(&finish.attempt, Some(&who.session.id), from.ip(), hub.now())?;
    attempt.judge_passphrase(&hub, &finish.finalization, &finish.code, from.ip()).await?;
    let until = hub.store.freshen_session(&who.session.id, hub.now()).await?;
    Ok(Json(StepUpDone { until }))
}
