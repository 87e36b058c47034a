//! How long to wait before the next try.

use std::time::Duration;

use crate::Error;

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Between tries at what time alone does not mend: cameras lock out whoever keeps sending a wrong password.
const FOR_SETTINGS: Duration = Duration::from_secs(60);

/// Half a second, doubling to fifteen seconds, each by up to a fifth longer so that cameras do not come back in step.
pub(crate) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(crate) fn new() -> Self {
        Self { next: FIRST_PAUSE }
    }

    /// Recording went well for a while: the next trouble starts from the beginning.
    pub(crate) fn reset(&mut self) {
        self.next = FIRST_PAUSE;
    }

    pub(crate) fn wait_after(&mut self, trouble: &Error) -> Duration {
        let wait = if trouble.needs_a_change() { FOR_SETTINGS } else { self.next };
        self.next = (self.next * 2).min(LONGEST_PAUSE);
        wait + wait.mul_f64(f64::from(random_byte()) / 255.0 / 5.0)
    }
}

fn random_byte() -> u8 {
    // Without randomness the wait is merely regular.
    getrandom::u32().map_or(0, |random| random.to_le_bytes()[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_to_its_bound_and_starts_again() {
        let mut backoff = Backoff::new();
        let mut expected = FIRST_PAUSE;
        for _ in 0..12 {
            let wait = backoff.wait_after(&Error::Refused);
            assert!((expected..=expected.mul_f64(1.2)).contains(&wait), "{wait:?} instead of {expected:?}");
            expected = (expected * 2).min(LONGEST_PAUSE);
        }
        backoff.reset();
        assert!(backoff.wait_after(&Error::NoAnswer) < Duration::from_secs(1));
    }

    #[test]
    fn a_wrong_password_is_not_hammered() {
        assert!(Backoff::new().wait_after(&Error::WrongPassword) >= FOR_SETTINGS);
    }
}
