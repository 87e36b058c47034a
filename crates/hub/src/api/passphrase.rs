//! Changing one's own passphrase.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use serde_json::json;

use super::types::{NewPassphrase, PassphraseStart, RegistrationAnswer};
use crate::auth::Fresh;
use crate::error::ApiError;
use crate::events::AccountChange;
use crate::hub::Hub;
use crate::new_account::change_passphrase;
use crate::sign_in::Beginning;
use crate::{ledger, secrets};

/// The hub's half of a new passphrase. Nothing changes yet.
#[utoipa::path(post, path = "/api/account/passphrase/start", tag = "sign-in", request_body = PassphraseStart,
    responses((status = 200, description = "Done.", body = RegistrationAnswer), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
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

/// Change the passphrase. One's other sessions end.
#[utoipa::path(put, path = "/api/account/passphrase", tag = "sign-in", request_body = NewPassphrase,
    responses((status = 204, description = "Done."), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn change(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Fresh(who): Fresh,
    Json(new): Json<NewPassphrase>,
) -> Result<StatusCode, ApiError> {
    // On a task of its own: a browser that goes away must not leave the other sessions alive.
    let done = tokio::spawn(async move {
        let _one_at_a_time = hub.changing.lock().await;
        who.must_have_proved(&hub, &new.proof).await?;
        let account = secrets::account(&hub.vault, who.person()).await.map_err(ApiError::broken)?;
        let account = account.ok_or_else(ApiError::signed_out)?;
        let keys = account.keys.as_ref().ok_or_else(ApiError::old_kit)?;
        let account = change_passphrase(&account, keys, &new)?;
        let detail = json!({ "v": 1, "who": who.person(), "session": who.session.id, "at": hub.now() });
        ledger::write(&hub, "passphrase", detail).await?;
        secrets::put_account(&hub.vault, who.person(), &account).await.map_err(ApiError::broken)?;
        hub.proofs.spend(&who.session.id);
        hub.sign_ins.drop_all(who.person());
        hub.sign_ins.has_new_passphrase(&Beginning::again(&hub, &who, from.ip()));
        hub.store.forget_code_tries(who.person()).await?;
        // Before the others end, so that they can be told why.
        who.tell_account_changed(&hub, AccountChange::Passphrase)?;
        hub.store.end_other_sessions(who.person().as_str(), &who.session.id).await?;
        Ok::<_, ApiError>(StatusCode::NO_CONTENT)
    });
    done.await?
}
