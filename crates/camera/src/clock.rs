//! The hub's two clocks: one shows the time and may be set, the other only goes forward.

use jiff::Timestamp;
use tokio::time::Instant;

/// Tells when something arrives.
pub(crate) struct Clock {
    wall: Box<dyn Fn() -> Timestamp + Send + Sync>,
    began: Instant,
}

/// When something arrived, by both clocks. How long it is from one to another only the steady one tells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) wall: Timestamp,
    /// Microseconds from where it likes, on the clock that nobody sets.
    pub(crate) steady: i64,
}

impl Clock {
    pub(crate) fn new(wall: Box<dyn Fn() -> Timestamp + Send + Sync>) -> Self {
        Self { wall, began: Instant::now() }
    }

    /// What the hub's clock shows.
    pub(crate) fn now(&self) -> Timestamp {
        (self.wall)()
    }

    /// Something arrives now.
    pub(crate) fn arrival(&self) -> Arrival {
        let steady = i64::try_from(self.began.elapsed().as_micros()).unwrap_or(i64::MAX);
        Arrival { wall: self.now(), steady }
    }
}

impl Arrival {
    /// How far the hub's clock is ahead of the steady one, in microseconds: another number later means that it was set.
    pub(crate) fn offset(&self) -> i64 {
        self.wall.as_microsecond().saturating_sub(self.steady)
    }

    /// What arrived on clocks of which nobody set either.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn at(wall: Timestamp) -> Self {
        Self { wall, steady: wall.as_microsecond() }
    }
}
