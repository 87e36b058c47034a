//! When the clock may be trusted with what cannot be undone.

use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::catalog::State;

/// How far the time of day may move against the monotonic clock.
const JUMP: SignedDuration = SignedDuration::from_hours(1);
/// How far ahead of the latest trusted time a start may find itself.
const AHEAD: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How much may end beyond twice what was planned: a household's worth of timers and replies.
const SLACK: u64 = 1000;

/// Why expiry waits. Nothing is forgotten until the time is right again or [confirmed](crate::Vault::confirm_clock).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "why")]
#[non_exhaustive]
pub enum Pause {
    /// The clock is behind a time it has shown before.
    ClockBehind {
        /// What it shows.
        now: Timestamp,
        /// The latest time it has shown.
        latest: Timestamp,
    },
    /// The clock has moved by more than an hour while the machine says otherwise.
    ClockJumped {
        /// By how many seconds; negative for back.
        seconds: i64,
    },
    /// At start, the clock is more than a week ahead of the latest time it has shown.
    ClockAhead {
        /// What it shows.
        now: Timestamp,
        /// The latest time it has shown.
        latest: Timestamp,
    },
    /// Far more has ended than was to be expected the day before.
    MoreThanPlanned {
        /// The recordings that would go.
        due: u64,
        /// The recordings that were expected to.
        planned: u64,
    },
}

impl fmt::Display for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pause::ClockBehind { now, latest } => {
                write!(f, "the clock shows {now}, and has shown {latest} before")?
            }
            Pause::ClockJumped { seconds } => write!(f, "the clock was moved by {seconds} seconds")?,
            Pause::ClockAhead { now, latest } => {
                write!(f, "the clock shows {now}, more than a week after the latest time seen, {latest}")?;
            }
            Pause::MoreThanPlanned { due, planned } => {
                write!(f, "{due} recordings have ended where about {planned} were expected")?;
            }
        }
        f.write_str("; nothing is forgotten by itself until the time is right or an adult confirms it")
    }
}

/// What is known of the clock since the vault was opened.
#[derive(Debug)]
pub(crate) struct Trust {
    latest: Timestamp,
    /// A pair of readings that were right together; none until the first time that could be trusted.
    anchor: Option<(Timestamp, Duration)>,
    /// An adult has said that what is due may go, whatever the plan was.
    confirmed: bool,
}

impl Trust {
    /// `latest` is the latest time that was trusted before this start.
    pub(crate) fn since(latest: Timestamp) -> Trust {
        Trust { latest, anchor: None, confirmed: false }
    }

    /// Whether the time of day may be trusted. If so it becomes the latest that was.
    pub(crate) fn check(&mut self, now: Timestamp, monotonic: Duration) -> Result<(), Pause> {
        let latest = self.latest;
        if now < latest {
            return Err(Pause::ClockBehind { now, latest });
        }
        match self.anchor {
            Some((then, reading)) => {
                let passed = SignedDuration::try_from(monotonic.saturating_sub(reading))
                    .unwrap_or(SignedDuration::MAX);
                let moved = now.duration_since(then).saturating_sub(passed);
                if moved.abs() > JUMP {
                    return Err(Pause::ClockJumped { seconds: moved.as_secs() });
                }
            }
            None if now.duration_since(latest) > AHEAD => return Err(Pause::ClockAhead { now, latest }),
            None => self.anchor = Some((now, monotonic)),
        }
        self.latest = now;
        Ok(())
    }

    /// An adult, or a synchronised clock, says that the time is right and that what is due may go.
    pub(crate) fn confirm(&mut self, now: Timestamp, monotonic: Duration) {
        *self = Trust { latest: now, anchor: Some((now, monotonic)), confirmed: true };
    }

    /// Whether a run may forget so many. A confirmation counts for one run.
    pub(crate) fn check_amount(&mut self, due: u64, state: &State, now: Timestamp) -> Result<(), Pause> {
        let within_a_day = now.duration_since(state.planned_at) <= SignedDuration::from_hours(24);
        let planned = if within_a_day { state.planned_day } else { state.planned_week };
        let confirmed = std::mem::take(&mut self.confirmed);
        if confirmed || due <= 2 * planned + state.kept_since + SLACK {
            return Ok(());
        }
        Err(Pause::MoreThanPlanned { due, planned })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hours * 3600).unwrap()
    }

    fn hours(hours: u64) -> Duration {
        Duration::from_secs(hours * 3600)
    }

    #[test]
    fn time_that_passes_is_trusted() {
        let mut trust = Trust::since(at(0));
        for passed in 0..1000 {
            trust.check(at(i64::try_from(passed).unwrap()), hours(passed)).unwrap();
        }
    }

    #[test]
    fn a_jump_either_way_pauses_until_it_is_taken_back_or_confirmed() {
        let mut trust = Trust::since(at(0));
        trust.check(at(1), hours(1)).unwrap();
        assert_eq!(trust.check(at(4), hours(2)), Err(Pause::ClockJumped { seconds: 7200 }));
        assert!(matches!(trust.check(at(0), hours(2)), Err(Pause::ClockBehind { .. })));
        trust.check(at(2), hours(2)).unwrap();
        trust.check(at(6), hours(4)).unwrap_err();
        trust.confirm(at(6), hours(4));
        trust.check(at(7), hours(5)).unwrap();
    }

    #[test]
    fn a_start_far_ahead_waits_and_one_soon_after_does_not() {
        assert!(Trust::since(at(0)).check(at(7 * 24), hours(0)).is_ok());
        let mut trust = Trust::since(at(0));
        assert!(matches!(trust.check(at(7 * 24 + 1), hours(0)), Err(Pause::ClockAhead { .. })));
        // The clock is set right by the network: that is no jump, for it was never trusted.
        trust.check(at(1), hours(1)).unwrap();
        trust.check(at(2), hours(2)).unwrap();
    }

    #[test]
    fn far_more_than_planned_waits_for_one_confirmation() {
        let state = State {
            generation: 0,
            latest: at(0),
            serving: true,
            planned_at: at(0),
            planned_day: 100,
            planned_week: 5000,
            kept_since: 10,
        };
        let mut trust = Trust::since(at(0));
        assert!(trust.check_amount(1210, &state, at(24)).is_ok());
        let pause = trust.check_amount(1211, &state, at(24)).unwrap_err();
        assert_eq!(pause, Pause::MoreThanPlanned { due: 1211, planned: 100 });
        assert!(trust.check_amount(9000, &state, at(25)).is_ok(), "the hub was off over the weekend");
        trust.confirm(at(24), hours(0));
        assert!(trust.check_amount(1_000_000, &state, at(24)).is_ok());
        assert!(trust.check_amount(1_000_000, &state, at(24)).is_err());
    }
}
