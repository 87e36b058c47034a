//! What a request leaves behind, changes or takes away.
//!
//! First it is said what is to be done ([`Deed`]), then all of it is done: together with the words that asked for it, where those are
//! kept, so that there is no moment at which one is there without the other.

use jiff::Timestamp;
use porchlight_household::rights::unproven::{Forgetting, may_take_of_others};
use porchlight_household::{Kind, PersonId};
use porchlight_protocol::Effect;
use porchlight_protocol::events::Happening;
use porchlight_vault::{self as vault, Filter, Id, Kept as KeptMoment, NewMoment, NewRecording, NewRequest};
use porchlight_voice::skill::Change;
use zeroize::Zeroizing;

use super::utterance::Utterance;
use crate::assistant::effects::{Item, Reminder, SHOPPING, Timer};
use crate::deletion::{forget_done, forget_effects};
use crate::error::Error;
use crate::state::Hub;

/// One thing that a skill decided.
pub(super) enum Deed {
    /// Something new is left behind.
    Add { what: Left, change: &'static str },
    /// Something is done, and forgotten.
    Remove(Effect),
}

impl Deed {
    /// What it takes away.
    pub(super) fn taken(&self) -> Option<Id> {
        match self {
            Deed::Add { .. } => None,
            Deed::Remove(effect) => Some(Id::from(effect.id)),
        }
    }
}

/// What is left behind.
pub(super) enum Left {
    Timer(Timer),
    Item(Item),
    Reminder(Reminder),
}

/// What was done.
pub(super) struct Carried {
    /// What was kept of the words that asked for it, or why nothing was.
    pub(super) said: Option<Result<KeptMoment, Error>>,
    pub(super) left: Vec<Effect>,
}

impl Utterance<'_> {
    /// What a skill decided, as it is to be done.
    pub(super) fn deeds(&self, hub: &Hub, change: Change) -> Vec<Deed> {
        let now = self.end;
        let device = || self.device.map(|device| device.id.to_string());
        let add = |what| vec![Deed::Add { what, change: "added" }];
        // A timer is never changed where it lies: the new one says in whose place it is, and from then on the old one is done.
        let changed = |id, change: &dyn Fn(&Timer) -> Timer| {
            let timer = hub.effects.timer(id).map(|timer| change(&timer).in_place_of(id));
            timer.map(|timer| Deed::Add { what: Left::Timer(timer), change: "changed" }).into_iter().collect()
        };
        match change {
            Change::StartTimer { seconds, name } => {
                add(Left::Timer(Timer::starting(name, seconds, now, device())))
            }
            Change::AdjustTimer { id, by_seconds } => changed(id, &|timer| timer.adjusted(by_seconds, now)),
            Change::PauseTimer { id } => changed(id, &|timer| timer.paused_at(now)),
            Change::ResumeTimer { id } => changed(id, &|timer| timer.resumed_at(now)),
            Change::CancelTimer { id } => {
                let timer = hub.effects.timer(id).map(Left::Timer);
                timer.map(|timer| Deed::Remove(timer.as_effect(id, "removed", None))).into_iter().collect()
            }
            Change::AddItem { list, item } => {
                let list = if list.is_empty() { SHOPPING.to_owned() } else { list };
                add(Left::Item(Item::on(&list, &item)))
            }
            Change::RemoveItem { id } | Change::CompleteItem { id } => {
                let item = hub.effects.item(id).map(Left::Item);
                item.map(|item| Deed::Remove(item.as_effect(id, "removed", None))).into_iter().collect()
            }
            Change::ClearList { list } => {
                let items = hub.effects.items().into_iter().filter(|(_, item)| item.list == list);
                items
                    .map(|(id, item)| Deed::Remove(Left::Item(item).as_effect(id, "removed", None)))
                    .collect()
            }
            Change::AddReminder { text, due } => {
                let person = self.speaker.person().map(PersonId::to_string);
                add(Left::Reminder(Reminder::of(text, due, device(), person)))
            }
            Change::CancelReminder { id } => {
                let reminder = hub.effects.reminder(id).map(Left::Reminder);
                let removed = reminder.map(|reminder| reminder.as_effect(id, "removed", None));
                removed.map(Deed::Remove).into_iter().collect()
            }
            // What is to be forgotten is no effect; `super::forgetting` sees to it, and `super::privacy` to cameras.
            Change::SwitchPrivacy { .. }
            | Change::Forget(_)
            | Change::ForgetAsked { .. }
            | Change::KeepAsked
            | Change::TakeEffectsToo
            | Change::OpenVideos => Vec::new(),
        }
    }

    /// Whether this is more than a voice takes away: with what went in the last day, or, of a voice that nobody knows, of what others
    /// put there. Whoever spoke at a device that is everybody's is as unknown; what was written by hand, or asked for at somebody's
    /// own, is others'.
    pub(super) async fn takes_too_much(&self, hub: &Hub, holder: &str, taken: &[Id]) -> Result<bool, Error> {
        if !hub.unproven.may_forget(holder, &Forgetting::of(taken.len()), self.end) {
            return Ok(true);
        }
        if self.speaker.person().is_some() || may_take_of_others(taken.len()) {
            return Ok(false);
        }
        let shared: Vec<&str> = self
            .household
            .devices
            .iter()
            .filter(|device| device.person.is_none())
            .map(|device| device.id.as_str())
            .collect();
        let taken = hub.vault.list(&Filter { ids: taken.to_vec(), ..Filter::default() }).await?;
        let others = taken.iter().filter(|one| !one.device.as_deref().is_some_and(|id| shared.contains(&id)));
        Ok(!may_take_of_others(others.count()))
    }

