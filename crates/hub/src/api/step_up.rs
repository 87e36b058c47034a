//! Proving again who one is, before what cannot be undone.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, State};

use super::types::{StepUpChallenge, StepUpDone, StepUpFinish, StepUpStart};
use crate::attempts::Proof;
use crate::auth::SignedIn;
use crate::error::ApiError;
use crate::hub::Hub;
use crate::passkeys::{At, Question};
use crate::secrets;
use crate::sign_in::{Beginning, Given, too_late};

/// Begin to prove again who you are.
#[utoipa::path(post, path = "/api/step-up/start", tag = "sign-in", request_body = StepUpStart,
    responses((status = 200, description = "Done.", body = StepUpChallenge), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn start(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    who: SignedIn,
    At(place): At,
    Json(start): Json<StepUpStart>,
) -> Result<Json<StepUpChallenge>, ApiError> {
    let account = secrets::account(&hub.vault, who.person()).await.map_err(ApiError::broken)?;
    let account = account.ok_or_else(ApiError::signed_out)?;
    let beginning = Beginning::again(&hub, &who, from.ip());
    let (question, passkey) = match &start.request {
        Some(_) => place.ok().map(Question::ask).transpose()?.unzip(),
        // Without a passphrase it takes a passkey, and so a place where there are any.
        None => Some(Question::ask(place?)?).unzip(),
    };
    let (attempt, response) = match (start.request, question) {
        (Some(request), question) => {
            let record = Some(&account.record);
            let (attempt, response) = hub.sign_ins.begin_passphrase(beginning, record, &request, question)?;
            (attempt, Some(response))
        }
        (None, Some(question)) => (hub.sign_ins.begin_passkey(beginning, Proof::Passkey(question))?, None),
        (None, None) => return Err(too_late()),
    };
    Ok(Json(StepUpChallenge { attempt, response, passkey }))
}

/// Finish proving it: this session counts as fresh for a while, as after a sign-in.
#[utoipa::path(post, path = "/api/step-up/finish", tag = "sign-in", request_body = StepUpFinish,
    responses((status = 200, description = "Done.", body = StepUpDone), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn finish(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
    Json(finish): Json<StepUpFinish>,
) -> Result<Json<StepUpDone>, ApiError> {
    let attempt = hub.sign_ins.open(&finish.attempt, Some(&who.session.id), hub.now())?;
    let given = Given {
        finalization: finish.finalization.as_deref(),
        code: &finish.code,
        passkey: finish.passkey.as_ref(),
    };
    attempt.judge(&hub, given).await?;
    let until = hub.store.freshen_session(&who.session.id, hub.now()).await?;
    let proof = hub.proofs.give(&who.session.id, hub.now())?;
    Ok(Json(StepUpDone { until, proof }))
}
