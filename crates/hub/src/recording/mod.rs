//! Keeps every camera of the household recording: what it captures is sealed as it comes, and what it missed is written down. And shows it
//! live to whoever may see it.

pub mod adding;
mod chosen;
mod keeper;
pub mod live;
mod live_looks;
pub mod privacy;
mod report;
mod watched;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;
use jiff::Timestamp;
use porchlight_camera::{Source, State, parse_address};
use porchlight_household::{Device, DeviceId, DeviceKind};
use porchlight_protocol::Message;
use porchlight_protocol::events::Happening;
use porchlight_vault::{ClockState, Filter, Pause};
use tokio::sync::watch;
use tracing::{info, warn};

use crate::secrets;
use crate::state::Hub;
use crate::store::{MISSED_KEPT, MissedStretch};
use chosen::as_chosen;
pub use chosen::privacy_of;
use keeper::{keep_all, permit};
pub(crate) use live::finish_left as finish_left_looks;
pub use live_looks::LiveLooks;
use report::{Agreed, Before, CameraReport, HouseholdTime, Storage};
pub use watched::Cameras;
use watched::Watched;

/// Watches the cameras that the household has now and that have no privacy, no others, and their sound only where an adult consented.
pub(crate) async fn follow_household(hub: &Arc<Hub>) {
    let home = hub.home();
    let mut wanted: BTreeMap<&DeviceId, &Device> = BTreeMap::new();
    for device in home.household.devices.iter().filter(|device| device.kind == DeviceKind::Camera) {
        if secrets::privacy(&hub.vault, &device.id).await.is_none() {
            wanted.insert(&device.id, device);
        }
    }
    let mut watched = hub.cameras.watched.lock().await;
    let gone: Vec<DeviceId> = watched.keys().filter(|id| !wanted.contains_key(id)).cloned().collect();
    if !gone.is_empty() {
        drop(watched);
        let_go(hub, &gone).await;
        watched = hub.cameras.watched.lock().await;
    }
    for (id, device) in wanted {
        let sound = home.household.hears(id, hub.certain_now());
        match watched.get(id) {
            Some(watched) => watched.camera.set_sound(sound),
            None => match source(hub, device, sound).await {
                Ok(source) => {
                    let before = before(hub, id).await;
                    watched.insert(id.clone(), watch_camera(hub, device, source, before));
                }
                Err(why) => warn!(target: "porchlight", "camera {} is not being recorded: {why}", device.id),
            },
        }
    }
}

/// Ends the watching of cameras: of those whose address is another, they are watched by it from then on. What was open is sealed first.
pub(crate) async fn let_go(hub: &Hub, cameras: &[DeviceId]) {
    let ended: Vec<Watched> = {
        let mut watched = hub.cameras.watched.lock().await;
        cameras.iter().filter_map(|id| watched.remove(id)).collect()
    };
    // Of these nobody hears any more, and nobody waits for what they take to say goodbye.
    join_all(ended.into_iter().map(Watched::end)).await;
}

/// Writes down, at the start of a hub, what no camera could record because no hub ran.
pub(crate) async fn count_downtime(hub: &Hub) {
    let home = hub.home();
    for device in home.household.devices.iter().filter(|device| device.kind == DeviceKind::Camera) {
        // Of one that has privacy nobody misses anything.
        if secrets::privacy(&hub.vault, &device.id).await.is_some() {
            continue;
        }
        match newest_film(hub, &device.id).await {
            Ok(newest) => {
                // What is known of the time since then, such as a full disk, is no fault of the hub's.
                let told = hub.store.missed(device.id.as_str(), hub.now() - MISSED_KEPT).await;
                let told = told.unwrap_or_default().into_iter().map(|stretch| stretch.to).max();
                let last = newest.map(|end| end.max(told.unwrap_or(end)));
                if let Some(from) = last.filter(|last| *last < hub.now()) {
                    for stretch in downtime(from, &hub.vault.clock_state()) {
                        if let Err(error) = hub.store.add_missed(device.id.as_str(), &stretch).await {
                            warn!(target: "porchlight", "camera {}: {error}", device.id);
                        }
                    }
                }
            }
            Err(error) => warn!(target: "porchlight", "camera {}: {error}", device.id),
        }
    }
}

/// How a camera is, in the words of the household's own time.
pub async fn camera_report(hub: &Hub, id: &DeviceId) -> CameraReport {
    if let Some(chosen) = as_chosen(hub, id).await {
        return chosen;
    }
    match hub.cameras.watched.lock().await.get(id) {
        Some(watched) => report(hub, id, &watched.state.borrow(), &watched.storage.borrow()),
        None => CameraReport::unwatched(),
    }
}

