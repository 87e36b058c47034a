//! Media time told on the hub's clocks, from when pictures arrived.

use jiff::Timestamp;

use crate::clock::Arrival;

/// Arrivals further apart than this, in microseconds, are no camera that paused, which ends the connection sooner: the hub stood still.
pub(crate) const STOOD_STILL: i64 = 9_000_000;

/// Later arrivals move the clock towards them within about so many microseconds, so that the network's delays even out; each by no
/// more than if the one before had come so long ago.
const SLOWNESS: i64 = 17_000_000;
const MOST_AT_ONCE: i64 = 200_000;

/// Whoever has pictures of the time of a standstill sends them within this after it, in microseconds.
const CATCHES_UP_WITHIN: i64 = 2_000_000;

/// Nothing arrives before it was sent, so the earliest arrivals tell the truth: they are followed at once, late ones slowly. What
/// is compared is the steady clock, so that setting the hub's neither looks like a delay nor hides one.
pub(crate) struct WallClock {
    rate: i64,
    /// Where media time 0 lies on the steady clock, in microseconds.
    zero: Option<i64>,
    latest: Option<Arrival>,
    /// The first arrival after a standstill, with its media time in microseconds: whether what came meanwhile was kept for us, or
    /// never was, shows by what follows.
    doubt: Option<(i64, i64)>,
}

impl WallClock {
    /// `rate` is in ticks a second.
    pub(crate) fn new(rate: u32) -> Self {
        Self { rate: i64::from(rate.max(1)), zero: None, latest: None, doubt: None }
    }

    /// Learns from a picture. True if what is told from here on is later by a time that the sender's clock passed over.
    pub(crate) fn note(&mut self, media: i64, arrived: Arrival) -> bool {
        let media = self.microseconds(media);
        let zero = arrived.steady.saturating_sub(media);
        let passed = self.latest.map_or(0, |latest| arrived.steady.saturating_sub(latest.steady));
        self.latest = Some(arrived);
        if passed >= STOOD_STILL {
            self.doubt = Some((arrived.steady, media));
        }
        let late = self.zero.map_or(0, |before| zero.saturating_sub(before));
        match self.zero {
            // What follows a standstill is late in any case, and says nothing of the network.
            Some(_) if late > 0 && self.doubt.is_some() => {}
            Some(before) if late > 0 => {
                let part =
                    i128::from(late) * i128::from(passed.clamp(0, MOST_AT_ONCE)) / i128::from(SLOWNESS);
                self.zero = Some(before.saturating_add(i64::try_from(part).unwrap_or(late)));
            }
            _ => self.zero = Some(zero),
        }
        let Some((since, from)) = self.doubt else { return false };
        let watched = arrived.steady.saturating_sub(since);
        if watched < CATCHES_UP_WITHIN {
            return false;
        }
        self.doubt = None;
        let catches_up = media.saturating_sub(from) > watched.saturating_mul(3) / 2;
        let passed_over = late > CATCHES_UP_WITHIN && !catches_up;
        if passed_over {
            self.zero = Some(zero);
        }
        passed_over
    }

    /// Media times were placed anew. Forgets what was learned, but for when one of them was, where that is known: what comes now may be
    /// late.
    pub(crate) fn restart(&mut self, known: Option<(i64, i64)>, newest: i64, steady: i64) {
        self.zero = known.map(|(media, steady)| steady.saturating_sub(self.microseconds(media)));
        self.doubt = self.doubt.map(|_| (steady, self.microseconds(newest)));
    }

    /// When the latest picture arrived.
    pub(crate) fn latest(&self) -> Option<Arrival> {
        self.latest
    }

    /// When a media time was, on the steady clock; `None` before the first picture.
    pub(crate) fn at(&self, media: i64) -> Option<i64> {
        Some(self.zero?.saturating_add(self.microseconds(media)))
    }

    /// The media time of an instant of the steady clock; `None` before the first picture.
    pub(crate) fn media_at(&self, steady: i64) -> Option<i64> {
        let microseconds = i128::from(steady) - i128::from(self.zero?);
        i64::try_from(microseconds * i128::from(self.rate) / 1_000_000).ok()
    }

    /// How much later than at its time something of this media time would arrive now, in microseconds.
    pub(crate) fn late_by(&self, media: i64, steady: i64) -> i64 {
        self.at(media).map_or(0, |at| steady.saturating_sub(at)).max(0)
    }

    /// How long a number of ticks is, in microseconds.
    pub(crate) fn microseconds(&self, ticks: i64) -> i64 {
        i64::try_from(i128::from(ticks) * 1_000_000 / i128::from(self.rate)).unwrap_or_default()
    }
}

/// An instant of the steady clock on the hub's, which is ahead of it by `offset` microseconds; `None` beyond the year 9999.
pub(crate) fn shown(steady: i64, offset: i64) -> Option<Timestamp> {
    Timestamp::from_microsecond(steady.saturating_add(offset)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 90_000;
    const STEP: i64 = 6_000;

    fn ms(milliseconds: i64) -> Arrival {
        Arrival::at(Timestamp::from_millisecond(milliseconds).unwrap())
    }

    #[test]
    fn early_arrivals_are_followed_and_late_ones_evened_out() {
        let mut wall = WallClock::new(RATE);
        assert!(wall.at(0).is_none());
        wall.note(0, ms(500)); // a camera that first sends what it has buffered
        wall.note(STEP, ms(500));
        wall.note(15 * STEP, ms(1_000));
        assert_eq!(wall.at(0), Some(0));
        wall.note(30 * STEP, ms(2_170)); // 170 ms late
        assert_eq!(wall.at(0), Some(2_000));
        assert_eq!(wall.media_at(2_000_000), Some(30 * STEP - 180));
        wall.note(31 * STEP, ms(2_066));
        assert_eq!(wall.at(31 * STEP), Some(2_066_000));
    }

    /// Where the clock has the media time 0 after twelve seconds in which nothing arrived, and whether a time was passed over.
    fn after_a_standstill(pictures: impl Iterator<Item = (i64, i64)>) -> (i64, bool) {
        let mut wall = WallClock::new(RATE);
        let before = (0..15).map(|i| (i * STEP, i * 1_000 / 15));
        let passed_over =
            before.chain(pictures).fold(false, |any, (media, at)| any | wall.note(media, ms(at)));
        (wall.at(0).unwrap() / 1_000, passed_over)
    }

    #[test]
    fn what_was_kept_for_us_while_we_stood_still_keeps_its_place() {
        let at_once = (15..195).map(|i| (i * STEP, 13_000));
        let then = (195..400).map(|i| (i * STEP, i * 1_000 / 15));
        let (zero, passed_over) = after_a_standstill(at_once.chain(then));
        assert!(zero.abs() <= 1 && !passed_over, "{zero} ms");
    }

    #[test]
    fn what_a_sender_passed_over_is_noticed() {
        let on = (15..60).map(|i| (i * STEP, 12_000 + i * 1_000 / 15));
        let (zero, passed_over) = after_a_standstill(on);
        assert!((zero - 12_000).abs() <= 1 && passed_over, "{zero} ms");
    }
}
