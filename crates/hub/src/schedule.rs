//! What happens by the clock: timers ring, and what has reached its end date is forgotten.

use std::sync::Arc;
use std::time::Duration;

use porchlight_vault::{Expiry, Id, Reason, Selection, Why};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::error::ApiError;
use crate::events::Happening;
use crate::forget::let_go;
use crate::hub::Hub;
use crate::ledger::readers;

/// The longest a timer waits before it looks at the clock again: the clock may have been set meanwhile.
const LOOK_AT_CLOCK: Duration = Duration::from_secs(20);
/// How often end dates are looked at.
const EXPIRE_EVERY: Duration = Duration::from_secs(10 * 60);

/// Rings each timer when it ends. One that ended while the hub was off rings at once, and says when it was due.
pub(crate) async fn ring_timers(hub: Arc<Hub>, stop: CancellationToken) {
    loop {
        let wait = match hub.effects.next() {
            Some((id, due)) if due <= hub.now() => {
                ring(&hub, id).await;
                continue;
            }
            Some((_, due)) => {
                Duration::try_from(due.duration_since(hub.now())).unwrap_or_default().min(LOOK_AT_CLOCK)
            }
            None => LOOK_AT_CLOCK,
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = hub.effects.changed.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

async fn ring(hub: &Hub, id: u64) {
    let Some(timer) = hub.effects.take_timer(id) else { return };
    let home = hub.home();
    let device = timer.device.as_deref().and_then(|id| {
        home.household
            .devices
            .iter()
            .find(|device| device.id.as_str() == id)
            .map(|device| device.name.clone())
    });
    hub.effects_changed();
    let late = hub.now().duration_since(timer.ends);
    let say = porchlight_voice::skill::timer_ended(timer.name.as_deref(), timer.seconds, late);
    hub.events.tell(hub.now(), Happening::TimerEnded { timer: id, name: timer.name, device, say });
    // An effect ends when it is done.
    if let Err(error) = done_with(hub, &[id.into()]).await {
        warn!(target: "porchlight", "a timer that rang could not be forgotten yet: {error}");
    }
}

/// Forgets effects that are done.
pub(crate) async fn done_with(hub: &Hub, ids: &[Id]) -> Result<(), ApiError> {
    let plan = hub.vault.plan(&Selection::Ids(ids.to_vec())).await?;
    let gone = hub
        .vault
        .forget(
            &plan.token,
            &[],
            Why { reason: Reason::Done, by: "hub".into(), readers: readers(hub)?, stays: Vec::new() },
        )
        .await?;
    hub.drop_effects(gone.recordings.iter().map(|id| id.get()));
    Ok(())
}

/// Forgets what has reached its end date, and what waited for the end of a hold.
pub(crate) async fn expire_once(hub: &Hub) -> Result<Expiry, ApiError> {
    let expiry = hub.vault.expire(&readers(hub)?).await?;
    for done in expiry.forgotten.iter().chain(&expiry.freed) {
        let_go(hub, done);
    }
    Ok(expiry)
}

/// Forgets, from the start on and then every ten minutes, what has reached its end date.
pub(crate) async fn expire(hub: Arc<Hub>, stop: CancellationToken) {
    let mut paused = false;
    loop {
        match expire_once(&hub).await {
            Ok(expiry) => {
                if let (Some(why), false) = (&expiry.paused, paused) {
                    hub.events.tell(hub.now(), Happening::Trouble { sentence: why.to_string() });
                }
                paused = expiry.paused.is_some();
            }
            Err(error) => {
                warn!(target: "porchlight", "what has reached its end date could not be forgotten yet: {error}")
            }
        }
        hub.heard.fade(hub.now());
        hub.answered.fade(hub.now(), hub.home().household.zone());
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EXPIRE_EVERY) => {}
        }
    }
}
