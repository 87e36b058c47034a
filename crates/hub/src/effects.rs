//! What requests left behind and the hub itself must use: timers and list items.
//!
//! Each is a moment of its own in the vault, with structured values only, sealed to the adults and to the hub. Here they
//! are held open in memory; the vault is what survives. A changed timer is a new one, and the old one is forgotten.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use porchlight_vault::{Filter, Id, Kind, Vault};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tracing::warn;

/// The one list there is so far.
pub(crate) const SHOPPING: &str = "shopping";

/// A timer as it is sealed, and as it is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Timer {
    v: u32,
    /// What it was called, if anything.
    pub name: Option<String>,
    /// How long it was set for.
    pub seconds: u64,
    /// When it rings, while it runs.
    pub ends: Timestamp,
    /// What was left when it was paused; none while it runs.
    pub paused: Option<u64>,
    /// The id of the device that set it, where it is spoken when it ends.
    pub device: Option<String>,
}

/// A list item as it is sealed, and as it is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Item {
    v: u32,
    /// The list.
    pub list: String,
    /// What is on it.
    pub text: String,
}

impl Timer {
    pub(crate) fn starting(
        name: Option<String>,
        seconds: u64,
        now: Timestamp,
        device: Option<String>,
    ) -> Timer {
        Timer { v: 1, name, seconds, ends: later(now, seconds), paused: None, device }
    }

    /// Longer or, with a negative number, shorter; never past now.
    pub(crate) fn adjusted(&self, by: i64, now: Timestamp) -> Timer {
        let left = self.left(now).saturating_add_signed(by);
        let seconds = self.seconds.saturating_add_signed(by);
        match self.paused {
            Some(_) => Timer { paused: Some(left), seconds, ..self.clone() },
            None => Timer { ends: later(now, left), seconds, ..self.clone() },
        }
    }

    pub(crate) fn paused_at(&self, now: Timestamp) -> Timer {
        Timer { paused: Some(self.left(now)), ..self.clone() }
    }

    pub(crate) fn resumed_at(&self, now: Timestamp) -> Timer {
        Timer { paused: None, ends: later(now, self.left(now)), ..self.clone() }
    }

    fn left(&self, now: Timestamp) -> u64 {
        self.paused.unwrap_or_else(|| self.ends.duration_since(now).as_secs().max(0).unsigned_abs())
    }

    /// When it rings; none while it is paused.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.paused.is_none().then_some(self.ends)
    }
}

impl Item {
    pub(crate) fn on(list: &str, text: &str) -> Item {
        Item { v: 1, list: list.to_owned(), text: text.to_owned() }
    }
}

/// All timers and list items that there are.
#[derive(Default)]
pub(crate) struct Effects {
    held: Mutex<Held>,
    /// Told whenever the next timer may be another one.
    pub changed: Notify,
}

#[derive(Default)]
struct Held {
    timers: BTreeMap<u64, Timer>,
    items: BTreeMap<u64, Item>,
}

impl Effects {
    /// Opens what the vault holds. One that cannot be read is left out and said; the rest goes on.
    pub(crate) async fn load(vault: &Vault) -> Result<Effects, porchlight_vault::Error> {
        let effects = Effects::default();
        let filter = Filter { kinds: vec![Kind::Timer, Kind::Note], ..Filter::default() };
        for entry in vault.list(&filter).await? {
            let read = match vault.read_own(entry.id).await {
                Ok(bytes) => effects.hold(entry.id, entry.kind, &bytes).map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            if let Err(error) = read {
                warn!(target: "porchlight", "the {} {} cannot be used: {error}", entry.kind, entry.id);
            }
        }
        Ok(effects)
    }

    fn hold(&self, id: Id, kind: Kind, bytes: &[u8]) -> serde_json::Result<()> {
        match kind {
            Kind::Timer => self.add_timer(id, serde_json::from_slice(bytes)?),
            _ => self.add_item(id, serde_json::from_slice(bytes)?),
        }
        Ok(())
    }

    pub(crate) fn add_timer(&self, id: Id, timer: Timer) {
        self.held().timers.insert(id.get(), timer);
        self.changed.notify_one();
    }

    pub(crate) fn add_item(&self, id: Id, item: Item) {
        self.held().items.insert(id.get(), item);
    }

    /// Drops what is forgotten.
    pub(crate) fn drop_all(&self, ids: impl IntoIterator<Item = u64>) {
        let mut held = self.held();
        for id in ids {
            held.timers.remove(&id);
            held.items.remove(&id);
        }
        drop(held);
        self.changed.notify_one();
    }

    pub(crate) fn timer(&self, id: u64) -> Option<Timer> {
        self.held().timers.get(&id).cloned()
    }

    pub(crate) fn item(&self, id: u64) -> Option<Item> {
        self.held().items.get(&id).cloned()
    }

    pub(crate) fn timers(&self) -> Vec<(u64, Timer)> {
        self.held().timers.iter().map(|(id, timer)| (*id, timer.clone())).collect()
    }

    pub(crate) fn items(&self) -> Vec<(u64, Item)> {
        self.held().items.iter().map(|(id, item)| (*id, item.clone())).collect()
    }

    /// The timer that rings next, and when.
    pub(crate) fn next(&self) -> Option<(u64, Timestamp)> {
        self.held()
            .timers
            .iter()
            .filter_map(|(id, timer)| Some((*id, timer.due()?)))
            .min_by_key(|(_, due)| *due)
    }

    /// Takes a timer out, because it rings now.
    pub(crate) fn take_timer(&self, id: u64) -> Option<Timer> {
        self.held().timers.remove(&id)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn later(than: Timestamp, seconds: u64) -> Timestamp {
    than.saturating_add(SignedDuration::from_secs(seconds.min(i64::MAX.unsigned_abs()).cast_signed()))
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn a_timer_can_be_longer_shorter_paused_and_resumed() {
        let timer = Timer::starting(Some("pizza".into()), 600, at(0), None);
        assert_eq!(timer.due(), Some(at(600)));
        assert_eq!(timer.adjusted(60, at(100)).due(), Some(at(660)));
        assert_eq!(timer.adjusted(-900, at(100)).due(), Some(at(100)), "never in the past");
        let paused = timer.paused_at(at(200));
        assert_eq!((paused.due(), paused.paused), (None, Some(400)));
        assert_eq!(paused.adjusted(30, at(300)).resumed_at(at(1000)).due(), Some(at(1430)));
    }

    #[test]
    fn the_next_timer_is_the_one_that_rings_first_and_is_not_paused() {
        let effects = Effects::default();
        effects.add_timer(Id::from(1), Timer::starting(None, 300, at(0), None));
        effects.add_timer(Id::from(2), Timer::starting(None, 100, at(0), None).paused_at(at(0)));
        effects.add_timer(Id::from(3), Timer::starting(None, 200, at(0), None));
        assert_eq!(effects.next(), Some((3, at(200))));
        effects.drop_all([3]);
        assert_eq!(effects.next(), Some((1, at(300))));
    }

    #[test]
    fn what_is_sealed_is_read_back() {
        let timer = Timer::starting(Some("tea".into()), 180, at(0), Some("kitchen".into()));
        let effects = Effects::default();
        effects.hold(Id::from(7), Kind::Timer, &serde_json::to_vec(&timer).unwrap()).unwrap();
        assert_eq!(effects.timer(7), Some(timer));
        let item = Item::on(SHOPPING, "milk");
        effects.hold(Id::from(8), Kind::Note, &serde_json::to_vec(&item).unwrap()).unwrap();
        assert_eq!(effects.item(8), Some(item));
    }
}
