//! What a camera sends now, for whoever watches it live.
//!
//! The newest group of pictures is held in memory, so that whoever comes has a picture at once; then each unit follows as it arrives.
//! A viewer reads at their own speed out of what is shared by all: who is too slow goes on at the newest key frame, and whoever puts
//! units in never waits for anybody. All of it is bounded, and wiped when the last who holds it lets go.

use std::collections::VecDeque;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use zeroize::Zeroizing;

use crate::batching::{Batching, Hurry};
use crate::codec::decoder_setup;
use crate::track::{Picture, Sound, SoundTrack, VIDEO_RATE, VideoTrack};

/// The most that is held of one camera: a group of ten seconds and of any camera for a home, with its sound. (Wiping takes long where it is
/// not optimised, so that a test has less.)
const MOST_BYTES: usize = if cfg!(test) { 256 << 10 } else { 16 << 20 };
const MOST_UNITS: usize = 2_048;

/// Whoever is further behind than this goes on at the newest key frame.
const MOST_BEHIND: SignedDuration = SignedDuration::from_secs(2);

/// What a camera sends now. It opens nothing by itself: [`Live::watch`] does.
#[derive(Clone)]
pub struct Live {
    shared: Arc<Shared>,
    batching: Batching,
}

/// Whoever watches a camera live, until this is dropped.
pub struct Viewer {
    shared: Arc<Shared>,
    /// The number of the unit that comes next.
    next: u64,
    /// Units before this one were there before the viewer came.
    past: u64,
    /// Nothing can be shown before the next key frame.
    wants_key: bool,
    /// While somebody watches, what is sent is read as it comes.
    _hurry: Hurry,
}

/// What a stream is made of, as a decoder wants to know it.
#[derive(Debug, PartialEq, Eq)]
pub struct LiveTrack {
    /// The codec of the pictures (RFC 6381).
    pub codec: String,
    /// What the decoder is set up with: the content of the `avcC` or `hvcC` box; empty where there is none.
    pub description: Vec<u8>,
    /// Width of the picture, in pixels.
    pub width: u32,
    /// Height of the picture, in pixels.
    pub height: u32,
    /// The sound, where it was asked for and there is one.
    pub sound: Option<LiveSound>,
}

/// The sound of a stream, as a decoder wants to know it.
#[derive(Debug, PartialEq, Eq)]
pub struct LiveSound {
    /// Its codec (RFC 6381).
    pub codec: String,
    /// What the decoder is set up with; empty where it needs nothing.
    pub description: Vec<u8>,
    /// Ticks, and samples, a second.
    pub rate: u32,
    /// How many channels it has.
    pub channels: u16,
}

/// What a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveKind {
    /// A picture that needs no other.
    Key,
    /// A picture that needs those before it.
    Picture,
    /// A frame of sound.
    Sound,
}

/// One picture or frame of sound. Wiped when the last who holds it lets go.
pub struct LiveUnit {
    /// What it is.
    pub kind: LiveKind,
    /// The sender's time, in microseconds from where it likes.
    pub time: i64,
    /// When it arrived, by the hub's clock.
    pub arrived: Timestamp,
    /// What the stream is made of from here on.
    pub track: Arc<LiveTrack>,
    /// The unit itself: pictures as length-prefixed NAL units.
    pub data: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for LiveUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LiveUnit({:?}, {} bytes)", self.kind, self.data.len())
    }
}

/// The recorder's end: it never waits.
pub(crate) struct Tap {
    shared: Arc<Shared>,
    sound: Option<SoundTrack>,
    /// The track that was last told, and what it was made of.
    told: Option<(Arc<VideoTrack>, Arc<LiveTrack>)>,
}

#[derive(Default)]
struct Shared {
    ring: Mutex<Ring>,
    changed: Notify,
}

#[derive(Default)]
struct Ring {
    units: VecDeque<Arc<LiveUnit>>,
    /// The number of the first of them.
    first: u64,
    /// The newest key frame, and the one before it as long as somebody may still be on their way from there.
    newest_key: Option<u64>,
    key_before: Option<u64>,
    bytes: usize,
    viewers: usize,
    closed: bool,
}

