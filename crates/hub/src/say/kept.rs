//! What is kept of an utterance, and what it leaves behind.

use jiff::Timestamp;
use porchlight_household::{Capture, Device, Household, Kind, PersonId, Speaker};
use porchlight_vault::{Id, NewMoment, NewRecording};
use porchlight_voice::skill::Change;
use zeroize::Zeroizing;

use crate::api::types::Effect;
use crate::effects::{Item, SHOPPING, Timer};
use crate::error::ApiError;
use crate::events::Happening;
use crate::hub::Hub;
use crate::keeping::keeping;
use crate::schedule::done_with;

/// An utterance as far as keeping goes.
pub(super) struct Kept<'a> {
    pub(super) household: &'a Household,
    pub(super) speaker: &'a Speaker,
    pub(super) device: Option<&'a Device>,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
}

impl Kept<'_> {
    /// Keeps sound, words and answer as one moment, if the speaker is known and that person agreed; else nothing at all, and why.
    /// Written words have no sound.
    pub(super) async fn keep(
        &self,
        hub: &Hub,
        wav: Option<Zeroizing<Vec<u8>>>,
        words: &str,
        reply: &str,
    ) -> Result<(Option<Id>, Vec<u64>, String), ApiError> {
        let Some(person) = self.speaker.person() else {
            return Ok((None, Vec::new(), self.unknown()));
        };
        let mut recordings = Vec::new();
        let plain = "text/plain; charset=utf-8";
        let bytes = |text: &str| Zeroizing::new(text.as_bytes().to_vec());
        for (kind, media_type, bytes) in [
            (Kind::Voice, "audio/wav", wav.unwrap_or_default()),
            (Kind::Transcript, plain, bytes(words)),
            (Kind::Reply, plain, bytes(reply)),
        ] {
            // Without words there is nothing to look back on, and the sound may be anybody's.
            let empty = words.is_empty() || bytes.is_empty();
            if let (false, Some((keeping, audience))) = (empty, self.terms(kind, self.end)?) {
                recordings.push(NewRecording {
                    kind: crate::keeping::vault_kind(kind)?,
                    keeping,
                    audience,
                    media_type: media_type.to_owned(),
                    bytes,
                    sources: Vec::new(),
                });
            }
        }
        if recordings.is_empty() {
            let name = self.household.person(person).map(|person| person.name.clone()).unwrap_or_default();
            let why = if words.is_empty() {
                "no words were heard".to_owned()
            } else {
                format!("{name} has not agreed to history (porchlight consent grant {name} history)")
            };
            return Ok((None, Vec::new(), why));
        }
        let kept = hub.vault.keep(self.moment(recordings, Some(person), None, self.start)).await?;
        hub.events.tell(hub.now(), Happening::Kept { moment: kept.moment.get() });
        Ok((Some(kept.moment), kept.recordings.into_iter().map(Id::get).collect(), String::new()))
    }

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

    /// A timer is never changed where it lies: the new one is kept first, and then the old one forgotten.
    async fn replace_timer(
        &self,
        hub: &Hub,
        id: u64,
        caused_by: Option<Id>,
        change: impl FnOnce(&Timer) -> Timer,
    ) -> Result<Vec<Effect>, ApiError> {
        let Some(timer) = hub.effects.timer(id) else { return Ok(Vec::new()) };
        let added = self.add_timer(hub, change(&timer), caused_by, "changed").await?;
        done_with(hub, &[Id::from(id)]).await?;
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

    async fn keep_effect(
        &self,
        hub: &Hub,
        kind: Kind,
        bytes: Vec<u8>,
        at: Timestamp,
        caused_by: Option<Id>,
    ) -> Result<Id, ApiError> {
        let Some((keeping, audience)) = self.terms(kind, at)? else {
            return Err(ApiError::broken("the household's rules keep no timers and lists"));
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

    fn terms(
        &self,
        kind: Kind,
        at: Timestamp,
    ) -> Result<Option<(porchlight_vault::Keeping, porchlight_vault::Audience)>, ApiError> {
        let capture =
            Capture { kind, speaker: self.speaker, device: self.device.map(|device| &device.id), at };
        self.household
            .permit(&capture)
            .map(|permit| keeping(self.household, kind, &permit, self.end))
            .transpose()
    }

    fn moment(
        &self,
        recordings: Vec<NewRecording>,
        person: Option<&PersonId>,
        caused_by: Option<Id>,
        start: Timestamp,
    ) -> NewMoment {
        NewMoment {
            device: self.device.map(|device| device.id.to_string()),
            room: self.device.and_then(|device| device.room.clone()),
            person: person.map(PersonId::to_string),
            start,
            end: self.end,
            caused_by,
            recordings,
        }
    }

    /// Why a voice is unknown here, in words.
    fn unknown(&self) -> String {
        match self.device {
            Some(device) if device.person.is_none() => {
                format!("anybody can speak at {}, a child too", device.name)
            }
            Some(device) => format!("{} is somebody else's own", device.name),
            None => "only an adult's own session makes a voice known".to_owned(),
        }
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
