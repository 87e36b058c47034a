//! A sender's timestamps, which begin again every 2^32 ticks, as a time that does not.

/// The first packet lies no further from where the camera says that it begins, in seconds.
const BEGINS_WITHIN: u32 = 10;

pub(crate) struct Ticks {
    last: Option<u32>,
    /// Where the camera says that its time begins, for all of its streams.
    origin: Option<u32>,
    sum: i64,
    /// The sender's ticks a second, and those that are wanted.
    from: u32,
    to: u32,
}

impl Ticks {
    pub(crate) fn new(from: u32, to: u32) -> Self {
        Self { last: None, origin: None, sum: 0, from: from.max(1), to }
    }

    /// What is counted from, where the first packet is near it.
    pub(crate) fn begin_at(&mut self, origin: u32) {
        self.origin = Some(origin);
    }

    pub(crate) fn at(&mut self, timestamp: u32) -> i64 {
        let near = |origin: &u32| {
            timestamp.wrapping_sub(*origin).cast_signed().unsigned_abs()
                <= self.from.saturating_mul(BEGINS_WITHIN)
        };
        let begin = self.origin.filter(near).unwrap_or(timestamp);
        let last = self.last.replace(timestamp).unwrap_or(begin);
        self.sum = self.sum.saturating_add(i64::from(timestamp.wrapping_sub(last).cast_signed()));
        let ticks = i128::from(self.sum) * i128::from(self.to) / i128::from(self.from);
        i64::try_from(ticks).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on_where_the_sender_begins_again() {
        let mut ticks = Ticks::new(90_000, 90_000);
        assert_eq!(
            [u32::MAX - 5_999, 0, 6_000, 3_000].map(|timestamp| ticks.at(timestamp)),
            [0, 6_000, 12_000, 9_000]
        );
        let mut told = Ticks::new(90_000, 90_000);
        told.begin_at(9_000);
        assert_eq!([12_000, 15_000].map(|timestamp| told.at(timestamp)), [3_000, 6_000]);
        let mut nonsense = Ticks::new(90_000, 90_000);
        nonsense.begin_at(1 << 30);
        assert_eq!(nonsense.at(5), 0);
        let mut slower = Ticks::new(1_000, 90_000);
        assert_eq!([5, 105].map(|timestamp| slower.at(timestamp)), [0, 9_000]);
    }
}
