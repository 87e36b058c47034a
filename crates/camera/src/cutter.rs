//! Cuts a stream of frames into segments, at key frames and within bounds. Knows no network.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use zeroize::Zeroizing;

use crate::audio::AudioGate;
use crate::gop::{Gop, Span};
use crate::timing::{MediaClock, WallClock, lasting};
use crate::track::{Picture, Sound, SoundTrack, VIDEO_RATE, VideoTrack};
use crate::{Error, Segment};

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
    open: Option<Gop>,
    /// Where the open gop starts on the hub's clock, when it follows directly on another.
    follows: Option<Timestamp>,
    /// A gop that is cut, and waits for the last of its sound.
    settling: Option<(Gop, Span)>,
    audio: Option<AudioGate>,
    ready: VecDeque<Segment>,
    /// The sender's clock was found to be wrong since the open gop began: how long that is, ours tells.
    corrected: bool,
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
            audio: sound.map(AudioGate::new),
            ready: VecDeque::new(),
            corrected: false,
        }
    }

    /// The next segment that is complete.
    pub(crate) fn take(&mut self) -> Option<Segment> {
        self.ready.pop_front()
    }

    /// The track that is being recorded, and when its open segment began.
    pub(crate) fn recording(&self) -> Option<(&Arc<VideoTrack>, Timestamp)> {
        let gop = self.open.as_ref()?;
        Some((gop.track(), self.follows.or_else(|| self.wall.at(gop.start()))?))
    }

    /// Takes a picture of the given track.
    ///
    /// # Errors
    ///
    /// [`Error::NoKeyFrames`] when a bound is reached, or the track changed, without a key frame: what was collected is
    /// cut, and only a new connection will help.
    pub(crate) fn picture(&mut self, picture: Picture, track: &Arc<VideoTrack>) -> Result<(), Error> {
        let Picture { data, ticks, key, arrived } = picture;
        let media = self.clock.place(ticks, key, arrived);
        if self.clock.was_corrected() {
            // When it began is known better from before than from what is learned anew.
            let began = self.open.as_ref().and_then(|gop| self.wall.at(gop.start()));
            self.follows = self.follows.or(began);
            self.wall.restart();
            self.corrected = true;
        }
        self.wall.note(media, arrived);
        self.settle_if(|end, audio| audio.reaches(end) || media > end + SOUND_WAIT);
        match self.open.take() {
            None => self.begin(data, media, key, track),
            Some(gop) => self.go_on(gop, data, media, key, track),
        }
    }

    fn begin(
        &mut self,
        data: Zeroizing<Vec<u8>>,
        media: i64,
        key: bool,
        track: &Arc<VideoTrack>,
    ) -> Result<(), Error> {
        if key {
            self.open = Some(Gop::begin(track.clone(), data, media));
        } else if media > self.limits.longest {
            return Err(Error::NoKeyFrames);
        }
        Ok(())
    }

    fn go_on(
        &mut self,
        mut gop: Gop,
        data: Zeroizing<Vec<u8>>,
        media: i64,
        key: bool,
        track: &Arc<VideoTrack>,
    ) -> Result<(), Error> {
        let changed = !Arc::ptr_eq(gop.track(), track) && gop.track() != track;
        let long = media - gop.start();
        if key && (changed || long >= self.limits.target || gop.pictures() >= self.limits.pictures / 4) {
            self.cut(gop, media);
            return self.begin(data, media, key, track);
        }
        let full = long > self.limits.longest
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

    fn cut(&mut self, gop: Gop, end_media: i64) {
        self.settle();
        let (Some(start), Some(now)) =
            (self.follows.take().or_else(|| self.wall.at(gop.start())), self.wall.at(end_media))
        else {
            return; // Instants beyond the year 9999: a clock that is of no use.
        };
        let by_length = start.saturating_add(lasting(end_media - gop.start(), VIDEO_RATE)).unwrap_or(start);
        let corrected = std::mem::take(&mut self.corrected);
        let (end, next) = if corrected || now.duration_since(by_length).abs() <= CLOCK_WAS_SET {
            let end = now.max(start);
            (end, end)
        } else {
            (by_length, now)
        };
        self.follows = Some(next);
        self.settling = Some((gop, Span { start, end, end_media }));
        if self.audio.is_none() {
            self.settle();
        }
    }

    fn settle_if(&mut self, complete: impl Fn(i64, &AudioGate) -> bool) {
        if let (Some((_, span)), Some(audio)) = (&self.settling, &self.audio)
            && complete(span.end_media, audio)
        {
            self.settle();
        }
    }

    fn settle(&mut self) {
        let Some((gop, span)) = self.settling.take() else { return };
        let heard = self.audio.as_mut().map(|audio| audio.take(gop.start(), span.end_media));
        let sound = self.audio.as_ref().map(AudioGate::track).zip(heard);
        self.ready.push_back(gop.develop(&span, sound));
    }
}

#[cfg(test)]
mod tests;
