//! What each person had forgotten and was given without a fresh proof of who they are: counted here, judged by
//! [`porchlight_household::rights::unproven`].
//!
//! The counts live in memory. A restart begins them anew: they are in the way of somebody at an open session, who can start no hub.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use porchlight_household::PersonId;
use porchlight_household::rights::unproven::{Forgetting, Unproven};

/// The counts of everybody of the household.
#[derive(Default)]
pub(crate) struct UnprovenDeeds(Mutex<BTreeMap<PersonId, Unproven>>);

impl UnprovenDeeds {
    /// Whether this person may have this much forgotten without a proof.
    pub(crate) fn may_forget(&self, person: &PersonId, what: &Forgetting, now: Timestamp) -> bool {
        match self.lock().get(person) {
            Some(unproven) => unproven.may_forget(what, now),
            None => !what.is_grave(),
        }
    }

    /// Counts what is about to be forgotten; false where it takes a proof.
    pub(crate) fn forget(&self, person: &PersonId, what: &Forgetting, now: Timestamp) -> bool {
        self.lock().entry(person.clone()).or_default().forget(what, now)
    }

    /// Takes back what was counted and could not be forgotten.
    pub(crate) fn not_forgotten(&self, person: &PersonId, what: &Forgetting) {
        if let Some(unproven) = self.lock().get_mut(person) {
            unproven.not_forgotten(what);
        }
    }

    /// Counts a recording that is about to be handed out; false where it takes a proof.
    pub(crate) fn release(&self, person: &PersonId, now: Timestamp) -> bool {
        self.lock().entry(person.clone()).or_default().release(now)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<PersonId, Unproven>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
