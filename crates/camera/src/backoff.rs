//! How long to wait before the next try.

use std::time::Duration;

use crate::Error;

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Between tries at what time alone does not mend: cameras lock out whoever keeps sending a wrong password.
const FOR_SETTINGS: Duration = Duration::from_secs(60);

/// A connection that brought film for so long went well.
const WENT_WELL: Duration = Duration::from_secs(10);

/// Half a second, doubling to fifteen seconds, each by up to a fifth longer so that cameras do not come back in step. After one
/// that brought film for some seconds the wait has a bound that is lower the longer those were: of a camera that streams for some
/// seconds at a time much is kept, and yet there are only some hundred connections in an hour, however short.
pub(crate) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(crate) fn new() -> Self {
        Self { next: FIRST_PAUSE }
    }

    /// A connection brought film for so long. If that went well the next trouble starts from the beginning.
    pub(crate) fn filmed(&mut self, lasted: Duration) {
        if lasted >= WENT_WELL {
            self.next = FIRST_PAUSE;
        }
    }

    /// How long to wait after a connection that brought film for so long, or none.
    pub(crate) fn wait_after(&mut self, trouble: &Error, filmed: Duration) -> Duration {
        let most = LONGEST_PAUSE.div_f64(filmed.as_secs_f64().max(1.0));
        let wait = if trouble.needs_a_change() { FOR_SETTINGS } else { self.next.min(most) };
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

    const NONE: Duration = Duration::ZERO;

    #[test]
    fn doubles_to_its_bound_and_starts_again() {
        let mut backoff = Backoff::new();
        let mut expected = FIRST_PAUSE;
        for _ in 0..12 {
            let wait = backoff.wait_after(&Error::Refused, NONE);
            assert!((expected..=expected.mul_f64(1.2)).contains(&wait), "{wait:?} instead of {expected:?}");
            expected = (expected * 2).min(LONGEST_PAUSE);
        }
        backoff.filmed(WENT_WELL);
        assert!(backoff.wait_after(&Error::NoAnswer, NONE) < Duration::from_secs(1));
    }

    #[test]
    fn a_wrong_password_is_not_hammered() {
        assert!(Backoff::new().wait_after(&Error::WrongPassword, NONE) >= FOR_SETTINGS);
    }

    /// Of an hour with a camera that hangs up each time after so many seconds: how many connections there are, and how many seconds
    /// of film.
    fn an_hour(each: f64) -> (f64, f64) {
        let (mut backoff, mut passed, mut connections) = (Backoff::new(), 0.0, 0.0);
        let lasts = Duration::from_secs_f64(each);
        while passed < 3_600.0 {
            backoff.filmed(lasts);
            passed += each + backoff.wait_after(&Error::StreamEnded, lasts).as_secs_f64();
            connections += 1.0;
        }
        (connections, connections * each)
    }

    #[test]
    fn a_camera_that_hangs_up_at_once_is_asked_less_and_less_and_one_that_streams_for_seconds_is_filmed() {
        for each in [0.05, 0.3, 1.0, 2.0, 3.0, 5.0, 8.0, 9.9] {
            let (connections, film) = an_hour(each);
            assert!(connections < 500.0, "{connections} connections of {each} s");
            assert!(each < 5.0 || film > 1_800.0, "{film} s of film in pieces of {each} s");
            assert!(each < 3.0 || film > 1_200.0, "{film} s of film in pieces of {each} s");
        }
        assert!(an_hour(60.0).1 > 3_500.0);
    }
}
