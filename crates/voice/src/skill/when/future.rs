//! Days and times to come.

use super::{Here, first_that, shifted};
use crate::intent::when::{Clock, Day, Moment, Part, Point};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// When something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    At(Timestamp),
    /// It was said when, and that has passed.
    Passed,
    /// There is no such day.
    Never,
}

/// What a day or a time to come means.
pub(crate) fn due(moment: Moment, now: Timestamp, zone: &TimeZone) -> Due {
    let here = Here { now, zone };
    let at = match moment {
        Moment::In(seconds) => i64::try_from(seconds)
            .ok()
            .and_then(|seconds| now.checked_add(SignedDuration::from_secs(seconds)).ok()),
        Moment::At(point) => here.coming(point),
    };
    match at {
        Some(at) if at > now => Due::At(at),
        Some(_) => Due::Passed,
        None => Due::Never,
    }
}

impl Here<'_> {
    fn coming(self, point: Point) -> Option<Timestamp> {
        let today = self.today();
        let soonest = |days: [Option<Date>; 2], clock: Clock| {
            let instants = days.into_iter().flatten().flat_map(|day| self.instants(day, clock, point.part));
            let all: Vec<Timestamp> = instants.collect();
            all.iter().find(|at| **at > self.now).or(all.last()).copied()
        };
        let usual = Clock { hour: usual_hour(point.part), minute: 0, half: None };
        match (point.day, point.clock) {
            (None, clock) => {
                let exact = Clock { half: None, ..usual };
                let days = [Some(today), shifted(today, 1)];
                match clock {
                    Some(clock) => soonest(days, clock),
                    None => days
                        .into_iter()
                        .flatten()
                        .filter_map(|day| self.at(day, exact.hour, 0))
                        .find(|at| *at > self.now),
                }
            }
            (Some(day), Some(clock)) => {
                let day = self.coming_day(day)?;
                if day == today {
                    soonest([Some(day), None], clock)
                } else {
                    self.likely(day, clock, point.part)
                }
            }
            (Some(day), None) => self.at(self.coming_day(day)?, usual.hour, 0),
        }
    }

    /// The next such day; a day of the week is never today.
    fn coming_day(self, day: Day) -> Option<Date> {
        let today = self.today();
        let found = match day {
            Day::FromNow(days) => shifted(today, days)?,
            Day::Weekday { weekday, .. } => {
                first_that(shifted(today, 1)?, |day| day.weekday().to_monday_one_offset() == weekday)?
            }
            Day::Date { year: Some(year), month, day } => Date::new(year, month, day).ok()?,
            Day::Date { year: None, month, day: number } => {
                first_that(today, |day| (day.month(), day.day()) == (month, number))?
            }
            Day::OfMonth(number) => first_that(today, |day| day.day() == number)?,
        };
        Some(found)
    }
}

/// The hour that is meant when only a part of a day was said, or only a day.
fn usual_hour(part: Option<Part>) -> i8 {
    match part {
        None | Some(Part::Morning) => 9,
        Some(Part::Afternoon) => 15,
        Some(Part::Evening) => 19,
        Some(Part::Night) => 20,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intent::when::moments_at;

    #[test]
    fn times_to_come_are_the_next_ones_that_people_mean() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        // Thursday, twenty past six in the evening.
        let now: Timestamp = "2026-11-26T17:20:00Z".parse().unwrap();
        for (words, meant) in [
            ("in ten minutes", "11-26 18:30"),
            ("in an hour and a half", "11-26 19:50"),
            ("at seven", "11-26 19:00"),
            ("at six", "11-27 06:00"),
            ("at 6 pm", "11-27 18:00"),
            ("at 18 30", "11-26 18:30"),
            ("at half past six", "11-26 18:30"),
            ("at noon", "11-27 12:00"),
            ("at midnight", "11-27 00:00"),
            ("tomorrow", "11-27 09:00"),
            ("tomorrow morning", "11-27 09:00"),
            ("tomorrow at 9", "11-27 09:00"),
            ("tomorrow at six", "11-27 18:00"),
            ("at six tomorrow morning", "11-27 06:00"),
            ("at 8 in the morning", "11-27 08:00"),
            ("this evening", "11-26 19:00"),
            ("tonight at ten", "11-26 22:00"),
            ("tonight", "11-26 20:00"),
            ("on monday", "11-30 09:00"),
            ("next thursday at noon", "12-03 12:00"),
            ("on the 3 rd at 5 pm", "12-03 17:00"),
            ("on december 24 in the evening", "12-24 19:00"),
            ("in three days", "11-29 09:00"),
            ("in two weeks at eight", "12-10 08:00"),
            ("in the morning", "11-27 09:00"),
        ] {
            let words: Vec<&str> = words.split(' ').collect();
            let (length, moment) = moments_at(&words)[0];
            assert_eq!(length, words.len(), "{words:?}");
            let Due::At(at) = due(moment, now, &zone) else { panic!("{words:?}") };
            assert_eq!(zone.to_datetime(at).strftime("%m-%d %H:%M").to_string(), meant, "{words:?}");
        }
        for words in ["today at 6 pm", "yesterday", "this morning", "today"] {
            let words: Vec<&str> = words.split(' ').collect();
            assert_eq!(due(moments_at(&words)[0].1, now, &zone), Due::Passed, "{words:?}");
        }
        let never = moments_at(&["on", "february", "30"])[0].1;
        assert_eq!(due(never, now, &zone), Due::Never);
    }
}
