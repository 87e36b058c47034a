//! Plans of forgetting that were shown and wait to be confirmed.
//!
//! Each belongs to one session, lives in memory for a while, and is worth nothing to any other session. Each session has room of its own,
//! and each person.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use porchlight_household::rights::unproven::Forgetting;
use porchlight_vault::Plan;
use porchlight_vault::receipt::Stays;

use crate::waiting::Waiting;

/// How long a preview can be confirmed.
const PREVIEW: SignedDuration = SignedDuration::from_mins(10);
/// How many of one session are remembered, and how many of all. Each holds all that would go.
const OF_A_SESSION: usize = 16;
const OF_ALL: usize = 256;

/// The previews that can be confirmed.
pub struct Previews(Mutex<Waiting<Preview>>);

/// What was shown, to be forgotten once it is confirmed.
pub struct Preview {
    /// What goes.
    pub plan: Plan,
    /// What was chosen besides and stays.
    pub stays: Vec<Stays>,
    /// By what it is decided whether confirming it takes somebody who has proved lately who they are.
    pub what: Forgetting,
}

impl Default for Previews {
    fn default() -> Previews {
        Previews(Mutex::new(Waiting::new(OF_A_SESSION, OF_ALL, PREVIEW)))
    }
}

impl Previews {
    /// Remembers a preview until it is confirmed, for a person and a session.
    pub fn add(&self, of: (&str, &str), preview: Preview, now: Timestamp) {
        self.lock().add(of, preview, now);
    }

    /// What a preview would have forgotten.
    pub(crate) fn what(&self, session: &str, token: &str) -> Option<Forgetting> {
        self.lock().find(session, |shown| shown.plan.token.as_str() == token).map(|shown| shown.what)
    }

    /// Takes a preview out, for the session that made it, once.
    pub fn take(&self, session: &str, token: &str, now: Timestamp) -> Option<Preview> {
        self.lock().take(session, now, |shown| shown.plan.token.as_str() == token)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<Preview>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
