//! Times of day as they are said: `six`, `6 30 pm`, `half past six`, `noon`.

use serde::{Deserialize, Serialize};

use super::counts::{counts, longest_first};

/// Before or after noon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Half {
    Am,
    Pm,
}

/// A time of day. Without a half, an hour up to twelve may be either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Clock {
    pub(crate) hour: i8,
    pub(crate) minute: i8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) half: Option<Half>,
}

impl Clock {
    /// Whether it is a time by its words alone; `six` could be anything.
    pub(super) fn is_plain(self) -> bool {
        self.half.is_some() || self.hour > 12
    }

    /// The hours of the day that it may mean.
    pub(crate) fn hours(self) -> Vec<i8> {
        match (self.half, self.hour) {
            (Some(Half::Am), 12) => vec![0],
            (Some(Half::Pm), 12) => vec![12],
            (Some(Half::Am), hour) => vec![hour],
            (Some(Half::Pm), hour) => vec![hour + 12],
            (None, 24) => vec![0],
            (None, hour @ (0 | 13..)) => vec![hour],
            (None, 12) => vec![12, 0],
            (None, hour) => vec![hour, hour + 12],
        }
    }
}

/// Every time of day that starts with the first of these words, the longest first.
pub(super) fn at(words: &[&str]) -> Vec<(usize, Clock)> {
    let mut found = Vec::new();
    match words {
        ["noon" | "midday", ..] => found.push((1, Clock { hour: 12, minute: 0, half: Some(Half::Pm) })),
        ["midnight", ..] => found.push((1, Clock { hour: 12, minute: 0, half: Some(Half::Am) })),
        ["half", "past", rest @ ..] => beside(rest, 2, 30, &mut found),
        ["quarter", "past" | "after", rest @ ..] => beside(rest, 2, 15, &mut found),
        ["quarter", "to" | "of", rest @ ..] => beside(rest, 2, -15, &mut found),
        ["a", "quarter", "past" | "after", rest @ ..] => beside(rest, 3, 15, &mut found),
        ["a", "quarter", "to" | "of", rest @ ..] => beside(rest, 3, -15, &mut found),
        _ => {}
    }
    for (length, number) in counts(words).into_iter().filter(|_| !matches!(words, ["a" | "an", ..])) {
        let Ok(number) = i8::try_from(number) else { continue };
        let rest = words.get(length..).unwrap_or_default();
        // ten past six, twenty minutes to seven
        let skip = usize::from(matches!(rest, ["minutes" | "minute", ..]));
        match rest.get(skip..) {
            Some(["past" | "after", rest @ ..]) if (1..60).contains(&number) => {
                beside(rest, length + skip + 1, number, &mut found);
            }
            Some(["to", rest @ ..]) if (1..60).contains(&number) => {
                beside(rest, length + skip + 1, -number, &mut found);
            }
            _ => {}
        }
        if !(0..=24).contains(&number) {
            continue;
        }
        with_half(rest, length, number, 0, &mut found);
        for (more, minute) in minutes(rest) {
            with_half(rest.get(more..).unwrap_or_default(), length + more, number, minute, &mut found);
        }
    }
    longest_first(&mut found);
    found
}

/// `thirty`, `05`, `oh five`.
fn minutes(words: &[&str]) -> Vec<(usize, i8)> {
    if let ["oh" | "o", rest @ ..] = words {
        return counts(rest)
            .into_iter()
            .filter_map(|(length, number)| Some((length + 1, i8::try_from(number).ok()?)))
            .filter(|(_, minute)| (1..10).contains(minute))
            .collect();
    }
    let digits =
        words.first().is_some_and(|word| word.len() == 2 && word.bytes().all(|b| b.is_ascii_digit()));
    let counted = if matches!(words, ["a" | "an", ..]) { Vec::new() } else { counts(words) };
    counted
        .into_iter()
        .filter_map(|(length, number)| Some((length, i8::try_from(number).ok()?)))
        .filter(|(_, minute)| (if digits { 0 } else { 10 }..60).contains(minute))
        .collect()
}

/// An hour and minutes, with what may come after them.
fn with_half(rest: &[&str], length: usize, hour: i8, minute: i8, found: &mut Vec<(usize, Clock)>) {
    if hour == 24 && minute > 0 {
        return;
    }
    found.push((length, Clock { hour, minute, half: None }));
    let skip = usize::from(matches!(rest, ["oclock", ..]));
    if skip == 1 {
        found.push((length + 1, Clock { hour, minute, half: None }));
    }
    let half = match rest.get(skip..) {
        Some(["am", ..]) => Some((1, Half::Am)),
        Some(["pm", ..]) => Some((1, Half::Pm)),
        Some(["a", "m", ..]) => Some((2, Half::Am)),
        Some(["p", "m", ..]) => Some((2, Half::Pm)),
        _ => None,
    };
    if let Some((more, half)) = half.filter(|_| (1..=12).contains(&hour)) {
        found.push((length + skip + more, Clock { hour, minute, half: Some(half) }));
    }
}

/// Minutes before or after an hour.
fn beside(rest: &[&str], length: usize, minutes: i8, found: &mut Vec<(usize, Clock)>) {
    for (more, hour) in counts(rest) {
        let Some(hour) = i8::try_from(hour).ok().filter(|hour| (1..=12).contains(hour)) else { continue };
        let (hour, minute) = match (minutes < 0, hour) {
            (false, _) => (hour, minutes),
            (true, 1) => (12, 60 + minutes),
            (true, _) => (hour - 1, 60 + minutes),
        };
        with_half(rest.get(more..).unwrap_or_default(), length + more, hour, minute, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times_of_day() {
        for (text, length, hour, minute, half) in [
            ("six", 1, 6, 0, None),
            ("6 30", 2, 6, 30, None),
            ("6 05 pm", 3, 6, 5, Some(Half::Pm)),
            ("six thirty pm", 3, 6, 30, Some(Half::Pm)),
            ("six oh five", 3, 6, 5, None),
            ("18 00", 2, 18, 0, None),
            ("half past six", 3, 6, 30, None),
            ("a quarter to seven pm", 5, 6, 45, Some(Half::Pm)),
            ("ten past six", 3, 6, 10, None),
            ("twenty minutes to one", 4, 12, 40, None),
            ("six oclock", 2, 6, 0, None),
            ("noon", 1, 12, 0, Some(Half::Pm)),
            ("midnight", 1, 12, 0, Some(Half::Am)),
        ] {
            let words: Vec<&str> = text.split(' ').collect();
            assert_eq!(at(&words).first(), Some(&(length, Clock { hour, minute, half })), "{text}");
        }
        for text in ["a", "sixty", "25", "the station", "half", "pm"] {
            assert_eq!(at(&text.split(' ').collect::<Vec<_>>()), Vec::new(), "{text}");
        }
        assert_eq!(Clock { hour: 6, minute: 0, half: None }.hours(), [6, 18]);
        assert_eq!(Clock { hour: 12, minute: 0, half: Some(Half::Am) }.hours(), [0]);
    }
}
