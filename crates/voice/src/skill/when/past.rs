//! Stretches of time that are past.

use super::{Here, last_that, shifted};
use crate::intent::when::{Clock, Day, Part, Point, Span, Unit, Which};
use crate::skill::say;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// A stretch of time, and how it is said after what happened in it: " yesterday".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// Its first instant; none from the beginning of all.
    pub(crate) from: Option<Timestamp>,
    /// The first instant after it; none when it goes on until now.
    pub(crate) to: Option<Timestamp>,
    pub(crate) said: String,
}

/// What a stretch of time means; nothing for one that cannot be past.
pub(crate) fn stretch(span: Span, now: Timestamp, zone: &TimeZone) -> Option<Stretch> {
    let here = Here { now, zone };
    let today = here.today();
    let of = |from, to, said: String| Some(Stretch { from: Some(from), to, said });
    match span {
        Span::On(point) => {
            let day = here.past_day(point.day?, before(today))?;
            let (from, to) = here.whole(day, point.part)?;
            of(from, Some(to), here.on(day, point.part))
        }
        Span::Between(from, to) => here.between(from, to),
        Span::Since(point) => {
            let from = here.begin(point)?;
            of(from, None, format!(" since {}", here.told(from, point)))
        }
        Span::Before(point) => {
            let to = here.last_of(here.begin(point)?);
            Some(Stretch { from: None, to: Some(to), said: format!(" before {}", here.told(to, point)) })
        }
        Span::Last(seconds) => {
            let length = SignedDuration::from_secs(i64::try_from(seconds).ok()?);
            of(now.checked_sub(length).ok()?, None, format!(" in the last {}", say::length(seconds)))
        }
        Span::LastOf(count, unit) => {
            let count = i32::try_from(count).ok()?;
            let (back, word) = match unit {
                Unit::Day => (count.days(), "day"),
                Unit::Week => (count.weeks(), "week"),
                Unit::Month => (count.months(), "month"),
                Unit::Year => (count.years(), "year"),
            };
            let then = zone.to_datetime(now).checked_sub(back).ok()?;
            let from = then.to_zoned_datetime(zone.clone()).ok()?.timestamp();
            let said = match count {
                1 => format!(" in the last {word}"),
                _ => format!(" in the last {count} {word}s"),
            };
            of(from, None, said)
        }
        Span::Of(which, unit) => {
            let (first, word) = match unit {
                Unit::Day => (shifted(today, which)?, "day"),
                Unit::Week => (shifted(monday(today), 7 * which)?, "week"),
                Unit::Month => (today.first_of_month().checked_add(which.months()).ok()?, "month"),
                Unit::Year => (today.first_of_year().checked_add(which.years()).ok()?, "year"),
            };
            let next = match unit {
                Unit::Day => first.checked_add(1.day()),
                Unit::Week => first.checked_add(1.week()),
                Unit::Month => first.checked_add(1.month()),
                Unit::Year => first.checked_add(1.year()),
            };
            let said = if which == 0 { format!(" this {word}") } else { format!(" last {word}") };
            of(here.start(first)?, Some(here.start(next.ok()?)?), said)
        }
        Span::Weekend => {
            let saturday = last_that(today, |day| weekday(day) == 6)?;
            let said = format!(" on the weekend of {}", say::date(saturday));
            of(here.start(saturday)?, Some(here.start(shifted(saturday, 2)?)?), said)
        }
        Span::Month { year, month } => {
            let first = match year {
                Some(year) => Date::new(year, month, 1).ok()?,
                None => last_that(today, |day| day.month() == month)?.first_of_month(),
            };
            let next = first.checked_add(1.month()).ok()?;
            let said = format!(" in {}", first.strftime("%B %Y"));
            of(here.start(first)?, Some(here.start(next)?), said)
        }
        Span::Year(year) => {
            let first = Date::new(year, 1, 1).ok()?;
            let next = first.checked_add(1.year()).ok()?;
            of(here.start(first)?, Some(here.start(next)?), format!(" in {year}"))
        }
    }
}

