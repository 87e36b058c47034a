//! What is said when a reminder is due.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::skill::late::TOLD_AS_LATE;
use crate::skill::say;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reminder_says_what_of_and_whether_it_is_late() {
        let now = SignedDuration::ZERO;
        let zone = TimeZone::UTC;
        let due = "2026-11-23T18:00:00Z".parse().unwrap();
        assert_eq!(reminder_due(Some("call Tom"), due, &zone, now), "I was to remind you: call Tom.");
        assert_eq!(reminder_due(None, due, &zone, now), "It is 6 PM. This is your alarm.");
        let late = SignedDuration::from_mins(5);
        assert!(
            reminder_due(Some("call Tom"), due, &zone, late).contains("5 minutes ago, while I was off: call")
        );
    }
}
