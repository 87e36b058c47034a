//! Days as they are said: `yesterday`, `last Monday`, `the 3rd of November`, `three days ago`.

use serde::{Deserialize, Serialize};

use super::counts::counts;

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Day {
    /// So many days from today; negative for days that are past.
    FromNow(i32),
    /// A day of the week; Monday is 1.
    Weekday { weekday: i8, which: Which },
    /// A date, perhaps without its year.
    Date { year: Option<i16>, month: i8, day: i8 },
    /// A day of a month that was not named.
    OfMonth(i8),
}

/// Which of all Mondays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Which {
    /// Just "Monday".
    Plain,
    /// The last one.
    Last,
    /// The next one.
    Next,
}

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const ORDINALS: [&str; 20] = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
];

/// Every day that starts with the first of these words.
pub(super) fn at(words: &[&str]) -> Vec<(usize, Day)> {
    let (skip, words) = match words {
        ["on" | "for", rest @ ..] => (1, rest),
        _ => (0, words),
    };
    let mut found = Vec::new();
    match words {
        ["today" | "todays", ..] => found.push((1, Day::FromNow(0))),
        ["tomorrow", ..] => found.push((1, Day::FromNow(1))),
        ["yesterday" | "yesterdays", ..] => found.push((1, Day::FromNow(-1))),
        ["the", "day", "before", "yesterday", ..] => found.push((4, Day::FromNow(-2))),
        ["day", "before", "yesterday", ..] => found.push((3, Day::FromNow(-2))),
        ["the", "day", "after", "tomorrow", ..] => found.push((4, Day::FromNow(2))),
        ["day", "after", "tomorrow", ..] => found.push((3, Day::FromNow(2))),
        ["in", rest @ ..] => {
            found.extend(days(rest).into_iter().map(|(length, days)| (length + 1, Day::FromNow(days))))
        }
        ["last" | "past", rest @ ..] => found.extend(weekday(rest, Which::Last)),
        ["next", "week", ..] => found.push((2, Day::Weekday { weekday: 1, which: Which::Next })),
        ["this" | "next", "weekend", ..] => found.push((2, Day::Weekday { weekday: 6, which: Which::Next })),
        ["this" | "next" | "coming", rest @ ..] => found.extend(weekday(rest, Which::Next)),
        ["the", "last", rest @ ..] => {
            found.extend(weekday(rest, Which::Last).map(|(length, day)| (length + 1, day)))
        }
        _ => {
            found.extend(weekday(words, Which::Plain).map(|(length, day)| (length - 1, day)));
            let ago = days(words).into_iter();
            found.extend(
                ago.filter(|(length, _)| words.get(*length) == Some(&"ago"))
                    .map(|(length, days)| (length + 1, Day::FromNow(-days))),
            );
        }
    }
    found.extend(date(words));
    found.into_iter().map(|(length, day)| (skip + length, day)).collect()
}

/// A weekday after one word that says which.
fn weekday(words: &[&str], which: Which) -> Option<(usize, Day)> {
    let word = words.first()?;
    let weekday = WEEKDAYS.iter().zip(1_i8..).find(|(name, _)| *name == word)?.1;
    Some((2, Day::Weekday { weekday, which }))
}

/// `three days`, `a week`, in days.
fn days(words: &[&str]) -> Vec<(usize, i32)> {
    let unit = |word: &&str| match *word {
        "day" | "days" => Some(1),
        "week" | "weeks" => Some(7),
        _ => None,
    };
    counts(words)
        .into_iter()
        .filter_map(|(length, count)| {
            let days = i32::try_from(count).ok()? * words.get(length).and_then(unit)?;
            Some((length + 1, days))
        })
        .collect()
}

