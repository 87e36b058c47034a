//! What somebody has just proved of who they are, good for one change of how they sign in.
//!
//! That a session is fresh is known to whoever holds the session. A change that outlives it (another passphrase, another passkey,
//! another kit) takes more: the word that the hub gave for the proof itself, to the client that made it. No client keeps that word, so
//! a session that is taken, however fresh, leads to no other way into its account.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::lately::counts;
use crate::store::FRESH;

/// Bytes of randomness in a word.
const LENGTH: usize = 32;
/// Words that can be good at the same time, one for each session; whoever is let in can make the hub remember no more.
const MOST: usize = 256;

/// The proofs whose word is still good. They live in memory: after a restart one proves again.
#[derive(Default)]
pub(crate) struct Proofs(Mutex<VecDeque<Given>>);

/// A proof, by the hash of its word.
struct Given {
    session: String,
    hash: [u8; 32],
    until: Timestamp,
}

impl Proofs {
    /// The word for a proof that was just made in a session. One of before is good no longer.
    pub(crate) fn give(&self, session: &str, now: Timestamp) -> Result<String, getrandom::Error> {
        let mut random = Zeroizing::new([0; LENGTH]);
        getrandom::fill(random.as_mut_slice())?;
        let word = BASE64_URL_SAFE_NO_PAD.encode(random.as_slice());
        let mut given = self.lock();
        given.retain(|given| counts(given.until, FRESH, now) && given.session != session);
        if given.len() >= MOST {
            given.pop_front();
        }
        given.push_back(Given { session: session.to_owned(), hash: hash(&word), until: now + FRESH });
        Ok(word)
    }

    /// Whether a word is the one that this session was given last, and is good still.
    pub(crate) fn holds(&self, session: &str, word: &str, now: Timestamp) -> bool {
        let hash = hash(word);
        let given = self.lock();
        let theirs = given.iter().find(|given| given.session == session && counts(given.until, FRESH, now));
        theirs.is_some_and(|given| given.hash.ct_eq(&hash).into())
    }

    /// Spends the word of a session: what it was for is done.
    pub(crate) fn spend(&self, session: &str) {
        self.lock().retain(|given| given.session != session);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Given>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(word: &str) -> [u8; 32] {
    Sha256::digest(word.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn a_word_is_good_once_in_its_session_and_for_a_quarter_of_an_hour() {
        let (proofs, now) = (Proofs::default(), Timestamp::UNIX_EPOCH);
        let word = proofs.give("phone", now).unwrap();
        assert!(proofs.holds("phone", &word, now));
        assert!(!proofs.holds("laptop", &word, now) && !proofs.holds("phone", "", now));
        assert!(!proofs.holds("phone", &word, now + FRESH));
        let next = proofs.give("phone", now).unwrap();
        assert!(!proofs.holds("phone", &word, now) && proofs.holds("phone", &next, now));
        proofs.spend("phone");
        assert!(!proofs.holds("phone", &next, now));
    }

    #[test]
    fn however_many_are_given_few_are_remembered() {
        let (proofs, now) = (Proofs::default(), Timestamp::UNIX_EPOCH);
        for n in 0..3 * MOST {
            proofs.give(&n.to_string(), now + SignedDuration::from_millis(n as i64)).unwrap();
        }
        assert_eq!(proofs.lock().len(), MOST);
    }
}
