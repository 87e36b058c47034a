//! Where the vault gets the time from.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rtime_clock::adjtime::{Timex, adjtimex};
use rustix::time::{ClockId, clock_gettime};

/// A source of time. Expiry compares its two readings, so that a jump of one of them is noticed.
pub trait Clock: Send + Sync {
    /// The time of day.
    fn now(&self) -> Timestamp;

    /// Time that has passed since some fixed moment; it never jumps and is not set by anybody.
    fn monotonic(&self) -> Duration;

    /// Names that moment: while it is the same, [`monotonic`](Clock::monotonic) counts on.
    fn counts_since(&self) -> String;

    /// Whether the network has set the time of day, and still keeps it.
    fn is_synchronised(&self) -> bool;
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

    /// This start of the machine, and the namespace that it is counted in: a container may have another count.
    fn counts_since(&self) -> String {
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let namespace = std::fs::read_link("/proc/self/ns/time").unwrap_or_default();
        format!("{} {}", boot.trim(), namespace.display())
    }

    /// What the kernel was told by whoever keeps its clock: systemd-timesyncd, chrony, ntpd …. It takes it back when it hears
    /// nothing for long, and when somebody else sets the clock.
    fn is_synchronised(&self) -> bool {
        /// `STA_UNSYNC` of linux/timex.h.
        const UNSYNCHRONISED: i32 = 0x40;
        let mut kernel = Timex::new();
        let asked = adjtimex(&mut kernel).is_ok();
        // It speaks of the kernel's clock; whoever shows this process another one is not spoken of.
        let shown = Timestamp::now().as_second();
        asked && kernel.0.status & UNSYNCHRONISED == 0 && (kernel.0.time.tv_sec - shown).abs() <= 1
    }
}

/// A clock that stands still until it is moved, for tests.
#[derive(Debug)]
pub struct SetClock {
    hands: Mutex<Hands>,
}

#[derive(Debug)]
struct Hands {
    now: Timestamp,
    monotonic: Duration,
    /// How often the power was cut.
    cuts: u32,
    synchronised: bool,
}

impl SetClock {
    /// A clock that shows this time.
    pub fn at(now: Timestamp) -> SetClock {
        let hands = Hands { now, monotonic: Duration::ZERO, cuts: 0, synchronised: false };
        SetClock { hands: Mutex::new(hands) }
    }

    /// Lets time pass, as it does: both readings move.
    pub fn advance(&self, by: Duration) {
        let mut hands = self.hands();
        hands.now = later(hands.now, by);
        hands.monotonic += by;
    }

    /// Sets the time of day alone, as a wrong clock or a person does.
    pub fn jump_to(&self, now: Timestamp) {
        self.hands().now = now;
    }

    /// Takes the machine's power away for a while: the clock goes on with its battery, and the counter begins anew.
    pub fn cut_power(&self, by: Duration) {
        let mut hands = self.hands();
        hands.now = later(hands.now, by);
        hands.monotonic = Duration::ZERO;
        hands.cuts += 1;
    }

    /// Whether the network keeps the clock from now on.
    pub fn synchronise(&self, synchronised: bool) {
        self.hands().synchronised = synchronised;
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        self.hands().now
    }

    fn monotonic(&self) -> Duration {
        self.hands().monotonic
    }

    fn counts_since(&self) -> String {
        format!("cut {}", self.hands().cuts)
    }

    fn is_synchronised(&self) -> bool {
        self.hands().synchronised
    }
}

fn later(now: Timestamp, by: Duration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
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
        assert_eq!(SystemClock.counts_since(), SystemClock.counts_since());
        assert!(SystemClock.counts_since().len() > 36, "{}", SystemClock.counts_since());
        // Whatever it says, it can be asked.
        SystemClock.is_synchronised();
    }
}
