//! The time and the date.

use jiff::ToSpan;

use crate::skill::contract::{Context, Reply, Skill};
use crate::skill::say;
use crate::skill::situation::Situation;
use crate::skill::slots::Slots;

/// The time and the date.
pub(crate) struct Clock;

impl Skill for Clock {
    fn sentences(&self) -> &'static [(&'static str, &'static str)] {
        &[("en", include_str!("en.yaml"))]
    }

    fn answers(&self, said: &Slots<'_>) -> bool {
        matches!(said.intent(), "HassGetCurrentTime" | "HassGetCurrentDate")
    }

    fn answer(&self, context: &Context<'_>) -> Reply {
        let Context { said, situation } = context;
        match said.intent() {
            "HassGetCurrentTime" => time(situation),
            _ => date(said, situation),
        }
    }
}

/// What time it is.
fn time(situation: &Situation<'_>) -> Reply {
    Reply::say(format!("It is {}.", say::clock(situation.now, &situation.zone)))
}

/// What day, month or year it is, was or will be.
fn date(said: &Slots<'_>, situation: &Situation<'_>) -> Reply {
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

#[cfg(test)]
mod tests;
