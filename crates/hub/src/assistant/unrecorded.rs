//! What was answered and then forgotten today: that it was, when and where, and nothing else.
//!
//! It lives in memory only, and is gone at the household's midnight. Each session has a share of it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use porchlight_household::PersonId;

use crate::shares::Shares;

/// Bounds the memory whatever happens: of one session, about one every half minute for a day, and of all.
const OF_A_SESSION: usize = 2_500;
const MOST: usize = 10_000;

/// Something that was answered and of which nothing was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// The id of the device it came through; none for a signed-in session.
    pub device: Option<String>,
    /// The room it was said in.
    pub room: Option<String>,
    /// Whose session or device it was; none at a shared device.
    pub whose: Option<PersonId>,
}

/// Today's, oldest first.
pub struct Unrecorded(Mutex<Lines>);

/// By session.
type Lines = Shares<String, (), Line>;

impl Default for Unrecorded {
    fn default() -> Unrecorded {
        Unrecorded(Mutex::new(Shares::new(OF_A_SESSION, MOST)))
    }
}

impl Unrecorded {
    /// Remembers something that came by this session.
    pub fn add(&self, session: &str, line: Line) {
        self.lock().add(session.to_owned(), (), line);
    }

    /// Those of today, as days go in this zone, from an instant on.
    pub fn since(&self, from: Option<Timestamp>, now: Timestamp, zone: &TimeZone) -> Vec<Line> {
        self.fade(now, zone);
        self.lock().iter().filter(|line| from.is_none_or(|from| line.at >= from)).cloned().collect()
    }

    /// Drops what is not of today.
    pub(crate) fn fade(&self, now: Timestamp, zone: &TimeZone) {
        let day = |at| zone.to_datetime(at).date();
        let today = day(now);
        self.lock().retain(|line| day(line.at) == today);
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_gone_at_the_households_midnight_and_not_at_that_of_greenwich() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let answered = Unrecorded::default();
        let evening = at("2026-11-23T22:30:00Z");
        for time in [evening, at("2026-11-23T22:50:00Z")] {
            answered.add("phone", Line { at: time, device: None, room: None, whose: None });
        }
        assert_eq!(answered.since(None, at("2026-11-23T22:59:59Z"), &zone).len(), 2);
        assert_eq!(answered.since(Some(at("2026-11-23T22:45:00Z")), evening, &zone).len(), 1);
        assert!(
            answered.since(None, at("2026-11-23T23:00:00Z"), &zone).is_empty(),
            "it is the 24th in Berlin"
        );
        assert!(answered.since(None, evening, &zone).is_empty(), "and nothing comes back");
    }
}
