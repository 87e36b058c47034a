//! Sign-ins that are under way: what is asked of whoever begins one, and what is counted of them.

use jiff::Timestamp;
use porchlight_household::PersonId;
use porchlight_household::sign_in::Error as SignInError;
use porchlight_household::sign_in::opaque::{Record, Server};
use porchlight_protocol::{Message, TriedAt};
use serde_json::Value;

use crate::accounts::attempts::{Attempt, Attempts, Begun, Proof};
use crate::accounts::passkeys::Question;
use crate::accounts::rate_limits::{Claim, Origin, RateLimits};
use crate::accounts::tally::Tally;
use crate::error::{Error, ErrorKind, HubError};
use crate::messages::Coded;

/// OPAQUE's server, the attempts under way, and what is counted of them.
pub struct SignIns {
    /// The hub's half of OPAQUE.
    pub server: Server,
    /// How often somebody may try.
    pub limits: RateLimits,
    /// What is under way, and what was finished.
    pub attempts: Attempts,
    /// What is to be told of tries that failed.
    pub tally: Tally,
}

/// What somebody gives to prove who they are.
#[derive(Default)]
pub struct Given<'a> {
    /// OPAQUE's last message.
    pub finalization: Option<&'a str>,
    /// What an authenticator shows.
    pub code: &'a str,
    /// What a passkey answered.
    pub passkey: Option<&'a Value>,
    /// Whether the passphrase is enough by itself: the session in which it is given proved a second factor lately.
    pub alone: bool,
}

/// A proof that is to be begun.
pub struct Beginning {
    /// Whom somebody says they are; none where a passkey is to say it.
    pub claim: Option<Claim>,
    /// The session that is to be fresh; none where one is to begin.
    pub session: Option<String>,
    /// From where.
    pub origin: Origin,
    /// When.
    pub now: Timestamp,
}

impl SignIns {
    /// With OPAQUE's server key.
    pub fn new(secret: &[u8]) -> Result<SignIns, HubError> {
        Ok(SignIns {
            server: Server::from_bytes(secret)?,
            limits: RateLimits::new()?,
            attempts: Attempts::new()?,
            tally: Tally::default(),
        })
    }

    /// Begins to prove a passphrase, unless this account and address have to wait; with the answer for the client. Without a record
    /// nobody can tell the answer from a real one.
    pub fn begin_passphrase(
        &self,
        beginning: Beginning,
        record: Option<&Record>,
        request: &str,
        passkey: Option<Question>,
    ) -> Result<(String, String), Error> {
        let answer = self.guess(&beginning, |account| self.server.answer(account, record, request))?;
        let (proof, answer) = answer;
        Ok((self.begin(beginning, Proof::Passphrase(Box::new(proof), passkey))?, answer))
    }

    /// Begins to prove a recovery kit, with the hub's half of a new passphrase.
    pub fn begin_kit(
        &self,
        beginning: Beginning,
        challenge: [u8; 32],
        request: &str,
    ) -> Result<(String, String), Error> {
        let is_somebody = matches!(beginning.claim, Some(Claim::Member(_)));
        let answer = self.guess(&beginning, |account| match is_somebody {
            true => self.server.register(account, request),
            false => self.server.register_nobody(account, request),
        })?;
        Ok((self.begin(beginning, Proof::Kit(challenge))?, answer))
    }

    /// The hub's half of a new passphrase of somebody who is signed in. What it evaluates would let a stolen session try passphrases,
    /// so it is counted as a guess until the new one is there.
    pub fn begin_new_passphrase(&self, beginning: &Beginning, request: &str) -> Result<String, Error> {
        self.guess(beginning, |account| self.server.register(account, request))
    }

    /// The new passphrase is there.
    pub fn has_new_passphrase(&self, beginning: &Beginning) {
        if let Some(claim @ Claim::Member(person)) = &beginning.claim {
            self.limits.forgive(claim, beginning.origin, beginning.now);
            self.tally.got_in(person, beginning.origin);
        }
    }

