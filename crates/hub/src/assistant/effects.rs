//! What requests left behind and the hub itself must use: timers, list items and reminders.
//!
//! Each is a moment of its own in the vault, with structured values only, sealed to the adults and to the hub. Here they
//! are held open in memory; the vault is what survives. A changed timer is a new one, and the old one is forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use porchlight_vault::{Filter, Id, Kind, Parts, Vault};
use porchlight_voice::skill::Unreadable;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tracing::warn;

/// The one list there is so far.
pub(crate) const SHOPPING: &str = "shopping";

/// A timer as it is sealed, and as it is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
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
    /// The timer in whose place it is, written down with it: of the two only this one counts, wherever the hub was stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<u64>,
}

/// A list item as it is sealed, and as it is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    v: u32,
    /// The list.
    pub list: String,
    /// What is on it.
    pub text: String,
}

/// A reminder as it is sealed, and as it is held. It is never changed: another one is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    v: u32,
    /// What of; none for an alarm.
    pub text: Option<String>,
    /// When.
    pub due: Timestamp,
    /// The id of the device it was asked for at, where it is spoken.
    pub device: Option<String>,
    /// The id of the person who asked, where that is known.
    pub person: Option<String>,
}

impl Reminder {
    /// A reminder of something, or an alarm.
    pub fn of(
        text: Option<String>,
        due: Timestamp,
        device: Option<String>,
        person: Option<String>,
    ) -> Reminder {
        Reminder { v: 1, text, due, device, person }
    }
}

impl Timer {
    pub(crate) fn starting(
        name: Option<String>,
        seconds: u64,
        now: Timestamp,
        device: Option<String>,
    ) -> Timer {
        Timer { v: 1, name, seconds, ends: later(now, seconds), paused: None, device, replaces: None }
    }

    /// The same, in the place of another.
    pub(crate) fn in_place_of(self, other: u64) -> Timer {
        Timer { replaces: Some(other), ..self }
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
    pub fn due(&self) -> Option<Timestamp> {
        self.paused.is_none().then_some(self.ends)
    }
}

impl Item {
    pub(crate) fn on(list: &str, text: &str) -> Item {
        Item { v: 1, list: list.to_owned(), text: text.to_owned() }
    }
}

/// All timers, list items and reminders that there are.
#[derive(Default)]
pub struct Effects {
    held: Mutex<Held>,
    /// Those that are done, and that the vault is still to forget.
    done: Mutex<BTreeSet<u64>>,
    /// Those that rang by a clock that may be ahead: they stay until it is certain that their time has come.
    rang: Mutex<BTreeMap<u64, Timestamp>>,
    /// Those that are kept and cannot be read. They are there, and nobody is told that they are not.
    unreadable: Mutex<BTreeMap<u64, Kind>>,
    /// Told whenever the next timer may be another one.
    pub changed: Notify,
}

#[derive(Default)]
struct Held {
    timers: Parts<Timer>,
    items: Parts<Item>,
    reminders: Parts<Reminder>,
}

/// What rings next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ringing {
    /// A timer that ended.
    Timer(Timer),
    /// A reminder that is due.
    Reminder(Reminder),
}

impl Effects {
    /// Opens what the vault holds. One that cannot be read is counted apart; the rest goes on.
    pub async fn load(vault: &Vault) -> Result<Effects, porchlight_vault::Error> {
        let mut unreadable = BTreeMap::new();
        let held = Held {
            timers: load(vault, Kind::Timer, &mut unreadable).await?,
            items: load(vault, Kind::Note, &mut unreadable).await?,
            reminders: load(vault, Kind::Reminder, &mut unreadable).await?,
        };
        let unreadable = Mutex::new(unreadable);
        let effects = Effects { held: Mutex::new(held), unreadable, ..Effects::default() };
        let mut done: Vec<u64> = effects.timers().iter().filter_map(|(_, timer)| timer.replaces).collect();
        // So is what somebody was done with, when the hub was stopped before that was forgotten.
        let waiting = vault.waiting().await?;
        if !waiting.is_empty() {
            let kinds = vec![Kind::Timer, Kind::Note, Kind::Reminder];
            let all = vault.list(&Filter { kinds, ..Filter::default() }).await?;
            done.extend(all.iter().filter(|one| waiting.contains(&one.moment)).map(|one| one.id.get()));
        }
        for id in done.into_iter().filter(|id| effects.holds(*id)) {
            effects.is_done(id);
        }
        Ok(effects)
    }

