//! What happens by the clock: timers and reminders ring, and what has reached its end date is forgotten.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use porchlight_protocol::RingWords;
use porchlight_protocol::events::Happening;
use porchlight_vault::Pause;
use porchlight_voice::skill::{reminder_due, timer_ended};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::assistant::effects::Ringing;
use crate::deletion::cascade::cascade;
use crate::deletion::{expire_once, forget_done};
use crate::error::Error;
use crate::messages::pause;
use crate::query::Names;
use crate::state::Hub;
use crate::{intents, recording};

/// The longest a timer or reminder waits before it looks at the clock again: the clock may have been set meanwhile.
const LOOK_AT_CLOCK: Duration = Duration::from_secs(20);
/// How often end dates are looked at.
const EXPIRE_EVERY: Duration = Duration::from_secs(10 * 60);
/// How far back what is new is looked for: longer than anything is on its way.
const NEW: SignedDuration = SignedDuration::from_hours(24);

/// Rings each timer and each reminder at its time. One whose time came while the hub was off rings at once, and says so.
pub(crate) async fn ring_on_time(hub: Arc<Hub>, stop: CancellationToken) {
    loop {
        let next = ring_due(&hub).await;
        let wait = next.map_or(LOOK_AT_CLOCK, |due| {
            Duration::try_from(due.duration_since(hub.now())).unwrap_or_default().min(LOOK_AT_CLOCK)
        });
        tokio::select! {
            () = stop.cancelled() => return,
            () = hub.effects.changed.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Rings what is due, and lets go of what rang in time; when the next is due.
pub async fn ring_due(hub: &Hub) -> Option<Timestamp> {
    for id in hub.effects.rang_in_time(|due| has_come(hub, due), hub.now()) {
        done_ringing(hub, id).await;
    }
    loop {
        match hub.effects.next()? {
            (id, due) if due <= hub.now() => ring(hub, id, due).await,
            (_, due) => return Some(due),
        }
    }
}

/// Whether a time has come for certain, and not only by a clock that may be ahead.
fn has_come(hub: &Hub, due: Timestamp) -> bool {
    match hub.vault.trusted_now() {
        Ok(_) => true,
        Err(
            Pause::ClockAhead { latest, .. }
            | Pause::ClockJumped { latest, .. }
            | Pause::ClockBehind { latest, .. },
        ) => due <= latest,
        Err(_) => false,
    }
}

async fn ring(hub: &Hub, id: u64, due: Timestamp) {
    let Some(ringing) = hub.effects.ringing(id) else { return };
    let home = hub.home();
    let names = Names::of(&home.household);
    let now = hub.now();
    let (what, device, words) = match ringing {
        Ringing::Timer(timer) => {
            let say = timer_ended(timer.name.as_deref(), timer.seconds, now.duration_since(timer.ends));
            let device = timer.device.as_deref().and_then(|id| names.known_device(id));
            let words = RingWords { say, name: timer.name, text: None };
            (Happening::TimerEnded { timer: id, device }, timer.device, words)
        }
        Ringing::Reminder(reminder) => {
            let late = now.duration_since(reminder.due);
            let say = reminder_due(reminder.text.as_deref(), reminder.due, home.household.zone(), late);
            let what = Happening::Reminder {
                reminder: id,
                due: reminder.due,
                // A device or person that is gone has no name any more.
                device: reminder.device.as_deref().and_then(|id| names.known_device(id)),
                person: reminder.person.as_deref().and_then(|id| names.known_person(id)),
            };
            (what, reminder.device, RingWords { say, name: None, text: reminder.text })
        }
    };
    hub.events.ring(device.and_then(|id| id.parse().ok()), now, what, words);
    // A clock that is ahead rings it, so that nobody misses it, and does not end it.
    match has_come(hub, due) {
        true => done_ringing(hub, id).await,
        false => hub.effects.has_rung(id, due),
    }
}

/// An effect ends when it is done.
async fn done_ringing(hub: &Hub, id: u64) {
    hub.effects.is_done(id);
    hub.effects_changed();
    forget_done(hub).await;
}

/// What is looked at every few minutes, and what is remembered of the time before.
#[derive(Default)]
pub struct Rounds {
    /// Whether it was said that nothing is forgotten by itself for now.
    paused: bool,
    /// Of which version of the household, and on which of its days where the time is trusted, everything was looked over last.
    looked: Option<(u64, Option<Date>)>,
}

impl Rounds {
    /// One round: what was left is finished, what has reached its end date or rests on nothing any more is forgotten. What fails is
    /// said, holds nothing else up and is tried again in the next.
    pub async fn go(&mut self, hub: &Hub) {
        intents::finish_left(hub).await;
        recording::finish_left_looks(hub).await;
        forget_done(hub).await;
        match expire_once(hub).await {
            Ok(expiry) => {
                if let (Some(why), false) = (&expiry.paused, self.paused) {
                    hub.events.tell(hub.now(), Happening::trouble(pause(why, hub.home().household.zone())));
                }
                self.paused = expiry.paused.is_some();
            }
            Err(error) => {
                warn!(target: "porchlight", "what has reached its end date could not be forgotten yet: {error}");
                hub.note_damage(&error.into_message());
            }
        }
        if let Ok(certain) = hub.vault.trusted_now()
            && let Err(error) = hub.store.let_go_of_past(certain).await
        {
            warn!(target: "porchlight", "sessions and tries of long ago could not be forgotten yet: {error}")
        }
        if let Err(error) = self.look_over(hub).await {
            warn!(target: "porchlight", "what lost its reason to be kept could not be forgotten yet: {error}");
            hub.note_damage(&error.into_message());
        }
        if let Err(error) = hub.store.sift().await {
            warn!(target: "porchlight", "rows that make no sense could not be removed yet: {error}");
        }
        hub.recent_utterances.fade(hub.now());
        hub.unrecorded.fade(hub.now(), hub.home().household.zone());
    }

    /// Forgets what rests on nothing any more: of everything at the start, on each new day of the household and after each change;
    /// between them of what is new, which may have been on its way while the household changed.
    async fn look_over(&mut self, hub: &Hub) -> Result<(), Error> {
        let _one_at_a_time = hub.changing.lock().await;
        let home = hub.home();
        let day = hub.vault.trusted_now().ok().map(|now| home.household.day(now));
        let now = Some((home.household.version, day));
        let since = match self.looked == now {
            true => hub.now().saturating_sub(NEW).unwrap_or(Timestamp::MIN),
            false => Timestamp::MIN,
        };
        cascade(hub, "hub", since).await?;
        self.looked = now;
        Ok(())
    }
}

/// Goes its rounds, from the start on and then every ten minutes.
pub(crate) async fn expire(hub: Arc<Hub>, stop: CancellationToken) {
    let mut rounds = Rounds::default();
    loop {
        rounds.go(&hub).await;
        tokio::select! {
            () = stop.cancelled() => return,
            () = hub.clock_is_certain.notified() => {}
            () = tokio::time::sleep(EXPIRE_EVERY) => {}
        }
    }
}
