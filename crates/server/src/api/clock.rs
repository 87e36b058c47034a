//! The hub's clock: how it stands, and an adult's word that it is right.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use jiff::SignedDuration;
use porchlight_hub::accounts::auth::SignedIn;
use porchlight_hub::{Error, ErrorKind, Hub, attention, ledger, notices};
use porchlight_protocol::{Attention, ClockConfirm, ClockView, LineKind, Message};
use serde_json::json;

use super::error::ApiError;
use crate::extract::{Adult, Fresh};

/// How long what somebody was shown as the hub's time may be on its way back.
const SHOWN: SignedDuration = SignedDuration::from_mins(5);

/// What is not as it should be now, for as long as it lasts: the gravest first.
#[utoipa::path(get, path = "/api/attention", tag = "hub", responses((status = 200, description = "Done.", body = Vec<Attention>), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn attention_now(State(hub): State<Arc<Hub>>, who: SignedIn) -> Json<Vec<Attention>> {
    let mut all = attention::attention(&hub).await;
    let devices = notices::devices_taken(&hub, who.person()).await;
    let told = notices::notices(&hub.home().household, who.person(), hub.now());
    all.extend(devices.into_iter().chain(told).map(|said| Attention { said, deed: None }));
    Json(all)
}

/// How it stands with the hub's clock, and with what ends by it.
#[utoipa::path(get, path = "/api/clock", tag = "hub", responses((status = 200, description = "Done.", body = ClockView), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn show(State(hub): State<Arc<Hub>>, _who: SignedIn) -> Json<ClockView> {
    Json(view(&hub))
}

/// Confirm that the hub's clock is right, and that what is due may be forgotten, however much it is.
#[utoipa::path(post, path = "/api/clock/confirm", tag = "hub", request_body = ClockConfirm,
    responses((status = 200, description = "Done.", body = ClockView), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn confirm(
    State(hub): State<Arc<Hub>>,
    _adult: Adult,
    Fresh(who): Fresh,
    Json(ClockConfirm { shown }): Json<ClockConfirm>,
) -> Result<Json<ClockView>, ApiError> {
    let state = hub.vault.clock_state();
    if state.now.duration_since(shown).abs() > SHOWN {
        let text = format!(
            "the hub's clock shows {} and not {shown}; look again, and confirm what it shows",
            state.now
        );
        let said = Message::new("clock-shows-other", text).with("now", state.now).with("shown", shown);
        return Err(Error::new(ErrorKind::Conflict, "conflict", said).into());
    }
    let detail = json!({ "v": 1, "who": who.person(), "at": state.now, "certain": state.certain });
    hub.vault.confirm_clock(ledger::line(&hub, LineKind::Clock, detail)?).await?;
    hub.clock_is_certain.notify_one();
    Ok(Json(view(&hub)))
}

fn view(hub: &Hub) -> ClockView {
    let state = hub.vault.clock_state();
    ClockView { now: state.now, certain: state.certain, paused: attention::paused(hub) }
}
