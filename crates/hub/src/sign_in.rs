//! Sign-ins that are under way, and the limits that make guessing hopeless.
//!
//! An account is never locked: whoever guesses at it is slowed down by address, and the account as a whole by a budget that a
//! household does not reach by mistyping, so that a stranger cannot lock a family out of its home.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use porchlight_household::PersonId;
use porchlight_household::sign_in::opaque::{PendingSignIn, Record, Server};

use crate::error::{ApiError, HubError};

/// How long an attempt may take from the first message to the second.
const ATTEMPT: SignedDuration = SignedDuration::from_mins(2);
/// Attempts under way at once, whoever makes them.
const MOST_PENDING: usize = 200;
/// Failures for one account from one address before it has to wait …
const FREE: u32 = 5;
/// … first this long, then twice as long each time, up to the longest.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(2);
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(5);
/// Failures are forgotten after an hour without one.
const FORGIVEN: SignedDuration = SignedDuration::from_hours(1);
/// Accounts and addresses that are remembered at most.
const MOST_REMEMBERED: usize = 10_000;

/// OPAQUE's server and the attempts under way.
pub(crate) struct SignIns {
    pub server: Server,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    pending: BTreeMap<String, Attempt>,
    failures: BTreeMap<(String, IpAddr), Failures>,
}

/// A sign-in between its two messages.
pub(crate) struct Attempt {
    /// The name that was typed, in lower case.
    pub name: String,
    /// The person, if there is one who can sign in.
    pub person: Option<PersonId>,
    pub proof: PendingSignIn,
    until: Timestamp,
}

struct Failures {
    count: u32,
    last: Timestamp,
}

impl SignIns {
    pub(crate) fn new(secret: &[u8]) -> Result<SignIns, HubError> {
        let server = Server::from_bytes(secret)?;
        Ok(SignIns { server, state: Mutex::default() })
    }

    /// Begins an attempt, unless this account and address have to wait; with the answer for the client.
    pub(crate) fn begin(
        &self,
        name: &str,
        account: Option<(PersonId, Record)>,
        request: &str,
        from: IpAddr,
        now: Timestamp,
    ) -> Result<(String, String), ApiError> {
        let name = name.trim().to_lowercase();
        self.check(&name, from, now)?;
        let (id, record) = match &account {
            Some((person, record)) => (person.as_str(), Some(record)),
            None => (name.as_str(), None),
        };
        let (proof, answer) =
            self.server.answer(id, record, request).map_err(|error| ApiError::bad(error.to_string()))?;
        let mut random = [0; 16];
        getrandom::fill(&mut random)?;
        let attempt = hex::encode(random);
        let mut state = self.state();
        state.pending.retain(|_, pending| pending.until > now);
        if state.pending.len() >= MOST_PENDING {
            return Err(too_many("too many sign-ins are under way; try again in two minutes"));
        }
        let person = account.map(|(person, _)| person);
        state.pending.insert(attempt.clone(), Attempt { name, person, proof, until: now + ATTEMPT });
        Ok((attempt, answer))
    }

    /// Takes an attempt out: it can be finished once.
    pub(crate) fn take(&self, attempt: &str, from: IpAddr, now: Timestamp) -> Result<Attempt, ApiError> {
        let taken = self.state().pending.remove(attempt).filter(|pending| pending.until > now);
        let attempt = taken.ok_or_else(|| {
            ApiError::new(
                axum::http::StatusCode::UNAUTHORIZED,
                "not-right",
                "this sign-in took too long or was finished already; begin again",
            )
        })?;
        // Many attempts begun at once must not be many guesses.
        self.check(&attempt.name, from, now)?;
        Ok(attempt)
    }

    /// Counts a failure.
    pub(crate) fn failed(&self, name: &str, from: IpAddr, now: Timestamp) {
        let mut state = self.state();
        state.failures.retain(|_, failures| now.duration_since(failures.last) < FORGIVEN);
        if state.failures.len() >= MOST_REMEMBERED {
            state.failures.pop_first();
        }
        let failures =
            state.failures.entry((name.to_owned(), from)).or_insert(Failures { count: 0, last: now });
        failures.count = failures.count.saturating_add(1);
        failures.last = now;
    }

    /// Forgets the failures of somebody who got in.
    pub(crate) fn succeeded(&self, name: &str, from: IpAddr) {
        self.state().failures.remove(&(name.to_owned(), from));
    }

    fn check(&self, name: &str, from: IpAddr, now: Timestamp) -> Result<(), ApiError> {
        let state = self.state();
        let Some(failures) = state.failures.get(&(name.to_owned(), from)) else { return Ok(()) };
        let over = failures.count.saturating_sub(FREE);
        if over == 0 {
            return Ok(());
        }
        let wait = (FIRST_WAIT * 2_i32.saturating_pow(over.min(10) - 1)).min(LONGEST_WAIT);
        let left = wait - now.duration_since(failures.last);
        if left > SignedDuration::ZERO {
            return Err(too_many(format!(
                "too many wrong tries; try again in {} seconds",
                left.as_secs() + 1
            )));
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn too_many(message: impl Into<String>) -> ApiError {
    ApiError::new(axum::http::StatusCode::TOO_MANY_REQUESTS, "too-many", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn guessing_is_slowed_down_by_address_and_others_get_in() {
        let sign_ins = SignIns { server: Server::generate(), state: Mutex::default() };
        let (stranger, home) = ("127.0.0.2".parse().unwrap(), "127.0.0.1".parse().unwrap());
        for second in 0..=i64::from(FREE) {
            assert!(sign_ins.check("anna", stranger, at(second)).is_ok());
            sign_ins.failed("anna", stranger, at(second));
        }
        assert!(sign_ins.check("anna", stranger, at(6)).is_err());
        assert!(sign_ins.check("anna", home, at(6)).is_ok(), "the household gets in");
        assert!(sign_ins.check("anna", stranger, at(8)).is_ok(), "after two seconds there is another try");
        sign_ins.failed("anna", stranger, at(8));
        assert!(sign_ins.check("anna", stranger, at(11)).is_err(), "and the wait is longer each time");
        assert!(sign_ins.check("anna", stranger, at(8 + LONGEST_WAIT.as_secs())).is_ok());
    }
}
