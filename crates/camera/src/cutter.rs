//! Cuts a stream of frames into segments, at key frames and within bounds. Knows no network.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::audio::AudioGate;
use crate::clock::Arrival;
use crate::gop::{Gop, Span};
use crate::pace::MOST_BUFFERED;
use crate::timing::MediaClock;
use crate::track::{Picture, Sound, SoundTrack, VIDEO_RATE, VideoTrack};
use crate::wall_clock::{STOOD_STILL, WallClock, shown};
use crate::{Error, Segment};

/// Times are in ticks of [`VIDEO_RATE`].
pub(crate) struct Limits {
    /// A segment ends at the first key frame after this.
    target: i64,
    /// A segment ends after this even without a key frame, and with it the connection: when both clocks, the sender's and ours,
    /// have gone on so far.
    longest: i64,
    bytes: usize,
    pictures: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let second = i64::from(VIDEO_RATE);
        Self {
            // Four seconds, less a little: a key frame that is a hair early must not double the segment.
            target: 4 * second - second / 10,
            longest: 30 * second,
            bytes: 48 << 20,
            pictures: 4_096,
        }
    }
}

/// How long a cut segment waits for sound that travels behind its pictures.
const SOUND_WAIT: i64 = VIDEO_RATE as i64 / 2;

/// How far the hub's clock may move beside the steady one within a segment, in microseconds, until that means that it was set.
const CLOCK_WAS_SET: i64 = 1_000_000;

/// No segment ends later than this after the arrival of the newest picture, in microseconds: how long that one lasts is a guess.
const LASTS_AT_MOST: i64 = 1_000_000;

/// Takes the frames of one connection and yields its segments.
pub(crate) struct Cutter {
    limits: Limits,
    clock: MediaClock,
    wall: WallClock,
    open: Option<Gop>,
    /// Where the open gop starts, on the steady clock and as the hub's shows it, when it follows directly on another.
    follows: Option<(i64, Timestamp)>,
    /// Since when a key frame is waited for: the media time, and the steady clock's.
    waits: Option<(i64, i64)>,
    /// Nothing arrived for so long that the hub stood still, and what it missed is not known yet.
    stood_still: bool,
    /// Why the sender's clock passed over a time within the open gop.
    passed_over: Option<Error>,
    /// Why there is no film right before the open gop, or the next.
    hole: Option<Error>,
    /// A gop that is cut, and waits for the last of its sound.
    settling: Option<(Gop, Span, Option<Error>)>,
    audio: Option<AudioGate>,
    ready: VecDeque<Cut>,
}

/// A segment, and why there is no film right before it where the connection was there all the time.
pub(crate) struct Cut {
    pub(crate) segment: Segment,
    pub(crate) hole: Option<Error>,
}

impl Cutter {
    pub(crate) fn new(sound: Option<SoundTrack>) -> Self {
        Self::with_limits(sound, Limits::default())
    }

