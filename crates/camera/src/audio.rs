//! The sound beside the pictures: put on the pictures' time, and held until the segment that it belongs to is cut.

use std::collections::VecDeque;

use crate::gop::{AudioFrame, in_ticks_of};
use crate::timing::{MediaClock, WallClock};
use crate::track::{Sound, SoundTrack, VIDEO_RATE};

/// More frames than fit into the longest segment; a camera that sends sound without end loses the oldest.
const MOST_FRAMES: usize = 2_048;

/// How far the sender's own alignment of sound and picture may be from their arrival to be believed, in seconds.
const BELIEVED_WITHIN: i64 = 2;

/// How far sound may come before or after its place among the pictures until it is placed anew, in seconds.
const MOST_EARLY: i64 = 1;
const MOST_LATE: i64 = 10;

pub(crate) struct AudioGate {
    track: SoundTrack,
    clock: MediaClock,
    /// What to add to the sound's own media time to have it on the pictures', in ticks of the track.
    anchor: Option<i64>,
    heard: VecDeque<AudioFrame>,
}

impl AudioGate {
    pub(crate) fn new(track: SoundTrack) -> Self {
        Self { clock: MediaClock::new(track.rate), track, anchor: None, heard: VecDeque::new() }
    }

    pub(crate) fn track(&self) -> &SoundTrack {
        &self.track
    }

    /// Places a frame among the pictures. Before the first picture there is no place: it is dropped.
    pub(crate) fn hear(&mut self, sound: Sound, pictures: &MediaClock, wall: &WallClock) {
        let rate = self.track.rate;
        let own = self.clock.place(sound.ticks, true, sound.arrived);
        let Some(by_arrival) = wall.media_at(sound.arrived).map(|media| in_ticks_of(media, rate)) else {
            return;
        };
        let seconds = |number: i64| number * i64::from(rate);

        let lead = self.anchor.map(|anchor| own.saturating_add(anchor).saturating_sub(by_arrival));
        if !lead.is_some_and(|lead| (-seconds(MOST_LATE)..=seconds(MOST_EARLY)).contains(&lead)) {
            let by_sender = in_ticks_of(pictures.locate(in_ticks(sound.ticks, rate, VIDEO_RATE)), rate);
            let believed = by_sender.abs_diff(by_arrival) <= seconds(BELIEVED_WITHIN) as u64;
            self.anchor = Some(if believed { by_sender } else { by_arrival }.saturating_sub(own));
        }
        let mut media = own.saturating_add(self.anchor.unwrap_or_default());
        if let Some(last) = self.heard.back() {
            media = media.max(last.media.saturating_add(1));
        }
        if self.heard.len() == MOST_FRAMES {
            self.heard.pop_front();
        }
        self.heard.push_back(AudioFrame { data: sound.data, media, length: sound.length });
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

    #[test]
    fn sound_at_the_end_of_time_overflows_nothing() {
        let track = SoundTrack { sample_entry: Vec::new(), codec: String::new(), rate: u32::MAX };
        let (mut audio, pictures) = (AudioGate::new(track), MediaClock::new(VIDEO_RATE));
        let mut wall = WallClock::new(VIDEO_RATE);
        wall.note(0, Timestamp::UNIX_EPOCH);
        for _ in 0..3 {
            let arrived = Timestamp::MAX;
            let sound = Sound { data: vec![0xaa].into(), ticks: 0, length: u32::MAX, arrived };
            audio.hear(sound, &pictures, &wall);
        }
        assert_eq!(audio.heard.len(), 3);
    }
}
