//! Looks that are in the ledger and whose files can be fetched.
//!
//! Each belongs to one session, lives in memory for a while, and is worth nothing to any other session. Each session has room of its own,
//! and each person: nobody who looks much takes away what somebody else has opened.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use porchlight_vault::Pass;

use crate::store::Session;
use crate::waiting::Waiting;

/// How long the files of a look can be fetched.
const LOOK: SignedDuration = SignedDuration::from_hours(1);
/// How many looks of one session are remembered, and how many of all.
const OF_A_SESSION: usize = 256;
const OF_ALL: usize = 4096;

/// The looks that are open.
pub struct Passes(Mutex<Waiting<Pass>>);

impl Default for Passes {
    fn default() -> Passes {
        Passes(Mutex::new(Waiting::new(OF_A_SESSION, OF_ALL, LOOK)))
    }
}

impl Passes {
    /// Remembers what a look lets a session fetch.
    pub fn add(&self, of: &Session, look: Pass, now: Timestamp) {
        self.lock().add((&of.person, &of.id), look, now);
    }

    /// The look with this line in the ledger, for the session that made it.
    pub fn get(&self, session: &str, line: u64, now: Timestamp) -> Option<Pass> {
        self.lock().get(session, now, |look| look.line() == line).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<Pass>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
