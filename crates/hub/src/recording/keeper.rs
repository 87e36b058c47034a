//! Seals every segment of a camera as it comes, and knows what becomes of it: what is not kept is a state, and written down.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use porchlight_camera::{Captured, Missed, Segment, Segments, State};
use porchlight_household::{Capture, DeviceId, Household, Kind, Permit, Speaker};
use porchlight_protocol::Message;
use porchlight_vault::{NewMoment, NewRecording};
use tokio::sync::watch;
use tokio::time::timeout;
use tracing::warn;

use super::report::Storage;
use crate::error::Error;
use crate::messages::Coded;
use crate::retention_terms::terms;
use crate::state::Hub;
use crate::store::{MISSED_KEPT, MissedStretch};

/// Longer than a disk that works takes to write a segment, on a busy day too.
const SILENCE: Duration = Duration::from_secs(15);
/// How often a stretch that goes on is written down as far as it is known: a hub that is killed takes the rest along.
const NOTE_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// So many stretches wait until they can be written down.
const WAITING: usize = 50;

/// Keeps what comes of a camera, until it is no longer watched.
pub(super) async fn keep_all(
    hub: Arc<Hub>,
    id: DeviceId,
    mut segments: Segments,
    state: watch::Receiver<State>,
    storage: watch::Sender<Storage>,
) {
    let mut keeper =
        Keeper { hub, id, state, storage, noted: None, waiting: VecDeque::new(), has_recorded: false };
    while let Some(captured) = segments.next().await {
        match captured {
            Captured::Segment(segment) => keeper.keep(segment).await,
            Captured::Missed(Missed { from, to, why }) => {
                keeper.missed(MissedStretch { from, to, why: why.message() }).await;
            }
        }
    }
    if let Some(stretch) = keeper.ended() {
        keeper.missed(stretch).await;
    }
}

struct Keeper {
    hub: Arc<Hub>,
    id: DeviceId,
    state: watch::Receiver<State>,
    storage: watch::Sender<Storage>,
    /// Up to when the stretch that goes on is written down.
    noted: Option<Timestamp>,
    /// What was missed and is not written down yet, since the disk that film is lost on is often the same.
    waiting: VecDeque<MissedStretch>,
    /// Whether it is noted that something of it was kept.
    has_recorded: bool,
}

/// What became of a segment that was not lost.
enum Done {
    Kept,
    /// The camera belongs to the household no more: nobody misses what came after that.
    NotWanted,
}

impl Keeper {
    async fn keep(&mut self, segment: Segment) {
        let (start, end) = (segment.start, segment.end);
        let (hub, id) = (self.hub.clone(), self.id.clone());
        let mut keeping = pin!(keep_segment(&hub, &id, segment));
        let done = match timeout(SILENCE, &mut keeping).await {
            Ok(done) => done,
            // Nothing is lost yet, and nothing is kept while it lasts.
            Err(_) => {
                self.lose(start, start, silent());
                keeping.await
            }
        };
        match done {
            Ok(Done::Kept) => {
                self.note_recorded().await;
                let lost = self.ended();
                let since = match *self.state.borrow() {
                    State::Recording { since, .. } => Some(since),
                    _ => None,
                };
                self.storage.send_if_modified(|storage| {
                    let again = lost.as_ref().map(|lost| lost.to).or(storage.again);
                    // What was cut as its connection ended may be sealed when that is over.
                    let kept_of = since.or(storage.kept_of).or(Some(start));
                    let new = Storage { kept_of, again, failing: None, before: storage.before };
                    let modified = *storage != new;
                    *storage = new;
                    modified
                });
                self.waiting.extend(lost);
                self.write_down().await;
            }
            Ok(Done::NotWanted) => {}
            Err(why) => {
                self.lose(start, end, why);
                self.note().await;
            }
        }
    }

    /// Notes, once, that something of it was kept: its film ends, and then nothing else says so.
    async fn note_recorded(&mut self) {
        if !self.has_recorded {
            match self.hub.store.note_recorded(self.id.as_str()).await {
                Ok(()) => self.has_recorded = true,
                Err(error) => {
                    warn!(target: "porchlight", "that a camera has recorded could not be noted yet: {error}");
                }
            }
        }
    }

