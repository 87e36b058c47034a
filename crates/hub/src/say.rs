//! One utterance, from its sound to the answer: heard, understood, answered, and kept only where that was agreed to.

use std::sync::Arc;
use std::time::Instant;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::{SignedDuration, Timestamp};
use porchlight_household::{Capture, Device, DeviceKind, Household, Kind, PersonId, Speaker};
use porchlight_vault::{Id, NewMoment, NewRecording};
use porchlight_voice::intent::Names as SpokenNames;
use porchlight_voice::skill::{self, Change, Situation};
use porchlight_voice::wav;
use zeroize::Zeroizing;

use crate::api::types::{Effect, SayAnswer, Timings};
use crate::cameras::spoken;
use crate::effects::{Item, SHOPPING, Timer};
use crate::error::ApiError;
use crate::heard::Utterance;
use crate::hub::Hub;
use crate::keeping::keeping;
use crate::schedule::done_with;

/// Whose sound it is and where it came in.
pub(crate) struct Spoken<'a> {
    /// The person whose session it came by.
    pub session: &'a PersonId,
    /// The microphone; none for push-to-talk in the session itself.
    pub device: Option<Device>,
    /// The WAV file.
    pub wav: Zeroizing<Vec<u8>>,
    /// Whether the answer is wanted as speech too.
    pub aloud: bool,
}

/// Answers an utterance.
pub(crate) async fn answer(hub: &Arc<Hub>, spoken: Spoken<'_>) -> Result<SayAnswer, ApiError> {
    let began = Instant::now();
    let now = hub.now();
    let home = hub.home();
    let household = &home.household;
    let Spoken { session, device, wav, aloud } = spoken;
    let sound = wav::read(&wav)?;
    let start = now - SignedDuration::from_secs_f64(sound.seconds());
    let speaker = household.speaker(Some(session), device.as_ref().map(|device| &device.id), now);
    let mut timings = Timings::default();

    let (words, sound_seconds) = {
        let seconds = sound.seconds();
        let (words, took) =
            blocking(hub, move |hub| voice(hub)?.hear(&sound).map_err(ApiError::broken)).await?;
        timings.hear = took;
        (words, seconds)
    };

    let understood = Instant::now();
    let answer = {
        let view = View::of(hub, household, device.as_ref(), &speaker, now).await;
        let answer = voice(hub)?.answer(&words, &view.names, &view.situation());
        timings.understand = milliseconds(understood);
        answer
    };
    timings.to_text = milliseconds(began);

    let keeping = Instant::now();
    let utterance = Kept { household, speaker: &speaker, device: device.as_ref(), start, end: now };
    let (moment, kept, not_kept) = utterance.keep(hub, wav, &words, &answer.reply).await?;
    let mut left = Vec::new();
    for change in answer.changes {
        left.extend(utterance.apply(hub, change, moment).await?);
    }
    timings.keep = milliseconds(keeping);
    // Silence is nothing that was heard.
    if !words.is_empty() {
        hub.heard.add(Utterance {
            at: now,
            device: device.as_ref().map(|device| device.id.to_string()),
            words: speaker.person().map(|person| (person.to_string(), words.clone())),
            moment: moment.map(Id::get),
        });
    }

    let speech = if aloud {
        let reply = answer.reply.clone();
        let (speech, took) =
            blocking(hub, move |hub| voice(hub)?.speak(&reply).map_err(ApiError::broken)).await?;
        timings.speak = took;
        Some(BASE64_STANDARD.encode(wav::write(&speech)))
    } else {
        None
    };
    tracing::debug!(target: "porchlight", "answered {sound_seconds:.1} s of sound");
    timings.total = milliseconds(began);
    Ok(SayAnswer {
        transcript: words.to_string(),
        intent: answer.intent,
        slots: answer.slots,
        reply: answer.reply,
        kept,
        not_kept,
        left,
        timings,
        speech,
    })
}

/// The hub's voice, or why it has none.
pub(crate) fn voice(hub: &Hub) -> Result<&crate::voice::Voice, ApiError> {
    hub.voice.as_ref().map_err(|why| ApiError::unavailable(format!("Porchlight cannot hear or speak: {why}")))
}

/// Runs what blocks off the async threads; with how many milliseconds it took.
pub(crate) async fn blocking<T: Send + 'static>(
    hub: &Arc<Hub>,
    work: impl FnOnce(&Hub) -> Result<T, ApiError> + Send + 'static,
) -> Result<(T, f64), ApiError> {
    let hub = hub.clone();
    let began = Instant::now();
    let done = tokio::task::spawn_blocking(move || work(&hub)).await??;
    Ok((done, milliseconds(began)))
}

