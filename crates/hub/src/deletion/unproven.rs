//! What was forgotten and given without a fresh proof of who asks: counted here for each person, and for each microphone that is
//! everybody's, and judged by [`porchlight_household::rights::unproven`].
//!
//! The counts live in memory. A restart begins them anew: they are in the way of somebody at an open session, who can start no hub.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use porchlight_household::rights::unproven::{Forgetting, Unproven};

use crate::error::Error;

/// The counts of the whole household, by whose they are: a person, or a microphone ([`Place::counts_for`](crate::assistant::pending_questions::Place::counts_for)).
#[derive(Default)]
pub struct UnprovenDeeds(Mutex<BTreeMap<String, Unproven>>);

impl UnprovenDeeds {
    /// Whether they may have this much forgotten without a proof.
    pub(crate) fn may_forget(&self, holder: &str, what: &Forgetting, now: Timestamp) -> bool {
        match self.lock().get(holder) {
            Some(unproven) => unproven.may_forget(what, now),
            None => !what.is_grave(),
        }
    }

    /// Forgets something, and counts it unless it fails. None where it takes a proof, and then nothing is done.
    pub async fn forget<T>(
        &self,
        holder: &str,
        what: &Forgetting,
        now: Timestamp,
        deed: impl Future<Output = Result<T, Error>>,
    ) -> Result<Option<T>, Error> {
        if !self.lock().entry(holder.to_owned()).or_default().forget(what, now) {
            return Ok(None);
        }
        let done = deed.await;
        if done.is_err()
            && let Some(unproven) = self.lock().get_mut(holder)
        {
            unproven.not_forgotten(what);
        }
        done.map(Some)
    }

    /// Counts a recording that is about to be handed out; false where it takes a proof.
    pub fn release(&self, holder: &str, now: Timestamp) -> bool {
        self.lock().entry(holder.to_owned()).or_default().release(now)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Unproven>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
