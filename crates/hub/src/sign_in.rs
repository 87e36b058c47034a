//! Proving who somebody is: whom a name means, what is asked of them, and what their answer proves.

use std::net::IpAddr;

use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use porchlight_household::sign_in::opaque::{Record, Server};
use porchlight_household::sign_in::{Account, Error as SignInError, totp};
use porchlight_household::{Person, PersonId, plain_name};
use serde_json::Value;

use crate::api::types::{Sentence, TriedAt};
use crate::attempts::{Attempt, Attempts, Begun, Proof};
use crate::auth::SignedIn;
use crate::error::{ApiError, HubError};
use crate::failed_tries::Tally;
use crate::familiar;
use crate::hub::Hub;
use crate::passkeys::Question;
use crate::rate_limits::{Claim, Origin, RateLimits, Standing, too_often};
use crate::secrets;

/// Longer than anybody's name, in bytes.
const MOST_NAME: usize = 200;

/// OPAQUE's server, the attempts under way, and what is counted of them.
pub(crate) struct SignIns {
    pub server: Server,
    pub limits: RateLimits,
    pub attempts: Attempts,
    pub tally: Tally,
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
    /// Whether the passphrase is enough by itself: the session in which it is given proved a second factor lately.
    pub alone: bool,
}

/// A proof that is to be begun.
pub(crate) struct Beginning {
    /// Whom somebody says they are; none where a passkey is to say it.
    pub claim: Option<Claim>,
    /// The session that is to be fresh; none where one is to begin.
    pub session: Option<String>,
    pub origin: Origin,
    pub now: Timestamp,
}

/// Whom a typed name means, and their account where they can sign in. It takes as long for a name that nobody has.
pub(crate) async fn claimed(hub: &Hub, name: &str) -> Result<(Claim, Option<Account>), ApiError> {
    if name.len() > MOST_NAME {
        return Err(ApiError::bad(format!("a name has at most {MOST_NAME} letters")));
    }
    let home = hub.home();
    let has_keys = |person: &&Person| person.keys.is_some();
    let meant = home.household.person_meant(name).filter(has_keys).map(|person| &person.id);
    let anybody = home.household.people.iter().find(has_keys).map(|person| &person.id);
    let account = match meant.or(anybody) {
        Some(person) => secrets::account(&hub.vault, person).await.map_err(ApiError::broken)?,
        None => None,
    };
    Ok(match account.filter(|account| Some(&account.person) == meant) {
        Some(account) => (Claim::Member(account.person.clone()), Some(account)),
        None => (Claim::Nobody(plain_name(name)), None),
    })
}

impl Beginning {
    /// Somebody who is not signed in says who they are.
    pub(crate) fn by_name(hub: &Hub, claim: Option<Claim>, from: IpAddr, headers: &HeaderMap) -> Beginning {
        let origin = familiar::origin(hub, claim.as_ref(), from, headers);
        Beginning { claim, session: None, origin, now: hub.now() }
    }

    /// Somebody who is signed in proves again who they are.
    pub(crate) fn again(hub: &Hub, who: &SignedIn, from: IpAddr) -> Beginning {
        Beginning {
            claim: Some(Claim::Member(who.person().clone())),
            session: Some(who.session.id.clone()),
            origin: familiar::origin_of(&who.session, from),
            now: hub.now(),
        }
    }
}

impl SignIns {
    pub(crate) fn new(secret: &[u8]) -> Result<SignIns, HubError> {
        Ok(SignIns {
            server: Server::from_bytes(secret)?,
            limits: RateLimits::new()?,
            attempts: Attempts::new()?,
            tally: Tally::default(),
        })
    }

    /// Begins to prove a passphrase, unless this account and address have to wait; with the answer for the client. Without a record
    /// nobody can tell the answer from a real one.
    pub(crate) fn begin_passphrase(
        &self,
        beginning: Beginning,
        record: Option<&Record>,
        request: &str,
        passkey: Option<Question>,
    ) -> Result<(String, String), ApiError> {
        let answer = self.guess(&beginning, |account| self.server.answer(account, record, request))?;
        let (proof, answer) = answer;
        Ok((self.begin(beginning, Proof::Passphrase(Box::new(proof), passkey))?, answer))
    }

