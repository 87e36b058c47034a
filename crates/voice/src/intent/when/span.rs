//! Stretches of time that are past, as they are said.

use serde::{Deserialize, Serialize};

use super::counts::{counts, longest_first};
use super::day::{Day, days_of_month, month, year};
use super::{Point, clock, points_at};
use crate::intent::duration;

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Span {
    /// A day, or a part of it.
    On(Point),
    /// From one to the other, both whole.
    Between(Point, Point),
    /// From then until now.
    Since(Point),
    /// All that was before.
    Before(Point),
    /// The last so many seconds.
    Last(u64),
    /// The last so many days, weeks, months or years, up to now.
    LastOf(u32, Unit),
    /// A week, month or year by the calendar: 0 is the present one, -1 the one before.
    Of(i32, Unit),
    /// The last Saturday and Sunday.
    Weekend,
    /// A month by its name.
    Month { year: Option<i16>, month: i8 },
    /// A year by its number.
    Year(i16),
}

/// A unit of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    Day,
    Week,
    Month,
    Year,
}

/// Every stretch of time that starts with the first of these words, with how many words it takes, the longest first.
pub(crate) fn spans_at(words: &[&str]) -> Vec<(usize, Span)> {
    let mut found = Vec::new();
    named(words, &mut found);
    ranges(words, Point::default(), 0, &mut found);
    for (length, point) in points_at(words).into_iter().filter(|(_, point)| point.clock.is_none()) {
        // A part of a day that was not said is no stretch: "in the morning" of which?
        if point.day.is_some() {
            found.push((length, Span::On(point)));
            // yesterday between three and five
            ranges(words.get(length..).unwrap_or_default(), point, length, &mut found);
        }
    }
    for (preposition, make) in [
        ("since", Span::Since as fn(Point) -> Span),
        ("after", Span::Since),
        ("before", Span::Before),
        ("until", Span::Before),
    ] {
        if let Some((first, rest)) = words.split_first()
            && *first == preposition
        {
            found.extend(ends(rest).into_iter().map(|(length, point)| (length + 1, make(point))));
        }
    }
    longest_first(&mut found);
    found
}

/// `last week`, `this month`, `the past three days`, `in november`.
fn named(words: &[&str], found: &mut Vec<(usize, Span)>) {
    let (skip, words) = match words {
        ["in" | "over" | "during" | "for" | "within" | "from" | "of", rest @ ..] => (1, rest),
        _ => (0, words),
    };
    let mut add = |length: usize, span| found.push((skip + length, span));
    match words {
        ["this", word, ..] => {
            if let Some(unit) = unit(word).filter(|unit| *unit != Unit::Day) {
                add(2, Span::Of(0, unit));
            }
        }
        ["last", word, ..] => {
            if let Some(unit) = unit(word).filter(|unit| *unit != Unit::Day) {
                add(2, Span::Of(-1, unit));
            }
        }
        _ => {}
    }
    match words {
        ["the" | "this" | "last", "weekend", ..] => add(2, Span::Weekend),
        ["the", "last" | "past" | "previous", "weekend", ..] => add(3, Span::Weekend),
        _ => {}
    }
    let rolling = match words {
        ["the", "last" | "past" | "previous", rest @ ..] => Some((2, rest)),
        ["last" | "past", rest @ ..] => Some((1, rest)),
        _ => None,
    };
    if let Some((taken, rest)) = rolling {
        // "last week" is the one before this; "the last week" is the last seven days.
        if let Some(unit) = rest.first().and_then(|word| unit(word)).filter(|_| taken == 2) {
            add(taken + 1, Span::LastOf(1, unit));
        }
        for (length, count) in counts(rest) {
            if let Some(unit) = rest.get(length).and_then(|word| unit(word)) {
                add(taken + length + 1, Span::LastOf(count, unit));
            }
        }
        let whole = |said: duration::Duration| {
            let parts = [(said.hours, 3600), (said.minutes, 60), (said.seconds, 1)];
            parts.iter().map(|(count, unit)| count.unwrap_or_default().saturating_mul(*unit)).sum()
        };
        for (length, said) in duration::at(rest) {
            add(taken + length, Span::Last(whole(said)));
        }
        match rest {
            ["hour", ..] => add(taken + 1, Span::Last(3600)),
            ["minute", ..] => add(taken + 1, Span::Last(60)),
            ["half", "hour", ..] => add(taken + 2, Span::Last(1800)),
            ["few" | "couple", "minutes", ..] => add(taken + 2, Span::Last(300)),
            _ => {}
        }
    }
    let last = usize::from(matches!(words, ["last", ..]));
    if let Some(month) = words.get(last).and_then(|word| month(word)) {
        // "May" is a word of its own.
        if skip == 1 || last == 1 || month != 5 {
            add(last + 1, Span::Month { year: None, month });
            if let Some(year) = words.get(last + 1).and_then(|word| year(word)) {
                add(last + 2, Span::Month { year: Some(year), month });
            }
        }
    }
    if let Some(year) = words.first().and_then(|word| year(word)).filter(|_| skip == 1) {
        add(1, Span::Year(year));
    }
}