    /// Begins to prove a passkey, or that a new one is what it says. A passkey cannot be guessed: nobody waits for others' tries.
    pub fn begin_passkey(&self, beginning: Beginning, proof: Proof) -> Result<String, Error> {
        self.limits.check_origin(beginning.origin, beginning.now)?;
        self.begin(beginning, proof)
    }

    /// Answers what lets whoever asks try one passphrase, by themselves and without another word to the hub: so to begin is to guess,
    /// and whoever gets in is forgiven.
    fn guess<T>(
        &self,
        beginning: &Beginning,
        answer: impl FnOnce(&str) -> Result<T, SignInError>,
    ) -> Result<T, Error> {
        let Beginning { claim: Some(claim), origin, now, .. } = beginning else { return Err(too_late()) };
        let tried = || {
            if let Claim::Member(person) = claim {
                self.tally.count(person, TriedAt::Passphrase, *origin, *now);
            }
        };
        self.limits.take(claim, *origin, *now).inspect_err(|_| tried())?;
        let account = match claim {
            Claim::Member(person) => person.as_str(),
            Claim::Nobody(name) => name,
        };
        let answer = answer(account).map_err(|error| {
            // What is no message teaches nobody anything.
            self.limits.take_back(claim, *origin, *now);
            Error::from(error)
        })?;
        tried();
        Ok(answer)
    }

    fn begin(&self, beginning: Beginning, proof: Proof) -> Result<String, Error> {
        let Beginning { claim, session, origin, now } = beginning;
        self.attempts.begin(claim, session, origin, proof, now)
    }

    /// Opens an attempt that a client sent back: by the session that began it, in time, and once.
    pub fn open(&self, attempt: &str, session: Option<&str>, now: Timestamp) -> Result<Attempt, Error> {
        self.attempts.open(attempt, session, now).ok_or_else(too_late)
    }

    /// Drops every attempt of somebody who has got in otherwise, or is gone: what was begun before leads nowhere any more.
    pub(crate) fn drop_all(&self, person: &PersonId) {
        self.attempts.drop_all(person);
    }

    /// Somebody got in by this attempt, which leads nowhere from now on: their tries did not fail.
    pub fn got_in(&self, attempt: &Begun, person: &PersonId, now: Timestamp) -> Result<(), Error> {
        if !self.attempts.finish(attempt, person) {
            return Err(too_late());
        }
        self.forgive(attempt, person, now);
        Ok(())
    }

    /// Somebody who is signed in knew the passphrase: this try did not fail. Those before it count on, which may have been another's who
    /// has the same session.
    pub(super) fn knew_passphrase(
        &self,
        attempt: &Begun,
        person: &PersonId,
        now: Timestamp,
    ) -> Result<(), Error> {
        if !self.attempts.finish(attempt, person) {
            return Err(too_late());
        }
        self.limits.take_back(&Claim::Member(person.clone()), attempt.origin, now);
        self.tally.take_back(person, attempt.origin);
        Ok(())
    }

    pub(super) fn forgive(&self, attempt: &Begun, person: &PersonId, now: Timestamp) {
        if attempt.counted {
            self.limits.forgive(&Claim::Member(person.clone()), attempt.origin, now);
            self.tally.got_in(person, attempt.origin);
        }
    }
}

/// Says no more than that something was wrong.
pub fn not_right(error: SignInError) -> Error {
    Error::new(ErrorKind::Unproved, "not-right", error.message())
}

/// An attempt that is over.
pub fn too_late() -> Error {
    let sentence = "this sign-in took too long or was finished already; begin again";
    Error::new(ErrorKind::Unproved, "too-late", Message::new("attempt-over", sentence))
}

pub(super) fn code_used() -> Error {
    Error::new(ErrorKind::Unproved, "code-used", SignInError::CodeUsed.to_string())
}
