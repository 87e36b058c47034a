//! Lengths of time as they are said: `90 seconds`, `an hour and a half`, `two and a half minutes`, `1 hour 15 minutes`.

use super::number;

/// A length of time in the parts that were said: ninety seconds stay ninety seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Duration {
    pub(crate) hours: Option<u64>,
    pub(crate) minutes: Option<u64>,
    pub(crate) seconds: Option<u64>,
}

/// Largest count of one unit.
const MAX_COUNT: f64 = 100_000.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Unit {
    Second,
    Minute,
    Hour,
}

/// Every length of time that starts with the first of these words, with how many words it takes, the longest first.
pub(crate) fn at(words: &[&str]) -> Vec<(usize, Duration)> {
    let mut found = Vec::new();
    let mut open = vec![(0, Duration::default(), None)];
    // Each part names a smaller unit than the one before, so there are at most three rounds.
    while let Some((taken, sum, last)) = open.pop() {
        let rest = words.get(taken..).unwrap_or_default();
        let (skip, rest) = match rest.split_first() {
            Some((&"and", rest)) if last.is_some() => (1, rest),
            _ => (0, rest),
        };
        for (length, unit, part) in parts(rest) {
            if last.is_some_and(|last| unit >= last) {
                continue;
            }
            let Some(sum) = add(sum, part) else { continue };
            let taken = taken + skip + length;
            // `an hour and a half` has said its smaller part already.
            let smallest = if part.seconds.is_some() {
                Unit::Second
            } else if part.minutes.is_some() {
                Unit::Minute
            } else {
                unit
            };
            found.push((taken, sum));
            open.push((taken, sum, Some(smallest)));
        }
    }
    found.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
    found.dedup();
    found
}

/// One count and its unit, at the start of these words; the second number is the unit it names.
fn parts(words: &[&str]) -> Vec<(usize, Unit, Duration)> {
    let mut found = Vec::new();
    // half an hour, half a minute, a quarter of an hour, three quarters of an hour
    if let Some((length, share)) = share(words)
        && let Some((more, unit)) = one_unit(words.get(length..).unwrap_or_default())
        && let Some(part) = split(share, unit)
    {
        found.push((length + more, unit, part));
    }
    for (length, count) in counts(words) {
        let Some(unit) = words.get(length).and_then(|word| unit(word)) else { continue };
        let taken = length + 1;
        // an hour and a half, two minutes and a quarter
        if let Some((more, share)) = words.get(taken..).and_then(and_share)
            && let Some(part) = split(count + share, unit)
        {
            found.push((taken + more, unit, part));
        }
        found.extend(split(count, unit).map(|part| (taken, unit, part)));
    }
    found
}

/// A number, `a`, `an`, `a couple of`.
fn counts(words: &[&str]) -> Vec<(usize, f64)> {
    let mut found = number::at(words);
    match words {
        ["a", "couple", "of", ..] => found.push((3, 2.0)),
        ["a", "couple", ..] => found.push((2, 2.0)),
        ["a" | "an", "half", ..] => {}
        ["a" | "an", ..] => found.push((1, 1.0)),
        _ => {}
    }
    found
}

/// `half`, `a half`, `1/2`, `a quarter of`, `three quarters of`, in parts of one.
fn share(words: &[&str]) -> Option<(usize, f64)> {
    let (length, share) = match words {
        ["a", "half", ..] => (2, 0.5),
        ["half", ..] => (1, 0.5),
        ["1", "/", "2", ..] => (3, 0.5),
        ["a", "quarter", ..] => (2, 0.25),
        ["quarter", ..] => (1, 0.25),
        ["three" | "3", "quarters", ..] => (2, 0.75),
        _ => return None,
    };
    Some((length + usize::from(words.get(length) == Some(&"of")), share))
}

/// `and a half`, `and a quarter` after a unit.
fn and_share(words: &[&str]) -> Option<(usize, f64)> {
    match words {
        ["and", "a", "half", ..] => Some((3, 0.5)),
        ["and", "half", ..] => Some((2, 0.5)),
        ["and", "a", "quarter", ..] => Some((3, 0.25)),
        _ => None,
    }
}

