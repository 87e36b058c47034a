//! Copies of the data folder that are newer than one that was put back, or than a catalog that has lost something.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use porchlight_hub::accounts::auth::SignedIn;
use porchlight_hub::{Error, ErrorKind, Hub, attention, ledger};
use porchlight_protocol::{EndNewerCopies, LineKind, Message, RestoredCopy};
use serde_json::json;

use super::error::ApiError;
use crate::extract::{Adult, Fresh};

/// The older copy that was put back, until it is said what becomes of newer ones.
#[utoipa::path(get, path = "/api/copies", tag = "hub", responses((status = 200, description = "Done.", body = RestoredCopy), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn restored(State(hub): State<Arc<Hub>>, _who: SignedIn) -> Json<RestoredCopy> {
    Json(view(&hub))
}

/// Let copies end that are newer than the one that was put back: what they alone hold is gone for good.
#[utoipa::path(post, path = "/api/copies/end-newer", tag = "hub", request_body = EndNewerCopies,
    responses((status = 200, description = "Done.", body = RestoredCopy), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn end_newer(
    State(hub): State<Arc<Hub>>,
    _adult: Adult,
    Fresh(who): Fresh,
    Json(EndNewerCopies { made }): Json<EndNewerCopies>,
) -> Result<Json<RestoredCopy>, ApiError> {
    if hub.vault.restored_copy() != Some(made) {
        let text = "no such copy was put back, or it was said already what becomes of newer ones; look again";
        let said = Message::new("no-such-copy", text);
        return Err(Error::new(ErrorKind::Conflict, "conflict", said).into());
    }
    let detail = json!({ "v": 1, "who": who.person(), "at": hub.now(), "newer_than": made });
    hub.vault.end_newer_copies(ledger::line(&hub, LineKind::Copies, detail)?).await?;
    Ok(Json(view(&hub)))
}

fn view(hub: &Hub) -> RestoredCopy {
    let said = attention::newer_copies(&hub.vault, hub.home().household.zone());
    RestoredCopy { made: hub.vault.restored_copy(), lost: hub.vault.lost_recordings(), said }
}