/// The two ends of a camera's live pictures.
pub(crate) fn live(batching: Batching) -> (Tap, Live) {
    let shared = Arc::<Shared>::default();
    (Tap { shared: shared.clone(), sound: None, told: None }, Live { shared, batching })
}

impl Live {
    /// Begins to watch: with the newest group of pictures, where there is one.
    pub fn watch(&self) -> Viewer {
        let hurry = self.batching.hurry();
        let mut ring = self.shared.lock();
        ring.viewers += 1;
        let (end, newest) = (ring.end(), ring.newest_key);
        drop(ring);
        Viewer {
            shared: self.shared.clone(),
            next: newest.unwrap_or(end),
            past: end,
            wants_key: newest.is_none(),
            _hurry: hurry,
        }
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Live")
    }
}

impl Viewer {
    /// The next unit, and whether it was there before the viewer came; `None` once the camera is no longer watched by the hub.
    ///
    /// Cancel safe: a call that is dropped before it is ready has taken nothing.
    pub async fn next(&mut self) -> Option<(Arc<LiveUnit>, bool)> {
        let shared = self.shared.clone();
        loop {
            let mut changed = pin!(shared.changed.notified());
            // From here on no unit is missed.
            changed.as_mut().enable();
            {
                let ring = shared.lock();
                if ring.closed {
                    return None;
                }
                if let Some((number, unit)) = self.take(&ring) {
                    return Some((unit, number < self.past));
                }
            }
            changed.await;
        }
    }

    fn take(&mut self, ring: &Ring) -> Option<(u64, Arc<LiveUnit>)> {
        if self.next < ring.first || ring.is_far_behind(self.next) {
            match ring.newest_key.filter(|key| *key >= self.next) {
                Some(key) => (self.next, self.wants_key) = (key, false),
                None => (self.next, self.wants_key) = (ring.end(), true),
            }
        }
        while let Some(unit) = ring.get(self.next) {
            let number = self.next;
            self.next += 1;
            if self.wants_key && unit.kind != LiveKind::Key {
                continue;
            }
            self.wants_key = false;
            return Some((number, unit.clone()));
        }
        None
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.shared.lock().viewers -= 1;
    }
}

impl fmt::Debug for Viewer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Viewer")
    }
}

impl Tap {
    /// A connection begins, with this sound or none.
    pub(crate) fn begin(&mut self, sound: Option<SoundTrack>) {
        self.interrupt();
        self.sound = sound;
        self.told = None;
    }

    /// A picture arrived.
    pub(crate) fn picture(&mut self, picture: &Picture, track: &Arc<VideoTrack>) {
        let new = self.told.as_ref().is_none_or(|(told, _)| !Arc::ptr_eq(told, track));
        if new {
            let same = self.told.as_ref().filter(|(told, _)| told == track).map(|(_, live)| live.clone());
            let live = same.unwrap_or_else(|| Arc::new(LiveTrack::of(track, self.sound.as_ref())));
            self.told = Some((track.clone(), live));
        }
        let Some((_, live)) = &self.told else { return };
        self.put(LiveUnit {
            kind: if picture.key { LiveKind::Key } else { LiveKind::Picture },
            time: microseconds(picture.ticks, VIDEO_RATE),
            arrived: picture.arrived.wall,
            track: live.clone(),
            data: picture.data.clone(),
        });
    }

    /// A frame of sound arrived. Before the first picture there is nothing that it belongs to.
    pub(crate) fn sound(&mut self, sound: &Sound) {
        let (Some((_, live)), Some(track)) = (&self.told, &self.sound) else { return };
        self.put(LiveUnit {
            kind: LiveKind::Sound,
            time: microseconds(sound.ticks, track.rate),
            arrived: sound.arrived.wall,
            track: live.clone(),
            data: sound.data.clone(),
        });
    }

    /// The connection is over: what it brought is live no more.
    pub(crate) fn interrupt(&self) {
        self.shared.lock().clear();
    }

