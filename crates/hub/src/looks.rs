//! What was asked for and not yet fetched or confirmed: looks that are in the ledger, and plans of forgetting.
//!
//! Both belong to one session, live in memory for a while, and are worth nothing to any other session.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use porchlight_vault::receipt::Stays;
use porchlight_vault::{Pass, Plan};

/// How long the files of a look can be fetched.
const LOOK: SignedDuration = SignedDuration::from_hours(1);
/// How long a preview can be confirmed.
const PREVIEW: SignedDuration = SignedDuration::from_mins(10);
/// How many of each are remembered; the oldest goes first.
const MOST: usize = 64;

/// The open looks and previews.
#[derive(Default)]
pub(crate) struct Looks {
    looks: Mutex<VecDeque<Held<Pass>>>,
    previews: Mutex<VecDeque<Held<Preview>>>,
}

/// What was shown, to be forgotten once it is confirmed.
pub(crate) struct Preview {
    pub(crate) plan: Plan,
    /// What was chosen besides and stays.
    pub(crate) stays: Vec<Stays>,
    /// Whether only somebody may confirm it who has proved lately who they are.
    pub(crate) grave: bool,
}

struct Held<T> {
    session: String,
    until: Timestamp,
    what: T,
}

impl Looks {
    /// Remembers what a look lets a session fetch.
    pub(crate) fn add_look(&self, session: &str, pass: Pass, now: Timestamp) {
        hold(&self.looks, session, pass, now, LOOK);
    }

    /// The look with this line in the ledger, for the session that made it.
    pub(crate) fn look(&self, session: &str, line: u64, now: Timestamp) -> Option<Pass> {
        let looks = lock(&self.looks);
        looks
            .iter()
            .find(|held| held.session == session && held.until > now && held.what.line() == line)
            .map(|held| held.what.clone())
    }

    /// Remembers a preview until it is confirmed.
    pub(crate) fn add_preview(&self, session: &str, preview: Preview, now: Timestamp) {
        hold(&self.previews, session, preview, now, PREVIEW);
    }

    /// Whether a preview may be confirmed only by somebody who has proved lately who they are.
    pub(crate) fn is_grave(&self, session: &str, token: &str) -> bool {
        let previews = lock(&self.previews);
        let found =
            previews.iter().find(|held| held.session == session && held.what.plan.token.as_str() == token);
        found.is_some_and(|held| held.what.grave)
    }

    /// Takes a preview out, for the session that made it, once.
    pub(crate) fn take_preview(&self, session: &str, token: &str, now: Timestamp) -> Option<Preview> {
        let mut previews = lock(&self.previews);
        let at = previews.iter().position(|held| {
            held.session == session && held.until > now && held.what.plan.token.as_str() == token
        })?;
        previews.remove(at).map(|held| held.what)
    }
}

fn hold<T>(all: &Mutex<VecDeque<Held<T>>>, session: &str, what: T, now: Timestamp, long: SignedDuration) {
    let mut all = lock(all);
    all.retain(|held| held.until > now);
    if all.len() >= MOST {
        all.pop_front();
    }
    all.push_back(Held { session: session.to_owned(), until: now + long, what });
}

fn lock<T>(all: &Mutex<VecDeque<Held<T>>>) -> MutexGuard<'_, VecDeque<Held<T>>> {
    all.lock().unwrap_or_else(PoisonError::into_inner)
}
