//! The date of a day to come.

use jiff::ToSpan;

use crate::skill::contract::{Context, Reply, Skill};
use crate::skill::say;
use crate::skill::slots::Slots;

/// What day it will be.
pub(crate) struct Calendar;

impl Skill for Calendar {
    fn sentences(&self) -> &'static [(&'static str, &'static str)] {
        &[("en", include_str!("en.yaml"))]
    }

    fn answers(&self, said: &Slots<'_>) -> bool {
        said.intent() == "PorchlightDateAhead"
    }

    fn answer(&self, context: &Context<'_>) -> Reply {
        let today = context.zone.to_datetime(context.now).date();
        // "In a week": one of them.
        let count = i64::from(context.said.count("count").unwrap_or(1));
        let ahead = match context.said.words("unit") {
            Some("week") => count.weeks(),
            Some("month") => count.months(),
            Some("year") => count.years(),
            _ => count.days(),
        };
        let Ok(day) = today.checked_add(ahead) else {
            return Reply::say("My calendar does not go that far.");
        };
        let year = if day.year() == today.year() { String::new() } else { format!(", {}", day.year()) };
        Reply::say(format!("That is {}{year}.", say::date(day)))
    }
}

#[cfg(test)]
mod tests;
