//! How fast sound comes, beside how fast it plays: a camera may send without end what costs work to keep.

/// What may come at once, in microseconds of sound: a camera sends what it held back, and the hub may have stood still.
const MOST_AT_ONCE: i64 = 30_000_000;

/// So much faster than it plays sound may come for long: some that plays at double the speed that is said of it.
const FASTER: i64 = 3;

pub(crate) struct Speed {
    rate: u32,
    /// How much may come now, in microseconds of sound.
    room: i64,
    /// When something came last, in microseconds of a clock that is not set.
    last: Option<i64>,
    flooded: bool,
}

impl Speed {
    /// `rate` is in ticks a second.
    pub(crate) fn new(rate: u32) -> Self {
        Self { rate: rate.max(1), room: MOST_AT_ONCE, last: None, flooded: false }
    }

    /// Whether some more sound, of so many ticks, is taken. Where too much came, none is until it has come as it plays for a while:
    /// what would be left of a flood is no sound.
    pub(crate) fn admits(&mut self, ticks: u32, now: i64) -> bool {
        let passed = self.last.map_or(0, |last| now.saturating_sub(last)).max(0);
        self.last = Some(now);
        self.room = self.room.saturating_add(passed.saturating_mul(FASTER)).min(MOST_AT_ONCE);
        self.flooded &= self.room < MOST_AT_ONCE;
        let lasts = i64::from(ticks) * 1_000_000 / i64::from(self.rate);
        self.flooded |= lasts > self.room;
        self.room = (self.room - lasts).max(0);
        !self.flooded
    }

    pub(crate) fn is_flooded(&self) -> bool {
        self.flooded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_held_back_is_taken_and_a_flood_is_not_until_it_is_over() {
        let mut speed = Speed::new(8_000);
        assert!((0..29).all(|_| speed.admits(8_000, 0)), "half a minute at once");
        assert!(
            (1..3_600).all(|second| speed.admits(16_000, second * 1_000_000)),
            "at double speed for an hour"
        );
        let now = 3_600_000_000;
        let taken = (0..10_000).filter(|_| speed.admits(8_000, now)).count();
        assert!(taken <= 30 && speed.is_flooded(), "{taken} s at once");
        assert!(!speed.admits(8_000, now + 1_000_000), "some more of it");
        let over = (1..60).find(|second| speed.admits(8_000, now + second * 1_000_000));
        assert!(over.is_some_and(|second| (10..20).contains(&second)), "{over:?}");
    }
}
