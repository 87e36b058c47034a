//! Proving again who one is, before what cannot be undone.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use porchlight_hub::accounts::attempts::Proof;
use porchlight_hub::accounts::auth::SignedIn;
use porchlight_hub::accounts::passkeys::Question;
use porchlight_hub::accounts::sign_in::{Beginning, Given, too_late};
use porchlight_hub::{Error, ErrorKind, Hub, secrets};
use porchlight_protocol::{StepUpChallenge, StepUpDone, StepUpFinish, StepUpStart};

use super::error::ApiError;
use crate::extract::At;

/// Begin to prove again who you are.
#[utoipa::path(post, path = "/api/step-up/start", tag = "sign-in", request_body = StepUpStart,
    responses((status = 200, description = "Done.", body = StepUpChallenge), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn start(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    who: SignedIn,
    At(place): At,
    Json(start): Json<StepUpStart>,
) -> Result<Json<StepUpChallenge>, ApiError> {
    let account = secrets::account(&hub.vault, who.person()).await.map_err(Error::broken)?;
    let account = account.ok_or_else(Error::signed_out)?;
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
        (None, None) => return Err(too_late().into()),
    };
    Ok(Json(StepUpChallenge { attempt, response, passkey }))
}

/// Finish proving it: this session counts as fresh for a while, as after a sign-in, and the word that comes back is good for one deed.
/// In a session that is fresh the passphrase alone is enough for some of them; it makes the session fresh for no longer.
#[utoipa::path(post, path = "/api/step-up/finish", tag = "sign-in", request_body = StepUpFinish,
    responses((status = 200, description = "Done.", body = StepUpDone), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn finish(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
    Json(finish): Json<StepUpFinish>,
) -> Result<Json<StepUpDone>, ApiError> {
    let attempt = hub.sign_ins.open(&finish.attempt, Some(&who.session.id), hub.now())?;
    let StepUpFinish { finalization, code, passkey, what_for, .. } = &finish;
    let alone = what_for.takes_passphrase_alone() && passkey.is_none() && code.trim().is_empty();
    if alone && !who.is_fresh(&hub) {
        return Err(code_needed().into());
    }
    let (finalization, passkey) = (finalization.as_deref(), passkey.as_ref());
    attempt.judge(&hub, Given { finalization, code, passkey, alone }).await?;
    let until = match alone {
        true => who.session.fresh_until,
        false => hub.store.freshen_session(&who.session.id, hub.now()).await?,
    };
    let proof = hub.proofs.give(&who.session.id, *what_for, hub.now())?;
    Ok(Json(StepUpDone { until, proof }))
}

/// The passphrase was to be enough, and the session is not fresh any more.
fn code_needed() -> Error {
    let text = "your last proof with a second factor is over 15 minutes old; give the six digits of your authenticator too";
    Error::new(ErrorKind::Unproved, "code-needed", text)
}
