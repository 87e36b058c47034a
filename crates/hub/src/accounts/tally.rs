//! Tries to sign in as somebody that failed, counted for each member until they are told of it: coarsely, and seldom.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use porchlight_household::PersonId;
use porchlight_protocol::{FailedTries, TriedAt};
use tokio::sync::Notify;

use crate::accounts::rate_limits::{Origin, Standing};
use crate::lately::lately;

/// So many tries at a passphrase are told of within the hour …
const MANY: u32 = 10;
/// … and so many at the second factor of somebody whose passphrase was right.
const MANY_CODES: u32 = 3;
/// Fewer are told of within the day, and those that may be anybody's slip are not told of at all.
const FEW: u32 = 3;
const AT_ONCE: SignedDuration = SignedDuration::from_hours(1);
const LATER: SignedDuration = SignedDuration::from_hours(24);

/// Tries that failed and were not told of yet.
#[derive(Default)]
pub struct Tally {
    counts: Mutex<BTreeMap<(PersonId, TriedAt), Count>>,
    pub(super) due: Notify,
}

#[derive(Default)]
struct Count {
    /// From where the household is known to come, on a network at home and elsewhere.
    known: [u32; 2],
    /// From elsewhere.
    strange: [u32; 2],
    first: Timestamp,
    last: Timestamp,
    /// When something was told last.
    told: Option<Timestamp>,
}

impl Tally {
    /// Counts a try as failed, until it turns out otherwise.
    pub fn count(&self, person: &PersonId, at: TriedAt, origin: Origin, now: Timestamp) {
        let mut counts = self.counts();
        let count = counts.entry((person.clone(), at)).or_default();
        if count.total() == 0 {
            count.first = now;
        }
        let tries = count.from(origin);
        *tries = tries.saturating_add(1);
        count.last = now;
        if count.is_due(at, now) {
            self.due.notify_one();
        }
    }

    /// Somebody got in: their try did not fail, and where they are known to come from those before it were slips of their own.
    pub fn got_in(&self, person: &PersonId, origin: Origin) {
        let mut counts = self.counts();
        for at in [TriedAt::Passphrase, TriedAt::SecondFactor] {
            let Some(count) = counts.get_mut(&(person.clone(), at)) else { continue };
            if origin.standing != Standing::Strange {
                count.known = [0; 2];
            } else if at == TriedAt::Passphrase {
                let tries = count.from(origin);
                *tries = tries.saturating_sub(1);
            }
        }
    }

    /// Takes one try at a passphrase back: of somebody who was right, and only too early with their code.
    pub(crate) fn take_back(&self, person: &PersonId, origin: Origin) {
        if let Some(count) = self.counts().get_mut(&(person.clone(), TriedAt::Passphrase)) {
            let tries = count.from(origin);
            *tries = tries.saturating_sub(1);
        }
    }

    /// Takes out what is to be told now.
    pub(super) fn take_due(&self, now: Timestamp) -> Vec<(PersonId, FailedTries)> {
        let mut due = Vec::new();
        for ((person, at), count) in self.counts().iter_mut() {
            if count.is_due(*at, now) {
                due.push((person.clone(), count.tell(*at)));
                *count = Count { told: Some(now), ..Count::default() };
            } else if count.total() > 0 && !lately(count.first, LATER, now) {
                // A slip or two.
                *count = Count { told: count.told, ..Count::default() };
            }
        }
        due
    }

    /// Puts back what could not be told.
    pub(super) fn put_back(&self, person: &PersonId, failed: &FailedTries) {
        let mut counts = self.counts();
        let count = counts.entry((person.clone(), failed.at)).or_default();
        let before = count.total() > 0;
        for (tries, again) in count.strange.iter_mut().zip([failed.home, failed.elsewhere]) {
            *tries = tries.saturating_add(again);
        }
        count.first = failed.from;
        if !before {
            count.last = failed.until;
        }
        count.told = None;
    }

    fn counts(&self) -> MutexGuard<'_, BTreeMap<(PersonId, TriedAt), Count>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Count {
    fn from(&mut self, origin: Origin) -> &mut u32 {
        let tries = if origin.standing == Standing::Strange { &mut self.strange } else { &mut self.known };
        &mut tries[usize::from(!origin.block.is_home())]
    }

    fn total(&self) -> u32 {
        self.known.iter().chain(&self.strange).fold(0, |sum, tries| sum.saturating_add(*tries))
    }

    fn is_due(&self, at: TriedAt, now: Timestamp) -> bool {
        let many = if at == TriedAt::SecondFactor { MANY_CODES } else { MANY };
        let total = self.total();
        let hour_ago = self.told.is_none_or(|told| !lately(told, AT_ONCE, now));
        (total >= many && hour_ago) || (total >= FEW && !lately(self.first, LATER, now))
    }