    /// Does all of it, in one go with the words that asked for it: it is done, or it is an error. Only where nothing is added is it done
    /// without them too, for what is taken away is no matter of room.
    pub(super) async fn carry_out(
        &self,
        hub: &Hub,
        words: Option<NewMoment>,
        deeds: Vec<Deed>,
    ) -> Result<Carried, Error> {
        let (mut added, mut removed) = (Vec::new(), Vec::new());
        for deed in deeds {
            match deed {
                Deed::Add { what, change } => added.push((what, change)),
                Deed::Remove(effect) => removed.push(effect),
            }
        }
        let mut said = None;
        let mut kept = None;
        if let Some(words) = words {
            let asked = added.iter().map(|(what, _)| self.as_moment(what)).collect::<Result<_, _>>()?;
            let done = removed.iter().map(|effect| Id::from(effect.id)).collect();
            said = Some(match hub.vault.keep_request(NewRequest { said: words, asked, done }).await {
                Ok(request) => {
                    kept = Some(request.asked);
                    Ok(request.said)
                }
                Err(why) if added.is_empty() || matches!(why, vault::Error::SourceGone(_)) => Err(why.into()),
                Err(why) => return Err(why.into()),
            });
        }
        let in_one_go = kept.is_some();
        let kept = match kept {
            Some(kept) => kept,
            None => {
                let mut kept = Vec::new();
                for (what, _) in &added {
                    kept.push(hub.vault.keep(self.as_moment(what)?).await?);
                }
                kept
            }
        };
        let mut left = Vec::new();
        for ((what, change), kept) in added.into_iter().zip(kept) {
            left.push(self.take_in(hub, what, change, &kept)?);
        }
        let done: Vec<Id> = removed.iter().map(|effect| Id::from(effect.id)).collect();
        match in_one_go {
            // They are done already: what cannot be forgotten now is tried again.
            true => done.iter().for_each(|id| hub.effects.is_done(id.get())),
            false if done.is_empty() => {}
            false => forget_effects(hub, &done).await?,
        }
        forget_done(hub).await;
        if !(left.is_empty() && removed.is_empty()) {
            hub.effects_changed();
        }
        left.extend(removed);
        Ok(Carried { said, left })
    }

    /// Holds what was kept open in memory.
    fn take_in(&self, hub: &Hub, what: Left, change: &str, kept: &KeptMoment) -> Result<Effect, Error> {
        hub.events.tell(hub.now(), Happening::Kept { moment: kept.moment.get() });
        let id = kept.recordings.first().copied();
        let id = id.ok_or_else(|| Error::broken("the vault kept nothing"))?;
        let ends = match &what {
            Left::Timer(timer) => timer.due(),
            Left::Item(_) => self.terms(Kind::Note, self.end)?.and_then(|(keeping, _)| keeping.ends().at()),
            Left::Reminder(reminder) => Some(reminder.due),
        };
        let effect = what.as_effect(id.get(), change, ends);
        match what {
            Left::Timer(timer) => {
                let replaced = timer.replaces;
                hub.effects.add_timer(id, timer);
                replaced.into_iter().for_each(|old| hub.effects.is_done(old));
            }
            Left::Item(item) => hub.effects.add_item(id, item),
            Left::Reminder(reminder) => hub.effects.add_reminder(id, reminder),
        }
        Ok(effect)
    }

    fn as_moment(&self, what: &Left) -> Result<NewMoment, Error> {
        let (kind, at, bytes) = match what {
            Left::Timer(timer) => (Kind::Timer, timer.due().unwrap_or(self.end), serde_json::to_vec(timer)),
            Left::Item(item) => (Kind::Note, self.end, serde_json::to_vec(item)),
            Left::Reminder(reminder) => (Kind::Reminder, reminder.due, serde_json::to_vec(reminder)),
        };
        let Some((keeping, audience)) = self.terms(kind, at)? else {
            return Err(Error::broken("the household's rules keep no timers, reminders and lists"));
        };
        let recording = NewRecording {
            kind: crate::retention_terms::vault_kind(kind)?,
            terms: keeping,
            audience,
            media_type: "application/json".into(),
            bytes: Zeroizing::new(bytes.map_err(Error::broken)?),
            sources: Vec::new(),
        };
        Ok(self.moment(vec![recording], None, self.end))
    }
}

impl Left {
    fn as_effect(&self, id: u64, change: &str, ends: Option<Timestamp>) -> Effect {
        let (kind, what) = match self {
            Left::Timer(timer) => ("timer", describe(timer)),
            Left::Item(item) => ("note", format!("{} on the {} list", item.text, item.list)),
            Left::Reminder(Reminder { text, .. }) => (
                "reminder",
                text.as_ref().map_or("an alarm".to_owned(), |text| format!("a reminder: {text}")),
            ),
        };
        Effect { id, kind: kind.into(), change: change.into(), what, ends }
    }
}

fn describe(timer: &Timer) -> String {
    let length = porchlight_voice::skill::spoken_length(timer.seconds);
    let named = timer.name.as_ref().map(|name| format!(" called {name}")).unwrap_or_default();
    let paused = if timer.paused.is_some() { ", paused" } else { "" };
    format!("a timer of {length}{named}{paused}")
}
