//! Another recovery kit. The one before lets nobody in any more; what is sealed to its owner it opens still.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use porchlight_vault::StrongboxChange;
use serde_json::json;

use super::types::{NewKit, ProofFor};
use crate::auth::Fresh;
use crate::error::ApiError;
use crate::events::AccountChange;
use crate::hub::Hub;
use crate::intents::{self, Owed, Then};
use crate::ledger::{LineKind, readers_for};
use crate::new_account::change_kit;
use crate::secrets;

/// Make another recovery kit the one that counts. The hub gets its public half alone.
#[utoipa::path(put, path = "/api/account/kit", tag = "sign-in", request_body = NewKit,
    responses((status = 204, description = "Done."), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn change(
    State(hub): State<Arc<Hub>>,
    Fresh(who): Fresh,
    Json(new): Json<NewKit>,
) -> Result<StatusCode, ApiError> {
    // On a task of its own: a client that goes away must not leave it half done.
    let done = tokio::spawn(async move {
        let changing = hub.changing.lock().await;
        intents::finish(&hub, &changing).await?;
        who.must_have_proved(&hub, ProofFor::Account, Some(&new.proof)).await?;
        let account = secrets::account(&hub.vault, who.person()).await.map_err(ApiError::broken)?;
        let account = account.ok_or_else(ApiError::signed_out)?;
        let account = change_kit(&account, &hub.home().household, &new)?;
        let change = secrets::with_account(StrongboxChange::default(), &account).map_err(ApiError::broken)?;
        let owed = Owed {
            by: who.person(),
            kind: LineKind::RecoveryKit,
            detail: json!({ "v": 1, "who": who.person(), "session": who.session.id, "at": hub.now() }),
            readers: readers_for(&hub, who.person())?,
            then: Then::Tell,
        };
        intents::make(&hub, &changing, change, owed).await?;
        who.has_used_proof(&hub, ProofFor::Account);
        // What was begun with the kit before leads nowhere any more.
        hub.sign_ins.drop_all(who.person());
        who.tell_account_changed(&hub, AccountChange::RecoveryKit)?;
        intents::follow(&hub, &changing).await?;
        Ok::<_, ApiError>(StatusCode::NO_CONTENT)
    });
    done.await?
}
