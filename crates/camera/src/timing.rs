//! A sender's ticks, made to go forward.

use crate::pace::Pace;

/// How far a sender's time may run ahead of the arrival of its frames before it counts as a jump.
const AHEAD_MS: i64 = 2_000;

/// How far back a picture may be presented before one that was decoded earlier (B-frames), before it counts as a jump.
const REORDERED_MS: i64 = 1_000;

/// A frame follows the one before it by no more than this, however long nothing came.
const LONGEST_PAUSE_MS: i64 = 3_600_000;

/// A frame that comes so soon after another shows whether timestamps make sense.
const SOON_MS: i64 = 1_000;

/// Places a sender's frames on a time that starts at 0 and goes forward, whatever the sender's timestamps do.
///
/// Sound timestamps pass through as they are. Where one jumps, repeats or starts again, the time between the arrivals
/// stands in for it, and what follows is counted from there. A sender whose clock goes at half or double the speed of ours
/// is wrong, and is corrected.
pub(crate) struct MediaClock {
    rate: i64,
    pace: Pace,
    correction: Option<f64>,
    /// What to add to the sender's ticks, at its pace.
    shift: i64,
    /// The latest frame placed, and the latest key frame: nothing is presented before that.
    latest: Option<Latest>,
}

#[derive(Clone, Copy)]
struct Latest {
    media: i64,
    key: i64,
    /// When it arrived, in microseconds of a clock that is not set.
    steady: i64,
    /// Timestamps tell where frames are: that of this one did, soon after the one before or after others that did.
    told: bool,
}

impl MediaClock {
    /// `rate` is in ticks a second.
    pub(crate) fn new(rate: u32) -> Self {
        let rate = i64::from(rate.max(1));
        Self { rate, pace: Pace::new(rate), correction: None, shift: 0, latest: None }
    }

    /// Where a frame is presented, in ticks from the first one. It arrived at `steady`, by up to `late` after its time (both in
    /// microseconds): where frames are late, those in between may never have been sent.
    ///
    /// A frame that is no key frame may be placed before frames given earlier, but never at or before the last key frame.
    pub(crate) fn place(&mut self, ticks: i64, key: bool, steady: i64, late: i64) -> i64 {
        let Some(latest) = self.latest else {
            self.shift = 0i64.saturating_sub(self.pace.at(ticks));
            self.pace.begin(0, steady);
            self.latest = Some(Latest { media: 0, key: 0, steady, told: true });
            return 0;
        };
        let media = self.pace.at(ticks).saturating_add(self.shift);
        let step = media.saturating_sub(latest.media);
        let waited = (steady.saturating_sub(latest.steady) / 1_000).clamp(0, LONGEST_PAUSE_MS);
        // Of timestamps that made no sense before no time is believed that nobody saw pass.
        let missing = if latest.told { (late / 1_000).clamp(waited, LONGEST_PAUSE_MS) } else { waited };

        let reordered = !key && (-self.ticks(REORDERED_MS)..0).contains(&step) && media > latest.key;
        if reordered {
            return media;
        }
        let forward = (1..=self.ticks(missing + AHEAD_MS)).contains(&step);
        let media = if forward { media } else { latest.media.saturating_add(self.ticks(waited).max(1)) };
        self.correction = self.pace.learn(media, steady);
        self.shift = media.saturating_sub(self.pace.at(ticks));
        let key = if key { media } else { latest.key };
        let told = forward && (latest.told || waited < SOON_MS);
        self.latest = Some(Latest { media, key, steady, told });
        media
    }

    /// By how much what was placed of late is to be stretched, where the frame that was placed last showed that the sender's clock
    /// is wrong.
    pub(crate) fn correction(&mut self) -> Option<f64> {
        self.correction.take()
    }

    /// Stretches what was placed after `pivot`; where the latest frame lies then.
    pub(crate) fn stretch(&mut self, pivot: i64, ratio: f64) -> i64 {
        let Some(latest) = &mut self.latest else { return 0 };
        let before = latest.media;
        (latest.media, latest.key) =
            (stretched(latest.media, pivot, ratio), stretched(latest.key, pivot, ratio));
        self.shift = self.shift.saturating_add(latest.media.saturating_sub(before));
        self.pace.begin(latest.media, latest.steady);
        latest.media
    }

