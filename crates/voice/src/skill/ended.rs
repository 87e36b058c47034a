//! What is said when a timer ends or a reminder is due.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::say;

/// A timer that rings this much too late says so: the hub was off when it ended.
const TOLD_AS_LATE: SignedDuration = SignedDuration::from_secs(60);

/// The sentence for a timer that has ended, `late` after its time.
#[must_use]
pub fn timer_ended(name: Option<&str>, seconds: u64, late: SignedDuration) -> String {
    let title = match name {
        Some(name) => format!("{name} timer"),
        None => format!("{} timer", say::length_before_noun(seconds)),
    };
    if late < TOLD_AS_LATE {
        return format!("Your {title} is done.");
    }
    format!("Your {title} was done {} ago, while I was off.", say::length(late.as_secs().unsigned_abs()))
}

/// The sentence for a reminder, `late` after its time, or for an alarm, which reminds of nothing.
#[must_use]
pub fn reminder_due(text: Option<&str>, due: Timestamp, zone: &TimeZone, late: SignedDuration) -> String {
    let clock = say::clock(due, zone);
    match (text, late < TOLD_AS_LATE) {
        (Some(text), true) => format!("I was to remind you: {text}."),
        (None, true) => format!("It is {clock}. This is your alarm."),
        (Some(text), false) => format!(
            "I was to remind you {} ago, while I was off: {text}.",
            say::length(late.as_secs().unsigned_abs())
        ),
        (None, false) => format!("Your alarm was for {clock}, while I was off."),
    }
}

/// A length of time as it is said: "5 minutes and 30 seconds".
#[must_use]
pub fn spoken_length(seconds: u64) -> String {
    say::length(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_and_a_reminder_say_which_they_were_and_whether_they_are_late() {
        let now = SignedDuration::ZERO;
        assert_eq!(timer_ended(Some("pizza"), 600, now), "Your pizza timer is done.");
        assert!(timer_ended(None, 300, now).contains("minute timer is done"));
        let zone = TimeZone::UTC;
        let due = "2026-11-23T18:00:00Z".parse().unwrap();
        assert_eq!(reminder_due(Some("call Tom"), due, &zone, now), "I was to remind you: call Tom.");
        assert_eq!(reminder_due(None, due, &zone, now), "It is 6 PM. This is your alarm.");
        let late = SignedDuration::from_mins(5);
        assert!(
            reminder_due(Some("call Tom"), due, &zone, late).contains("5 minutes ago, while I was off: call")
        );
        assert!(timer_ended(Some("tea"), 180, SignedDuration::from_mins(5)).contains("ago, while I was off"));
    }
}
