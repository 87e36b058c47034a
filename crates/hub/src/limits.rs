//! Limits that make guessing hopeless.
//!
//! Nothing is ever locked: whoever guesses is slowed down by their address, and all who guess at one account together by a budget
//! that a household does not reach by mistyping. An address from which somebody got in is not held up by strangers, so that
//! nobody can lock a family out of its home.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::api::types::Sentence;
use crate::error::ApiError;

/// Failures for one account from one address before it has to wait …
const FREE: u32 = 5;
/// … and from all addresses together, from which nobody got in …
const FREE_TOGETHER: u32 = 50;
/// … first this long, then twice as long each time, up to the longest.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(2);
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(5);
/// Failures are forgotten after an hour without one.
const FORGIVEN: SignedDuration = SignedDuration::from_hours(1);
/// Accounts and addresses that are remembered at most.
const MOST_REMEMBERED: usize = 10_000;
/// Stands for all addresses together; nobody asks from it.
const TOGETHER: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// Who failed at what, and how often.
#[derive(Default)]
pub(crate) struct Limits(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    failures: BTreeMap<(String, IpAddr), Failures>,
    /// From where somebody got in.
    good: BTreeSet<(String, IpAddr)>,
}

struct Failures {
    count: u32,
    last: Timestamp,
}

impl Limits {
    /// Whether another try at this account may be made from there now.
    ///
    /// # Errors
    /// How long to wait.
    pub(crate) fn check(&self, name: &str, from: IpAddr, now: Timestamp) -> Result<(), ApiError> {
        let remembered = self.remembered();
        let (own, all) = ((name.to_owned(), from), (name.to_owned(), TOGETHER));
        let mut wait = remembered.left(&own, FREE, now);
        if !remembered.good.contains(&own) {
            wait = wait.max(remembered.left(&all, FREE_TOGETHER, now));
        }
        if wait > SignedDuration::ZERO {
            let seconds = wait.as_secs() + 1;
            let text = format!("too many wrong tries; try again in {seconds} seconds");
            return Err(too_many(Sentence::new("too-many-tries", text).with("seconds", seconds)));
        }
        Ok(())
    }

    /// Counts a failure.
    pub(crate) fn failed(&self, name: &str, from: IpAddr, now: Timestamp) {
        let mut remembered = self.remembered();
        remembered.failures.retain(|_, failures| now.duration_since(failures.last) < FORGIVEN);
        for from in [from, TOGETHER] {
            if remembered.failures.len() >= MOST_REMEMBERED {
                let oldest = remembered.failures.iter().min_by_key(|(_, failures)| failures.last);
                if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                    remembered.failures.remove(&oldest);
                }
            }
            let key = (name.to_owned(), from);
            let failures = remembered.failures.entry(key).or_insert(Failures { count: 0, last: now });
            failures.count = failures.count.saturating_add(1);
            failures.last = now;
        }
    }

    /// Takes one failure back: of somebody who was right, and only too early.
    pub(crate) fn early(&self, name: &str, from: IpAddr) {
        let mut remembered = self.remembered();
        for from in [from, TOGETHER] {
            if let Some(failures) = remembered.failures.get_mut(&(name.to_owned(), from)) {
                failures.count = failures.count.saturating_sub(1);
            }
        }
    }

    /// Forgets the failures of somebody who got in.
    pub(crate) fn succeeded(&self, name: &str, from: IpAddr) {
        let mut remembered = self.remembered();
        let key = (name.to_owned(), from);
        let forgiven = remembered.failures.remove(&key).map_or(0, |failures| failures.count);
        if let Some(all) = remembered.failures.get_mut(&(name.to_owned(), TOGETHER)) {
            all.count = all.count.saturating_sub(forgiven);
        }
        if remembered.good.len() >= MOST_REMEMBERED {
            remembered.good.pop_first();
        }
        remembered.good.insert(key);
    }

    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Remembered {
    /// How long is still to be waited.
    fn left(&self, key: &(String, IpAddr), free: u32, now: Timestamp) -> SignedDuration {
        let Some(failures) = self.failures.get(key) else { return SignedDuration::ZERO };
        let over = failures.count.saturating_sub(free);
        if over == 0 {
            return SignedDuration::ZERO;
        }
        let wait = (FIRST_WAIT * 2_i32.saturating_pow(over.min(10) - 1)).min(LONGEST_WAIT);
        wait - now.duration_since(failures.last)
    }
}

/// Too much was asked at once.
pub(crate) fn too_many(said: impl Into<Sentence>) -> ApiError {
    ApiError::new(axum::http::StatusCode::TOO_MANY_REQUESTS, "too-many", said)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn guessing_is_slowed_down_by_address_and_others_get_in() {
        let limits = Limits::default();
        let (stranger, home) = ("127.0.0.2".parse().unwrap(), "127.0.0.1".parse().unwrap());
        for second in 0..=i64::from(FREE) {
            assert!(limits.check("anna", stranger, at(second)).is_ok());
            limits.failed("anna", stranger, at(second));
        }
        assert!(limits.check("anna", stranger, at(6)).is_err());
        assert!(limits.check("anna", home, at(6)).is_ok(), "the household gets in");
        assert!(limits.check("anna", stranger, at(8)).is_ok(), "after two seconds there is another try");
        limits.failed("anna", stranger, at(8));
        assert!(limits.check("anna", stranger, at(11)).is_err(), "and the wait is longer each time");
        assert!(limits.check("anna", stranger, at(8 + LONGEST_WAIT.as_secs())).is_ok());
    }

    #[test]
    fn many_addresses_are_not_many_guesses_and_lock_nobody_out() {
        let limits = Limits::default();
        let address = |n: u32| IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + n));
        let home = "192.168.1.20".parse().unwrap();
        limits.succeeded("anna", home);
        for n in 0..=FREE_TOGETHER {
            assert!(limits.check("anna", address(n), at(0)).is_ok(), "{n}");
            limits.failed("anna", address(n), at(0));
        }
        assert!(limits.check("anna", address(9999), at(1)).is_err());
        assert!(limits.check("anna", home, at(1)).is_ok(), "where somebody got in they get in again");
        assert!(limits.check("tom", address(9999), at(1)).is_ok(), "another account is another matter");
    }
}
