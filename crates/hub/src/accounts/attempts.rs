//! Proofs that are under way, in the hands of whoever makes them.
//!
//! Between the two messages of a proof the hub remembers nothing: what it needs for the second is sealed, under a key of this start, and
//! goes to the client and back. So there is no table that strangers could fill. What was finished is remembered for each member
//! until it would be too late anyhow: an attempt leads somewhere once.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use aes_gcm::aead::{Aead, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use jiff::{SignedDuration, Timestamp};
use porchlight_household::PersonId;
use porchlight_household::sign_in::opaque::PendingSignIn;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::accounts::passkeys::{Making, Question};
use crate::accounts::rate_limits::{Claim, Origin};
use crate::error::Error;
use crate::lately::counts;

/// How long an attempt may take from the first message to the second.
const ATTEMPT: SignedDuration = SignedDuration::from_mins(2);
/// How long, where a browser has to find a passkey, and its owner perhaps the phone that it is on.
const WITH_PASSKEY: SignedDuration = SignedDuration::from_mins(5);
/// Before what is authenticated with the sealed attempt, and before what its key is made of.
const LABEL: &[u8] = b"porchlight attempt v1\0";
/// Random bytes from which an attempt's own key is made.
const SEED: usize = 16;
/// What is sealed is filled up to a multiple of this, so that its length says nothing about whom it is for.
const FILLED: usize = 1024;
/// The longest sealed attempt that is read, in characters.
const LONGEST: usize = 16 << 10;
/// Finished attempts of one member that are remembered one by one; all that began before the oldest of them are over.
const MOST_FINISHED: usize = 64;

/// A proof between its two messages.
#[derive(Serialize, Deserialize)]
pub struct Attempt {
    /// Who began it, and where.
    pub begun: Begun,
    /// What is to be proved.
    pub proof: Proof,
}

/// Who began to prove something, and where.
#[derive(Serialize, Deserialize)]
pub struct Begun {
    /// Counts the attempts of this start.
    number: u64,
    /// Whom somebody says they are; none where a passkey is to say it.
    pub claim: Option<Claim>,
    /// The session that is to be fresh; none where one is to begin.
    session: Option<String>,
    /// From where.
    pub origin: Origin,
    /// Whether it was counted as a guess when it began.
    pub counted: bool,
    until: Timestamp,
}

impl Begun {
    /// How long an attempt may take.
    fn lasts(counted: bool) -> SignedDuration {
        if counted { ATTEMPT } else { WITH_PASSKEY }
    }
}