    /// Lets go of an effect that has done what it was for; the vault is still to forget it.
    pub(crate) fn is_done(&self, id: u64) {
        self.drop_all([id]);
        self.done.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
    }

    /// Takes out those that the vault is still to forget.
    pub(crate) fn take_done(&self) -> BTreeSet<u64> {
        std::mem::take(&mut *self.done.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn add_timer(&self, id: Id, timer: Timer) {
        self.held().timers.add(id, timer);
        self.changed.notify_one();
    }

    pub(crate) fn add_item(&self, id: Id, item: Item) {
        self.held().items.add(id, item);
    }

    pub(crate) fn add_reminder(&self, id: Id, reminder: Reminder) {
        self.held().reminders.add(id, reminder);
        self.changed.notify_one();
    }

    /// Drops what is forgotten, and says whether anything of it was here.
    pub(crate) fn drop_all(&self, ids: impl IntoIterator<Item = u64>) -> bool {
        let mut held = self.held();
        let mut dropped = false;
        for id in ids.into_iter().map(Id::from) {
            let (timer, item) = (held.timers.take(id).is_some(), held.items.take(id).is_some());
            dropped |= timer || item || held.reminders.take(id).is_some();
            self.rang().remove(&id.get());
            dropped |=
                self.unreadable.lock().unwrap_or_else(PoisonError::into_inner).remove(&id.get()).is_some();
        }
        drop(held);
        self.changed.notify_one();
        dropped
    }

    /// Whether there is such an effect.
    pub fn holds(&self, id: u64) -> bool {
        let held = self.held();
        let id = Id::from(id);
        held.timers.get(id).is_some() || held.items.get(id).is_some() || held.reminders.get(id).is_some()
    }

    /// A timer by its recording.
    pub fn timer(&self, id: u64) -> Option<Timer> {
        self.held().timers.get(id.into()).cloned()
    }

    pub(crate) fn item(&self, id: u64) -> Option<Item> {
        self.held().items.get(id.into()).cloned()
    }

    /// The timers, by their recordings.
    pub fn timers(&self) -> Vec<(u64, Timer)> {
        self.held().timers.iter().map(|(id, timer)| (id.get(), timer.clone())).collect()
    }

    /// What is on lists, by recording.
    pub fn items(&self) -> Vec<(u64, Item)> {
        self.held().items.iter().map(|(id, item)| (id.get(), item.clone())).collect()
    }

    pub(crate) fn reminder(&self, id: u64) -> Option<Reminder> {
        self.held().reminders.get(id.into()).cloned()
    }

    /// The reminders, by their recordings.
    pub fn reminders(&self) -> Vec<(u64, Reminder)> {
        self.held().reminders.iter().map(|(id, reminder)| (id.get(), reminder.clone())).collect()
    }

    /// The timer or reminder that rings next, and when.
    pub fn next(&self) -> Option<(u64, Timestamp)> {
        let held = self.held();
        let timers = held.timers.iter().filter_map(|(id, timer)| Some((id.get(), timer.due()?)));
        let reminders = held.reminders.iter().map(|(id, reminder)| (id.get(), reminder.due));
        let rang = self.rang();
        timers.chain(reminders).filter(|(id, _)| !rang.contains_key(id)).min_by_key(|(_, due)| *due)
    }

    /// The timer or reminder that rings now.
    pub(crate) fn ringing(&self, id: u64) -> Option<Ringing> {
        let held = self.held();
        match held.timers.get(id.into()) {
            Some(timer) => Some(Ringing::Timer(timer.clone())),
            None => held.reminders.get(id.into()).cloned().map(Ringing::Reminder),
        }
    }

    /// How many there are that cannot be read.
    pub(crate) fn unreadable(&self) -> Unreadable {
        let unreadable = self.unreadable.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |kind| unreadable.values().filter(|one| **one == kind).count();
        Unreadable { timers: of(Kind::Timer), items: of(Kind::Note), reminders: of(Kind::Reminder) }
    }

    /// Notes that it has rung, though its time may not have come.
    pub(crate) fn has_rung(&self, id: u64, due: Timestamp) {
        self.rang().insert(id, due);
    }

    /// Those that rang and whose time has come for certain. One whose time is still to come by a clock that was set right rings again.
    pub(crate) fn rang_in_time(&self, is_certain: impl Fn(Timestamp) -> bool, now: Timestamp) -> Vec<u64> {
        let mut rang = self.rang();
        rang.retain(|_, due| *due <= now);
        rang.iter().filter(|(_, due)| is_certain(**due)).map(|(id, _)| *id).collect()
    }

    fn rang(&self) -> MutexGuard<'_, BTreeMap<u64, Timestamp>> {
        self.rang.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens the effects of one kind, and takes in which of them cannot be read.
async fn load<P: DeserializeOwned>(
    vault: &Vault,
    kind: Kind,
    unreadable: &mut BTreeMap<u64, Kind>,
) -> Result<Parts<P>, porchlight_vault::Error> {
    let filter = Filter { kinds: vec![kind], ..Filter::default() };
    let (parts, damaged) = Parts::load(vault, &filter, |bytes| serde_json::from_slice(bytes).ok()).await?;
    if !damaged.is_empty() {
        let all = vault.list(&filter).await?;
        let closed = all.iter().filter(|entry| parts.get(entry.id).is_none());
        unreadable.extend(closed.map(|entry| (entry.id.get(), kind)));
    }
    for why in damaged {
        warn!(target: "porchlight", "a {kind} cannot be used: {why}");
    }
    Ok(parts)
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
    fn what_is_done_is_let_go_of_at_once_and_named_once_for_the_vault_to_forget() {
        let effects = Effects::default();
        effects.add_timer(Id::from(1), Timer::starting(None, 300, at(0), None));
        effects.is_done(1);
        assert!(effects.timer(1).is_none() && effects.next().is_none());
        assert_eq!(effects.take_done(), BTreeSet::from([1]));
        assert!(effects.take_done().is_empty());
    }

    #[test]
    fn a_timer_of_an_earlier_release_is_in_nobodys_place() {
        let text =
            r#"{"v":1,"name":null,"seconds":60,"ends":"2026-11-23T12:00:00Z","paused":null,"device":null}"#;
        assert_eq!(serde_json::from_str::<Timer>(text).unwrap().replaces, None);
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
        let reminder = Reminder::of(Some("call Tom".into()), at(250), None, None);
        effects.add_reminder(Id::from(4), reminder.clone());
        assert_eq!(effects.next(), Some((4, at(250))), "a reminder rings among them");
        assert_eq!(effects.ringing(4), Some(Ringing::Reminder(reminder)));
        effects.has_rung(4, at(250));
        assert_eq!(effects.next(), Some((1, at(300))), "it rings once, and is there still");
        assert!(effects.holds(4) && effects.rang_in_time(|_| false, at(260)).is_empty());
        assert_eq!(effects.rang_in_time(|_| true, at(260)), [4]);
        assert!(effects.rang_in_time(|_| true, at(200)).is_empty(), "its time is still to come");
        assert_eq!(effects.next(), Some((4, at(250))));
    }
}
