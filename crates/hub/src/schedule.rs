//! What happens by the clock: timers and reminders ring, and what has reached its end date is forgotten.

use std::sync::Arc;
use std::time::Duration;

use porchlight_vault::{Expiry, Id, Reason, Selection, Why};
use porchlight_voice::skill::{reminder_due, timer_ended};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::effects::Ringing;
use crate::error::ApiError;
use crate::events::Happening;
use crate::forget::let_go;
use crate::hub::Hub;
use crate::ledger::readers;
use crate::selection::Names;
use crate::sentences::pause;

/// The longest a timer or reminder waits before it looks at the clock again: the clock may have been set meanwhile.
const LOOK_AT_CLOCK: Duration = Duration::from_secs(20);
/// How often end dates are looked at.
const EXPIRE_EVERY: Duration = Duration::from_secs(10 * 60);

/// Rings each timer and each reminder at its time. One whose time came while the hub was off rings at once, and says so.
pub(crate) async fn ring_on_time(hub: Arc<Hub>, stop: CancellationToken) {
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
    let Some(ringing) = hub.effects.take_ringing(id) else { return };
    let home = hub.home();
    let names = Names::of(&home.household);
    // A device or person that is gone has no name any more.
    let device = |id: Option<String>| id.and_then(|id| names.known_device(&id));
    let now = hub.now();
    let happening = match ringing {
        Ringing::Timer(timer) => {
            let late = now.duration_since(timer.ends);
            let say = timer_ended(timer.name.as_deref(), timer.seconds, late);
            Happening::TimerEnded { timer: id, name: timer.name, device: device(timer.device), say }
        }
        Ringing::Reminder(reminder) => {
            let late = now.duration_since(reminder.due);
            let say = reminder_due(reminder.text.as_deref(), reminder.due, home.household.zone(), late);
            Happening::Reminder {
                reminder: id,
                text: reminder.text,
                due: reminder.due,
                device: device(reminder.device),
                person: reminder.person.and_then(|id| names.known_person(&id)),
                say,
            }
        }
    };
    hub.events.tell(now, happening);
    hub.effects_changed();
    // An effect ends when it is done.
    if let Err(error) = done_with(hub, &[id.into()]).await {
        warn!(target: "porchlight", "a timer or reminder that rang could not be forgotten yet: {error}");
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
                    hub.events.tell(hub.now(), Happening::trouble(pause(why, hub.home().household.zone())));
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
            () = hub.clock_is_certain.notified() => {}
            () = tokio::time::sleep(EXPIRE_EVERY) => {}
        }
    }
}
