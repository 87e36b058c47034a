//! Numbers as they are said: `25`, `twenty five`, `a hundred and two`, `twenty point five`, `two and a half`.

/// The largest number that is understood.
pub(crate) const MAX: f64 = 999_999.0;

/// Every number that starts with the first of these words, with how many words it takes, the longest first.
///
/// `twenty five past` gives 25 (two words) and 20 (one word). A digit run is one word.
pub(crate) fn at(words: &[&str]) -> Vec<(usize, f64)> {
    let Some(first) = words.first() else { return Vec::new() };
    let mut found = match first.parse::<f64>() {
        Ok(value) if first.starts_with(|c: char| c.is_ascii_digit()) => vec![(1, value)],
        _ => whole(words),
    };
    for (length, value) in found.clone() {
        let rest = words.get(length..).unwrap_or_default();
        found.extend(decimals(rest).map(|(more, part)| (length + more, value + part)));
        if matches!(rest, ["and", "a", "half", ..]) {
            found.push((length + 3, value + 0.5));
        }
    }
    found.retain(|(_, value)| value.is_finite() && *value <= MAX);
    found.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
    found
}

/// What a word counts that sounds like a number: a recogniser writes `won` for one.
pub(crate) fn sounding_like(word: &str) -> Option<f64> {
    match word {
        "won" => Some(1.0),
        "to" | "too" => Some(2.0),
        "for" | "fore" => Some(4.0),
        "sex" | "sicks" => Some(6.0),
        "ate" => Some(8.0),
        "tin" => Some(10.0),
        _ => None,
    }
}

/// Numbers in words up to 999,999.
fn whole(words: &[&str]) -> Vec<(usize, f64)> {
    let mut found = Vec::new();
    for (length, value) in below_thousand(words) {
        found.push((length, value));
        let Some((&"thousand", rest)) = words.get(length..).and_then(<[&str]>::split_first) else { continue };
        found.push((length + 1, value * 1000.0));
        let (skip, rest) = after_and(rest);
        for (more, part) in below_thousand(rest) {
            found.push((length + 1 + skip + more, value.mul_add(1000.0, part)));
        }
    }
    found
}

fn below_thousand(words: &[&str]) -> Vec<(usize, f64)> {
    let mut starts = below_hundred(words);
    if let ["a", "hundred" | "thousand", ..] = words {
        starts.push((1, 1.0));
    }
    let mut found = Vec::new();
    for (length, value) in starts {
        if words.first() != Some(&"a") {
            found.push((length, value));
        } else if words.get(length) == Some(&"thousand") {
            found.push((length, value));
            continue;
        }
        let Some((&"hundred", rest)) = words.get(length..).and_then(<[&str]>::split_first) else { continue };
        found.push((length + 1, value * 100.0));
        let (skip, rest) = after_and(rest);
        for (more, part) in below_hundred(rest) {
            found.push((length + 1 + skip + more, value.mul_add(100.0, part)));
        }
    }
    found
}

fn below_hundred(words: &[&str]) -> Vec<(usize, f64)> {
    let Some(first) = words.first() else { return Vec::new() };
    if let Some(value) = unit(first) {
        return vec![(1, value)];
    }
    let Some(tens) = ten(first) else { return Vec::new() };
    let mut found = vec![(1, tens)];
    if let Some(value) = words.get(1).and_then(|word| unit(word)).filter(|v| (1.0..10.0).contains(v)) {
        found.push((2, tens + value));
    }
    found
}

/// `point five`, `point two five`.
fn decimals(words: &[&str]) -> Option<(usize, f64)> {
    let ("point", rest) = words.split_first().map(|(first, rest)| (*first, rest))? else { return None };
    let mut part = 0.0;
    let mut scale = 0.1;
    let mut length = 1;
    for word in rest.iter().take(3) {
        let Some(digit) = unit(word).or_else(|| word.parse().ok()).filter(|v| (0.0..10.0).contains(v)) else {
            break;
        };
        part += digit * scale;
        scale /= 10.0;
        length += 1;
    }
    (length > 1).then_some((length, part))
}

fn after_and<'a, 'b>(words: &'a [&'b str]) -> (usize, &'a [&'b str]) {
    match words.split_first() {
        Some((&"and", rest)) => (1, rest),
        _ => (0, words),
    }
}

fn unit(word: &str) -> Option<f64> {
    const UNITS: [&str; 20] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    UNITS.iter().zip(0_u8..).find(|(name, _)| **name == word).map(|(_, value)| f64::from(value))
}

fn ten(word: &str) -> Option<f64> {
    const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    TENS.iter().zip(2_u8..).find(|(name, _)| **name == word).map(|(_, value)| f64::from(value) * 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn longest(text: &str) -> Option<(usize, f64)> {
        at(&text.split(' ').collect::<Vec<_>>()).first().copied()
    }

    #[test]
    fn reads_numbers() {
        for (text, length, value) in [
            ("25 minutes", 1, 25.0),
            ("20.5", 1, 20.5),
            ("zero", 1, 0.0),
            ("twenty five minutes", 2, 25.0),
            ("twenty ten", 1, 20.0),
            ("one hundred", 2, 100.0),
            ("a hundred and two things", 4, 102.0),
            ("two thousand seven hundred", 4, 2700.0),
            ("a thousand", 2, 1000.0),
            ("twelve hundred", 2, 1200.0),
            ("twenty point five degrees", 3, 20.5),
            ("two and a half minutes", 4, 2.5),
            ("nineteen", 1, 19.0),
        ] {
            assert_eq!(longest(text), Some((length, value)), "{text}");
        }
        assert_eq!(longest("a minute"), None);
        assert_eq!(longest("minute"), None);
        assert_eq!(longest("point five"), None);
        assert_eq!(at(&[]), Vec::new());
    }

    #[test]
    fn gives_shorter_readings_too() {
        assert_eq!(at(&["twenty", "five"]), vec![(2, 25.0), (1, 20.0)]);
    }
}