fn milliseconds(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 1e4).round() / 10.0
}

/// What the skills are shown of the home. They filter nothing: what may not be told at this device is not in here.
struct View {
    now: Timestamp,
    zone: jiff::tz::TimeZone,
    language: String,
    device: String,
    room: Option<String>,
    speaker: Option<String>,
    timers: Vec<skill::Timer>,
    items: Vec<skill::ListItem>,
    cameras: Vec<skill::Camera>,
    heard: Vec<skill::Heard>,
    names: SpokenNames,
}

impl View {
    async fn of(
        hub: &Hub,
        household: &Household,
        device: Option<&Device>,
        speaker: &Speaker,
        now: Timestamp,
    ) -> View {
        let by_id = |id: Option<&str>| {
            id.and_then(|id| household.devices.iter().find(|device| device.id.as_str() == id))
        };
        let timers = hub
            .effects
            .timers()
            .into_iter()
            .map(|(id, timer)| {
                let device = by_id(timer.device.as_deref());
                skill::Timer {
                    id,
                    name: timer.name,
                    seconds: timer.seconds,
                    ends: timer.ends,
                    paused: timer.paused,
                    device: device.map(|device| device.name.clone()).unwrap_or_default(),
                    room: device.and_then(|device| device.room.clone()),
                }
            })
            .collect();
        let items = hub
            .effects
            .items()
            .into_iter()
            .map(|(id, item)| skill::ListItem { id, list: item.list, text: item.text })
            .collect();
        let mut cameras = Vec::new();
        for camera in household.devices.iter().filter(|device| device.kind == DeviceKind::Camera) {
            let report = hub.cameras.report(&camera.id, household.zone()).await;
            cameras.push(skill::Camera {
                name: camera.name.clone(),
                room: camera.room.clone(),
                state: spoken(&camera.name, &report),
                recording: report.recording,
            });
        }
        let heard = hub
            .heard
            .tell(device.map(|device| device.id.as_str()), speaker.person().map(PersonId::as_str), now)
            .into_iter()
            .map(|told| {
                let device = by_id(told.device.as_deref());
                skill::Heard {
                    at: told.at,
                    device: device.map_or_else(|| "a signed-in computer".to_owned(), |d| d.name.clone()),
                    room: device.and_then(|d| d.room.clone()),
                    words: told.words,
                }
            })
            .collect();
        let mut names = SpokenNames::new();
        for device in &household.devices {
            names = device.room.iter().fold(names, |names, room| names.area(room));
            if device.kind == DeviceKind::Camera {
                names = names.camera(&device.name);
            }
        }
        if let Some(room) = device.and_then(|device| device.room.as_deref()) {
            names = names.here(room);
        }
        View {
            now,
            zone: household.zone().clone(),
            language: household.language.clone(),
            device: device.map(|device| device.name.clone()).unwrap_or_default(),
            room: device.and_then(|device| device.room.clone()),
            speaker: speaker
                .person()
                .and_then(|id| household.person(id).ok())
                .map(|person| person.name.clone()),
            timers,
            items,
            cameras,
            heard,
            names,
        }
    }

    fn situation(&self) -> Situation<'_> {
        Situation {
            now: self.now,
            zone: self.zone.clone(),
            language: &self.language,
            device: &self.device,
            room: self.room.as_deref(),
            speaker: match &self.speaker {
                Some(name) => skill::Speaker::Known(name),
                None => skill::Speaker::Unknown,
            },
            timers: &self.timers,
            items: &self.items,
            cameras: &self.cameras,
            heard: &self.heard,
        }
    }
}

/// An utterance as far as keeping goes.
struct Kept<'a> {
    household: &'a Household,
    speaker: &'a Speaker,
    device: Option<&'a Device>,
    start: Timestamp,
    end: Timestamp,
}

impl Kept<'_> {
    /// Keeps sound, words and answer as one moment, if the voice is known and its person agreed; else nothing at all, and why.
    async fn keep(
        &self,
        hub: &Hub,
        wav: Zeroizing<Vec<u8>>,
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
            (Kind::Voice, "audio/wav", wav),
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
        Ok((Some(kept.moment), kept.recordings.into_iter().map(Id::get).collect(), String::new()))
    }

    /// Does what a skill decided; what it left behind, changed or took away.
    async fn apply(&self, hub: &Hub, change: Change, caused_by: Option<Id>) -> Result<Vec<Effect>, ApiError> {
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
