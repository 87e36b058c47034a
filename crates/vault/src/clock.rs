//! Where the vault gets the time from.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rustix::time::{ClockId, clock_gettime};

/// A source of time. Expiry compares its two readings, so that a jump of one of them is noticed.
pub trait Clock: Send + Sync {
    /// The time of day.
    fn now(&self) -> Timestamp;

    /// Time that has passed since some fixed moment; it never jumps and is not set by anybody.
    fn monotonic(&self) -> Duration;
}

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    /// Time since the machine started, the time it slept included: a laptop that wakes has not jumped.
    fn monotonic(&self) -> Duration {
        let since_boot = clock_gettime(ClockId::Boottime);
        Duration::new(since_boot.tv_sec.unsigned_abs(), u32::try_from(since_boot.tv_nsec).unwrap_or(0))
    }
}

/// A clock that stands still until it is moved, for tests.
#[derive(Debug)]
pub struct SetClock {
    hands: Mutex<(Timestamp, Duration)>,
}

impl SetClock {
    /// A clock that shows this time.
    pub fn at(now: Timestamp) -> SetClock {
        SetClock { hands: Mutex::new((now, Duration::ZERO)) }
    }

    /// Lets time pass, as it does: both readings move.
    pub fn advance(&self, by: Duration) {
        let mut hands = self.hands.lock().unwrap_or_else(PoisonError::into_inner);
        hands.0 = hands.0.saturating_add(by).unwrap_or(Timestamp::MAX);
        hands.1 += by;
    }

    /// Sets the time of day alone, as a wrong clock or a person does.
    pub fn jump_to(&self, now: Timestamp) {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner).0 = now;
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    fn monotonic(&self) -> Duration {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner).1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_time_of_day_can_jump() {
        let clock = SetClock::at(Timestamp::UNIX_EPOCH);
        clock.advance(Duration::from_secs(60));
        assert_eq!((clock.now().as_second(), clock.monotonic().as_secs()), (60, 60));
        clock.jump_to(Timestamp::from_second(1_000_000).unwrap());
        assert_eq!((clock.now().as_second(), clock.monotonic().as_secs()), (1_000_000, 60));
    }

    #[test]
    fn the_system_clock_goes_forward() {
        let (earlier, later) = (SystemClock.monotonic(), SystemClock.monotonic());
        assert!(Duration::ZERO < earlier && earlier <= later);
    }
}
