//! The sound beside the pictures: put on the pictures' time, and held until the segment that it belongs to is cut.

use std::collections::VecDeque;

use crate::gop::{AudioFrame, in_ticks_of};
use crate::timing::MediaClock;
use crate::track::{Sound, SoundTrack, VIDEO_RATE};
use crate::wall_clock::WallClock;

/// More frames than fit into the longest segment; a camera that sends sound without end loses the oldest.
const MOST_FRAMES: usize = 2_048;
const MOST_BYTES: usize = 16 << 20;

/// How far the sender's own alignment of sound and picture may be from their arrival to be believed, in seconds.
const BELIEVED_WITHIN: i64 = 2;

/// How far sound may come before or after its place among the pictures until it is placed anew, in seconds.
const MOST_EARLY: i64 = 1;
const MOST_LATE: i64 = 10;

/// Pictures that arrived within this before the sound tell how late both are, in microseconds; and how late they are told to be.
const FRESH: i64 = 1_000_000;
const LATE: i64 = 2;

pub(crate) struct AudioGate {
    track: SoundTrack,
    clock: MediaClock,
    /// What to add to the sound's own media time to have it on the pictures', in ticks of the track.
    anchor: Option<i64>,
    heard: VecDeque<AudioFrame>,
    bytes: usize,
}

impl AudioGate {
    pub(crate) fn new(track: SoundTrack) -> Self {
        Self { clock: MediaClock::new(track.rate), track, anchor: None, heard: VecDeque::new(), bytes: 0 }
    }

    pub(crate) fn track(&self) -> &SoundTrack {
        &self.track
    }

    /// Places a frame among the pictures. Before the first picture there is no place: it is dropped.
    pub(crate) fn hear(&mut self, sound: Sound, pictures: &MediaClock, wall: &WallClock) {
        let rate = self.track.rate;
        let steady = sound.arrived.steady;
        let own = self.clock.place(sound.ticks, true, steady, 0);
        let Some((newest, newest_arrived)) = pictures.latest() else { return };
        let Some(expected) = wall.media_at(steady) else { return };
        let seconds = |number: i64| number * i64::from(rate);

        // After a standstill both are late, and the sound belongs to the pictures that come with it.
        let fresh = steady.saturating_sub(newest_arrived) <= FRESH;
        let late = expected.saturating_sub(newest) > LATE * i64::from(VIDEO_RATE);
        let by_arrival = in_ticks_of(if fresh && late { newest } else { expected }, rate);
        let lead = self.anchor.map(|anchor| own.saturating_add(anchor).saturating_sub(by_arrival));
        let fits = |lead| (-seconds(MOST_LATE)..=seconds(MOST_EARLY)).contains(&lead);
        if lead.is_none_or(|lead| fresh && !fits(lead)) {
            let by_sender = in_ticks_of(pictures.locate(in_ticks(sound.ticks, rate, VIDEO_RATE)), rate);
            let believed = by_sender.abs_diff(by_arrival) <= seconds(BELIEVED_WITHIN) as u64;
            self.anchor = Some(if believed { by_sender } else { by_arrival }.saturating_sub(own));
        }
        let mut media = own.saturating_add(self.anchor.unwrap_or_default());
        if let Some(last) = self.heard.back() {
            media = media.max(last.media.saturating_add(1));
        }
        self.bytes += sound.data.len();
        self.heard.push_back(AudioFrame { data: sound.data, media, length: sound.length });
        while (self.heard.len() > MOST_FRAMES || self.bytes > MOST_BYTES)
            && let Some(lost) = self.heard.pop_front()
        {
            self.bytes -= lost.data.len();
        }
    }

    /// The pictures are placed anew, the latest of them here: what lies beyond has no place among them.
    pub(crate) fn restart(&mut self, latest: i64) {
        let latest = in_ticks_of(latest, self.track.rate);
        self.anchor = None;
        self.heard.retain(|heard| heard.media <= latest);
        self.bytes = self.heard.iter().map(|heard| heard.data.len()).sum();
    }

    /// Whether all the sound before this media time of the pictures is here.
    pub(crate) fn reaches(&self, media: i64) -> bool {
        let media = in_ticks_of(media, self.track.rate);
        self.heard.back().is_some_and(|last| last.media >= media)
    }

    /// The sound from one media time of the pictures to another; what lies before is dropped, what lies after stays.
    pub(crate) fn take(&mut self, from: i64, until: i64) -> Vec<AudioFrame> {
        let (from, until) = (in_ticks_of(from, self.track.rate), in_ticks_of(until, self.track.rate));
        let count = self.heard.partition_point(|heard| heard.media < until);
        let mut taken: Vec<_> = self.heard.drain(..count).collect();
        self.bytes -= taken.iter().map(|taken| taken.data.len()).sum::<usize>();
        taken.retain(|heard| heard.media >= from);
        taken
    }
}

fn in_ticks(ticks: i64, from: u32, to: u32) -> i64 {
    i64::try_from(i128::from(ticks) * i128::from(to) / i128::from(from.max(1))).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::clock::Arrival;

    fn gate(rate: u32) -> AudioGate {
        AudioGate::new(SoundTrack { sample_entry: Vec::new(), codec: String::new(), rate })
    }

    /// One picture, at the time 0.
    fn a_picture() -> (MediaClock, WallClock) {
        let (mut pictures, mut wall) = (MediaClock::new(VIDEO_RATE), WallClock::new(VIDEO_RATE));
        let arrived = Arrival::at(Timestamp::UNIX_EPOCH);
        let media = pictures.place(0, true, arrived.steady, 0);
        wall.note(media, arrived);
        (pictures, wall)
    }

    #[test]
    fn sound_at_the_end_of_time_overflows_nothing() {
        let (mut audio, (pictures, wall)) = (gate(u32::MAX), a_picture());
        for _ in 0..3 {
            let arrived = Arrival::at(Timestamp::MAX);
            let sound = Sound { data: vec![0xaa].into(), ticks: 0, length: u32::MAX, arrived };
            audio.hear(sound, &pictures, &wall);
        }
        assert_eq!(audio.heard.len(), 3);
    }

    #[test]
    fn what_is_held_is_bounded_by_number_and_by_bytes() {
        for (bytes, expected) in [(1, MOST_FRAMES), (1 << 20, 16)] {
            let (mut audio, (pictures, wall)) = (gate(8_000), a_picture());
            for i in 0..MOST_FRAMES as i64 + 20 {
                let arrived = Arrival::at(Timestamp::UNIX_EPOCH);
                let sound = Sound { data: vec![0; bytes].into(), ticks: i * 800, length: 800, arrived };
                audio.hear(sound, &pictures, &wall);
                if bytes > 1 && i > 20 {
                    break;
                }
            }
            assert_eq!((audio.heard.len(), audio.bytes), (expected, expected * bytes));
            assert_eq!(audio.take(i64::MIN, i64::MAX).len(), expected);
            assert_eq!(audio.bytes, 0);
        }
    }
}