/// When the newest film that is kept of a camera ends.
async fn newest_film(hub: &Hub, id: &DeviceId) -> Result<Option<Timestamp>, porchlight_vault::Error> {
    let newest = Filter {
        devices: vec![id.to_string()],
        kinds: vec![porchlight_vault::Kind::Video],
        limit: Some(1),
        ..Filter::default()
    };
    Ok(hub.vault.list(&newest).await?.last().map(|entry| entry.end))
}

/// What is known of a camera's film from before it is watched. What cannot be read is not called nothing.
async fn before(hub: &Hub, id: &DeviceId) -> Before {
    match (newest_film(hub, id).await, hub.store.has_recorded(id.as_str()).await) {
        (Ok(Some(last)), _) => Before::Until(last),
        (Ok(None), Ok(false)) => Before::Nothing,
        _ => Before::Ended,
    }
}

/// Begins to watch a camera.
fn watch_camera(hub: &Arc<Hub>, device: &Device, source: Source, before: Before) -> Watched {
    let clock = hub.clock.clone();
    let (camera, segments) = hub.cameras.thread.watch(source, move || clock.now());
    let (kept, storage) = watch::channel(Storage { before, ..Storage::default() });
    let state = camera.state();
    let keeping = keep_all(hub.clone(), device.id.clone(), segments, state.clone(), kept);
    let reporting = report_changes(hub.clone(), device.id.clone(), state.clone(), storage.clone());
    Watched { keeper: tokio::spawn(keeping), reporter: tokio::spawn(reporting), camera, state, storage }
}

/// Why a camera has nothing since an instant at which a hub ran. Only what the machine has counted is time in which no hub ran: a
/// clock that was set forward skips time that never passed, and of hours without power nobody knows how many they were.
fn downtime(from: Timestamp, clock: &ClockState) -> Vec<MissedStretch> {
    let off = |to: Timestamp| {
        let why = Message::new("hub-was-off", "Porchlight itself was not running.");
        MissedStretch { from, to, why }
    };
    match &clock.paused {
        Some(Pause::ClockJumped { now, latest }) => {
            let counted = (from < *latest).then(|| off(*latest));
            let why = Message::new("clock-was-set", "The clock was set forward: this time never passed.");
            let skipped = MissedStretch { from: from.max(*latest), to: *now, why };
            counted.into_iter().chain([skipped]).collect()
        }
        Some(Pause::ClockAhead { now, .. }) => {
            let text = "Porchlight had no power, or its clock was set forward; which of it, is not certain.";
            vec![MissedStretch { from, to: *now, why: Message::new("hub-was-off-or-clock-set", text) }]
        }
        _ => vec![off(clock.now)],
    }
}

async fn source(hub: &Hub, device: &Device, sound: bool) -> Result<Source, String> {
    let address = secrets::camera_address(&hub.vault, &device.id)
        .await
        .ok_or("its address is missing; change its address and password")?;
    let (url, credentials) = parse_address(&address).map_err(|error| error.to_string())?;
    Ok(Source { url, credentials, sound })
}

fn report(hub: &Hub, id: &DeviceId, state: &State, storage: &Storage) -> CameraReport {
    let (home, now) = (hub.home(), hub.now());
    let household = &home.household;
    let certain = hub.certain_now();
    let pictures = permit(household, id, certain, certain).is_some();
    let agreed = Agreed { pictures, sound: household.hears(id, certain) };
    CameraReport::of(state, storage, agreed, &HouseholdTime { zone: household.zone(), now })
}

/// Tells the household whenever a camera comes or goes, or its film begins or ceases to be kept: once for each change, and not for
/// every try.
async fn report_changes(
    hub: Arc<Hub>,
    id: DeviceId,
    mut state: watch::Receiver<State>,
    mut storage: watch::Receiver<Storage>,
) {
    let mut last = None;
    let mut recorded = false;
    loop {
        let (streaming, kept) = (state.borrow_and_update().clone(), storage.borrow_and_update().clone());
        let now = match as_chosen(&hub, &id).await {
            Some(chosen) => chosen,
            None => report(&hub, &id, &streaming, &kept),
        };
        let kind = now.kind();
        // A stream that was begun anew, with its sound or without, was for a while not recorded, and whoever looked then is to know.
        let again = now.recording && !recorded;
        recorded = now.recording;
        if kind.is_some() && (last != kind || again) {
            // What it is called now; one that is gone is not told of.
            if let Ok(device) = hub.home().household.device(&id) {
                let (device, recording, said) = (device.name.clone(), now.recording, now.state);
                // By its id: what somebody calls it may be a name.
                info!(target: "porchlight", "camera {id}: {}", said.text);
                let state = said.text.clone();
                hub.events.tell(hub.now(), Happening::Camera { device, state, said, recording });
            }
            last = kind;
        }
        let changed = tokio::select! {
            changed = state.changed() => changed,
            changed = storage.changed() => changed,
        };
        if changed.is_err() {
            return;
        }
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
