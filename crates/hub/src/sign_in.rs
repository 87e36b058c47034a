//! Sign-ins that are under way: between their first message and their second.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use porchlight_household::PersonId;
use porchlight_household::sign_in::opaque::{PendingSignIn, Record, Server};
use porchlight_household::sign_in::{Account, Error as SignInError, TotpSecret};

use crate::api::types::NewAccount;
use crate::error::{ApiError, HubError};
use crate::limits::{Limits, too_many};

/// How long an attempt may take from the first message to the second.
const ATTEMPT: SignedDuration = SignedDuration::from_mins(2);
/// Attempts under way at once, whoever makes them.
const MOST_PENDING: usize = 200;
/// Longer than any wrapped identity, in bytes.
const MOST_WRAPPED: usize = 1024;

/// OPAQUE's server and the attempts under way.
pub(crate) struct SignIns {
    pub server: Server,
    pub limits: Limits,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    pending: BTreeMap<String, Attempt>,
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

/// An account as a client made it.
pub(crate) fn read_account(person: PersonId, account: &NewAccount) -> Result<Account, SignInError> {
    Ok(Account {
        person,
        record: Record::from_text(&account.record)?,
        totp: TotpSecret::from_base32(&account.totp_secret)?,
        wrapped_identity: read_wrapped(&account.wrapped)?,
    })
}

/// A wrapped identity as a client sent it.
pub(crate) fn read_wrapped(wrapped: &str) -> Result<Vec<u8>, SignInError> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(wrapped).ok();
    bytes.filter(|bytes| bytes.len() <= MOST_WRAPPED).ok_or(SignInError::Unreadable("wrapped identity"))
}

impl SignIns {
    pub(crate) fn new(secret: &[u8]) -> Result<SignIns, HubError> {
        let server = Server::from_bytes(secret)?;
        Ok(SignIns { server, limits: Limits::default(), state: Mutex::default() })
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
        self.limits.check(&name, from, now)?;
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
        self.limits.check(&attempt.name, from, now)?;
        Ok(attempt)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
