//! What was heard: how many times, when, where, and the words where they may be told.

pub(super) mod heard;

pub use heard::Heard;

use jiff::{SignedDuration, Timestamp};

use crate::skill::contract::{Context, Reply, Skill};
use crate::skill::say;
use crate::skill::situation::Situation;
use crate::skill::slots::Slots;

/// What was heard.
pub(crate) struct History;

impl Skill for History {
    fn sentences(&self) -> &'static [(&'static str, &'static str)] {
        &[("en", include_str!("en.yaml"))]
    }

    fn answers(&self, said: &Slots<'_>) -> bool {
        said.intent() == "PorchlightHeard"
    }

    fn answer(&self, context: &Context<'_>) -> Reply {
        let Context { said, situation } = context;
        tell(said, situation)
    }
}

/// How many are told one by one.
const TOLD: usize = 5;

/// Tells what was heard, the newest first.
fn tell(said: &Slots<'_>, situation: &Situation<'_>) -> Reply {
    let span = Span::of(said, situation);
    let place = said.words("area");
    let mut heard: Vec<&Heard> = situation
        .heard
        .iter()
        .filter(|heard| span.holds(heard.at))
        .filter(|heard| place.is_none_or(|place| heard.room.as_deref().is_some_and(|room| same(room, place))))
        .collect();
    heard.sort_by_key(|heard| std::cmp::Reverse(heard.at));

    let place = place.map(|place| format!(" {}", say::in_room(place))).unwrap_or_default();
    if heard.is_empty() {
        return Reply::say(format!(
            "There is nothing that I may tell here of what I heard{place}{}.",
            span.said
        ));
    }
    // What others said in devices of their own is not among them.
    let mut start =
        format!("I heard {}{place}{} that I may speak of here", say::count(heard.len(), "thing"), span.said);
    let told: Vec<&Heard> = heard.iter().copied().take(TOLD).collect();
    let worded = told.iter().filter(|heard| heard.words.is_some()).count();
    match told.len() - worded {
        0 => start.push('.'),
        1 if worded == 0 => start.push_str(", and tell no words of it."),
        _ if worded == 0 => start.push_str(", and tell no words of them."),
        _ => start.push_str(&format!(", and tell the words of {} of them.", say::cardinal(worded))),
    }
    let newest =
        if heard.len() > TOLD { format!(" The newest {}:", say::cardinal(TOLD)) } else { String::new() };
    let each: Vec<String> = told.iter().map(|heard| one(heard, situation)).collect();
    let worded = told.iter().filter(|heard| heard.words.is_some());
    Reply {
        text: format!("{start}{newest} {}", each.join(" ")),
        made_from: worded.filter_map(|heard| heard.moment).collect(),
        ..Reply::default()
    }
}

fn one(heard: &Heard, situation: &Situation<'_>) -> String {
    let when = say::sentence(&say::moment(heard.at, situation.now, &situation.zone));
    let place = match heard.room.as_deref() {
        Some(room) => say::in_room(room),
        None => format!("at {}", heard.device),
    };
    match heard.words.as_deref().map(str::trim) {
        Some("") => format!("{when} {place}, no words."),
        Some(words) => format!("{when} {place}: “{}.”", words.trim_end_matches(['.', '!', '?'])),
        None => format!("{when} {place}."),
    }
}

fn same(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

/// From when to when was asked for, and how to say so.
struct Span {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    said: String,
}

impl Span {
    fn of(said: &Slots<'_>, situation: &Situation<'_>) -> Self {
        let back = |seconds: u64| {
            let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
            situation.now.checked_sub(SignedDuration::from_secs(seconds)).ok()
        };
        if let Some(seconds) = said.seconds("last_") {
            let said = format!(" in the last {}", say::length(seconds));
            return Self { from: back(seconds), to: None, said };
        }
        let today = situation.zone.to_datetime(situation.now).date();
        let at = |day: Result<jiff::civil::Date, jiff::Error>, hour: i8| {
            day.and_then(|day| day.at(hour, 0, 0, 0).to_zoned_datetime(situation.zone.clone()))
                .map(|zoned| zoned.timestamp())
                .ok()
        };
        let (from, to, words) = match said.words("when") {
            Some("today") => (at(Ok(today), 0), None, " today"),
            Some("yesterday") => (at(today.yesterday(), 0), at(Ok(today), 0), " yesterday"),
            Some("morning") => (at(Ok(today), 0), at(Ok(today), 12), " this morning"),
            Some("afternoon") => (at(Ok(today), 12), at(Ok(today), 18), " this afternoon"),
            Some("evening") => (at(Ok(today), 18), None, " this evening"),
            Some("minute") => (back(60), None, " in the last minute"),
            Some("hour") => (back(3600), None, " in the last hour"),
            Some("day") => (back(86_400), None, " in the last day"),
            _ => (None, None, ""),
        };
        Self { from, to, said: words.to_owned() }
    }

    fn holds(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at < to)
    }
}

#[cfg(test)]
mod tests;