impl Here<'_> {
    /// The last such day. A day of the week is never after `latest`.
    fn past_day(self, day: Day, latest: Date) -> Option<Date> {
        let today = self.today();
        let found = match day {
            Day::FromNow(days) => shifted(today, days)?,
            Day::Weekday { weekday: wanted, which: Which::Plain | Which::Last } => {
                last_that(latest, |day| weekday(day) == wanted)?
            }
            Day::Weekday { which: Which::Next, .. } => return None,
            Day::Date { year: Some(year), month, day } => Date::new(year, month, day).ok()?,
            Day::Date { year: None, month, day: number } => {
                last_that(latest.max(today), |day| (day.month(), day.day()) == (month, number))?
            }
            Day::OfMonth(number) => last_that(latest.max(today), |day| day.day() == number)?,
        };
        (found <= today).then_some(found)
    }

    /// The whole of a day, or of a part of it.
    fn whole(self, day: Date, part: Option<Part>) -> Option<(Timestamp, Timestamp)> {
        let next = shifted(day, 1)?;
        Some(match part {
            None => (self.start(day)?, self.start(next)?),
            Some(Part::Morning) => (self.start(day)?, self.at(day, 12, 0)?),
            Some(Part::Afternoon) => (self.at(day, 12, 0)?, self.at(day, 18, 0)?),
            Some(Part::Evening) => (self.at(day, 18, 0)?, self.start(next)?),
            Some(Part::Night) => (self.at(day, 18, 0)?, self.at(next, 6, 0)?),
        })
    }

    /// From one point to another, both whole, the last of which is not to come: between Monday and Wednesday are the last such days.
    fn between(self, from: Point, to: Point) -> Option<Stretch> {
        let today = self.today();
        let last_day = to.day.map_or(Some(today), |day| self.past_day(day, today))?;
        let end = match to.clock {
            Some(clock) => self.last_of(self.past_time(to, last_day, clock)?),
            None => self.whole(last_day, to.part)?.1,
        };
        let last_day = if to.day.is_none() { self.zone.to_datetime(end).date() } else { last_day };
        let first_day = match (from.day, to.day) {
            (None, _) => last_day,
            // From Monday to Monday is a week.
            (Some(day @ Day::Weekday { .. }), Some(other)) if day == other => {
                self.past_day(day, before(last_day))?
            }
            (Some(Day::OfMonth(number)), _) => last_that(last_day, |day| day.day() == number)?,
            (Some(Day::Date { year: None, month, day: number }), _) => {
                last_that(last_day, |day| (day.month(), day.day()) == (month, number))?
            }
            (Some(day), _) => self.past_day(day, last_day)?,
        };
        let start = match from.clock {
            Some(clock) => {
                let mut instants = self.instants(first_day, clock, from.part).into_iter();
                // Between three and five in the afternoon is not a night.
                instants.rfind(|at| *at < end)?
            }
            None => self.whole(first_day, from.part)?.0,
        };
        let said = match (from.clock, to.clock) {
            (None, None) if from.part.is_none() && to.part.is_none() => {
                format!(" between {} and {}", self.day_told(first_day), self.day_told(last_day))
            }
            _ => {
                let (now, zone) = (self.now, self.zone);
                format!(" between {} and {}", instant(start, now, zone), instant(end, now, zone))
            }
        };
        (start < end).then_some(Stretch { from: Some(start), to: Some(end), said })
    }

    /// When a point begins, the last time that it did.
    fn begin(self, point: Point) -> Option<Timestamp> {
        match (point.day, point.clock) {
            (Some(day), None) => Some(self.whole(self.past_day(day, before(self.today()))?, point.part)?.0),
            (Some(day), Some(clock)) => {
                let day = self.past_day(day, before(self.today()))?;
                self.past_time(point, day, clock)
            }
            (None, Some(clock)) => self.past_time(point, self.today(), clock),
            (None, None) => None,
        }
    }

    /// The instant of a time on a day that is not to come. Without a day of its own, it may have been yesterday.
    fn past_time(self, point: Point, day: Date, clock: Clock) -> Option<Timestamp> {
        let today = self.today();
        if point.day.is_some() && day != today {
            return self.likely(day, clock, point.part);
        }
        let yesterday = point.day.is_none().then(|| before(today));
        let days = yesterday.into_iter().chain([today]);
        days.flat_map(|day| self.instants(day, clock, point.part)).rfind(|at| *at <= self.now)
    }

    /// `" yesterday"`, `" this morning"`, `" on Monday, November 23rd"`.
    fn on(self, day: Date, part: Option<Part>) -> String {
        let word = match part {
            None => "",
            Some(Part::Morning) => "morning",
            Some(Part::Afternoon) => "afternoon",
            Some(Part::Evening) => "evening",
            Some(Part::Night) => "night",
        };
        let today = self.today();
        if day == today {
            return match part {
                None => " today".to_owned(),
                Some(Part::Night) => " tonight".to_owned(),
                Some(_) => format!(" this {word}"),
            };
        }
        if day == before(today) {
            return match part {
                None => " yesterday".to_owned(),
                Some(Part::Night) => " last night".to_owned(),
                Some(_) => format!(" yesterday {word}"),
            };
        }
        match part {
            None => format!(" on {}", say::date(day)),
            Some(_) => format!(" in the {word} of {}", say::date(day)),
        }
    }

    /// `yesterday`, `Monday, November 23rd`.
    fn day_told(self, day: Date) -> String {
        let today = self.today();
        match day {
            day if day == today => "today".to_owned(),
            day if day == before(today) => "yesterday".to_owned(),
            day => say::date(day),
        }
    }

    fn told(self, at: Timestamp, point: Point) -> String {
        match (point.clock, point.part) {
            (None, None) => self.day_told(self.zone.to_datetime(at).date()),
            _ => instant(at, self.now, self.zone),
        }
    }
}

