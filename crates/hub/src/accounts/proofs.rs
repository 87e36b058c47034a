//! What somebody has just proved of who they are, good for one deed of one kind.
//!
//! That a session is fresh is known to whoever holds the session. What outlives it (another passphrase, passkey or kit, who belongs to
//! the household and who decides, by what a microphone speaks, what is held) takes more: the word that the hub gave for the proof itself, to the client
//! that made it, for that kind of deed alone. No client keeps that word, so a session that is taken, however fresh, leads to no other way
//! into its account, and into the household to none at all.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use porchlight_protocol::ProofFor;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::lately::counts;

/// Bytes of randomness in a word.
const LENGTH: usize = 32;
/// Words that can be good at the same time, one of each kind for each session; whoever is let in can make the hub remember no more.
const MOST: usize = 256;

/// The proofs whose word is still good. They live in memory: after a restart one proves again.
#[derive(Default)]
pub struct Proofs(Mutex<VecDeque<Given>>);

/// A proof, by the hash of its word.
struct Given {
    session: String,
    what_for: ProofFor,
    hash: [u8; 32],
    until: Timestamp,
}

impl Proofs {
    /// The word for a proof that was just made in a session. One of before, for the same, is good no longer.
    pub fn give(
        &self,
        session: &str,
        what_for: ProofFor,
        now: Timestamp,
    ) -> Result<String, getrandom::Error> {
        let mut random = Zeroizing::new([0; LENGTH]);
        getrandom::fill(random.as_mut_slice())?;
        let word = BASE64_URL_SAFE_NO_PAD.encode(random.as_slice());
        let mut given = self.lock();
        given.retain(|given| given.counts(now) && !given.is_of(session, what_for));
        if given.len() >= MOST {
            given.pop_front();
        }
        let (session, until) = (session.to_owned(), now + what_for.lasts());
        given.push_back(Given { session, what_for, hash: hash(&word), until });
        Ok(word)
    }

    /// Whether a word is the one that this session was given last for this, and is good still.
    pub fn holds(&self, session: &str, what_for: ProofFor, word: &str, now: Timestamp) -> bool {
        let hash = hash(word);
        let given = self.lock();
        let theirs = given.iter().find(|given| given.is_of(session, what_for) && given.counts(now));
        theirs.is_some_and(|given| given.hash.ct_eq(&hash).into())
    }

    /// Spends the word of a session: what it was for is done.
    pub(crate) fn spend(&self, session: &str, what_for: ProofFor) {
        self.lock().retain(|given| !given.is_of(session, what_for));
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Given>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Given {
    fn is_of(&self, session: &str, what_for: ProofFor) -> bool {
        self.session == session && self.what_for == what_for
    }

    fn counts(&self, now: Timestamp) -> bool {
        counts(self.until, self.what_for.lasts(), now)
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
    fn a_word_is_good_once_in_its_session_for_its_own_and_for_a_while() {
        for what_for in [ProofFor::Account, ProofFor::Household, ProofFor::DeviceCredential, ProofFor::Hold] {
            let (proofs, now) = (Proofs::default(), Timestamp::UNIX_EPOCH);
            let give = || proofs.give("phone", what_for, now).unwrap();
            let holds = |session, word: &str, now| proofs.holds(session, what_for, word, now);
            let word = give();
            assert!(holds("phone", &word, now) && holds("phone", &word, now + what_for.lasts() / 2));
            assert!(!holds("laptop", &word, now) && !holds("phone", "", now));
            assert!(!holds("phone", &word, now + what_for.lasts()));
            let next = give();
            assert!(!holds("phone", &word, now) && holds("phone", &next, now));
            proofs.spend("phone", what_for);
            assert!(!holds("phone", &next, now));
        }
    }

    #[test]
    fn a_word_for_one_thing_is_none_for_another_and_stands_beside_its_word() {
        let (proofs, now) = (Proofs::default(), Timestamp::UNIX_EPOCH);
        let kit = proofs.give("phone", ProofFor::Account, now).unwrap();
        let people = proofs.give("phone", ProofFor::Household, now).unwrap();
        assert!(proofs.holds("phone", ProofFor::Account, &kit, now));
        assert!(!proofs.holds("phone", ProofFor::Household, &kit, now));
        assert!(!proofs.holds("phone", ProofFor::Account, &people, now));
        assert!(!proofs.holds("phone", ProofFor::DeviceCredential, &people, now));
        proofs.spend("phone", ProofFor::Account);
        assert!(proofs.holds("phone", ProofFor::Household, &people, now));
    }

    #[test]
    fn however_many_are_given_few_are_remembered() {
        let (proofs, now) = (Proofs::default(), Timestamp::UNIX_EPOCH);
        for n in 0..3 * MOST {
            let now = now + SignedDuration::from_millis(n as i64);
            proofs.give(&n.to_string(), ProofFor::Household, now).unwrap();
        }
        assert_eq!(proofs.lock().len(), MOST);
    }
}
