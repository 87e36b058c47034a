//! Days and times as they are said: `yesterday`, `on Monday at six`, `between Tuesday and Thursday`, `the last ten minutes`.
//!
//! Here they are only read. What they mean depends on the time and the place where they are said; that is [`crate::skill`]'s to say.

mod clock;
mod counts;
mod day;
mod span;

pub(crate) use clock::Clock;
pub(crate) use day::{Day, Which};
pub(crate) use span::{Span, Unit, spans_at};

use serde::{Deserialize, Serialize};

use super::duration;
use counts::longest_first;

/// A part of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Part {
    Morning,
    Afternoon,
    Evening,
    Night,
}

/// A day, a part of it or a time on it, as far as it was said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Point {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) day: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) part: Option<Part>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) clock: Option<Clock>,
}

/// When something is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Moment {
    /// After so many seconds.
    In(u64),
    /// On a day or at a time.
    At(Point),
}

/// Every moment to come that starts with the first of these words, with how many words it takes, the longest first.
pub(crate) fn moments_at(words: &[&str]) -> Vec<(usize, Moment)> {
    let mut found: Vec<(usize, Moment)> =
        points_at(words).into_iter().map(|(length, point)| (length, Moment::At(point))).collect();
    if let ["in" | "after", rest @ ..] = words {
        for (length, said) in duration::at(rest) {
            let parts = [(said.hours, 3600), (said.minutes, 60), (said.seconds, 1)];
            let seconds =
                parts.iter().map(|(count, unit)| count.unwrap_or_default().saturating_mul(*unit)).sum();
            found.push((length + 1, Moment::In(seconds)));
        }
    }
    longest_first(&mut found);
    found
}

/// The same after a word like "for", where a time needs no "at".
pub(crate) fn clocks_at(words: &[&str]) -> Vec<(usize, Moment)> {
    let with_at: Vec<&str> = std::iter::once("at").chain(words.iter().copied()).collect();
    let found = moments_at(&with_at).into_iter();
    found.filter(|(length, _)| *length > 1).map(|(length, moment)| (length - 1, moment)).collect()
}

/// Every point that starts with the first of these words. A day, a part of a day and a time may come in any order.
pub(crate) fn points_at(words: &[&str]) -> Vec<(usize, Point)> {
    let mut found = Vec::new();
    let mut open = vec![(0, Point::default())];
    // Each round adds one of three parts that a point has not got yet.
    while let Some((taken, point)) = open.pop() {
        for (length, more) in pieces(words.get(taken..).unwrap_or_default(), point.day.is_some()) {
            if let Some(point) = point.and(more) {
                found.push((taken + length, point));
                open.push((taken + length, point));
            }
        }
    }
    longest_first(&mut found);
    found
}

impl Point {
    fn day(day: Day) -> Self {
        Self { day: Some(day), ..Self::default() }
    }

    fn part(part: Part) -> Self {
        Self { part: Some(part), ..Self::default() }
    }

    pub(crate) fn clock(clock: Clock) -> Self {
        Self { clock: Some(clock), ..Self::default() }
    }

    /// Both together, unless both say the same part of it.
    fn and(self, more: Self) -> Option<Self> {
        let twice = (self.day.is_some() && more.day.is_some())
            || (self.part.is_some() && more.part.is_some())
            || (self.clock.is_some() && more.clock.is_some());
        (!twice).then(|| Self {
            day: self.day.or(more.day),
            part: self.part.or(more.part),
            clock: self.clock.or(more.clock),
        })
    }
}

/// One piece of a point: a day, a part of a day, or a time.
fn pieces(words: &[&str], after_day: bool) -> Vec<(usize, Point)> {
    let mut found: Vec<(usize, Point)> =
        day::at(words).into_iter().map(|(length, day)| (length, Point::day(day))).collect();
    let of_today = |part| Point { part: Some(part), ..Point::day(Day::FromNow(0)) };
    match words {
        ["tonight", ..] => found.push((1, of_today(Part::Night))),
        ["this", word, ..] => found.extend(part(word).map(|part| (2, of_today(part)))),
        ["last", "night", ..] => {
            found.push((2, Point { part: Some(Part::Night), ..Point::day(Day::FromNow(-1)) }));
        }
        ["in" | "during", "the", word, ..] => found.extend(part(word).map(|part| (3, Point::part(part)))),
        ["at", "night", ..] => found.push((2, Point::part(Part::Night))),
        [word, ..] if after_day => found.extend(part(word).map(|part| (1, Point::part(part)))),
        _ => {}
    }
    match words {
        ["at" | "by" | "around" | "about", rest @ ..] => {
            found
                .extend(clock::at(rest).into_iter().map(|(length, clock)| (length + 1, Point::clock(clock))));
        }
        _ => found.extend(
            clock::at(words)
                .into_iter()
                .filter(|(_, clock)| clock.is_plain())
                .map(|(length, clock)| (length, Point::clock(clock))),
        ),
    }
    found
}

fn part(word: &str) -> Option<Part> {
    match word {
        "morning" => Some(Part::Morning),
        "afternoon" => Some(Part::Afternoon),
        "evening" => Some(Part::Evening),
        "night" => Some(Part::Night),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::clock::Half;
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        text.split(' ').collect()
    }

    fn longest(text: &str) -> Option<(usize, Moment)> {
        moments_at(&split(text)).first().copied()
    }

    fn at(day: Option<Day>, part: Option<Part>, clock: Option<Clock>) -> Moment {
        Moment::At(Point { day, part, clock })
    }

    #[test]
    fn reads_moments_to_come() {
        let six = Clock { hour: 6, minute: 0, half: None };
        let six_pm = Clock { half: Some(Half::Pm), ..six };
        let tomorrow = Some(Day::FromNow(1));
        let monday = Some(Day::Weekday { weekday: 1, which: Which::Plain });
        for (text, length, moment) in [
            ("in ten minutes", 3, Moment::In(600)),
            ("in an hour and a half to", 6, Moment::In(5400)),
            ("in 2 hours and 5 minutes", 6, Moment::In(7500)),
            ("at six", 2, at(None, None, Some(six))),
            ("at 6 pm", 3, at(None, None, Some(six_pm))),
            ("6 pm", 2, at(None, None, Some(six_pm))),
            ("at 6 oclock in the evening", 6, at(None, Some(Part::Evening), Some(six))),
            ("tomorrow", 1, at(tomorrow, None, None)),
            ("tomorrow at six", 3, at(tomorrow, None, Some(six))),
            ("at six tomorrow", 3, at(tomorrow, None, Some(six))),
            ("tomorrow morning at six", 4, at(tomorrow, Some(Part::Morning), Some(six))),
            ("at six on monday", 4, at(monday, None, Some(six))),
            ("on monday evening", 3, at(monday, Some(Part::Evening), None)),
            ("this evening at six", 4, at(Some(Day::FromNow(0)), Some(Part::Evening), Some(six))),
            ("tonight", 1, at(Some(Day::FromNow(0)), Some(Part::Night), None)),
            ("in three days at six", 5, at(Some(Day::FromNow(3)), None, Some(six))),
            ("in two weeks", 3, at(Some(Day::FromNow(14)), None, None)),
        ] {
            assert_eq!(longest(text), Some((length, moment)), "{text}");
        }
        for text in ["six", "to call tom", "morning", "minutes", "", "at the station"] {
            assert_eq!(longest(text), None, "{text}");
        }
    }
}
