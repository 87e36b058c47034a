//! What days and times mean, said now and here. A day is the household's own, with the hours it has.

mod future;
mod past;

pub(crate) use future::{Due, due};
pub(crate) use past::stretch;

use crate::intent::when::{Clock, Part};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// The clock and the calendar of one household.
#[derive(Clone, Copy)]
struct Here<'a> {
    now: Timestamp,
    zone: &'a TimeZone,
}

impl Here<'_> {
    fn today(self) -> Date {
        self.zone.to_datetime(self.now).date()
    }

    /// When it is this hour of a day, for the first time where it comes twice; where clocks are put forward and there is no such
    /// hour, when the next one begins.
    fn at(self, day: Date, hour: i8, minute: i8) -> Option<Timestamp> {
        let local = day.at(hour, minute, 0, 0).to_zoned_datetime(self.zone.clone()).ok()?;
        Some(local.timestamp())
    }

    /// The last instant that is not to come at which the clock shows what it shows at this one: what ends at half past one ends when
    /// that comes again.
    fn last_of(self, at: Timestamp) -> Timestamp {
        let shown = self.zone.to_ambiguous_timestamp(self.zone.to_datetime(at));
        shown.later().ok().filter(|again| *again <= self.now).unwrap_or(at)
    }

    /// When a day begins.
    fn start(self, day: Date) -> Option<Timestamp> {
        self.at(day, 0, 0)
    }

    /// The instants of a day that a time may mean, earliest first.
    fn instants(self, day: Date, clock: Clock, part: Option<Part>) -> Vec<Timestamp> {
        let mut hours = clock.hours();
        hours.sort_unstable();
        let fits = |hour: &i8| match part {
            None => true,
            Some(Part::Morning) => *hour < 12,
            Some(Part::Afternoon) => (12..19).contains(hour),
            Some(Part::Evening) => *hour >= 16,
            Some(Part::Night) => *hour >= 18 || *hour < 6,
        };
        hours.into_iter().filter(fits).filter_map(|hour| self.at(day, hour, clock.minute)).collect()
    }

    /// The one instant of a day that is meant by a time, where nothing else tells: nobody gets up at six who says tomorrow at six.
    fn likely(self, day: Date, clock: Clock, part: Option<Part>) -> Option<Timestamp> {
        let instants = self.instants(day, clock, part);
        match (clock.half, clock.hour) {
            (None, 1..=6) => instants.last().copied(),
            _ => instants.first().copied(),
        }
    }
}

/// A number of days from a day.
fn shifted(day: Date, days: i32) -> Option<Date> {
    day.checked_add(days.days()).ok()
}

/// The last day up to `latest` for which this holds, looking back for as many days as a leap year recurs in.
fn last_that(latest: Date, fits: impl Fn(Date) -> bool) -> Option<Date> {
    (0..=MOST_DAYS).filter_map(|back| shifted(latest, -back)).find(|day| fits(*day))
}

/// The first day from `earliest` on for which this holds.
fn first_that(earliest: Date, fits: impl Fn(Date) -> bool) -> Option<Date> {
    (0..=MOST_DAYS).filter_map(|ahead| shifted(earliest, ahead)).find(|day| fits(*day))
}

/// The 29th of February comes again within eight years.
const MOST_DAYS: i32 = 8 * 366;
