//! What is said when a timer ends.

use jiff::SignedDuration;

use crate::skill::late::TOLD_AS_LATE;
use crate::skill::say;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_says_which_it_was_and_whether_it_is_late() {
        let now = SignedDuration::ZERO;
        assert_eq!(timer_ended(Some("pizza"), 600, now), "Your pizza timer is done.");
        assert!(timer_ended(None, 300, now).contains("minute timer is done"));
        assert!(timer_ended(Some("tea"), 180, SignedDuration::from_mins(5)).contains("ago, while I was off"));
    }
}