    fn tell(&self, at: TriedAt) -> FailedTries {
        let [home, elsewhere] = [0, 1].map(|place| self.known[place].saturating_add(self.strange[place]));
        FailedTries { at, home, elsewhere, from: self.first, until: self.last }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::rate_limits::AddressBlock;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn anna() -> PersonId {
        "anna".parse().unwrap()
    }

    fn from(address: &str, standing: Standing) -> Origin {
        Origin { block: AddressBlock::of(address.parse().unwrap()), standing }
    }

    const HOUR: i64 = 60 * 60;

    #[test]
    fn ten_thousand_failures_are_a_line_an_hour_and_say_from_where() {
        let tally = Tally::default();
        let (home, elsewhere) =
            (from("192.168.1.66", Standing::Strange), from("203.0.113.9", Standing::Strange));
        let mut told = Vec::new();
        for n in 0..10_000 {
            let now = at(n);
            tally.count(&anna(), TriedAt::Passphrase, if n % 10 == 0 { home } else { elsewhere }, now);
            told.extend(tally.take_due(now));
        }
        // At once after ten, then each hour what came since.
        assert_eq!(told.len(), 3, "{told:?}");
        assert_eq!((told[0].1.home, told[0].1.elsewhere), (1, 9));
        assert_eq!((told[1].1.home, told[1].1.elsewhere), (360, 3_240));
        told.extend(tally.take_due(at(10_000 + HOUR)));
        let all: u32 = told.iter().map(|(_, failed)| failed.home + failed.elsewhere).sum();
        assert_eq!(all, 10_000, "each is told of once");
    }

    #[test]
    fn a_few_are_a_line_a_day_and_a_slip_is_none() {
        let tally = Tally::default();
        let stranger = from("203.0.113.9", Standing::Strange);
        for n in 0..4 {
            tally.count(&anna(), TriedAt::Passphrase, stranger, at(n * HOUR));
        }
        assert!(tally.take_due(at(23 * HOUR)).is_empty());
        assert_eq!(tally.take_due(at(24 * HOUR)).len(), 1);
        tally.count(&anna(), TriedAt::Passphrase, stranger, at(30 * HOUR));
        assert!(tally.take_due(at(60 * HOUR)).is_empty());
        tally.count(&anna(), TriedAt::Passphrase, stranger, at(61 * HOUR));
        tally.count(&anna(), TriedAt::Passphrase, stranger, at(62 * HOUR));
        assert!(tally.take_due(at(90 * HOUR)).is_empty(), "two and one a day before are not three");
    }

    #[test]
    fn whoever_was_only_too_early_has_not_failed() {
        let tally = Tally::default();
        let at_home = from("192.168.1.20", Standing::Address);
        for n in 0..20 {
            tally.count(&anna(), TriedAt::Passphrase, at_home, at(n));
            tally.take_back(&anna(), at_home);
        }
        assert!(tally.take_due(at(24 * HOUR)).is_empty());
    }

    #[test]
    fn codes_of_somebody_who_knows_the_passphrase_are_told_of_sooner() {
        let tally = Tally::default();
        for n in 0..3 {
            assert!(tally.take_due(at(n)).is_empty());
            tally.count(&anna(), TriedAt::SecondFactor, from("203.0.113.9", Standing::Strange), at(n));
        }
        assert_eq!(tally.take_due(at(3))[0].1.at, TriedAt::SecondFactor);
    }

    #[test]
    fn whoever_gets_in_at_home_made_the_slips_there_and_no_strangers() {
        let tally = Tally::default();
        let (home, stranger) =
            (from("192.168.1.20", Standing::Address), from("203.0.113.9", Standing::Strange));
        for n in 0..9 {
            tally.count(&anna(), TriedAt::Passphrase, if n < 6 { home } else { stranger }, at(n));
        }
        tally.got_in(&anna(), home);
        let told = tally.take_due(at(24 * HOUR + 9));
        assert_eq!((told[0].1.home, told[0].1.elsewhere), (0, 3));
    }

    #[test]
    fn what_could_not_be_told_is_told_later_with_what_came_since() {
        let tally = Tally::default();
        let stranger = from("203.0.113.9", Standing::Strange);
        for n in 0..10 {
            tally.count(&anna(), TriedAt::Passphrase, stranger, at(n));
        }
        let (person, failed) = tally.take_due(at(10)).remove(0);
        tally.count(&anna(), TriedAt::Passphrase, stranger, at(11));
        tally.put_back(&person, &failed);
        let again = tally.take_due(at(12)).remove(0).1;
        assert_eq!((again.elsewhere, again.from, again.until), (11, at(0), at(11)));
    }
}
