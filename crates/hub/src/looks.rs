//! What was asked for and not yet fetched or confirmed: looks that are in the ledger, and plans of forgetting.
//!
//! Both belong to one session, live in memory for a while, and are worth nothing to any other session. Each session has room of its
//! own, and each person: nobody who looks much takes away what somebody else has opened.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use porchlight_household::rights::unproven::Forgetting;
use porchlight_vault::receipt::Stays;
use porchlight_vault::{Pass, Plan};

use crate::lately::counts;
use crate::shares::Shares;
use crate::store::Session;

/// How long the files of a look can be fetched.
const LOOK: SignedDuration = SignedDuration::from_hours(1);
/// How long a preview can be confirmed.
const PREVIEW: SignedDuration = SignedDuration::from_mins(10);
/// How many looks of one session are remembered, and how many of all …
const LOOKS: (usize, usize) = (256, 4096);
/// … and how many previews, each of which holds all that would go.
const PREVIEWS: (usize, usize) = (16, 256);

/// The open looks and previews.
pub(crate) struct Looks {
    looks: Mutex<Held<Pass>>,
    previews: Mutex<Held<Preview>>,
}

/// By person and session.
type Held<T> = Shares<String, String, Waiting<T>>;

/// What was shown, to be forgotten once it is confirmed.
pub(crate) struct Preview {
    pub(crate) plan: Plan,
    /// What was chosen besides and stays.
    pub(crate) stays: Vec<Stays>,
    /// By what it is decided whether confirming it takes somebody who has proved lately who they are.
    pub(crate) what: Forgetting,
}

struct Waiting<T> {
    session: String,
    until: Timestamp,
    what: T,
}

impl Default for Looks {
    fn default() -> Looks {
        Looks {
            looks: Mutex::new(Shares::new(LOOKS.0, LOOKS.1)),
            previews: Mutex::new(Shares::new(PREVIEWS.0, PREVIEWS.1)),
        }
    }
}

impl Looks {
    /// Remembers what a look lets a session fetch.
    pub(crate) fn add_look(&self, of: &Session, look: Pass, now: Timestamp) {
        hold(&self.looks, (&of.person, &of.id), look, LOOK, now);
    }

    /// The look with this line in the ledger, for the session that made it.
    pub(crate) fn look(&self, session: &str, line: u64, now: Timestamp) -> Option<Pass> {
        let looks = lock(&self.looks);
        looks
            .iter()
            .find(|held| held.session == session && counts(held.until, LOOK, now) && held.what.line() == line)
            .map(|held| held.what.clone())
    }

    /// Remembers a preview until it is confirmed, for a person and a session.
    pub(crate) fn add_preview(&self, of: (&str, &str), preview: Preview, now: Timestamp) {
        hold(&self.previews, of, preview, PREVIEW, now);
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
        let is = |held: &Waiting<Preview>| {
            held.session == session
                && counts(held.until, PREVIEW, now)
                && held.what.plan.token.as_str() == token
        };
        lock(&self.previews).take(is).map(|held| held.what)
    }
}

fn hold<T>(all: &Mutex<Held<T>>, of: (&str, &str), what: T, span: SignedDuration, now: Timestamp) {
    let mut all = lock(all);
    all.retain(|held| counts(held.until, span, now));
    let (person, session) = (of.0.to_owned(), of.1.to_owned());
    all.add(person, session.clone(), Waiting { session, until: now + span, what });
}

fn lock<T>(all: &Mutex<Held<T>>) -> MutexGuard<'_, Held<T>> {
    all.lock().unwrap_or_else(PoisonError::into_inner)
}