/// What is being proved.
#[derive(Serialize, Deserialize)]
pub enum Proof {
    /// That they know the passphrase; the second factor comes along, a passkey's answer to this question if not a code.
    Passphrase(#[serde(with = "sealed_bytes")] Box<PendingSignIn>, Option<Question>),
    /// That they have a passkey, which is both factors in one.
    Passkey(Question),
    /// That they have the recovery kit, by signing this.
    Kit([u8; 32]),
    /// That a new passkey is what it says.
    NewPasskey(Making),
}

/// Seals attempts and opens them again, once.
pub struct Attempts {
    key: Zeroizing<[u8; 32]>,
    next: AtomicU64,
    finished: Mutex<BTreeMap<PersonId, Finished>>,
}

/// What was finished of one member's.
#[derive(Default)]
struct Finished {
    /// Every attempt with a smaller number is over.
    below: u64,
    one_by_one: VecDeque<u64>,
}

impl Attempts {
    /// With a key of this start.
    pub fn new() -> Result<Attempts, getrandom::Error> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut_slice())?;
        Ok(Attempts { key, next: AtomicU64::new(1), finished: Mutex::default() })
    }

    /// Begins a proof: what the client is to send back with its second message.
    pub fn begin(
        &self,
        claim: Option<Claim>,
        session: Option<String>,
        origin: Origin,
        proof: Proof,
        now: Timestamp,
    ) -> Result<String, Error> {
        // A passkey cannot be guessed.
        let counted = matches!(proof, Proof::Passphrase(..) | Proof::Kit(_));
        let until = now + Begun::lasts(counted);
        // Nobody's name is of no use any more.
        let claim = claim.map(|claim| match claim {
            Claim::Nobody(_) => Claim::Nobody(String::new()),
            member @ Claim::Member(_) => member,
        });
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.seal(&Attempt { begun: Begun { number, claim, session, origin, counted, until }, proof })
    }

    /// Opens what a client sent back, where it is of this start, in time, of the session that began it, and not finished yet.
    pub fn open(&self, sealed: &str, session: Option<&str>, now: Timestamp) -> Option<Attempt> {
        let attempt = self.unseal(sealed)?;
        let begun = &attempt.begun;
        let in_time = counts(begun.until, Begun::lasts(begun.counted), now);
        let theirs = begun.session.as_deref() == session;
        let over = match &begun.claim {
            Some(Claim::Member(person)) => self.finished().get(person).is_some_and(|done| done.has(begun)),
            _ => false,
        };
        (in_time && theirs && !over).then_some(attempt)
    }

    /// Notes that this attempt led somewhere, or was a guess at the second factor: it does so once. Says whether it had not before.
    ///
    /// Only who knows a passphrase or has a passkey or a kit comes here, so that strangers cannot fill what is remembered.
    pub fn finish(&self, attempt: &Begun, person: &PersonId) -> bool {
        let mut finished = self.finished();
        let done = finished.entry(person.clone()).or_default();
        if done.has(attempt) {
            return false;
        }
        done.one_by_one.push_back(attempt.number);
        if done.one_by_one.len() > MOST_FINISHED
            && let Some(oldest) = done.one_by_one.pop_front()
        {
            done.below = done.below.max(oldest + 1);
        }
        true
    }

    /// Drops every attempt of somebody who has got in otherwise, or is gone: what was begun before leads nowhere any more.
    pub(crate) fn drop_all(&self, person: &PersonId) {
        let below = self.next.load(Ordering::Relaxed);
        *self.finished().entry(person.clone()).or_default() = Finished { below, ..Finished::default() };
    }

    fn seal(&self, attempt: &Attempt) -> Result<String, Error> {
        let mut seed = [0; SEED];
        getrandom::fill(&mut seed)?;
        // Room for all of it at once: a vector that grows leaves copies behind.
        let mut plain = Zeroizing::new(Vec::with_capacity(LONGEST));
        serde_json::to_writer(&mut *plain, attempt).map_err(Error::broken)?;
        let filled = plain.len().next_multiple_of(FILLED);
        plain.resize(filled, b' ');
        let payload = Payload { msg: &plain, aad: LABEL };
        let sealed = self.cipher(&seed).encrypt(&Nonce::default(), payload).map_err(Error::broken)?;
        Ok(BASE64_URL_SAFE_NO_PAD.encode([seed.as_slice(), &sealed].concat()))
    }

    fn unseal(&self, sealed: &str) -> Option<Attempt> {
        if sealed.len() > LONGEST {
            return None;
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (seed, sealed) = bytes.split_at_checked(SEED)?;
        let payload = Payload { msg: sealed, aad: LABEL };
        let plain = Zeroizing::new(self.cipher(seed).decrypt(&Nonce::default(), payload).ok()?);
        serde_json::from_slice(&plain).ok()
    }

    /// The cipher of one attempt. Its key seals nothing else, so that its nonce need not differ.
    fn cipher(&self, seed: &[u8]) -> Aes256Gcm {
        #[allow(clippy::expect_used)] // HMAC takes a key of any length.
        let mac = Hmac::<Sha256>::new_from_slice(self.key.as_slice()).expect("any key will do");
        let key = mac.chain_update(LABEL).chain_update(seed).finalize().into_bytes();
        Aes256Gcm::new(&key)
    }

    fn finished(&self) -> MutexGuard<'_, BTreeMap<PersonId, Finished>> {
        self.finished.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Finished {
    fn has(&self, attempt: &Begun) -> bool {
        attempt.number < self.below || self.one_by_one.contains(&attempt.number)
    }
}

/// A sign-in under way, in base64url.
mod sealed_bytes {
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use porchlight_household::sign_in::opaque::PendingSignIn;
    use serde::{Deserialize, Deserializer, Serializer, de};
    use zeroize::Zeroizing;

    pub(super) fn serialize<S: Serializer>(pending: &PendingSignIn, out: S) -> Result<S::Ok, S::Error> {
        let text = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(pending.to_bytes()));
        out.serialize_str(&text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Box<PendingSignIn>, D::Error> {
        let text = Zeroizing::new(String::deserialize(input)?);
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text.as_bytes()).map_err(de::Error::custom)?;
        PendingSignIn::from_bytes(&Zeroizing::new(bytes)).map(Box::new).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::rate_limits::{AddressBlock, Standing};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn begin(attempts: &Attempts, claim: Claim, session: Option<&str>) -> String {
        let block = AddressBlock::of("203.0.113.1".parse().unwrap());
        let origin = Origin { block, standing: Standing::Strange };
        attempts.begin(Some(claim), session.map(str::to_owned), origin, Proof::Kit([7; 32]), at(0)).unwrap()
    }

    fn anna() -> PersonId {
        "anna".parse().unwrap()
    }

    #[test]
    fn an_attempt_comes_back_as_it_went_in_time_and_to_its_own_session() {
        let attempts = Attempts::new().unwrap();
        let sealed = begin(&attempts, Claim::Member(anna()), Some("a session"));
        let open = |session, now| attempts.open(&sealed, session, now).is_some();
        assert!(open(Some("a session"), at(119)));
        assert!(!open(Some("a session"), at(120)) && !open(Some("another"), at(1)) && !open(None, at(1)));
        assert!(Attempts::new().unwrap().open(&sealed, Some("a session"), at(1)).is_none(), "a new start");
        for other in ["", "AAAA", &sealed[1..], &format!("{sealed}AAAA"), &"A".repeat(1 << 20)] {
            assert!(attempts.open(other, Some("a session"), at(1)).is_none());
        }
    }

    #[test]
    fn an_attempt_leads_somewhere_once_however_many_were_finished_since() {
        let attempts = Attempts::new().unwrap();
        let sealed = begin(&attempts, Claim::Member(anna()), None);
        let attempt = attempts.open(&sealed, None, at(1)).unwrap().begun;
        assert!(attempts.finish(&attempt, &anna()) && !attempts.finish(&attempt, &anna()));
        for _ in 0..2 * MOST_FINISHED {
            let other = begin(&attempts, Claim::Member(anna()), None);
            assert!(attempts.finish(&attempts.open(&other, None, at(1)).unwrap().begun, &anna()));
        }
        assert!(attempts.open(&sealed, None, at(1)).is_none() && !attempts.finish(&attempt, &anna()));
    }

    #[test]
    fn attempts_that_are_begun_without_end_push_nobody_elses_out() {
        let attempts = Attempts::new().unwrap();
        let sealed = begin(&attempts, Claim::Member(anna()), None);
        for n in 0..10_000 {
            begin(&attempts, Claim::Nobody(format!("name {n}")), None);
        }
        assert!(attempts.open(&sealed, None, at(1)).is_some());
        attempts.drop_all(&anna());
        assert!(attempts.open(&sealed, None, at(1)).is_none(), "what was begun before leads nowhere");
        assert!(attempts.open(&begin(&attempts, Claim::Member(anna()), None), None, at(1)).is_some());
    }

    #[test]
    fn how_long_an_attempt_is_does_not_say_whether_somebody_has_the_name() {
        let attempts = Attempts::new().unwrap();
        let lengths = [Claim::Member(anna()), Claim::Nobody("zoe".into()), Claim::Nobody("z".repeat(200))]
            .map(|claim| begin(&attempts, claim, None).len());
        assert!(lengths.iter().all(|length| *length == lengths[0]), "{lengths:?}");
    }
}
