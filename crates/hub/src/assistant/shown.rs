//! What requests left behind, as the household's pages show it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use porchlight_protocol::{EffectsView, ItemView, ListView, ReminderView, TimerView};
use porchlight_vault::{Filter, Kind};

use crate::attention;
use crate::error::Error;
use crate::query::Names;
use crate::state::Hub;

/// The timers, lists and reminders as they are now, each kind in the order in which they come due.
pub async fn shown(hub: &Hub) -> Result<EffectsView, Error> {
    let home = hub.home();
    let names = Names::of(&home.household);
    // Whoever has left, and what is gone, has no name here any more.
    let device = |id: Option<String>| id.and_then(|id| names.known_device(&id));
    let timers = hub.effects.timers().into_iter();
    let mut timers: Vec<TimerView> = timers
        .map(|(id, timer)| TimerView {
            id,
            ends: timer.due(),
            seconds: timer.seconds,
            paused_left: timer.paused,
            name: timer.name,
            device: device(timer.device),
        })
        .collect();
    timers.sort_by_key(|timer| (timer.ends.is_none(), timer.ends));
    let reminders = hub.effects.reminders().into_iter();
    let mut reminders: Vec<ReminderView> = reminders
        .map(|(id, reminder)| ReminderView {
            id,
            text: reminder.text,
            due: reminder.due,
            device: device(reminder.device),
            person: reminder.person.and_then(|id| names.known_person(&id)),
        })
        .collect();
    reminders.sort_by_key(|reminder| reminder.due);
    let unreadable = attention::unreadable_effects(hub);
    Ok(EffectsView { timers, lists: lists(hub).await?, reminders, unreadable })
}

async fn lists(hub: &Hub) -> Result<Vec<ListView>, Error> {
    let items = hub.effects.items();
    if items.is_empty() {
        return Ok(Vec::new());
    }
    let notes = hub.vault.list(&Filter { kinds: vec![Kind::Note], ..Filter::default() }).await?;
    let added: BTreeMap<u64, Timestamp> = notes.iter().map(|note| (note.id.get(), note.start)).collect();
    let mut lists: BTreeMap<String, Vec<ItemView>> = BTreeMap::new();
    for (id, item) in items {
        // One that was forgotten in this very instant is not on its list any more.
        if let Some(&added) = added.get(&id) {
            lists.entry(item.list).or_default().push(ItemView { id, text: item.text, added });
        }
    }
    Ok(lists.into_iter().map(|(name, items)| ListView { name, items }).collect())
}