/// `november 3rd`, `the third of november 2026`, `the third`, `2026 11 03`.
fn date(words: &[&str]) -> Vec<(usize, Day)> {
    let mut found = Vec::new();
    let (the, rest) = match words {
        ["the", rest @ ..] => (1, rest),
        _ => (0, words),
    };
    for (length, day, plain) in days_of_month(rest) {
        let after = rest.get(length..).unwrap_or_default();
        let of = usize::from(matches!(after, ["of", ..]));
        if let Some(month) = after.get(of).and_then(|word| month(word)) {
            with_year(words, the + length + of + 1, month, day, &mut found);
        }
        if the == 1 && !plain {
            found.push((the + length, Day::OfMonth(day)));
        }
    }
    if let Some(month) = words.first().and_then(|word| month(word)) {
        let the = usize::from(matches!(words, [_, "the", ..]));
        for (length, day, _) in days_of_month(words.get(1 + the..).unwrap_or_default()) {
            with_year(words, 1 + the + length, month, day, &mut found);
        }
    }
    if let [year, month, day, ..] = words
        && let (Ok(year @ 2000..=2999), Ok(month @ 1..=12), Ok(day @ 1..=31)) =
            (year.parse::<i16>(), month.parse::<i8>(), day.parse::<i8>())
    {
        found.push((3, Day::Date { year: Some(year), month, day }));
    }
    found
}

fn with_year(words: &[&str], length: usize, month: i8, day: i8, found: &mut Vec<(usize, Day)>) {
    found.push((length, Day::Date { year: None, month, day }));
    if let Some(year) = words.get(length).and_then(|word| year(word)) {
        found.push((length + 1, Day::Date { year: Some(year), month, day }));
    }
}

/// A month by its name.
pub(super) fn month(word: &str) -> Option<i8> {
    MONTHS.iter().zip(1_i8..).find(|(name, _)| **name == word).map(|(_, month)| month)
}

/// A year in digits.
pub(super) fn year(word: &str) -> Option<i16> {
    word.parse().ok().filter(|year| (2000..=2999).contains(year))
}

/// `3`, `3 rd`, `third`, `twenty third`; and whether it is a plain number.
pub(super) fn days_of_month(words: &[&str]) -> Vec<(usize, i8, bool)> {
    let mut found = Vec::new();
    let ordinal =
        |word: &&str| ORDINALS.iter().zip(1_i8..).find(|(name, _)| *name == word).map(|(_, day)| day);
    match words {
        ["thirtieth", ..] => found.push((1, 30, false)),
        ["twenty", word, ..] => {
            found.extend(ordinal(word).filter(|day| *day < 10).map(|day| (2, 20 + day, false)))
        }
        ["thirty", "first", ..] => found.push((2, 31, false)),
        [word, ..] => found.extend(ordinal(word).map(|day| (1, day, false))),
        [] => {}
    }
    if !matches!(words, ["a" | "an", ..]) {
        for (length, number) in counts(words) {
            let Some(day) = i8::try_from(number).ok().filter(|day| (1..=31).contains(day)) else { continue };
            if matches!(words.get(length), Some(&("st" | "nd" | "rd" | "th"))) {
                found.push((length + 1, day, false));
            }
            found.push((length, day, true));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_days() {
        let on = |month, day, year| Day::Date { year, month, day };
        let weekday = |weekday, which| Day::Weekday { weekday, which };
        for (text, length, day) in [
            ("yesterday", 1, Day::FromNow(-1)),
            ("the day before yesterday", 4, Day::FromNow(-2)),
            ("three days ago", 3, Day::FromNow(-3)),
            ("a week ago", 3, Day::FromNow(-7)),
            ("in 2 weeks", 3, Day::FromNow(14)),
            ("on monday", 2, weekday(1, Which::Plain)),
            ("last sunday", 2, weekday(7, Which::Last)),
            ("next friday", 2, weekday(5, Which::Next)),
            ("november 3 rd", 3, on(11, 3, None)),
            ("november the third", 3, on(11, 3, None)),
            ("the 3 rd of november 2025", 6, on(11, 3, Some(2025))),
            ("the twenty third of may", 5, on(5, 23, None)),
            ("on december 24", 3, on(12, 24, None)),
            ("the 3 rd", 3, Day::OfMonth(3)),
            ("on the thirty first", 4, Day::OfMonth(31)),
            ("2026 11 23", 3, on(11, 23, Some(2026))),
        ] {
            let words: Vec<&str> = text.split(' ').collect();
            let longest = at(&words).into_iter().max_by_key(|(length, _)| *length);
            assert_eq!(longest, Some((length, day)), "{text}");
        }
        for text in ["the 3", "three days", "november", "the", "a", "may i", "second"] {
            assert_eq!(at(&text.split(' ').collect::<Vec<_>>()), Vec::new(), "{text}");
        }
    }
}
