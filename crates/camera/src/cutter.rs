//! Cuts a stream of frames into segments, at key frames and within bounds. Knows no network.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use zeroize::Zeroizing;

use crate::hearing::Hearing;
use crate::reel::{Reel, Span};
use crate::timing::{MediaClock, WallClock, lasting};
use crate::track::{Picture, Sound, SoundTrack, VIDEO_RATE, VideoTrack};
use crate::{Segment, Trouble};

/// Times are in ticks of [`VIDEO_RATE`].
pub(crate) struct Limits {
    /// A segment ends at the first key frame after this.
    target: i64,
    /// A segment ends after this even without a key frame, and with it the connection.
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

/// Two reckonings of a segment's end that differ by more than this mean that the hub's clock was set.
const CLOCK_WAS_SET: SignedDuration = SignedDuration::from_secs(1);

/// Takes the frames of one connection and yields its segments.
pub(crate) struct Cutter {
    limits: Limits,
    clock: MediaClock,
    wall: WallClock,
    open: Option<Reel>,
    /// Where the open reel starts on the hub's clock, when it follows directly on another.
    follows: Option<Timestamp>,
    /// A reel that is cut, and waits for the last of its sound.
    settling: Option<(Reel, Span)>,
    hearing: Option<Hearing>,
    ready: VecDeque<Segment>,
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
            settling: None,
            hearing: sound.map(Hearing::new),
            ready: VecDeque::new(),
        }
    }

    /// The next segment that is complete.
    pub(crate) fn take(&mut self) -> Option<Segment> {
        self.ready.pop_front()
    }

    /// The track that is being recorded, and when its open segment began.
    pub(crate) fn recording(&self) -> Option<(&Arc<VideoTrack>, Timestamp)> {
        let reel = self.open.as_ref()?;
        Some((reel.track(), self.follows.or_else(|| self.wall.at(reel.start()))?))
    }

    /// Takes a picture of the given track.
    ///
    /// # Errors
    ///
    /// [`Trouble::NoKeyFrames`] when a bound is reached, or the track changed, without a key frame: what was collected is
    /// cut, and only a new connection will help.
    pub(crate) fn picture(&mut self, picture: Picture, track: &Arc<VideoTrack>) -> Result<(), Trouble> {
        let Picture { data, ticks, key, arrived } = picture;
        let media = self.clock.place(ticks, key, arrived);
        self.wall.note(media, arrived);
        self.settle_if(|end, hearing| hearing.reaches(end) || media > end + SOUND_WAIT);
        match self.open.take() {
            None => self.begin(data, media, key, track),
            Some(reel) => self.go_on(reel, data, media, key, track),
        }
    }

    fn begin(
        &mut self,
        data: Zeroizing<Vec<u8>>,
        media: i64,
        key: bool,
        track: &Arc<VideoTrack>,
    ) -> Result<(), Trouble> {
        if key {
            self.open = Some(Reel::begin(track.clone(), data, media));
        } else if media > self.limits.longest {
            return Err(Trouble::NoKeyFrames);
        }
        Ok(())
    }

    fn go_on(
        &mut self,
        mut reel: Reel,
        data: Zeroizing<Vec<u8>>,
        media: i64,
        key: bool,
        track: &Arc<VideoTrack>,
    ) -> Result<(), Trouble> {
        let changed = !Arc::ptr_eq(reel.track(), track) && reel.track() != track;
        let long = media - reel.start();
        if key && (changed || long >= self.limits.target || reel.pictures() >= self.limits.pictures / 4) {
            self.cut(reel, media);
            return self.begin(data, media, key, track);
        }
        let full = long > self.limits.longest
            || reel.bytes() + data.len() > self.limits.bytes
            || reel.pictures() >= self.limits.pictures;
        if changed || full {
            let end = reel.likely_end();
            self.cut(reel, end);
            return Err(Trouble::NoKeyFrames);
        }
        reel.add(data, media, key);
        self.open = Some(reel);
        Ok(())
    }

    /// Takes a frame of sound; drops it if the connection was made without.
    pub(crate) fn sound(&mut self, sound: Sound) {
        if let Some(hearing) = &mut self.hearing {
            hearing.hear(sound, &self.clock, &self.wall);
        }
        self.settle_if(|end, hearing| hearing.reaches(end));
    }

    /// Consent for the sound was withdrawn: what is not yet handed over goes without it.
    pub(crate) fn silence(&mut self) {
        self.hearing = None;
    }

    /// The connection has ended: cuts what is open, so that [`take`](Self::take) gives all that is left.
    pub(crate) fn finish(&mut self) {
        if let Some(reel) = self.open.take() {
            let end = reel.likely_end();
            self.cut(reel, end);
        }
        self.settle();
    }

    fn cut(&mut self, reel: Reel, end_media: i64) {
        self.settle();
        let (Some(start), Some(now)) =
            (self.follows.take().or_else(|| self.wall.at(reel.start())), self.wall.at(end_media))
        else {
            return; // Instants beyond the year 9999: a clock that is of no use.
        };
        let by_length = start.saturating_add(lasting(end_media - reel.start(), VIDEO_RATE)).unwrap_or(start);
        let (end, next) = if now.duration_since(by_length).abs() <= CLOCK_WAS_SET {
            let end = now.max(start);
            (end, end)
        } else {
            (by_length, now)
        };
        self.follows = Some(next);
        self.settling = Some((reel, Span { start, end, end_media }));
        if self.hearing.is_none() {
            self.settle();
        }
    }

    fn settle_if(&mut self, complete: impl Fn(i64, &Hearing) -> bool) {
        if let (Some((_, span)), Some(hearing)) = (&self.settling, &self.hearing)
            && complete(span.end_media, hearing)
        {
            self.settle();
        }
    }

    fn settle(&mut self) {
        let Some((reel, span)) = self.settling.take() else { return };
        let heard = self.hearing.as_mut().map(|hearing| hearing.take(reel.start(), span.end_media));
        let sound = self.hearing.as_ref().map(Hearing::track).zip(heard);
        self.ready.push_back(reel.develop(&span, sound));
    }
}

#[cfg(test)]
mod tests;