    /// Begins to prove a recovery kit, with the hub's half of a new passphrase.
    pub(crate) fn begin_kit(
        &self,
        beginning: Beginning,
        challenge: [u8; 32],
        request: &str,
    ) -> Result<(String, String), ApiError> {
        let is_somebody = matches!(beginning.claim, Some(Claim::Member(_)));
        let answer = self.guess(&beginning, |account| match is_somebody {
            true => self.server.register(account, request),
            false => self.server.register_nobody(account, request),
        })?;
        Ok((self.begin(beginning, Proof::Kit(challenge))?, answer))
    }

    /// The hub's half of a new passphrase of somebody who is signed in. What it evaluates would let a stolen session try passphrases,
    /// so it is counted as a guess until the new one is there.
    pub(crate) fn begin_new_passphrase(
        &self,
        beginning: &Beginning,
        request: &str,
    ) -> Result<String, ApiError> {
        self.guess(beginning, |account| self.server.register(account, request))
    }

    /// The new passphrase is there.
    pub(crate) fn has_new_passphrase(&self, beginning: &Beginning) {
        if let Some(claim @ Claim::Member(person)) = &beginning.claim {
            self.limits.forgive(claim, beginning.origin, beginning.now);
            self.tally.got_in(person, beginning.origin);
        }
    }

    /// Begins to prove a passkey, or that a new one is what it says. A passkey cannot be guessed: nobody waits for others' tries.
    pub(crate) fn begin_passkey(&self, beginning: Beginning, proof: Proof) -> Result<String, ApiError> {
        self.limits.check_origin(beginning.origin, beginning.now)?;
        self.begin(beginning, proof)
    }

    /// Answers what lets whoever asks try one passphrase, by themselves and without another word to the hub: so to begin is to guess,
    /// and whoever gets in is forgiven.
    fn guess<T>(
        &self,
        beginning: &Beginning,
        answer: impl FnOnce(&str) -> Result<T, SignInError>,
    ) -> Result<T, ApiError> {
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
            ApiError::from(error)
        })?;
        tried();
        Ok(answer)
    }

    fn begin(&self, beginning: Beginning, proof: Proof) -> Result<String, ApiError> {
        let Beginning { claim, session, origin, now } = beginning;
        self.attempts.begin(claim, session, origin, proof, now)
    }

    /// Opens an attempt that a client sent back: by the session that began it, in time, and once.
    pub(crate) fn open(
        &self,
        attempt: &str,
        session: Option<&str>,
        now: Timestamp,
    ) -> Result<Attempt, ApiError> {
        self.attempts.open(attempt, session, now).ok_or_else(too_late)
    }

    /// Drops every attempt of somebody who has got in otherwise, or is gone: what was begun before leads nowhere any more.
    pub(crate) fn drop_all(&self, person: &PersonId) {
        self.attempts.drop_all(person);
    }

    /// Somebody got in by this attempt, which leads nowhere from now on: their tries did not fail.
    pub(crate) fn got_in(&self, attempt: &Begun, person: &PersonId, now: Timestamp) -> Result<(), ApiError> {
        if !self.attempts.finish(attempt, person) {
            return Err(too_late());
        }
        self.forgive(attempt, person, now);
        Ok(())
    }

    /// Somebody who is signed in knew the passphrase: this try did not fail. Those before it count on, which may have been another's who
    /// has the same session.
    fn knew_passphrase(&self, attempt: &Begun, person: &PersonId, now: Timestamp) -> Result<(), ApiError> {
        if !self.attempts.finish(attempt, person) {
            return Err(too_late());
        }
        self.limits.take_back(&Claim::Member(person.clone()), attempt.origin, now);
        self.tally.take_back(person, attempt.origin);
        Ok(())
    }

    fn forgive(&self, attempt: &Begun, person: &PersonId, now: Timestamp) {
        if attempt.counted {
            self.limits.forgive(&Claim::Member(person.clone()), attempt.origin, now);
            self.tally.got_in(person, attempt.origin);
        }
    }
}

