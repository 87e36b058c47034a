//! The time and the date.

use jiff::ToSpan;

use super::slots::Slots;
use super::{Reply, Situation, say};

/// What time it is.
pub(crate) fn time(situation: &Situation<'_>) -> Reply {
    Reply::say(format!("It is {}.", say::clock(situation.now, &situation.zone)))
}

/// What day, month or year it is, was or will be.
pub(crate) fn date(said: &Slots<'_>, situation: &Situation<'_>) -> Reply {
    let today = situation.zone.to_datetime(situation.now).date();
    match said.words("part") {
        Some("month") => return Reply::say(format!("It is {}.", today.strftime("%B"))),
        Some("year") => return Reply::say(format!("It is {}.", today.year())),
        _ => {}
    }
    let (start, days) = match said.words("day") {
        Some("tomorrow") => ("Tomorrow is", 1),
        Some("yesterday") => ("Yesterday was", -1),
        _ => ("It is", 0),
    };
    // Only the ends of the calendar, thousands of years away, have no next day.
    let day = today.checked_add(days.days()).unwrap_or(today);
    Reply::say(format!("{start} {}.", say::date(day)))
}
