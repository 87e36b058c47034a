//! Keeps every camera of the household recording: what it captures is sealed as it comes, and what it missed is written down.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use porchlight_camera::{
    Camera, CameraThread, Captured, Missed, Segment, Segments, Source, State, parse_address,
};
use porchlight_household::{Capture, Device, DeviceId, DeviceKind, Kind, Speaker};
use porchlight_vault::{ClockState, Filter, NewMoment, NewRecording, Pause};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use tracing::{info, warn};

use crate::api::types::Sentence;
use crate::error::ApiError;
use crate::events::Happening;
use crate::hub::Hub;
use crate::keeping::keeping;
use crate::secrets;
use crate::store::MissedStretch;

/// How long it is remembered what a camera missed.
pub(crate) const MISSED_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The cameras that are being watched, by device id.
pub(crate) struct Cameras {
    watched: Mutex<BTreeMap<DeviceId, Watched>>,
    thread: CameraThread,
}

struct Watched {
    camera: Camera,
    state: watch::Receiver<State>,
    keeper: JoinHandle<()>,
    reporter: JoinHandle<()>,
}

/// How one camera is.
pub(crate) struct CameraReport {
    /// One or two sentences, to be read beside the camera's name.
    pub state: Sentence,
    pub recording: bool,
    /// The stretch that is being missed now, and why.
    pub missing: Option<(Timestamp, Sentence)>,
}

impl Cameras {
    /// None yet, and the thread that will read them.
    pub(crate) fn none() -> std::io::Result<Cameras> {
        Ok(Cameras { watched: Mutex::default(), thread: CameraThread::start()? })
    }

    /// Watches the cameras that the household has now, no others, and their sound only where an adult consented.
    pub(crate) async fn follow_household(hub: &Arc<Hub>) {
        let home = hub.home();
        let wanted: BTreeMap<&DeviceId, &Device> = home
            .household
            .devices
            .iter()
            .filter(|device| device.kind == DeviceKind::Camera)
            .map(|device| (&device.id, device))
            .collect();
        let mut watched = hub.cameras.watched.lock().await;
        let gone: Vec<DeviceId> = watched.keys().filter(|id| !wanted.contains_key(id)).cloned().collect();
        for id in gone {
            if let Some(watched) = watched.remove(&id) {
                watched.end().await;
            }
        }
        for (id, device) in wanted {
            let sound = home.household.hears(id, hub.now());
            match watched.get(id) {
                Some(watched) => watched.camera.set_sound(sound),
                None => match source(hub, device, sound).await {
                    Ok(source) => {
                        watched.insert(id.clone(), Watched::start(hub, device, source));
                    }
                    Err(why) => warn!(target: "porchlight", "{} is not being recorded: {why}", device.name),
                },
            }
        }
    }

    /// Writes down, at the start of a hub, what no camera could record because no hub ran.
    pub(crate) async fn count_downtime(hub: &Hub) {
        let home = hub.home();
        for device in home.household.devices.iter().filter(|device| device.kind == DeviceKind::Camera) {
            let newest = Filter {
                devices: vec![device.id.to_string()],
                kinds: vec![porchlight_vault::Kind::Video],
                limit: Some(1),
                ..Filter::default()
            };
            match hub.vault.list(&newest).await {
                Ok(entries) => {
                    let last = entries.last().map(|entry| entry.end).filter(|last| *last < hub.now());
                    if let Some(from) = last {
                        for stretch in downtime(from, &hub.vault.clock_state()) {
                            write_missed(hub, &device.id, &stretch).await;
                        }
                    }
                }
                Err(error) => warn!(target: "porchlight", "{}: {error}", device.name),
            }
        }
    }

    /// How a camera is, in the words of the household's own time.
    pub(crate) async fn report(&self, id: &DeviceId, zone: &jiff::tz::TimeZone) -> CameraReport {
        let watched = self.watched.lock().await;
        let Some(watched) = watched.get(id) else {
            let state = Sentence::new(
                "camera-no-address",
                "Not being recorded: its address is missing or cannot be read. Remove it and add it again.",
            );
            return CameraReport { state, recording: false, missing: None };
        };
        let state = watched.state.borrow().clone();
        let missing = match &state {
            State::Unreachable { since, trouble, .. } => Some((*since, trouble.into())),
            _ => None,
        };
        CameraReport {
            recording: matches!(state, State::Recording { .. }),
            state: sentence(&state, zone),
            missing,
        }
    }

    /// Ends the watching of every camera; what was open is sealed first.
    pub(crate) async fn stop_all(&self) {
        let all = std::mem::take(&mut *self.watched.lock().await);
        futures::future::join_all(all.into_values().map(Watched::end)).await;
    }
}

