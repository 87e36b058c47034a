//! Counting in fixed space: a count that leaks away with time, and a table of them that nobody can wash clean.

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The first wait once the free tries are used up; each further try doubles it, up to the longest.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(2);
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(5);
/// Tries beyond the free ones that are counted: as many as it takes to reach the longest wait, so that what was counted leaks away
/// in a time that somebody can wait for.
const MOST_BEYOND: u32 = 9;

/// How many tries are free, and how soon they are forgotten.
#[derive(Clone, Copy)]
pub(super) struct Rule {
    pub free: u32,
    /// One try is forgotten after each of these.
    pub leak: SignedDuration,
}

/// How often something was tried, as far as it is not forgotten yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counter {
    /// When all of it will be forgotten, and when the last was counted, in milliseconds since 1970.
    pub(crate) empty_ms: i64,
    pub(crate) last_ms: i64,
}

/// Counters found by a keyed hash of what they count. Two things may meet in one counter, which makes both wait longer; nothing
/// makes a count smaller but time. Each thing has a counter in both rows and the smaller counts, so that they seldom meet.
pub(super) struct Table {
    key: Zeroizing<[u8; 32]>,
    rows: [Vec<Counter>; 2],
}

impl Counter {
    /// How long is still to be waited; zero when another try may be made. A clock that was set back lets one be made, which is counted
    /// by the clock as it is now: nobody waits until it shows again what it showed.
    pub(super) fn wait(&self, rule: Rule, now: Timestamp) -> SignedDuration {
        let since = now.as_millisecond() - self.last_ms;
        if since < 0 {
            return SignedDuration::ZERO;
        }
        let beyond = self.level(rule, now).saturating_sub(rule.free);
        if beyond == 0 {
            return SignedDuration::ZERO;
        }
        let wait = (FIRST_WAIT * 2_i32.saturating_pow(beyond.min(MOST_BEYOND) - 1)).min(LONGEST_WAIT);
        (wait - SignedDuration::from_millis(since)).max(SignedDuration::ZERO)
    }

    pub(super) fn count(&mut self, rule: Rule, now: Timestamp) {
        let (now, leak) = (now.as_millisecond(), leak_ms(rule));
        let most = now + i64::from(rule.free + MOST_BEYOND) * leak;
        self.empty_ms = (self.empty_ms.max(now) + leak).min(most);
        self.last_ms = now;
    }

    /// Takes one try back.
    pub(super) fn take_back(&mut self, rule: Rule) {
        self.empty_ms -= leak_ms(rule);
    }

    /// How many tries are not forgotten; one that is forgotten in part counts.
    pub(super) fn level(&self, rule: Rule, now: Timestamp) -> u32 {
        // Behind the last count, by a clock that was set back, nothing is forgotten and nothing grows.
        let left = (self.empty_ms - now.as_millisecond().max(self.last_ms)).max(0);
        let level = left / leak_ms(rule) + i64::from(left % leak_ms(rule) > 0);
        u32::try_from(level).unwrap_or(u32::MAX)
    }
}

impl Table {
    pub(super) fn new(width: usize) -> Result<Table, getrandom::Error> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut_slice())?;
        Ok(Table { key, rows: [vec![Counter::default(); width], vec![Counter::default(); width]] })
    }

    pub(super) fn wait(&self, of: &[u8], rule: Rule, now: Timestamp) -> SignedDuration {
        let [first, second] = self.places(of);
        self.rows[0][first].wait(rule, now).min(self.rows[1][second].wait(rule, now))
    }

    pub(super) fn count(&mut self, of: &[u8], rule: Rule, now: Timestamp) {
        self.each(of, |counter| counter.count(rule, now));
    }

    /// Takes one try back.
    pub(super) fn take_back(&mut self, of: &[u8], rule: Rule) {
        self.each(of, |counter| counter.take_back(rule));
    }

    fn each(&mut self, of: &[u8], change: impl Fn(&mut Counter)) {
        for (row, place) in self.places(of).into_iter().enumerate() {
            change(&mut self.rows[row][place]);
        }
    }

    fn places(&self, of: &[u8]) -> [usize; 2] {
        #[allow(clippy::expect_used)] // HMAC takes a key of any length.
        let mac = Hmac::<Sha256>::new_from_slice(self.key.as_slice()).expect("any key will do");
        let hash: [u8; 32] = mac.chain_update(of).finalize().into_bytes().into();
        let number = |at: usize| {
            let bytes = [hash[at], hash[at + 1], hash[at + 2], hash[at + 3]];
            // Lossless: a usize has 32 bits at least wherever this runs.
            u32::from_be_bytes(bytes) as usize
        };
        [number(0) % self.rows[0].len(), number(4) % self.rows[1].len()]
    }
}

fn leak_ms(rule: Rule) -> i64 {
    i64::try_from(rule.leak.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule { free: 5, leak: SignedDuration::from_mins(12) };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn waits_grow_to_the_longest_and_leak_away() {
        let mut counter = Counter::default();
        let mut waits = Vec::new();
        let mut now = 0;
        for _ in 0..30 {
            counter.count(RULE, at(now));
            let wait = counter.wait(RULE, at(now)).as_secs();
            waits.push(wait);
            now += wait;
        }
        assert_eq!(waits[..9], [0, 0, 0, 0, 0, 2, 4, 8, 16]);
        assert_eq!(waits[29], LONGEST_WAIT.as_secs());
        assert!(counter.wait(RULE, at(now - 1)) > SignedDuration::ZERO);
        assert_eq!(counter.level(RULE, at(now + 14 * 12 * 60)), 0);
    }

    #[test]
    fn a_clock_that_is_set_back_lets_one_try_be_made_and_counts_from_there() {
        let mut counter = Counter::default();
        for _ in 0..20 {
            counter.count(RULE, at(0));
        }
        let back = -90 * 24 * 60 * 60;
        assert_eq!(counter.wait(RULE, at(back)), SignedDuration::ZERO);
        assert_eq!(counter.level(RULE, at(back)), counter.level(RULE, at(0)));
        counter.count(RULE, at(back));
        assert_eq!(counter.wait(RULE, at(back)), LONGEST_WAIT);
        assert_eq!(counter.wait(RULE, at(back + 5 * 60)), SignedDuration::ZERO);
    }

    #[test]
    fn what_meets_in_a_table_is_slowed_down_and_never_let_go() {
        let mut table = Table::new(4).unwrap();
        for _ in 0..6 {
            table.count(b"anna", RULE, at(0));
        }
        let before = table.wait(b"anna", RULE, at(0));
        for n in 0..5_200_u32 {
            table.count(&n.to_be_bytes(), RULE, at(0));
        }
        assert!(before > SignedDuration::ZERO && table.wait(b"anna", RULE, at(0)) >= before);
    }
}
