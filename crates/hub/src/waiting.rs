//! What waits for the session that asked for it, for a while: it is worth nothing to any other.

use jiff::{SignedDuration, Timestamp};

use crate::lately::counts;
use crate::shares::Shares;

/// Things that wait, each of a person and of one of their sessions.
pub(crate) struct Waiting<T> {
    held: Shares<String, String, Held<T>>,
    span: SignedDuration,
}

struct Held<T> {
    session: String,
    until: Timestamp,
    what: T,
}

impl<T> Waiting<T> {
    /// Room for so many of each session and so many of all, each for so long.
    pub(crate) fn new(each: usize, all: usize, span: SignedDuration) -> Waiting<T> {
        Waiting { held: Shares::new(each, all), span }
    }

    /// Adds something for a person and a session.
    pub(crate) fn add(&mut self, of: (&str, &str), what: T, now: Timestamp) {
        let span = self.span;
        self.held.retain(|held| counts(held.until, span, now));
        let (person, session) = (of.0.to_owned(), of.1.to_owned());
        self.held.add(person, session.clone(), Held { session, until: now + span, what });
    }

    /// Of a session, what this is true of, be its time over or not.
    pub(crate) fn find(&self, session: &str, is: impl Fn(&T) -> bool) -> Option<&T> {
        let found = self.held.iter().find(|held| held.session == session && is(&held.what));
        found.map(|held| &held.what)
    }

    /// The same, as long as it waits.
    pub(crate) fn get(&self, session: &str, now: Timestamp, is: impl Fn(&T) -> bool) -> Option<&T> {
        let waits = |held: &&Held<T>| held.session == session && counts(held.until, self.span, now);
        self.held.iter().filter(waits).map(|held| &held.what).find(|what| is(what))
    }

    /// Takes it out, as long as it waits.
    pub(crate) fn take(&mut self, session: &str, now: Timestamp, is: impl Fn(&T) -> bool) -> Option<T> {
        let span = self.span;
        let taken =
            self.held.take(|held| held.session == session && counts(held.until, span, now) && is(&held.what));
        taken.map(|held| held.what)
    }
}
