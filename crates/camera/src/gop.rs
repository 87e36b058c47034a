//! An open segment: the pictures since its key frame, and how they become a file.

use std::sync::Arc;

use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::Segment;
use crate::clock::Arrival;
use crate::mp4;
use crate::timing::stretched;
use crate::track::{SoundTrack, VIDEO_RATE, VideoTrack};

/// No picture that is the last lasts shorter than this, in ticks.
const SHORTEST: i64 = VIDEO_RATE as i64 / 60;

/// The pictures of one segment, in the order of decoding. All of it is wiped when dropped.
pub(crate) struct Gop {
    track: Arc<VideoTrack>,
    pictures: Vec<PlacedPicture>,
    bytes: usize,
    /// When its first picture arrived.
    arrived: Arrival,
}

struct PlacedPicture {
    data: Zeroizing<Vec<u8>>,
    /// When it is presented, in media time.
    media: i64,
    key: bool,
}

/// A frame of sound and when it begins, in ticks of its track from media time 0.
pub(crate) struct AudioFrame {
    pub(crate) data: Zeroizing<Vec<u8>>,
    pub(crate) media: i64,
    pub(crate) length: u32,
}

/// Where a gop lies in time: from its key frame to the next one, in media time and on the hub's clock.
pub(crate) struct Span {
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    pub(crate) end_media: i64,
}

impl Gop {
    /// Begins with a key frame, presented at `media`.
    pub(crate) fn begin(
        track: Arc<VideoTrack>,
        data: Zeroizing<Vec<u8>>,
        media: i64,
        arrived: Arrival,
    ) -> Self {
        let mut gop = Self { track, pictures: Vec::with_capacity(128), bytes: 0, arrived };
        gop.add(data, media, true);
        gop
    }

    /// Adds the next picture; `media` is not before the gop's start.
    pub(crate) fn add(&mut self, data: Zeroizing<Vec<u8>>, media: i64, key: bool) {
        self.bytes += data.len();
        self.pictures.push(PlacedPicture { data, media, key });
    }

    /// The sender's clock was found to be wrong: places the pictures as `ratio` has it, from the first one on.
    pub(crate) fn stretch(&mut self, ratio: f64) {
        let start = self.start();
        for picture in &mut self.pictures {
            picture.media = stretched(picture.media, start, ratio);
        }
    }

    /// When its first picture arrived.
    pub(crate) fn arrived(&self) -> Arrival {
        self.arrived
    }

    pub(crate) fn track(&self) -> &Arc<VideoTrack> {
        &self.track
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn pictures(&self) -> usize {
        self.pictures.len()
    }

    /// The media time of its first picture.
    pub(crate) fn start(&self) -> i64 {
        self.pictures.first().map_or(0, |picture| picture.media)
    }

    /// When the last picture ends where no next one tells it: it lasts as long as the one before it did.
    pub(crate) fn likely_end(&self) -> i64 {
        let times = self.decode_times();
        let last = times.last().copied().unwrap_or_default();
        let usual = match times[..] {
            [.., before, last] => last - before,
            _ => i64::from(self.track.picture_ticks.unwrap_or(VIDEO_RATE / 15)),
        };
        last + usual.clamp(SHORTEST, i64::from(VIDEO_RATE))
    }

    /// Makes the file.
    ///
    /// Times in the file count from the gop's start. Where pictures are presented in another order than they are decoded,
    /// everything is presented later by the least delay that lets each be decoded in time (one or two pictures' worth).
    pub(crate) fn develop(self, span: &Span, sound: Option<(&SoundTrack, Vec<AudioFrame>)>) -> Segment {
        let start = self.start();
        let times = self.decode_times();
        let delay = times
            .iter()
            .zip(&self.pictures)
            .map(|(time, picture)| time - picture.media)
            .max()
            .unwrap_or(0)
            .max(0);
        let ends = times.iter().skip(1).copied().chain([span.end_media]);
        let samples =
            self.pictures.iter().zip(times.iter().zip(ends)).map(|(picture, (time, end))| mp4::Sample {
                data: &picture.data,
                duration: positive(end - time),
                key: picture.key,
                composition: (picture.media - time + delay) as u32,
            });
        let mut tracks = vec![mp4::Track {
            kind: mp4::Kind::Video { width: self.track.width, height: self.track.height },
            sample_entry: &self.track.sample_entry,
            rate: VIDEO_RATE,
            start: 0,
            samples: samples.collect(),
        }];
        let mut codecs = self.track.codec.clone();
        let sound = sound.filter(|(_, heard)| !heard.is_empty());
        if let Some((track, heard)) = &sound {
            codecs = format!("{codecs},{}", track.codec);
            tracks.push(sound_samples(track, heard, start - delay));
        }
        Segment {
            start: span.start,
            end: span.end.max(span.start),
            bytes: mp4::write(&tracks),
            width: self.track.width,
            height: self.track.height,
            codecs,
            sound: tracks.len() > 1,
            frames: self.pictures.len() as u32,
        }
    }

    /// When each picture is decoded: the times of presentation in rising order, no two the same.
    fn decode_times(&self) -> Vec<i64> {
        let mut times: Vec<i64> = self.pictures.iter().map(|picture| picture.media).collect();
        times.sort_unstable();
        for i in 1..times.len() {
            times[i] = times[i].max(times[i - 1] + 1);
        }
        times
    }
}

/// `zero` is the media time, in ticks of video, at which the file's time is 0.
fn sound_samples<'a>(track: &'a SoundTrack, heard: &'a [AudioFrame], zero: i64) -> mp4::Track<'a> {
    let first = heard.first().map_or(0, |frame| frame.media);
    let ends = heard.iter().skip(1).map(|next| Some(next.media)).chain([None]);
    let samples = heard.iter().zip(ends).map(|(frame, end)| mp4::Sample {
        data: &frame.data,
        duration: end.map_or(frame.length, |end| positive(end - frame.media)),
        key: true,
        composition: 0,
    });
    mp4::Track {
        kind: mp4::Kind::Sound,
        sample_entry: &track.sample_entry,
        rate: track.rate,
        start: (first - in_ticks_of(zero, track.rate)).max(0) as u64,
        samples: samples.collect(),
    }
}

/// A media time of video in ticks of another rate.
pub(crate) fn in_ticks_of(media: i64, rate: u32) -> i64 {
    i64::try_from(i128::from(media) * i128::from(rate) / i128::from(VIDEO_RATE)).unwrap_or(i64::MAX)
}

fn positive(ticks: i64) -> u32 {
    u32::try_from(ticks.max(1)).unwrap_or(u32::MAX)
}