impl Watched {
    fn start(hub: &Arc<Hub>, device: &Device, source: Source) -> Watched {
        let clock = hub.clock.clone();
        let (camera, segments) = hub.cameras.thread.watch(source, move || clock.now());
        let state = camera.state();
        Watched {
            keeper: tokio::spawn(keep_all(hub.clone(), device.id.clone(), segments)),
            reporter: tokio::spawn(report_changes(hub.clone(), device.id.clone(), state.clone())),
            camera,
            state,
        }
    }

    async fn end(self) {
        self.camera.stop().await;
        // The keeper ends by itself once the last segment is sealed.
        if self.keeper.await.is_err() {
            warn!(target: "porchlight", "the last segment of a camera could not be sealed");
        }
        self.reporter.abort();
    }
}

/// Why a camera has nothing since an instant at which a hub ran. Only what the machine has counted is time in which no hub ran: a
/// clock that was set forward skips time that never passed, and of hours without power nobody knows how many they were.
fn downtime(from: Timestamp, clock: &ClockState) -> Vec<MissedStretch> {
    let off = |to: Timestamp| {
        let why = Sentence::new("hub-was-off", "Porchlight itself was not running.");
        MissedStretch { from, to, why }
    };
    match &clock.paused {
        Some(Pause::ClockJumped { now, latest }) => {
            let counted = (from < *latest).then(|| off(*latest));
            let why = Sentence::new("clock-was-set", "The clock was set forward: this time never passed.");
            let skipped = MissedStretch { from: from.max(*latest), to: *now, why };
            counted.into_iter().chain([skipped]).collect()
        }
        Some(Pause::ClockAhead { now, .. }) => {
            let text = "Porchlight had no power, or its clock was set forward; which of it, is not certain.";
            vec![MissedStretch { from, to: *now, why: Sentence::new("hub-was-off-or-clock-set", text) }]
        }
        _ => vec![off(clock.now)],
    }
}

async fn source(hub: &Hub, device: &Device, sound: bool) -> Result<Source, String> {
    let address = secrets::camera_address(&hub.vault, &device.id)
        .await
        .ok_or("its address is missing; remove it and add it again")?;
    let (url, credentials) = parse_address(&address).map_err(|error| error.to_string())?;
    Ok(Source { url, credentials, sound })
}

/// Seals every segment as it comes, until the camera is no longer watched.
async fn keep_all(hub: Arc<Hub>, id: DeviceId, mut segments: Segments) {
    // What could not be kept, as one stretch, so that a full disk is said once and not every four seconds.
    let mut lost: Option<MissedStretch> = None;
    while let Some(captured) = segments.next().await {
        match captured {
            Captured::Segment(segment) => {
                let (start, end) = (segment.start, segment.end);
                match keep_segment(&hub, &id, segment).await {
                    Ok(()) => {
                        if let Some(stretch) = lost.take() {
                            write_missed(&hub, &id, &stretch).await;
                        }
                    }
                    Err(why) => {
                        if lost.is_none() {
                            let text = format!(
                                "New video is not being kept: {} Nothing old was forgotten to make room.",
                                why.text
                            );
                            warn!(target: "porchlight", "{text}");
                            let said = Sentence::new("film-not-kept", text).because(why.clone());
                            hub.events.tell(hub.now(), Happening::trouble(said));
                        }
                        lost.get_or_insert(MissedStretch { from: start, to: end, why }).to = end;
                    }
                }
            }
            Captured::Missed(Missed { from, to, why }) => {
                write_missed(&hub, &id, &MissedStretch { from, to, why: Sentence::from(&why) }).await;
            }
        }
    }
    if let Some(stretch) = lost {
        write_missed(&hub, &id, &stretch).await;
    }
}

async fn keep_segment(hub: &Hub, id: &DeviceId, segment: Segment) -> Result<(), Sentence> {
    let home = hub.home();
    let household = &home.household;
    let device = household.device(id).map_err(|error| Sentence::from(&error))?;
    // Sound that was consented to when the segment began may no longer be now.
    if segment.sound && !household.hears(id, hub.now()) {
        let text = "the consent to this camera's sound was withdrawn meanwhile.";
        return Err(Sentence::new("sound-withdrawn", text));
    }
    let Some(permit) = household.permit(&Capture {
        kind: Kind::Video,
        speaker: &Speaker::Unknown,
        device: Some(id),
        at: segment.start,
    }) else {
        let text = "no adult agrees to this camera's pictures any more.";
        return Err(Sentence::new("pictures-withdrawn", text));
    };
    let (keeping, audience) =
        keeping(household, Kind::Video, &permit, hub.now()).map_err(ApiError::into_sentence)?;
    let media_type = segment.media_type();
    let moment = NewMoment {
        device: Some(id.to_string()),
        room: device.room.clone(),
        person: None,
        start: segment.start,
        end: segment.end,
        caused_by: None,
        recordings: vec![NewRecording {
            kind: porchlight_vault::Kind::Video,
            keeping,
            audience,
            media_type,
            bytes: segment.bytes,
            sources: Vec::new(),
        }],
    };
    hub.vault.keep(moment).await.map(drop).map_err(|error| Sentence::from(&error))
}