    fn put(&self, unit: LiveUnit) {
        let mut ring = self.shared.lock();
        let gone = ring.put(unit);
        drop(ring);
        // Wiping takes its time, and nobody is to wait for it.
        drop(gone);
        self.shared.changed.notify_waiters();
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        let mut ring = self.shared.lock();
        ring.clear();
        ring.closed = true;
        drop(ring);
        self.shared.changed.notify_waiters();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Ring> {
        // Nothing that holds the lock can leave the ring half changed.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    /// The number of the unit that will come next.
    fn end(&self) -> u64 {
        self.first + self.units.len() as u64
    }

    fn get(&self, number: u64) -> Option<&Arc<LiveUnit>> {
        self.units.get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    /// Whether whoever is at this unit had better go on at the newest key frame.
    fn is_far_behind(&self, at: u64) -> bool {
        let Some(key) = self.newest_key.filter(|key| *key > at) else { return false };
        let (Some(unit), Some(key)) = (self.get(at), self.get(key)) else { return false };
        key.arrived.duration_since(unit.arrived) > MOST_BEHIND
    }

    /// Adds a unit; what has to go for it.
    fn put(&mut self, unit: LiveUnit) -> Vec<Arc<LiveUnit>> {
        let mut gone = Vec::new();
        if unit.kind == LiveKind::Key {
            // Whoever is just about to read the end of the group before gets it; nobody else has use for it.
            self.key_before = self.newest_key.filter(|_| self.viewers > 0);
            let until = self.key_before.unwrap_or(self.end());
            self.newest_key = Some(self.end());
            self.let_go(until, &mut gone);
        } else if self.newest_key.is_none() && self.viewers == 0 {
            // Without its key frame it shows nothing to anybody who comes; who is here already goes on with it.
            return gone;
        }
        self.bytes += unit.data.len();
        self.units.push_back(Arc::new(unit));
        if self.is_full()
            && let Some(key) = self.newest_key
        {
            self.let_go(key, &mut gone);
        }
        if self.is_full() && self.units.len() > 1 {
            self.newest_key = None;
            if self.viewers == 0 {
                self.let_go(self.end(), &mut gone);
            }
        }
        while self.is_full() && self.units.len() > 1 {
            self.let_go(self.first + 1, &mut gone);
        }
        gone
    }

    fn is_full(&self) -> bool {
        self.bytes > MOST_BYTES || self.units.len() > MOST_UNITS
    }

    /// Lets go of all that is before a unit.
    fn let_go(&mut self, until: u64, gone: &mut Vec<Arc<LiveUnit>>) {
        while self.first < until
            && let Some(unit) = self.units.pop_front()
        {
            self.first += 1;
            self.bytes -= unit.data.len();
            gone.push(unit);
        }
        if self.key_before.is_some_and(|key| key < self.first) {
            self.key_before = None;
        }
    }

    fn clear(&mut self) {
        let end = self.end();
        // No number is used twice, so that whoever is on their way notices.
        self.first = end + 1;
        self.units.clear();
        (self.newest_key, self.key_before, self.bytes) = (None, None, 0);
    }
}

impl LiveTrack {
    fn of(track: &VideoTrack, sound: Option<&SoundTrack>) -> LiveTrack {
        LiveTrack {
            codec: track.codec.clone(),
            description: decoder_setup::picture_description(&track.sample_entry).unwrap_or_default(),
            width: track.width,
            height: track.height,
            sound: sound.map(|sound| LiveSound {
                codec: sound.codec.clone(),
                description: decoder_setup::sound_description(&sound.sample_entry).unwrap_or_default(),
                rate: sound.rate,
                channels: decoder_setup::channels(&sound.sample_entry).unwrap_or(1),
            }),
        }
    }
}

fn microseconds(ticks: i64, rate: u32) -> i64 {
    i64::try_from(i128::from(ticks) * 1_000_000 / i128::from(rate.max(1))).unwrap_or_default()
}

#[cfg(test)]
mod tests;
