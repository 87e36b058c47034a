//! How things are said: numbers, lengths of time, clock times and enumerations, for the ear as well as the eye.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `milk`, `milk and eggs`, `milk, eggs and bread`.
pub(crate) fn list<S: AsRef<str>>(parts: &[S]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [start @ .., last] => {
            let start: Vec<&str> = start.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", start.join(", "), last.as_ref())
        }
    }
}

/// `one timer`, `two timers`, `12 timers`; the plural ends in s.
pub(crate) fn count(number: usize, thing: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{} {thing}{s}", cardinal(number))
}

/// `1 recording`, `14 recordings`: where the exact number matters.
pub(crate) fn number_of(number: usize, thing: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{s}")
}

/// Small numbers in words, others in digits.
pub(crate) fn cardinal(number: usize) -> String {
    const WORDS: [&str; 11] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    WORDS.get(number).map_or_else(|| number.to_string(), |word| (*word).to_owned())
}

/// `1 hour, 15 minutes and 10 seconds`; days for what is longer than two of them.
pub(crate) fn length(seconds: u64) -> String {
    let (days, rest) = if seconds >= 48 * 3600 { (seconds / 86_400, seconds % 86_400) } else { (0, seconds) };
    let parts = [(days, "day"), (rest / 3600, "hour"), (rest / 60 % 60, "minute"), (rest % 60, "second")];
    let said: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, unit)| format!("{number} {unit}{}", if *number == 1 { "" } else { "s" }))
        .collect();
    if said.is_empty() { "0 seconds".to_owned() } else { list(&said) }
}

/// A length of time as it is said: "5 minutes and 30 seconds".
#[must_use]
pub fn spoken_length(seconds: u64) -> String {
    length(seconds)
}

/// `5 minute`, as in "the 5 minute timer": the singular stands before a noun.
pub(crate) fn length_before_noun(seconds: u64) -> String {
    length(seconds)
        .replace("hours", "hour")
        .replace("minutes", "minute")
        .replace("seconds", "second")
        .replace("days", "day")
}

/// `6:20 PM`, `6 PM`, `noon`, `midnight`.
pub(crate) fn clock(at: Timestamp, zone: &TimeZone) -> String {
    let local = zone.to_datetime(at);
    let hour = match local.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let half = if local.hour() < 12 { "AM" } else { "PM" };
    match (local.hour(), local.minute()) {
        (0, 0) => "midnight".to_owned(),
        (12, 0) => "noon".to_owned(),
        (_, 0) => format!("{hour} {half}"),
        (_, minute) => format!("{hour}:{minute:02} {half}"),
    }
}

/// `at 6:20 PM`, `yesterday at 6:20 PM`, `tomorrow at 6:20 PM`, `on Monday, November 23rd at 6:20 PM`, as seen from `now`.
pub(crate) fn moment(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (day, today) = (zone.to_datetime(at).date(), zone.to_datetime(now).date());
    let clock = clock(at, zone);
    if day == today {
        format!("at {clock}")
    } else if today.yesterday().is_ok_and(|yesterday| yesterday == day) {
        format!("yesterday at {clock}")
    } else if today.tomorrow().is_ok_and(|tomorrow| tomorrow == day) {
        format!("tomorrow at {clock}")
    } else {
        format!("on {} at {clock}", date(day))
    }
}

/// `Monday, November 23rd`.
pub(crate) fn date(day: jiff::civil::Date) -> String {
    format!("{} {}", day.strftime("%A, %B"), ordinal(day.day()))
}

/// Where something is that is called so and has no article.
const WITHOUT_ARTICLE: [&str; 6] = ["outside", "outdoors", "inside", "indoors", "upstairs", "downstairs"];

/// Where something is: "in the kitchen", but "in Mia's room", and "outside".
pub(crate) fn in_room(room: &str) -> String {
    if let Some(adverb) = WITHOUT_ARTICLE.into_iter().find(|adverb| room.trim().eq_ignore_ascii_case(adverb))
    {
        return adverb.to_owned();
    }
    let possessive = room
        .split_whitespace()
        .any(|word| word.ends_with("'s") || word.ends_with("s'") || word.ends_with("\u{2019}s"));
    if possessive { format!("in {room}") } else { format!("in the {}", room.to_lowercase()) }
}

/// The first letter in upper case.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn ordinal(number: i8) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enumerates() {
        assert_eq!(list::<&str>(&[]), "");
        assert_eq!(list(&["milk"]), "milk");
        assert_eq!(list(&["milk", "eggs"]), "milk and eggs");
        assert_eq!(list(&["milk", "eggs", "bread"]), "milk, eggs and bread");
        assert_eq!(count(1, "timer"), "one timer");
        assert_eq!(count(12, "timer"), "12 timers");
    }

    #[test]
    fn a_room_has_an_article_where_what_it_is_called_takes_one() {
        for (room, said) in [
            ("Kitchen", "in the kitchen"),
            ("Mia's room", "in Mia's room"),
            ("Outside", "outside"),
            ("upstairs ", "upstairs"),
        ] {
            assert_eq!(in_room(room), said);
        }
    }

    #[test]
    fn says_lengths() {
        for (seconds, said) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (90, "1 minute and 30 seconds"),
            (3600, "1 hour"),
            (4510, "1 hour, 15 minutes and 10 seconds"),
            (86_400, "24 hours"),
            (3 * 86_400, "3 days"),
        ] {
            assert_eq!(length(seconds), said);
        }
        assert_eq!(length_before_noun(300), "5 minute");
    }

    #[test]
    fn says_times() -> Result<(), jiff::Error> {
        let zone = TimeZone::get("Europe/Berlin")?;
        let at = |text: &str| text.parse::<Timestamp>();
        for (utc, said) in [
            ("2026-11-23T17:20:00Z", "6:20 PM"),
            ("2026-11-23T17:00:00Z", "6 PM"),
            ("2026-11-23T17:05:00Z", "6:05 PM"),
            ("2026-11-23T23:00:00Z", "midnight"),
            ("2026-11-23T11:00:00Z", "noon"),
            ("2026-11-23T23:07:00Z", "12:07 AM"),
            ("2026-07-23T17:20:00Z", "7:20 PM"),
        ] {
            assert_eq!(clock(at(utc)?, &zone), said);
        }
        let now = at("2026-11-23T17:20:00Z")?;
        assert_eq!(moment(at("2026-11-23T08:00:00Z")?, now, &zone), "at 9 AM");
        assert_eq!(moment(at("2026-11-22T08:00:00Z")?, now, &zone), "yesterday at 9 AM");
        assert_eq!(moment(at("2026-11-12T08:00:00Z")?, now, &zone), "on Thursday, November 12th at 9 AM");
        let days = [1_i8, 2, 3, 4, 11, 12, 13, 21, 22, 23, 30, 31].map(ordinal);
        assert_eq!(days.join(" "), "1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 23rd 30th 31st");
        Ok(())
    }
}
