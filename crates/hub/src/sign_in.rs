//! Proofs of who somebody is that are under way: between their first message and their second.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use porchlight_household::PersonId;
use porchlight_household::sign_in::opaque::{PendingSignIn, Record, Server};
use porchlight_household::sign_in::{Error as SignInError, totp};
use serde_json::Value;

use crate::api::types::Sentence;
use crate::error::{ApiError, HubError};
use crate::hub::Hub;
use crate::limits::Limits;
use crate::passkeys::{Making, Question};
use crate::secrets;

/// How long an attempt may take from the first message to the second.
const ATTEMPT: SignedDuration = SignedDuration::from_mins(2);
/// How long, where a browser has to find a passkey, and its owner perhaps the phone that it is on.
const WITH_PASSKEY: SignedDuration = SignedDuration::from_mins(5);
/// Attempts under way at once, whoever makes them …
const MOST_PENDING: usize = 200;
/// … and from one address.
const MOST_FROM_ONE: usize = 32;
/// Longer than anybody's name, in bytes.
const MOST_NAME: usize = 200;

/// OPAQUE's server and the attempts under way.
pub(crate) struct SignIns {
    pub server: Server,
    pub limits: Limits,
    pending: Mutex<BTreeMap<String, Attempt>>,
}

/// A proof between its two messages.
pub(crate) struct Attempt {
    /// The name that was typed, in lower case.
    pub name: String,
    /// The person, if there is one who can do this.
    pub person: Option<PersonId>,
    /// The session that is to be fresh; none where one is to begin.
    pub session: Option<String>,
    pub proof: Proof,
    from: IpAddr,
    until: Timestamp,
}

/// What is being proved.
pub(crate) enum Proof {
    /// That they know the passphrase; the second factor comes along, a passkey's answer to this question if not a code.
    Passphrase(Box<PendingSignIn>, Option<Box<Question>>),
    /// That they have a passkey, which is both factors in one.
    Passkey(Box<Question>),
    /// That they have the recovery kit, by signing this.
    Kit([u8; 32]),
    /// That a new passkey is what it says.
    NewPasskey(Box<Making>),
}

/// What somebody gives to prove who they are.
#[derive(Default)]
pub(crate) struct Given<'a> {
    /// OPAQUE's last message.
    pub finalization: Option<&'a str>,
    /// What an authenticator shows.
    pub code: &'a str,
    /// What a passkey answered.
    pub passkey: Option<&'a Value>,
}

/// A proof that is to be begun.
pub(crate) struct Beginning<'a> {
    /// The name that was typed.
    pub name: &'a str,
    pub person: Option<PersonId>,
    pub session: Option<String>,
    pub from: IpAddr,
    pub now: Timestamp,
}

impl SignIns {
    pub(crate) fn new(secret: &[u8]) -> Result<SignIns, HubError> {
        let server = Server::from_bytes(secret)?;
        Ok(SignIns { server, limits: Limits::default(), pending: Mutex::default() })
    }

    /// Begins to prove a passphrase, unless this account and address have to wait; with the answer for the client. Without a record
    /// nobody can tell the answer from a real one.
    pub(crate) fn begin_passphrase(
        &self,
        beginning: Beginning<'_>,
        record: Option<&Record>,
        request: &str,
        passkey: Option<Box<Question>>,
    ) -> Result<(String, String), ApiError> {
        self.check(&beginning)?;
        let name = plain(beginning.name);
        let id = match (&beginning.person, record) {
            (Some(person), Some(_)) => person.as_str(),
            _ => name.as_str(),
        };
        let (proof, answer) =
            self.server.answer(id, record, request).map_err(|error| ApiError::bad(error.to_string()))?;
        Ok((self.begin(beginning, Proof::Passphrase(Box::new(proof), passkey))?, answer))
    }

    /// Begins another proof, unless this account and address have to wait.
    pub(crate) fn begin(&self, beginning: Beginning<'_>, proof: Proof) -> Result<String, ApiError> {
        // From the first answer alone a client learns whether its passphrase was right, so to begin is to guess; whoever gets in
        // is forgiven. A passkey cannot be guessed.
        match &proof {
            Proof::Passphrase(..) | Proof::Kit(_) => {
                self.check(&beginning)?;
                self.limits.failed(&plain(beginning.name), beginning.from, beginning.now);
            }
            Proof::Passkey(_) | Proof::NewPasskey(_) => self.check(&beginning)?,
        }
        let Beginning { name, person, session, from, now } = beginning;
        let mut random = [0; 16];
        getrandom::fill(&mut random)?;
        let attempt = hex::encode(random);
        let mut pending = self.pending();
        pending.retain(|_, pending| pending.until > now);
        // Whoever begins without end drops their own attempts first, and nobody is kept from beginning.
        let theirs = pending.values().filter(|attempt| attempt.from == from).count();
        if theirs >= MOST_FROM_ONE {
            drop_oldest(&mut pending, |attempt| attempt.from == from);
        } else if pending.len() >= MOST_PENDING {
            drop_oldest(&mut pending, |_| true);
        }
        let long = match &proof {
            Proof::Passphrase(..) | Proof::Kit(_) => ATTEMPT,
            Proof::Passkey(_) | Proof::NewPasskey(_) => WITH_PASSKEY,
        };
        let begun = Attempt { name: plain(name), person, session, from, proof, until: now + long };
        pending.insert(attempt.clone(), begun);
        Ok(attempt)
    }