/// `between … and …`, `from … to …`, on a day that was said before them, perhaps.
fn ranges(words: &[&str], day: Point, taken: usize, found: &mut Vec<(usize, Span)>) {
    let (rest, between) = match words {
        ["between", rest @ ..] => (rest, true),
        ["from", rest @ ..] => (rest, false),
        _ => return,
    };
    for (first, from) in ends(rest) {
        let Some((word, rest)) = rest.get(first..).and_then(<[&str]>::split_first) else { continue };
        let joined = match *word {
            "and" => between,
            "to" | "until" | "till" | "through" => !between,
            _ => false,
        };
        if !joined {
            continue;
        }
        let mut seconds = ends(rest);
        // november 3rd to 9th
        if let Some(Day::Date { year, month, .. }) = from.day {
            let of_month = days_of_month(rest).into_iter();
            seconds.extend(of_month.map(|(length, day, _)| {
                (length, Point { day: Some(Day::Date { year, month, day }), ..Point::default() })
            }));
        }
        for (second, to) in seconds {
            let both = |point: Point| match (point.day, day.day) {
                (Some(_), Some(_)) => None,
                (None, Some(_)) => Some(Point { day: day.day, ..point }),
                _ => Some(point),
            };
            if let (Some(from), Some(to)) = (both(from), both(to)) {
                found.push((taken + 1 + first + 1 + second, Span::Between(from, to)));
            }
        }
    }
}

/// An end of a range: a point, or a time without "at".
fn ends(words: &[&str]) -> Vec<(usize, Point)> {
    let mut found = points_at(words);
    found.retain(|(_, point)| point.day.is_some() || point.clock.is_some());
    for (length, clock) in clock::at(words) {
        found.push((length, Point::clock(clock)));
        // three yesterday, five on monday
        for (more, point) in points_at(words.get(length..).unwrap_or_default()) {
            if point.clock.is_none() {
                found.push((length + more, Point { clock: Some(clock), ..point }));
            }
        }
    }
    longest_first(&mut found);
    found
}

fn unit(word: &str) -> Option<Unit> {
    match word {
        "day" | "days" => Some(Unit::Day),
        "week" | "weeks" => Some(Unit::Week),
        "month" | "months" => Some(Unit::Month),
        "year" | "years" => Some(Unit::Year),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::clock::Half;
    use super::super::{Clock, Part, Which};
    use super::*;

    fn longest(text: &str) -> Option<(usize, Span)> {
        let words: Vec<&str> = text.split(' ').collect();
        spans_at(&words).first().copied()
    }

    fn day(day: Day) -> Point {
        Point { day: Some(day), ..Point::default() }
    }

    fn weekday(weekday: i8) -> Point {
        day(Day::Weekday { weekday, which: Which::Plain })
    }

    #[test]
    fn reads_stretches_of_time() {
        let date = |number| day(Day::Date { year: None, month: 11, day: number });
        let pm = |hour| Clock { hour, minute: 0, half: Some(Half::Pm) };
        let three = Clock { hour: 3, minute: 0, half: None };
        let yesterday = day(Day::FromNow(-1));
        for (text, length, span) in [
            ("today", 1, Span::On(day(Day::FromNow(0)))),
            ("on monday", 2, Span::On(weekday(1))),
            ("yesterday evening", 2, Span::On(Point { part: Some(Part::Evening), ..yesterday })),
            ("this morning", 2, Span::On(Point { part: Some(Part::Morning), ..day(Day::FromNow(0)) })),
            ("last night", 2, Span::On(Point { part: Some(Part::Night), ..yesterday })),
            ("between monday and wednesday", 4, Span::Between(weekday(1), weekday(3))),
            ("from tuesday to thursday", 4, Span::Between(weekday(2), weekday(4))),
            ("from november 3 rd to 9 th", 7, Span::Between(date(3), date(9))),
            ("from the 3 rd to the 9 th of november", 10, Span::Between(day(Day::OfMonth(3)), date(9))),
            (
                "yesterday between three and 5 pm",
                6,
                Span::Between(
                    Point { clock: Some(three), ..yesterday },
                    Point { clock: Some(pm(5)), ..yesterday },
                ),
            ),
            ("since yesterday", 2, Span::Since(yesterday)),
            ("since six pm", 3, Span::Since(Point::clock(pm(6)))),
            ("before monday", 2, Span::Before(weekday(1))),
            ("the last ten minutes", 4, Span::Last(600)),
            ("in the past hour", 4, Span::Last(3600)),
            ("over the last three days", 5, Span::LastOf(3, Unit::Day)),
            ("last week", 2, Span::Of(-1, Unit::Week)),
            ("the last week", 3, Span::LastOf(1, Unit::Week)),
            ("this month", 2, Span::Of(0, Unit::Month)),
            ("over the weekend", 3, Span::Weekend),
            ("in november 2025", 3, Span::Month { year: Some(2025), month: 11 }),
            ("in 2025", 2, Span::Year(2025)),
        ] {
            assert_eq!(longest(text), Some((length, span)), "{text}");
        }
        for text in [
            "in the kitchen",
            "the last thing",
            "may i",
            "in the morning",
            "between us and them",
            "six",
            "2025",
        ] {
            assert_eq!(longest(text), None, "{text}");
        }
    }
}