/// `an hour`, `a minute`, `hour`.
fn one_unit(words: &[&str]) -> Option<(usize, Unit)> {
    match words {
        ["a" | "an", word, ..] => unit(word).map(|unit| (2, unit)),
        [word, ..] => unit(word).map(|unit| (1, unit)),
        [] => None,
    }
}

fn unit(word: &str) -> Option<Unit> {
    match word {
        "hour" | "hours" | "hr" | "hrs" => Some(Unit::Hour),
        "minute" | "minutes" | "min" | "mins" => Some(Unit::Minute),
        "second" | "seconds" | "sec" | "secs" => Some(Unit::Second),
        _ => None,
    }
}

/// A count in whole units, what is left over in the next smaller one; half a second is nothing.
fn split(count: f64, unit: Unit) -> Option<Duration> {
    let whole = to_count(count.trunc())?;
    let rest = to_count((count.fract() * 60.0).round())?;
    let (said, rest) = ((whole > 0 || rest == 0).then_some(whole), (rest > 0).then_some(rest));
    match unit {
        Unit::Hour => Some(Duration { hours: said, minutes: rest, seconds: None }),
        Unit::Minute => Some(Duration { hours: None, minutes: said, seconds: rest }),
        Unit::Second => rest.is_none().then_some(Duration { hours: None, minutes: None, seconds: said }),
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be whole and in range just before"
)]
fn to_count(value: f64) -> Option<u64> {
    (value.fract() == 0.0 && (0.0..=MAX_COUNT).contains(&value)).then_some(value as u64)
}

/// The sum, unless both say the same unit.
fn add(a: Duration, b: Duration) -> Option<Duration> {
    let one = |a: Option<u64>, b: Option<u64>| match (a, b) {
        (Some(_), Some(_)) => None,
        (a, b) => Some(a.or(b)),
    };
    Some(Duration {
        hours: one(a.hours, b.hours)?,
        minutes: one(a.minutes, b.minutes)?,
        seconds: one(a.seconds, b.seconds)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn longest(text: &str) -> Option<(usize, [Option<u64>; 3])> {
        let words: Vec<&str> = text.split(' ').collect();
        at(&words).first().map(|(length, d)| (*length, [d.hours, d.minutes, d.seconds]))
    }

    #[test]
    fn reads_lengths_of_time() {
        for (text, length, parts) in [
            ("90 seconds", 2, [None, None, Some(90)]),
            ("ninety seconds", 2, [None, None, Some(90)]),
            ("an hour", 2, [Some(1), None, None]),
            ("an hour and a half", 5, [Some(1), Some(30), None]),
            ("one and a half hours", 5, [Some(1), Some(30), None]),
            ("1.5 hours", 2, [Some(1), Some(30), None]),
            ("half an hour", 3, [None, Some(30), None]),
            ("a half hour", 3, [None, Some(30), None]),
            ("1 / 2 an hour", 5, [None, Some(30), None]),
            ("half a minute", 3, [None, None, Some(30)]),
            ("a quarter of an hour", 5, [None, Some(15), None]),
            ("three quarters of an hour", 5, [None, Some(45), None]),
            ("two and a half minutes", 5, [None, Some(2), Some(30)]),
            ("two minutes and a half", 5, [None, Some(2), Some(30)]),
            ("1 hour 15 minutes", 4, [Some(1), Some(15), None]),
            ("1 hour and 15 minutes and ten seconds now", 8, [Some(1), Some(15), Some(10)]),
            ("a couple of minutes", 4, [None, Some(2), None]),
            ("five minutes and eggs", 2, [None, Some(5), None]),
            ("0 minutes", 2, [None, Some(0), None]),
        ] {
            assert_eq!(longest(text), Some((length, parts)), "{text}");
        }
        for text in ["half", "minutes", "five", "half a second", "a half past six", "and a half"] {
            assert_eq!(longest(text), None, "{text}");
        }
        // Units go from large to small, and each is said once.
        assert_eq!(longest("5 minutes 1 hour"), Some((2, [None, Some(5), None])));
        assert_eq!(longest("an hour and a half and 5 minutes"), Some((5, [Some(1), Some(30), None])));
    }
}
