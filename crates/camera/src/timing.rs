//! Time: a sender's ticks made to go forward, and told on the hub's clock.

use jiff::{SignedDuration, Timestamp};

/// How far a sender's time may run ahead of the arrival of its frames before it counts as a jump.
const AHEAD_MS: i64 = 2_000;

/// How far back a picture may be presented before one that was decoded earlier (B-frames), before it counts as a jump.
const REORDERED_MS: i64 = 1_000;

/// A frame follows the one before it by no more than this; longer pauses end the connection.
const LONGEST_PAUSE_MS: i64 = 10_000;

/// Places a sender's frames on a time that starts at 0 and goes forward, whatever the sender's timestamps do.
///
/// Sound timestamps pass through as they are. Where one jumps, repeats or starts again, the time between the arrivals
/// stands in for it, and what follows is counted from there. A sender whose clock goes at half or double the speed of ours
/// is wrong, and is corrected.
pub(crate) struct MediaClock {
    rate: i64,
    pace: Pace,
    /// What to add to the sender's ticks, at its pace.
    shift: i64,
    /// The latest frame placed, and the latest key frame: nothing is presented before that.
    latest: Option<Latest>,
}

#[derive(Clone, Copy)]
struct Latest {
    media: i64,
    key: i64,
    arrived: Timestamp,
}

impl MediaClock {
    /// `rate` is in ticks a second.
    pub(crate) fn new(rate: u32) -> Self {
        let rate = i64::from(rate.max(1));
        Self { rate, pace: Pace::new(rate), shift: 0, latest: None }
    }

    /// Where a frame is presented, in ticks from the first one.
    ///
    /// A frame that is no key frame may be placed before frames given earlier, but never at or before the last key frame.
    pub(crate) fn place(&mut self, ticks: i64, key: bool, arrived: Timestamp) -> i64 {
        let Some(latest) = self.latest else {
            self.shift = 0i64.saturating_sub(self.pace.at(ticks));
            self.pace.begin(ticks, arrived);
            self.latest = Some(Latest { media: 0, key: 0, arrived });
            return 0;
        };
        let media = self.pace.at(ticks).saturating_add(self.shift);
        let step = media.saturating_sub(latest.media);
        let waited =
            arrived.duration_since(latest.arrived).as_millis().clamp(0, i128::from(LONGEST_PAUSE_MS)) as i64;

        let reordered = !key && (-self.ticks(REORDERED_MS)..0).contains(&step) && media > latest.key;
        if reordered {
            return media;
        }
        let forward = (1..=self.ticks(waited + AHEAD_MS)).contains(&step);
        let media = if forward { media } else { latest.media + self.ticks(waited).max(1) };
        if forward {
            self.pace.learn(ticks, arrived);
        } else {
            self.pace.begin(ticks, arrived);
        }
        self.shift = media.saturating_sub(self.pace.at(ticks));
        self.latest = Some(Latest { media, key: if key { media } else { latest.key }, arrived });
        media
    }

    /// Whether the pace was corrected since this was asked last: then what was told of the hub's clock before was wrong.
    pub(crate) fn was_corrected(&mut self) -> bool {
        std::mem::take(&mut self.pace.corrected)
    }

    /// Where the sender's ticks lie now, without placing anything there.
    pub(crate) fn locate(&self, ticks: i64) -> i64 {
        self.pace.at(ticks).saturating_add(self.shift)
    }

    fn ticks(&self, milliseconds: i64) -> i64 {
        milliseconds * self.rate / 1_000
    }
}

/// How long a sender's clock is compared with ours at a time, in milliseconds; and no longer, for then one of them was set.
const COMPARED_MS: std::ops::Range<i128> = 2_000..6_000;

/// Paces between these are put up with: a network's delays look the same.
const ANY_PACE: std::ops::Range<f64> = 0.7..1.45;

/// Two comparisons that agree so far are no accident.
const SAME_PACE: std::ops::Range<f64> = 0.8..1.25;

/// How fast a sender's clock goes.
struct Pace {
    rate: i64,
    /// How much longer than the sender's tick one of ours is.
    factor: f64,
    begun: Option<(i64, Timestamp)>,
    /// What the comparison before gave, if that was off.
    before: Option<f64>,
    corrected: bool,
}

impl Pace {
    fn new(rate: i64) -> Self {
        Self { rate, factor: 1.0, begun: None, before: None, corrected: false }
    }

    fn at(&self, ticks: i64) -> i64 {
        if self.factor == 1.0 { ticks } else { (ticks as f64 * self.factor) as i64 }
    }

    fn begin(&mut self, ticks: i64, arrived: Timestamp) {
        self.begun = Some((ticks, arrived));
        self.before = None;
    }

    fn learn(&mut self, ticks: i64, arrived: Timestamp) {
        let Some((first, begun)) = self.begun else { return self.begin(ticks, arrived) };
        let passed = arrived.duration_since(begun).as_millis();
        if (-1_000..COMPARED_MS.start).contains(&passed) {
            return;
        }
        if !COMPARED_MS.contains(&passed) {
            return self.begin(ticks, arrived);
        }
        let told = ticks.saturating_sub(first) as f64 * 1_000.0 / self.rate as f64;
        let pace = told * self.factor / passed as f64;
        self.begun = Some((ticks, arrived));
        match self.before.take() {
            _ if ANY_PACE.contains(&pace) => {}
            Some(before) if SAME_PACE.contains(&(pace / before)) => {
                self.factor = (self.factor / ((pace + before) / 2.0)).clamp(0.01, 100.0);
                self.corrected = true;
            }
            _ => self.before = Some(pace),
        }
    }
}

/// A new offset this far from the old one is a clock that was set, or a sender that started again.
const RESET_US: i64 = 10_000_000;

