//! What was asked for and not yet fetched or confirmed: looks that are in the ledger, and plans of forgetting.
//!
//! Both belong to one session, live in memory for a while, and are worth nothing to any other session.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use porchlight_household::rights::unproven::Forgetting;
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
    looks: Mutex<VecDeque<Held<OpenLook>>>,
    previews: Mutex<VecDeque<Held<Preview>>>,
}

/// What was shown, to be forgotten once it is confirmed.
pub(crate) struct Preview {
    pub(crate) plan: Plan,
    /// What was chosen besides and stays.
    pub(crate) stays: Vec<Stays>,
    /// By what it is decided whether confirming it takes somebody who has proved lately who they are.
    pub(crate) what: Forgetting,
}

/// What a look lets a session fetch.
#[derive(Clone)]
pub(crate) struct OpenLook {
    pub(crate) pass: Pass,
    /// Whether it was made to take the files away, by somebody who had just proved who they are.
    pub(crate) proven: bool,
}

struct Held<T> {
    session: String,
    until: Timestamp,
    what: T,
}

impl Looks {
    /// Remembers what a look lets a session fetch.
    pub(crate) fn add_look(&self, session: &str, look: OpenLook, now: Timestamp) {
        hold(&self.looks, session, look, now, LOOK);
    }

    /// The look with this line in the ledger, for the session that made it.
    pub(crate) fn look(&self, session: &str, line: u64, now: Timestamp) -> Option<OpenLook> {
        let looks = lock(&self.looks);
        looks
            .iter()
            .find(|held| held.session == session && held.until > now && held.what.pass.line() == line)
            .map(|held| held.what.clone())
    }

    /// Remembers a preview until it is confirmed.
    pub(crate) fn add_preview(&self, session: &str, preview: Preview, now: Timestamp) {
        hold(&self.previews, session, preview, now, PREVIEW);
    }

    /// What a preview would have forgotten.
    pub(crate) fn what(&self, session: &str, token: &str) -> Option<Forgetting> {
        let previews = lock(&self.previews);
        let found =
            previews.iter().find(|held| held.session == session && held.what.plan.token.as_str() == token);
        found.map(|held| held.what.what)
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
