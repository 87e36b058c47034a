//! What a request leaves behind, changes or takes away.

use jiff::Timestamp;
use porchlight_household::{Kind, PersonId};
use porchlight_vault::{Id, NewRecording};
use porchlight_voice::skill::Change;
use zeroize::Zeroizing;

use super::kept::Kept;
use crate::api::types::Effect;
use crate::effects::{Item, Reminder, SHOPPING, Timer};
use crate::error::ApiError;
use crate::events::Happening;
use crate::hub::Hub;
use crate::schedule::{done_with, forget_done};

impl Kept<'_> {
    /// Does what a skill decided; what it left behind, changed or took away.
    pub(super) async fn apply(
        &self,
        hub: &Hub,
        change: Change,
        caused_by: Option<Id>,
    ) -> Result<Vec<Effect>, ApiError> {
        let now = self.end;
        let device = || self.device.map(|device| device.id.to_string());
        match change {
            Change::StartTimer { seconds, name } => {
                let timer = Timer::starting(name, seconds, now, device());
                Ok(vec![self.add_timer(hub, timer, caused_by, "added").await?])
            }
            Change::AdjustTimer { id, by_seconds } => {
                self.replace_timer(hub, id, caused_by, |timer| timer.adjusted(by_seconds, now)).await
            }
            Change::PauseTimer { id } => {
                self.replace_timer(hub, id, caused_by, |timer| timer.paused_at(now)).await
            }
            Change::ResumeTimer { id } => {
                self.replace_timer(hub, id, caused_by, |timer| timer.resumed_at(now)).await
            }
            Change::CancelTimer { id } => match hub.effects.timer(id) {
                Some(timer) => {
                    done_with(hub, &[Id::from(id)]).await?;
                    Ok(vec![Effect {
                        id,
                        kind: "timer".into(),
                        change: "removed".into(),
                        what: describe(&timer),
                        ends: None,
                    }])
                }
                None => Ok(Vec::new()),
            },
            Change::AddItem { list, item } => {
                let list = if list.is_empty() { SHOPPING.to_owned() } else { list };
                Ok(vec![self.add_item(hub, Item::on(&list, &item), caused_by).await?])
            }
            Change::RemoveItem { id } | Change::CompleteItem { id } => match hub.effects.item(id) {
                Some(item) => {
                    done_with(hub, &[Id::from(id)]).await?;
                    Ok(vec![removed(id, &item)])
                }
                None => Ok(Vec::new()),
            },
            Change::AddReminder { text, due } => {
                let person = self.speaker.person().map(PersonId::to_string);
                Ok(vec![self.add_reminder(hub, Reminder::of(text, due, device(), person), caused_by).await?])
            }
            Change::CancelReminder { id } => match hub.effects.reminder(id) {
                Some(reminder) => {
                    done_with(hub, &[Id::from(id)]).await?;
                    Ok(vec![of_reminder(id, &reminder, "removed")])
                }
                None => Ok(Vec::new()),
            },
            // What is to be forgotten is no effect; `super::forgetting` sees to it.
            Change::Forget(_)
            | Change::ForgetAsked { .. }
            | Change::KeepAsked
            | Change::TakeEffectsToo
            | Change::OpenVideos => Ok(Vec::new()),
            Change::ClearList { list } => {
                let items: Vec<_> =
                    hub.effects.items().into_iter().filter(|(_, item)| item.list == list).collect();
                if !items.is_empty() {
                    done_with(hub, &items.iter().map(|(id, _)| Id::from(*id)).collect::<Vec<_>>()).await?;
                }
                Ok(items.into_iter().map(|(id, item)| removed(id, &item)).collect())
            }
        }
    }

    /// A timer is never changed where it lies: the new one is kept first, and says in whose place it is; from then on the old one is done.
    async fn replace_timer(
        &self,
        hub: &Hub,
        id: u64,
        caused_by: Option<Id>,
        change: impl FnOnce(&Timer) -> Timer,
    ) -> Result<Vec<Effect>, ApiError> {
        let Some(timer) = hub.effects.timer(id) else { return Ok(Vec::new()) };
        let changed = change(&timer).in_place_of(id);
        let added = self.add_timer(hub, changed, caused_by, "changed").await?;
        hub.effects.is_done(id);
        hub.effects_changed();
        forget_done(hub).await;
        Ok(vec![added])
    }

    async fn add_timer(
        &self,
        hub: &Hub,
        timer: Timer,
        caused_by: Option<Id>,
        change: &str,
    ) -> Result<Effect, ApiError> {
        let bytes = serde_json::to_vec(&timer).map_err(ApiError::broken)?;
        let id =
            self.keep_effect(hub, Kind::Timer, bytes, timer.due().unwrap_or(self.end), caused_by).await?;
        let effect = Effect {
            id: id.get(),
            kind: "timer".into(),
            change: change.into(),
            what: describe(&timer),
            ends: timer.due(),
        };
        hub.effects.add_timer(id, timer);
        hub.effects_changed();
        Ok(effect)
    }

    async fn add_item(&self, hub: &Hub, item: Item, caused_by: Option<Id>) -> Result<Effect, ApiError> {
        let bytes = serde_json::to_vec(&item).map_err(ApiError::broken)?;
        let id = self.keep_effect(hub, Kind::Note, bytes, self.end, caused_by).await?;
        let ends = self.terms(Kind::Note, self.end)?.and_then(|(keeping, _)| keeping.ends().at());
        let effect = Effect {
            id: id.get(),
            kind: "note".into(),
            change: "added".into(),
            what: format!("{} on the {} list", item.text, item.list),
            ends,
        };
        hub.effects.add_item(id, item);
        hub.effects_changed();
        Ok(effect)
    }

    async fn add_reminder(
        &self,
        hub: &Hub,
        reminder: Reminder,
        caused_by: Option<Id>,
    ) -> Result<Effect, ApiError> {
        let bytes = serde_json::to_vec(&reminder).map_err(ApiError::broken)?;
        let id = self.keep_effect(hub, Kind::Reminder, bytes, reminder.due, caused_by).await?;
        let effect = of_reminder(id.get(), &reminder, "added");
        hub.effects.add_reminder(id, reminder);
        hub.effects_changed();
        Ok(effect)
    }

    async fn keep_effect(
        &self,
        hub: &Hub,
        kind: Kind,
        bytes: Vec<u8>,
        at: Timestamp,
        caused_by: Option<Id>,
    ) -> Result<Id, ApiError> {
        let Some((keeping, audience)) = self.terms(kind, at)? else {
            return Err(ApiError::broken("the household's rules keep no timers, reminders and lists"));
        };
        let recording = NewRecording {
            kind: crate::keeping::vault_kind(kind)?,
            keeping,
            audience,
            media_type: "application/json".into(),
            bytes: Zeroizing::new(bytes),
            sources: Vec::new(),
        };
        let kept = hub.vault.keep(self.moment(vec![recording], None, caused_by, self.end)).await?;
        hub.events.tell(hub.now(), Happening::Kept { moment: kept.moment.get() });
        kept.recordings.first().copied().ok_or_else(|| ApiError::broken("the vault kept nothing"))
    }
}

fn removed(id: u64, item: &Item) -> Effect {
    Effect {
        id,
        kind: "note".into(),
        change: "removed".into(),
        what: format!("{} on the {} list", item.text, item.list),
        ends: None,
    }
}

fn describe(timer: &Timer) -> String {
    let length = porchlight_voice::skill::spoken_length(timer.seconds);
    let named = timer.name.as_ref().map(|name| format!(" called {name}")).unwrap_or_default();
    let paused = if timer.paused.is_some() { ", paused" } else { "" };
    format!("a timer of {length}{named}{paused}")
}

fn of_reminder(id: u64, reminder: &Reminder, change: &str) -> Effect {
    let what = reminder.text.as_ref().map_or("an alarm".to_owned(), |text| format!("a reminder: {text}"));
    let ends = (change != "removed").then_some(reminder.due);
    Effect { id, kind: "reminder".into(), change: change.into(), what, ends }
}