/// Each arrival that is later than expected moves the clock by one part in this many, so that the network's delays even out.
const SLOWNESS: i64 = 256;

/// Tells media time on the hub's clock, from when frames arrived.
///
/// Nothing arrives before it was sent, so the earliest arrivals tell the truth: they are followed at once, late ones slowly.
pub(crate) struct WallClock {
    rate: i64,
    /// Microseconds since 1970 at media time 0.
    zero: Option<i64>,
}

impl WallClock {
    /// `rate` is in ticks a second.
    pub(crate) fn new(rate: u32) -> Self {
        Self { rate: i64::from(rate.max(1)), zero: None }
    }

    /// Learns from a frame.
    pub(crate) fn note(&mut self, media: i64, arrived: Timestamp) {
        let zero = arrived.as_microsecond().saturating_sub(self.microseconds(media));
        self.zero = Some(match self.zero {
            Some(before) if (zero - before).abs() <= RESET_US => {
                if zero < before {
                    zero
                } else {
                    before + (zero - before) / SLOWNESS
                }
            }
            _ => zero,
        });
    }

    /// Forgets what it learned.
    pub(crate) fn restart(&mut self) {
        self.zero = None;
    }

    /// When a media time was; `None` before the first frame.
    pub(crate) fn at(&self, media: i64) -> Option<Timestamp> {
        Timestamp::from_microsecond(self.zero?.saturating_add(self.microseconds(media))).ok()
    }

    /// The media time of an instant; `None` before the first frame.
    pub(crate) fn media_at(&self, instant: Timestamp) -> Option<i64> {
        let microseconds = i128::from(instant.as_microsecond()) - i128::from(self.zero?);
        i64::try_from(microseconds * i128::from(self.rate) / 1_000_000).ok()
    }

    fn microseconds(&self, media: i64) -> i64 {
        i64::try_from(i128::from(media) * 1_000_000 / i128::from(self.rate)).unwrap_or_default()
    }
}

/// How long a number of ticks lasts.
pub(crate) fn lasting(ticks: i64, rate: u32) -> SignedDuration {
    let nanoseconds = i128::from(ticks) * 1_000_000_000 / i128::from(rate.max(1));
    SignedDuration::from_nanos(i64::try_from(nanoseconds).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RATE: u32 = 90_000;
    const STEP: i64 = 6_000;

    fn ms(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_700_000_000_000 + milliseconds).unwrap()
    }

    /// Places frames that arrive every 66 ms; the first is a key frame.
    fn placed(ticks: &[i64]) -> Vec<i64> {
        let mut clock = MediaClock::new(RATE);
        ticks.iter().enumerate().map(|(i, ticks)| clock.place(*ticks, i == 0, ms(i as i64 * 66))).collect()
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
        let places: Vec<_> = (0..3).map(|_| clock.place(0, false, ms(0))).collect();
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
        clock.place(0, true, ms(0));
        clock.place(3 * STEP, false, ms(66));
        assert!(clock.place(STEP, true, ms(132)) > 3 * STEP);
    }

    #[test]
    fn a_stalled_network_is_no_jump() {
        let mut clock = MediaClock::new(RATE);
        clock.place(0, true, ms(0));
        assert_eq!(clock.place(STEP, false, ms(5_000)), STEP);
        assert_eq!(clock.place(2 * STEP, false, ms(5_000)), 2 * STEP);
    }

    #[test]
    fn a_clock_of_another_pace_is_corrected_and_an_uneven_network_is_none() {
        for (pace, name) in [(0.5, "half"), (2.0, "double"), (1.0, "right")] {
            let mut clock = MediaClock::new(RATE);
            let mut corrected = false;
            let mut at = |i: i64| {
                let ticks = (i as f64 * 6_000.0 * pace) as i64;
                let media =
                    clock.place(ticks, i % 30 == 0, ms(i * 1_000 / 15 + if i % 7 == 0 { 300 } else { 0 }));
                corrected |= clock.was_corrected();
                media
            };
            let early: Vec<_> = (0..90).map(&mut at).collect();
            let late: Vec<_> = (90..150).map(&mut at).collect();
            assert!(early.is_sorted() && late.is_sorted(), "{name}");
            let seconds = (late[59] - late[0]) as f64 / f64::from(RATE);
            assert!((seconds - 59.0 / 15.0).abs() < 0.5, "{name}: {seconds} s");
            assert_eq!(corrected, pace != 1.0, "{name}");
        }
    }

    #[test]
    fn the_wall_clock_follows_early_arrivals_and_evens_out_late_ones() {
        let mut wall = WallClock::new(RATE);
        assert!(wall.at(0).is_none());
        wall.note(0, ms(500)); // a camera that first sends what it has buffered
        wall.note(STEP, ms(500));
        wall.note(15 * STEP, ms(1_000));
        assert_eq!(wall.at(0).unwrap(), ms(0));
        wall.note(30 * STEP, ms(2_256));
        assert_eq!(wall.at(0).unwrap(), ms(1));
        wall.note(45 * STEP, ms(3_600_000)); // the clock was set
        assert_eq!(wall.at(45 * STEP).unwrap(), ms(3_600_000));
        assert_eq!(wall.media_at(ms(3_600_000)), Some(45 * STEP));
    }

    proptest! {
        #[test]
        fn nothing_is_ever_placed_at_or_before_the_last_key_frame(
            frames in prop::collection::vec((any::<i64>(), any::<bool>(), -1_000i64..20_000), 1..60)
        ) {
            let mut clock = MediaClock::new(RATE);
            let (mut arrived, mut last_key) = (0, None);
            for (ticks, key, pause) in frames {
                arrived += pause;
                let media = clock.place(ticks, key, ms(arrived));
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