/// `6:20 PM`, `6:20 PM yesterday`, `6:20 PM on Monday, November 23rd`.
fn instant(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let said = say::moment(at, now, zone);
    match said.split_once("at ") {
        Some(("", clock)) => clock.to_owned(),
        Some((day, clock)) => format!("{clock} {}", day.trim_end()),
        None => said,
    }
}

fn before(day: Date) -> Date {
    // Only the first day of the calendar, thousands of years ago, has none before it.
    day.yesterday().unwrap_or(day)
}

fn weekday(day: Date) -> i8 {
    day.weekday().to_monday_one_offset()
}

fn monday(day: Date) -> Date {
    shifted(day, 1 - i32::from(weekday(day))).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intent::when::spans_at;

    /// What is meant on Thursday, the 26th of November 2026 at twenty past six in the evening in Berlin.
    fn meant(words: &str, now: &str) -> Option<(String, String, String)> {
        let words: Vec<&str> = words.split(' ').collect();
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let (length, span) = *spans_at(&words).first()?;
        assert_eq!(length, words.len(), "{words:?}");
        let stretch = stretch(span, now.parse().unwrap(), &zone)?;
        let told = |at: Option<Timestamp>| {
            at.map_or("…".to_owned(), |at| zone.to_datetime(at).strftime("%m-%d %H:%M").to_string())
        };
        Some((told(stretch.from), told(stretch.to), stretch.said))
    }

    #[test]
    fn days_and_ranges_mean_what_people_mean_by_them() {
        for (words, from, to, said) in [
            ("today", "11-26 00:00", "11-27 00:00", " today"),
            ("yesterday", "11-25 00:00", "11-26 00:00", " yesterday"),
            ("this morning", "11-26 00:00", "11-26 12:00", " this morning"),
            ("yesterday evening", "11-25 18:00", "11-26 00:00", " yesterday evening"),
            ("last night", "11-25 18:00", "11-26 06:00", " last night"),
            ("three days ago", "11-23 00:00", "11-24 00:00", " on Monday, November 23rd"),
            ("on monday", "11-23 00:00", "11-24 00:00", " on Monday, November 23rd"),
            ("last thursday", "11-19 00:00", "11-20 00:00", " on Thursday, November 19th"),
            ("monday morning", "11-23 00:00", "11-23 12:00", " in the morning of Monday, November 23rd"),
            (
                "between monday and wednesday",
                "11-23 00:00",
                "11-26 00:00",
                " between Monday, November 23rd and yesterday",
            ),
            (
                "from tuesday to thursday",
                "11-24 00:00",
                "11-27 00:00",
                " between Tuesday, November 24th and today",
            ),
            (
                "between friday and sunday",
                "11-20 00:00",
                "11-23 00:00",
                " between Friday, November 20th and Sunday, November 22nd",
            ),
            (
                "from monday to monday",
                "11-16 00:00",
                "11-24 00:00",
                " between Monday, November 16th and Monday, November 23rd",
            ),
            (
                "from the 3 rd to the 9 th of november",
                "11-03 00:00",
                "11-10 00:00",
                " between Tuesday, November 3rd and Monday, November 9th",
            ),
            ("between 3 and 5 pm", "11-26 15:00", "11-26 17:00", " between 3 PM and 5 PM"),
            ("between three and five", "11-26 15:00", "11-26 17:00", " between 3 PM and 5 PM"),
            (
                "yesterday between eleven and two pm",
                "11-25 11:00",
                "11-25 14:00",
                " between 11 AM yesterday and 2 PM yesterday",
            ),
            ("since yesterday", "11-25 00:00", "…", " since yesterday"),
            ("since six", "11-26 18:00", "…", " since 6 PM"),
            ("since seven", "11-26 07:00", "…", " since 7 AM"),
            ("before monday", "…", "11-23 00:00", " before Monday, November 23rd"),
            ("the last ten minutes", "11-26 18:10", "…", " in the last 10 minutes"),
            ("the last three days", "11-23 18:20", "…", " in the last 3 days"),
            ("last week", "11-16 00:00", "11-23 00:00", " last week"),
            ("the last week", "11-19 18:20", "…", " in the last week"),
            ("this week", "11-23 00:00", "11-30 00:00", " this week"),
            ("last month", "10-01 00:00", "11-01 00:00", " last month"),
            ("over the weekend", "11-21 00:00", "11-23 00:00", " on the weekend of Saturday, November 21st"),
            ("in march", "03-01 00:00", "04-01 00:00", " in March 2026"),
            ("in december", "12-01 00:00", "01-01 00:00", " in December 2025"),
            ("on december 24", "12-24 00:00", "12-25 00:00", " on Wednesday, December 24th"),
        ] {
            let expected = Some((from.to_owned(), to.to_owned(), said.to_owned()));
            assert_eq!(meant(words, "2026-11-26T17:20:00Z"), expected, "{words}");
        }
        for words in ["tomorrow", "next monday", "between tomorrow and monday", "on february 30"] {
            assert_eq!(meant(words, "2026-11-26T17:20:00Z"), None, "{words}");
        }
    }

    #[test]
    fn what_was_said_in_an_hour_that_came_twice_is_all_of_both() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        // On the 25th of October 2026 it was half past two at 00:30 and at 01:30 UTC.
        let now: Timestamp = "2026-10-25T09:00:00Z".parse().unwrap();
        let range = |words: &str, now: Timestamp| {
            let words: Vec<&str> = words.split(' ').collect();
            let (_, span) = *spans_at(&words).first().unwrap();
            let stretch = stretch(span, now, &zone).unwrap();
            (stretch.from.map(|at| at.to_string()), stretch.to.map(|at| at.to_string()))
        };
        let at = |text: &str| Some(format!("2026-10-25T{text}:00Z"));
        assert_eq!(range("between 2 am and 2 30 am", now), (at("00:00"), at("01:30")));
        assert_eq!(range("before 2 30 am", now), (None, at("01:30")));
        assert_eq!(range("since 2 30 am", now), (at("00:30"), None));
        // Before it has come again, it has not.
        let between: Timestamp = "2026-10-25T00:45:00Z".parse().unwrap();
        assert_eq!(range("between 2 am and 2 30 am", between), (at("00:00"), at("00:30")));
    }

    #[test]
    fn a_day_has_the_hours_that_it_has() {
        // On the 25th of October clocks are put back, and on the 29th of March forward.
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        for (now, hours) in [("2026-10-25T12:00:00Z", 25), ("2026-03-29T12:00:00Z", 23)] {
            let today = Span::On(Point { day: Some(Day::FromNow(0)), part: None, clock: None });
            let stretch = stretch(today, now.parse().unwrap(), &zone).unwrap();
            assert_eq!(stretch.to.unwrap().duration_since(stretch.from.unwrap()).as_hours(), hours);
        }
        // Just after midnight in Berlin it is still yesterday in Greenwich.
        let just_after = "2026-11-25T23:05:00Z";
        assert_eq!(meant("yesterday", just_after).unwrap().0, "11-25 00:00");
        assert_eq!(meant("since six", just_after).unwrap().0, "11-25 18:00");
    }
}