    /// With other bounds on a segment's media and number of pictures, so that small inputs reach them.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn within(sound: Option<SoundTrack>, bytes: usize, pictures: usize) -> Self {
        Self::with_limits(sound, Limits { bytes, pictures, ..Limits::default() })
    }

    fn with_limits(sound: Option<SoundTrack>, limits: Limits) -> Self {
        Self {
            limits,
            clock: MediaClock::new(VIDEO_RATE),
            wall: WallClock::new(VIDEO_RATE),
            open: None,
            follows: None,
            waits: None,
            stood_still: false,
            passed_over: None,
            hole: None,
            settling: None,
            audio: sound.map(AudioGate::new),
            ready: VecDeque::new(),
        }
    }

    /// The next segment that is complete.
    pub(crate) fn take(&mut self) -> Option<Cut> {
        self.ready.pop_front()
    }

    /// The track that is being recorded, and when its open segment began.
    pub(crate) fn recording(&self) -> Option<(&Arc<VideoTrack>, Timestamp)> {
        let gop = self.open.as_ref()?;
        let began = match self.follows {
            Some((_, shown)) => shown,
            None => shown(self.begin_of(gop)?, gop.arrived().offset())?,
        };
        Some((gop.track(), began))
    }

    /// Takes a picture of the given track.
    ///
    /// # Errors
    ///
    /// [`Error::NoKeyFrames`] when a bound is reached, or the track changed, without a key frame: what was collected is
    /// cut, and only a new connection will help.
    pub(crate) fn picture(&mut self, picture: Picture, track: &Arc<VideoTrack>) -> Result<(), Error> {
        let Picture { data, ticks, key, arrived } = picture;
        let before = self.clock.latest();
        let late = before.map_or(0, |(media, _)| self.wall.late_by(media, arrived.steady));
        let mut media = self.clock.place(ticks, key, arrived.steady, late);
        let step = before.map_or(0, |(before, _)| self.wall.microseconds(media.saturating_sub(before)));
        if let Some(ratio) = self.clock.correction() {
            media = self.correct(media, ratio, arrived.steady);
        }
        let passed = before.map_or(0, |(_, before)| arrived.steady.saturating_sub(before));
        self.stood_still |= passed >= STOOD_STILL;
        if step >= STOOD_STILL {
            self.break_off();
        }
        if self.wall.note(media, arrived) {
            self.passed_over = Some(self.why_nothing_came());
        }
        self.stood_still &= self.wall.late_by(media, arrived.steady) > CLOCK_WAS_SET;
        self.settle_if(|end, audio| audio.reaches(end) || media > end + SOUND_WAIT);
        match self.open.take() {
            None => self.begin(data, media, key, arrived, track),
            Some(gop) => self.go_on(gop, data, media, key, arrived, track),
        }
    }

    /// The sender's clock is wrong: places anew what was collected. Where the latest picture lies then.
    fn correct(&mut self, media: i64, ratio: f64, steady: i64) -> i64 {
        let pivot = self.open.as_ref().map_or(media, Gop::start);
        let media = self.clock.stretch(pivot, ratio);
        if let Some(gop) = &mut self.open {
            gop.stretch(ratio);
        }
        if let Some(audio) = &mut self.audio {
            audio.restart(media);
        }
        let began = self.open.as_ref().map(|gop| match self.follows {
            Some((began, _)) => (pivot, began),
            None => (pivot, gop.arrived().steady),
        });
        self.wall.restart(began, media, steady);
        media
    }

    /// Between the pictures that are here and the next one others are missing: what there is ends with them.
    fn break_off(&mut self) {
        if let Some(gop) = self.open.take() {
            let end = gop.likely_end();
            self.cut(gop, end);
        }
        self.follows = None;
        self.hole = Some(self.why_nothing_came());
    }

    /// Whose fault it is that nothing came.
    fn why_nothing_came(&self) -> Error {
        if self.stood_still { Error::NotTaken } else { Error::NoAnswer }
    }

    fn begin(
        &mut self,
        data: Zeroizing<Vec<u8>>,
        media: i64,
        key: bool,
        arrived: Arrival,
        track: &Arc<VideoTrack>,
    ) -> Result<(), Error> {
        if key {
            self.open = Some(Gop::begin(track.clone(), data, media, arrived));
            self.waits = None;
            return Ok(());
        }
        let (since_media, since) = *self.waits.get_or_insert((media, arrived.steady));
        if self.is_long(media.saturating_sub(since_media), arrived.steady.saturating_sub(since)) {
            return Err(Error::NoKeyFrames);
        }
        Ok(())
    }

    /// Whether a key frame is overdue, by the sender's clock and by ours: one of them alone may be wrong, or have stood still.
    fn is_long(&self, media: i64, steady: i64) -> bool {
        media > self.limits.longest && steady > self.wall.microseconds(self.limits.longest)
    }

    fn go_on(
        &mut self,
        mut gop: Gop,
        data: Zeroizing<Vec<u8>>,
        media: i64,
        key: bool,
        arrived: Arrival,
        track: &Arc<VideoTrack>,
    ) -> Result<(), Error> {
        let changed = !Arc::ptr_eq(gop.track(), track) && gop.track() != track;
        let long = media - gop.start();
        if key && (changed || long >= self.limits.target || gop.pictures() >= self.limits.pictures / 4) {
            self.cut(gop, media);
            return self.begin(data, media, key, arrived, track);
        }
        let full = self.is_long(long, arrived.steady.saturating_sub(gop.arrived().steady))
            || gop.bytes() + data.len() > self.limits.bytes
            || gop.pictures() >= self.limits.pictures;
        if changed || full {
            let end = gop.likely_end();
            self.cut(gop, end);
            return Err(Error::NoKeyFrames);
        }
        gop.add(data, media, key);
        self.open = Some(gop);
        Ok(())
    }

    /// Takes a frame of sound; drops it if the connection was made without.
    pub(crate) fn sound(&mut self, sound: Sound) {
        if let Some(audio) = &mut self.audio {
            audio.hear(sound, &self.clock, &self.wall);
        }
        self.settle_if(|end, audio| audio.reaches(end));
    }

    /// Consent for the sound was withdrawn: what is not yet handed over goes without it.
    pub(crate) fn silence(&mut self) {
        self.audio = None;
    }

    /// The connection has ended: cuts what is open, so that [`take`](Self::take) gives all that is left.
    pub(crate) fn finish(&mut self) {
        if let Some(gop) = self.open.take() {
            let end = gop.likely_end();
            self.cut(gop, end);
        }
        self.settle();
    }

    /// Where a gop begins on the steady clock, if it follows on none: before its first picture arrived where the camera had held
    /// that back, by no more than cameras do; and not before, where it only seems so since the sender's clock is too fast.
    fn begin_of(&self, gop: &Gop) -> Option<i64> {
        let arrived = gop.arrived().steady;
        let held_back = if self.clock.is_fast() { 0 } else { MOST_BUFFERED };
        Some(self.wall.at(gop.start())?.clamp(arrived.saturating_sub(held_back), arrived))
    }

    fn cut(&mut self, gop: Gop, end_media: i64) {
        self.settle();
        if self.place_and_settle(gop, end_media).is_none() {
            // Instants beyond the year 9999: a clock that is of no use.
            self.follows = None;
        }
    }

    fn place_and_settle(&mut self, gop: Gop, end_media: i64) -> Option<()> {
        let newest = self.wall.latest()?;
        let length = self.wall.microseconds(end_media.saturating_sub(gop.start()));
        // Nothing is filmed later than it arrives, whatever the sender says of it.
        let to = self.wall.at(end_media)?.min(newest.steady.saturating_add(LASTS_AT_MOST));
        // What a camera had held back comes at once, and then what was cut first was placed before it was known how much there is: what
        // follows has its own time rather than none.
        let follows = self.follows.take().filter(|(steady, _)| to.saturating_sub(*steady) >= length / 10);
        let from = match follows {
            Some((steady, _)) => steady,
            None => self.begin_of(&gop)?,
        };
        let to = to.max(from);
        let by_length = from.saturating_add(length);
        let passed_over = self.passed_over.take().filter(|_| to.saturating_sub(by_length) > CLOCK_WAS_SET);
        let until = if passed_over.is_some() { by_length.clamp(from, to) } else { to };

        // Where the hub's clock was set forward meanwhile, this is still told as it was before; where it was set back, as it is now:
        // so that nothing ends later than the clock shows.
        let (before, now) = (gop.arrived().offset(), newest.offset());
        let set = now.saturating_sub(before);
        let offset = if set > CLOCK_WAS_SET { before } else { now };
        let start = match follows {
            Some((_, shown)) if set >= -CLOCK_WAS_SET => shown,
            _ => shown(from, offset)?,
        };
        let end = shown(until, offset)?.max(start);
        let goes_on = passed_over.is_none() && set <= CLOCK_WAS_SET;
        self.follows = Some((to, if goes_on { end } else { shown(to, now)? }));
        let hole = std::mem::replace(&mut self.hole, passed_over);
        self.settling = Some((gop, Span { start, end, end_media }, hole));
        if self.audio.is_none() {
            self.settle();
        }
        Some(())
    }

    fn settle_if(&mut self, complete: impl Fn(i64, &AudioGate) -> bool) {
        if let (Some((_, span, _)), Some(audio)) = (&self.settling, &self.audio)
            && complete(span.end_media, audio)
        {
            self.settle();
        }
    }

    fn settle(&mut self) {
        let Some((gop, span, hole)) = self.settling.take() else { return };
        let heard = self.audio.as_mut().map(|audio| audio.take(gop.start(), span.end_media));
        let sound = self.audio.as_ref().map(AudioGate::track).zip(heard);
        self.ready.push_back(Cut { segment: gop.develop(&span, sound), hole });
    }
}

#[cfg(test)]
mod tests;