async fn write_missed(hub: &Hub, id: &DeviceId, stretch: &MissedStretch) {
    if let Err(error) = hub.store.add_missed(id.as_str(), stretch).await {
        warn!(target: "porchlight", "what a camera missed could not be written down: {error}");
    }
    if let Err(error) = hub.store.forget_missed(None, hub.now() - MISSED_KEPT).await {
        warn!(target: "porchlight", "old gaps of cameras could not be dropped: {error}");
    }
}

/// Tells the household whenever a camera comes or goes, once for each change and not for every try.
async fn report_changes(hub: Arc<Hub>, id: DeviceId, mut state: watch::Receiver<State>) {
    let mut last = None;
    loop {
        let now = state.borrow_and_update().clone();
        let word = match &now {
            State::Recording { .. } => "recording".to_owned(),
            State::Unreachable { trouble, .. } => trouble.to_string(),
            State::Connecting | State::Stopped => String::new(),
        };
        if !word.is_empty() && last.as_ref() != Some(&word) {
            let home = hub.home();
            let said = sentence(&now, home.household.zone());
            // What it is called now.
            let device =
                home.household.device(&id).map_or_else(|_| id.to_string(), |device| device.name.clone());
            info!(target: "porchlight", "{device}: {}", said.text);
            let recording = matches!(now, State::Recording { .. });
            let state = said.text.clone();
            hub.events.tell(hub.now(), Happening::Camera { device, state, said, recording });
            last = Some(word);
        }
        if state.changed().await.is_err() {
            return;
        }
    }
}

/// A camera's state in a sentence to be spoken, with its name in it.
pub(crate) fn spoken(name: &str, report: &CameraReport) -> String {
    match &report.missing {
        _ if report.recording => format!("{name} is being recorded."),
        Some((_, why)) => format!("{name} is not being recorded. {}", why.text),
        None => format!("{name} is not being recorded yet."),
    }
}

/// A camera's state in one or two sentences, in the household's own time.
fn sentence(state: &State, zone: &jiff::tz::TimeZone) -> Sentence {
    let clock = |at: &Timestamp| at.to_zoned_datetime(zone.clone()).strftime("%H:%M").to_string();
    match state {
        State::Recording { since, width, height, sound, .. } => {
            let text = format!(
                "Recording since {}, {width} by {height}, {} sound.",
                clock(since),
                if *sound { "with" } else { "without" }
            );
            let said = Sentence::new("camera-recording", text).with("since", since).with("sound", sound);
            said.with("width", width).with("height", height)
        }
        State::Unreachable { since, trouble, .. } => {
            let text = format!("Not recording since {}. {trouble}", clock(since));
            Sentence::new("camera-away", text).with("since", since).because(trouble.into())
        }
        State::Connecting => Sentence::new("camera-connecting", state.to_string()),
        State::Stopped => Sentence::new("camera-stopped", state.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_forward_does_not_blame_the_hub() {
        let at = |hour: i64| Timestamp::from_second(1_800_000_000 + hour * 3600).unwrap();
        let told = |paused: Option<Pause>, now: i64| {
            let clock = ClockState { now: at(now), certain: None, paused };
            let stretches = downtime(at(0), &clock).into_iter();
            stretches.map(|it| (it.why.code, it.from, it.to)).collect::<Vec<_>>()
        };
        let stretch = |code: &str, from, to| (code.to_owned(), at(from), at(to));
        assert_eq!(told(None, 5), [stretch("hub-was-off", 0, 5)]);
        // It was off for two hours, and then the clock was set forward by three.
        let jumped = Pause::ClockJumped { now: at(5), latest: at(2) };
        let expected = [stretch("hub-was-off", 0, 2), stretch("clock-was-set", 2, 5)];
        assert_eq!(told(Some(jumped), 5), expected);
        let at_once = Pause::ClockJumped { now: at(5), latest: at(0) };
        assert_eq!(told(Some(at_once), 5), [stretch("clock-was-set", 0, 5)]);
        let ahead = Pause::ClockAhead { now: at(5), latest: at(0) };
        assert_eq!(told(Some(ahead), 5), [stretch("hub-was-off-or-clock-set", 0, 5)]);
    }
}
