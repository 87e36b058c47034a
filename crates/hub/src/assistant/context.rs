//! What the skills are shown of the home when they answer.

use jiff::Timestamp;
use porchlight_household::{Device, DeviceKind, Household, PersonId, Speaker};
use porchlight_voice::intent::Names as SpokenNames;
use porchlight_voice::skill::{self, Situation};

use crate::assistant::pending_questions::Place;
use crate::origin::Origin;
use crate::recording;
use crate::state::Hub;

/// The home as it may be told at this device to this speaker. Skills filter nothing: what may not be told at this device is not in here.
pub(super) struct View {
    now: Timestamp,
    zone: jiff::tz::TimeZone,
    language: String,
    device: String,
    room: Option<String>,
    speaker: Option<String>,
    timers: Vec<skill::Timer>,
    items: Vec<skill::ListItem>,
    reminders: Vec<skill::Reminder>,
    unreadable: skill::Unreadable,
    cameras: Vec<skill::Camera>,
    heard: Vec<skill::Heard>,
    asked: Option<skill::Asked>,
    pub(super) names: SpokenNames,
}

impl View {
    pub(super) async fn of(
        hub: &Hub,
        household: &Household,
        device: Option<&Device>,
        speaker: &Speaker,
        place: &Place,
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
        let reminders = hub
            .effects
            .reminders()
            .into_iter()
            .map(|(id, reminder)| skill::Reminder { id, text: reminder.text, due: reminder.due })
            .collect();
        let mut cameras = Vec::new();
        for camera in household.devices.iter().filter(|device| device.kind == DeviceKind::Camera) {
            let report = recording::camera_report(hub, &camera.id).await;
            cameras.push(skill::Camera {
                name: camera.name.clone(),
                room: camera.room.clone(),
                state: report.spoken(&camera.name),
                recording: report.recording,
            });
        }
        // Whoever is not known to speak is told no more than anybody; a session's own person is known to ask, whatever their age.
        let asks = match (&place.origin, device) {
            (Origin::Session { person, .. }, None) => Some(person),
            _ => speaker.person(),
        };
        let heard = hub
            .recent_utterances
            .tell(device.map(|device| device.id.as_str()), asks.map(PersonId::as_str), now)
            .into_iter()
            .map(|told| {
                let device = by_id(told.device.as_deref());
                skill::Heard {
                    at: told.at,
                    device: device.map_or_else(|| "a signed-in computer".to_owned(), |d| d.name.clone()),
                    room: device.and_then(|d| d.room.clone()),
                    words: told.words,
                    moment: told.moment,
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
            reminders,
            unreadable: hub.effects.unreadable(),
            cameras,
            heard,
            asked: hub.pending_questions.asked(place, now),
            names,
        }
    }

    pub(super) fn situation(&self) -> Situation<'_> {
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
            reminders: &self.reminders,
            unreadable: self.unreadable,
            cameras: &self.cameras,
            heard: &self.heard,
            asked: self.asked,
            // Where this computer has no chance to give, a coin falls on one side.
            chance: getrandom::u64().unwrap_or_default(),
        }
    }
}