    /// Takes an attempt out: it can be finished once, and by the session that began it.
    pub(crate) fn take(
        &self,
        attempt: &str,
        session: Option<&str>,
        from: IpAddr,
        now: Timestamp,
    ) -> Result<Attempt, ApiError> {
        let taken = self.pending().remove(attempt);
        let taken = taken.filter(|pending| pending.until > now && pending.session.as_deref() == session);
        let attempt = taken.ok_or_else(too_late)?;
        // Many attempts begun at once must not be many guesses; those that were counted when they began are none.
        if !attempt.is_counted() {
            self.limits.check(&attempt.name, from, now)?;
        }
        Ok(attempt)
    }

    /// Drops every attempt of somebody who has got in otherwise, or is gone: what was begun before leads nowhere any more.
    pub(crate) fn drop_all(&self, person: &PersonId) {
        self.pending().retain(|_, attempt| attempt.person.as_ref() != Some(person));
    }

    fn check(&self, beginning: &Beginning<'_>) -> Result<(), ApiError> {
        if beginning.name.len() > MOST_NAME {
            return Err(ApiError::bad(format!("a name has at most {MOST_NAME} letters")));
        }
        self.limits.check(&plain(beginning.name), beginning.from, beginning.now)
    }

    fn pending(&self) -> MutexGuard<'_, BTreeMap<String, Attempt>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn drop_oldest(pending: &mut BTreeMap<String, Attempt>, of: impl Fn(&Attempt) -> bool) {
    let oldest = pending.iter().filter(|(_, attempt)| of(attempt)).min_by_key(|(_, attempt)| attempt.until);
    if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
        pending.remove(&oldest);
    }
}

impl Attempt {
    /// Whether it was counted as a failure when it began.
    fn is_counted(&self) -> bool {
        matches!(self.proof, Proof::Passphrase(..) | Proof::Kit(_))
    }

    /// Says no more than that something was wrong, and counts a failure that is not counted yet.
    pub(crate) fn refuse(&self, hub: &Hub, from: IpAddr, error: &SignInError) -> ApiError {
        refused(hub, &self.name, self.is_counted(), from, error)
    }

    /// Judges what was given: who it is, and how they proved it. A failure is counted.
    pub(crate) async fn judge(
        self,
        hub: &Hub,
        given: Given<'_>,
        from: IpAddr,
    ) -> Result<(PersonId, &'static str), ApiError> {
        let counted = self.is_counted();
        let Attempt { name, person, proof, .. } = self;
        let not_right = |error: SignInError| refused(hub, &name, counted, from, &error);
        let (person, by) = match (proof, given.finalization) {
            (Proof::Passphrase(opaque, question), Some(finalization)) => {
                opaque.prove(finalization).map_err(not_right)?;
                let person = person.ok_or_else(|| not_right(SignInError::NotRight))?;
                match (question, given.passkey) {
                    (Some(question), Some(answer)) => {
                        let theirs = question.judge(hub, answer).await.is_ok_and(|whose| whose == person);
                        if !theirs {
                            return Err(not_right(SignInError::NotThisPasskey));
                        }
                        (person, "passphrase and passkey")
                    }
                    _ => {
                        let early = || {
                            hub.sign_ins.limits.early(&name, from);
                            code_used()
                        };
                        check_code(hub, &person, given.code, not_right, early).await?;
                        (person, "passphrase and code")
                    }
                }
            }
            (Proof::Passkey(question) | Proof::Passphrase(_, Some(question)), None) => {
                let Some(answer) = given.passkey else { return Err(too_late()) };
                let whose = question.judge(hub, answer).await.ok();
                let whose = whose.filter(|whose| is_meant(hub, whose, person.as_ref(), &name));
                (whose.ok_or_else(|| not_right(SignInError::NotThisPasskey))?, "passkey")
            }
            _ => return Err(too_late()),
        };
        hub.sign_ins.limits.succeeded(&name, from);
        Ok((person, by))
    }
}

/// Whether a passkey is of whom it has to be: of a person, or of whom a name names, where one was typed.
fn is_meant(hub: &Hub, whose: &PersonId, person: Option<&PersonId>, name: &str) -> bool {
    match person {
        Some(person) => whose == person,
        None => {
            name.is_empty() || hub.home().household.person_named(name).is_ok_and(|person| person.id == *whose)
        }
    }
}

/// Judges a code, and spends it.
async fn check_code(
    hub: &Hub,
    person: &PersonId,
    code: &str,
    not_right: impl Fn(SignInError) -> ApiError,
    early: impl Fn() -> ApiError,
) -> Result<(), ApiError> {
    let account = secrets::account(&hub.vault, person).await.map_err(ApiError::broken)?;
    let account = account.ok_or_else(|| not_right(SignInError::NotRight))?;
    let last = hub.store.used_code(person.as_str()).await?;
    let step = match totp::verify(&account.totp, code.trim(), hub.now(), last) {
        // The passphrase was right and the code was, once: whoever repeats it is early, not guessing.
        Err(SignInError::CodeUsed) => return Err(early()),
        step => step.map_err(not_right)?,
    };
    if hub.store.use_code(person.as_str(), step).await? { Ok(()) } else { Err(early()) }
}

fn refused(hub: &Hub, name: &str, counted: bool, from: IpAddr, error: &SignInError) -> ApiError {
    // A passkey cannot be guessed: where no name was typed, a failure slows nobody down.
    if !name.is_empty() && !counted {
        hub.sign_ins.limits.failed(name, from, hub.now());
    }
    ApiError::new(StatusCode::UNAUTHORIZED, "not-right", Sentence::from(error))
}

/// An attempt that is over.
pub(crate) fn too_late() -> ApiError {
    let sentence = "this sign-in took too long or was finished already; begin again";
    ApiError::new(StatusCode::UNAUTHORIZED, "too-late", Sentence::new("attempt-over", sentence))
}

fn code_used() -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "code-used", SignInError::CodeUsed.to_string())
}

/// A name as it is compared.
pub(crate) fn plain(name: &str) -> String {
    name.trim().to_lowercase()
}