impl Attempt {
    /// Judges what was given: who it is, and how they proved it.
    pub(crate) async fn judge(
        self,
        hub: &Hub,
        given: Given<'_>,
    ) -> Result<(PersonId, &'static str), ApiError> {
        let Attempt { begun, proof } = self;
        match (proof, given.finalization) {
            (Proof::Passphrase(opaque, question), Some(finalization)) => {
                opaque.prove(finalization).map_err(not_right)?;
                let Some(Claim::Member(person)) = &begun.claim else {
                    return Err(not_right(SignInError::NotRight));
                };
                match (question, given.passkey) {
                    (Some(question), Some(answer)) => {
                        let theirs = question.judge(hub, answer).await.is_ok_and(|whose| whose == *person);
                        if !theirs {
                            return Err(not_right(SignInError::NotThisPasskey));
                        }
                        hub.sign_ins.got_in(&begun, person, hub.now())?;
                        Ok((person.clone(), "passphrase and passkey"))
                    }
                    _ if given.alone => {
                        hub.sign_ins.knew_passphrase(&begun, person, hub.now())?;
                        Ok((person.clone(), "passphrase"))
                    }
                    _ => {
                        begun.check_code(hub, person, given.code).await?;
                        Ok((person.clone(), "passphrase and code"))
                    }
                }
            }
            (Proof::Passkey(question) | Proof::Passphrase(_, Some(question)), None) => {
                let Some(answer) = given.passkey else { return Err(too_late()) };
                let whose = question.judge(hub, answer).await.ok().filter(|whose| begun.is_meant(whose));
                let Some(whose) = whose else {
                    if begun.origin.standing == Standing::Strange {
                        hub.sign_ins.limits.count_block(begun.origin.block, hub.now());
                    }
                    return Err(not_right(SignInError::NotThisPasskey));
                };
                hub.sign_ins.got_in(&begun, &whose, hub.now())?;
                Ok((whose, "passkey"))
            }
            _ => Err(too_late()),
        }
    }
}

impl Begun {
    /// Whether a passkey is of whom it has to be: of the one who was named, where somebody was.
    fn is_meant(&self, whose: &PersonId) -> bool {
        match &self.claim {
            Some(Claim::Member(person)) => whose == person,
            Some(Claim::Nobody(_)) => false,
            None => true,
        }
    }

    /// Judges a code, and spends it. Each code that is looked at is one try of the few that there are, durable before; that the
    /// passphrase was right gives none of them back.
    async fn check_code(&self, hub: &Hub, person: &PersonId, code: &str) -> Result<(), ApiError> {
        let (standing, now) = (self.standing_of(hub, person), hub.now());
        let tried = || hub.sign_ins.tally.count(person, TriedAt::SecondFactor, self.origin, now);
        let account = secrets::account(&hub.vault, person).await.map_err(ApiError::broken)?;
        let account = account.ok_or_else(|| not_right(SignInError::NotRight))?;
        // Whoever has something forgotten on a full disk has to prove first who they are.
        hub.vault.make_room();
        if let Err(wait) = hub.store.take_code_try(person, standing, now).await? {
            tried();
            return Err(too_often(wait));
        }
        if !hub.sign_ins.attempts.finish(self, person) {
            return Err(too_late());
        }
        let window = totp::window(now).map_err(not_right)?;
        let last = hub.store.used_code(person.as_str(), &window).await?;
        let step = match totp::verify(&account.totp, code.trim(), now, last) {
            Ok(step) => step,
            // The passphrase was right and the code was, once: whoever repeats it is early, not guessing.
            Err(SignInError::CodeUsed) => return Err(self.early(hub, person, standing).await?),
            Err(error) => {
                tried();
                return Err(not_right(error));
            }
        };
        if !hub.store.use_code(person.as_str(), step, &window).await? {
            return Err(self.early(hub, person, standing).await?);
        }
        hub.store.give_code_try_back(person, standing).await?;
        hub.sign_ins.forgive(self, person, now);
        Ok(())
    }

    async fn early(&self, hub: &Hub, person: &PersonId, standing: Standing) -> Result<ApiError, ApiError> {
        hub.store.give_code_try_back(person, standing).await?;
        hub.sign_ins.limits.take_back(&Claim::Member(person.clone()), self.origin, hub.now());
        hub.sign_ins.tally.take_back(person, self.origin);
        Ok(code_used())
    }

    /// From where this person themselves are known to come: whoever has their passphrase knows it, and another's address is not
    /// theirs.
    fn standing_of(&self, hub: &Hub, person: &PersonId) -> Standing {
        match self.origin.standing {
            Standing::Address if !hub.familiar.knows(&hub.store, person, self.origin.block) => {
                Standing::Strange
            }
            standing => standing,
        }
    }
}

/// Says no more than that something was wrong.
pub(crate) fn not_right(error: SignInError) -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "not-right", Sentence::from(&error))
}

/// An attempt that is over.
pub(crate) fn too_late() -> ApiError {
    let sentence = "this sign-in took too long or was finished already; begin again";
    ApiError::new(StatusCode::UNAUTHORIZED, "too-late", Sentence::new("attempt-over", sentence))
}

fn code_used() -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "code-used", SignInError::CodeUsed.to_string())
}