    /// From now on, until something is kept again, film is being lost.
    fn lose(&self, start: Timestamp, end: Timestamp, why: Message) {
        self.storage.send_modify(|storage| match &mut storage.failing {
            Some(stretch) => {
                stretch.to = stretch.to.max(end);
                stretch.why = why;
            }
            None => {
                warn!(target: "porchlight", "film is not being kept: {}", why.text);
                storage.failing = Some(MissedStretch { from: start, to: end, why });
            }
        });
    }

    /// The stretch that has come to its end, unless nothing was lost in it.
    fn ended(&mut self) -> Option<MissedStretch> {
        self.noted = None;
        self.storage.borrow().failing.clone().filter(|stretch| stretch.from < stretch.to)
    }

    /// Writes down now and then what is lost so far.
    async fn note(&mut self) {
        let Some(stretch) = self.storage.borrow().failing.clone() else { return };
        if self.noted.is_none_or(|noted| stretch.to.duration_since(noted) >= NOTE_EVERY) {
            self.noted = Some(stretch.to);
            if let Err(error) = self.hub.store.add_missed(self.id.as_str(), &stretch).await {
                warn!(target: "porchlight", "what a camera misses cannot be written down yet: {error}");
            }
        }
    }

    async fn missed(&mut self, stretch: MissedStretch) {
        self.waiting.push_back(stretch);
        self.write_down().await;
    }

    /// Writes down what waits; what cannot be written stays, for the next segment that is kept.
    async fn write_down(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        // Of a camera that was removed nothing is remembered.
        if self.hub.home().household.device(&self.id).is_err() {
            return self.waiting.clear();
        }
        while let Some(stretch) = self.waiting.front() {
            if let Err(error) = self.hub.store.add_missed(self.id.as_str(), stretch).await {
                warn!(target: "porchlight", "what a camera missed could not be written down: {error}");
                let most = self.waiting.len().saturating_sub(WAITING);
                return drop(self.waiting.drain(..most));
            }
            self.waiting.pop_front();
        }
        if let Ok(certain) = self.hub.vault.trusted_now()
            && let Err(error) = self.hub.store.forget_missed(None, certain - MISSED_KEPT).await
        {
            warn!(target: "porchlight", "old gaps of cameras could not be dropped: {error}");
        }
    }
}

async fn keep_segment(hub: &Hub, id: &DeviceId, segment: Segment) -> Result<Done, Message> {
    let home = hub.home();
    let household = &home.household;
    let Ok(device) = household.device(id) else { return Ok(Done::NotWanted) };
    // Sound that was consented to when the segment began may no longer be now.
    if segment.sound && !household.hears(id, hub.certain_now()) {
        let text = "the consent to this camera's sound was withdrawn meanwhile.";
        return Err(Message::new("sound-withdrawn", text));
    }
    let times = hub.times();
    // Film that a clock which is behind has dated ends by the time that is certain.
    let at = if times.now < times.certain { times.certain } else { segment.start };
    let Some(permit) = permit(household, id, at, times.certain) else {
        return Err(Message::new(
            "pictures-withdrawn",
            "no adult agrees to this camera's pictures any more.",
        ));
    };
    let (keeping, audience) =
        terms(household, Kind::Video, &permit, times.certain).map_err(Error::into_message)?;
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
            terms: keeping,
            audience,
            media_type,
            bytes: segment.bytes,
            sources: Vec::new(),
        }],
    };
    match hub.vault.keep(moment).await {
        Ok(_) => Ok(Done::Kept),
        Err(error) => {
            let why = hub.vault.disk_trouble(&error).as_ref().map_or_else(|| error.message(), Coded::message);
            hub.note_damage(&why);
            Err(why)
        }
    }
}

/// By what a camera's pictures of `at` are kept, where adults who are so `as_of` a certain time agree to that.
pub(super) fn permit(
    household: &Household,
    camera: &DeviceId,
    at: Timestamp,
    as_of: Timestamp,
) -> Option<Permit> {
    let (kind, device) = (Kind::Video, Some(camera));
    household.permit(&Capture { kind, speaker: &Speaker::Unknown, device, at, as_of })
}

fn silent() -> Message {
    Message::new("disk-silent", "the disk does not answer: look at the disk, and at what else keeps it busy.")
}