    /// Whether the sender's time runs away from ours, as far as is known so soon.
    pub(crate) fn is_fast(&self) -> bool {
        self.pace.is_fast()
    }

    /// Where the latest frame was placed, and when it arrived.
    pub(crate) fn latest(&self) -> Option<(i64, i64)> {
        self.latest.map(|latest| (latest.media, latest.steady))
    }

    /// Where the sender's ticks lie now, without placing anything there.
    pub(crate) fn locate(&self, ticks: i64) -> i64 {
        self.pace.at(ticks).saturating_add(self.shift)
    }

    fn ticks(&self, milliseconds: i64) -> i64 {
        milliseconds * self.rate / 1_000
    }
}

/// Where a media time lies once what comes after `pivot` is stretched.
pub(crate) fn stretched(media: i64, pivot: i64, ratio: f64) -> i64 {
    if media <= pivot {
        media
    } else {
        pivot.saturating_add((media.saturating_sub(pivot) as f64 * ratio) as i64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RATE: u32 = 90_000;
    const STEP: i64 = 6_000;

    fn ms(milliseconds: i64) -> i64 {
        milliseconds * 1_000
    }

    /// Places frames that arrive every 66 ms; the first is a key frame.
    fn placed(ticks: &[i64]) -> Vec<i64> {
        let mut clock = MediaClock::new(RATE);
        ticks.iter().enumerate().map(|(i, ticks)| clock.place(*ticks, i == 0, ms(i as i64 * 66), 0)).collect()
    }

    #[test]
    fn good_timestamps_pass_and_start_at_zero() {
        assert_eq!(placed(&[777, 777 + STEP, 777 + 3 * STEP]), [0, STEP, 3 * STEP]);
    }

    #[test]
    fn first_frames_that_share_a_timestamp_are_told_apart_by_their_arrival() {
        assert_eq!(placed(&[0, 0, 0, STEP]), [0, 5_940, 11_880, 11_880 + STEP]);
    }

    #[test]
    fn a_burst_with_one_timestamp_still_goes_forward() {
        let mut clock = MediaClock::new(RATE);
        let places: Vec<_> = (0..3).map(|_| clock.place(0, false, ms(0), 0)).collect();
        assert_eq!(places, [0, 1, 2]);
    }

    #[test]
    fn jumps_either_way_are_bridged_by_the_time_that_passed() {
        assert_eq!(
            placed(&[0, STEP, 900_000_000, 900_000_000 + STEP]),
            [0, STEP, STEP + 5_940, STEP + 5_940 + STEP]
        );
        assert_eq!(
            placed(&[0, STEP, -900_000_000, STEP - 900_000_000]),
            [0, STEP, STEP + 5_940, STEP + 5_940 + STEP]
        );
    }

    #[test]
    fn reordered_pictures_keep_their_place_but_key_frames_only_go_forward() {
        assert_eq!(placed(&[0, 3 * STEP, STEP, 2 * STEP, 4 * STEP]), [0, 3 * STEP, STEP, 2 * STEP, 4 * STEP]);
        let mut clock = MediaClock::new(RATE);
        clock.place(0, true, ms(0), 0);
        clock.place(3 * STEP, false, ms(66), 0);
        assert!(clock.place(STEP, true, ms(132), 0) > 3 * STEP);
    }

    #[test]
    fn a_stalled_network_is_no_jump() {
        let mut clock = MediaClock::new(RATE);
        clock.place(0, true, ms(0), 0);
        assert_eq!(clock.place(STEP, false, ms(5_000), 0), STEP);
        assert_eq!(clock.place(2 * STEP, false, ms(5_000), 0), 2 * STEP);
    }

    #[test]
    fn a_clock_of_another_pace_is_corrected_and_an_uneven_network_is_none() {
        for (pace, name) in [(0.5, "half"), (2.0, "double"), (100.0 / 9.0, "in microseconds"), (1.0, "right")]
        {
            let mut clock = MediaClock::new(RATE);
            let mut corrected = false;
            let mut at = |i: i64| {
                let ticks = (i as f64 * 6_000.0 * pace) as i64;
                let media =
                    clock.place(ticks, i % 30 == 0, ms(i * 1_000 / 15 + if i % 7 == 0 { 300 } else { 0 }), 0);
                corrected |= clock.correction().is_some();
                media
            };
            let early: Vec<_> = (0..150).map(&mut at).collect();
            let late: Vec<_> = (150..210).map(&mut at).collect();
            assert!(early.is_sorted() && late.is_sorted(), "{name}");
            let seconds = (late[59] - late[0]) as f64 / f64::from(RATE);
            assert!((seconds - 59.0 / 15.0).abs() < 0.5, "{name}: {seconds} s");
            assert_eq!(corrected, pace != 1.0, "{name}");
        }
    }

    #[test]
    fn what_was_placed_at_a_wrong_pace_is_stretched() {
        let mut clock = MediaClock::new(RATE);
        let placed = |clock: &mut MediaClock, i: i64| clock.place(i * 100_000, i == 0, ms(i * 100), 0);
        let corrected = (0..).find_map(|i| {
            placed(&mut clock, i);
            clock.correction().map(|ratio| (i, ratio))
        });
        let (i, ratio) = corrected.unwrap();
        assert!(i <= 15 && (ratio - 0.09).abs() < 0.01, "{ratio} at {i}");
        let latest = clock.stretch(0, ratio);
        assert!((latest - i * 9_000).abs() < i * 900, "{latest} at {i}");
        assert!((placed(&mut clock, i + 1) - latest - 9_000).abs() < 900);
    }

    #[test]
    fn what_a_camera_held_back_is_no_wrong_pace() {
        let mut clock = MediaClock::new(RATE);
        for i in 0..300 {
            // Eleven seconds at once, within less than the others need for one.
            let at = if i < 165 { i * 2 } else { (i - 160) * 1_000 / 15 };
            clock.place(i * STEP, i % 30 == 0, ms(at), 0);
            assert!(clock.correction().is_none(), "{i}");
        }
    }

    #[test]
    fn what_was_never_sent_while_nothing_came_leaves_its_time() {
        let mut clock = MediaClock::new(RATE);
        clock.place(0, true, ms(0), 0);
        assert_eq!(clock.place(STEP, false, ms(30_000), 30_000_000), STEP);
        let after = clock.place(29 * 90_000, false, ms(30_000), 29_933_000);
        assert_eq!(after, 29 * 90_000, "late, and with nothing in between");
        assert_eq!(clock.place(99 * 90_000, false, ms(30_066), 1_000), after + 5_940, "a jump");
    }

    proptest! {
        #[test]
        fn an_uneven_network_is_never_taken_for_a_wrong_clock(
            fps in 8i64..30,
            held_back in 0i64..9_000,
            stalls in prop::collection::vec((0i64..14_000, 0i64..4_000), 12),
            delays in prop::collection::vec(0i64..80, 7),
        ) {
            let mut clock = MediaClock::new(RATE);
            let (mut last, mut ends, mut next) = (0, held_back, 0);
            let mut stalls = stalls.into_iter();
            for i in 0..60 * fps {
                let filmed = i * 1_000 / fps;
                if filmed >= next && let Some((after, lasts)) = stalls.next() {
                    (ends, next) = (ends.max(filmed + lasts), filmed + lasts + after);
                }
                last = last.max(filmed.max(ends) + delays[i as usize % delays.len()]);
                let media = clock.place(i * 90_000 / fps, i % fps == 0, ms(last), 0);
                prop_assert!(clock.correction().is_none() && media == i * 90_000 / fps, "{} at {}", i, last);
            }
        }

        #[test]
        fn nothing_is_ever_placed_at_or_before_the_last_key_frame(
            frames in prop::collection::vec((any::<i64>(), any::<bool>(), -1_000i64..20_000), 1..60)
        ) {
            let mut clock = MediaClock::new(RATE);
            let (mut arrived, mut last_key) = (0, None);
            for (ticks, key, pause) in frames {
                arrived += pause;
                let media = clock.place(ticks, key, ms(arrived), 0);
                if let Some(last_key) = last_key {
                    prop_assert!(media > last_key);
                }
                if key || last_key.is_none() {
                    last_key = Some(media);
                }
            }
        }
    }
}
