//! Proving who somebody is to a hub that runs: whom a name means, from where they come, and what their answer proves.

use std::net::IpAddr;

use porchlight_household::sign_in::{Account, Error as SignInError, totp};
use porchlight_household::{Person, PersonId, plain_name};
use porchlight_protocol::TriedAt;
use serde_json::Value;

use crate::accounts::attempts::{Attempt, Begun, Proof};
use crate::accounts::auth::SignedIn;
use crate::accounts::familiar::origin_of;
use crate::accounts::passkeys::Question;
use crate::accounts::rate_limits::{AddressBlock, BROWSER, Claim, Origin, Standing, too_often};
use crate::accounts::sign_in::{Beginning, Given, code_used, not_right, too_late};
use crate::error::Error;
use crate::secrets;
use crate::state::Hub;

/// Longer than anybody's name, in bytes.
const MOST_NAME: usize = 200;

/// Whom a typed name means, and their account where they can sign in. It takes as long for a name that nobody has.
pub async fn claimed(hub: &Hub, name: &str) -> Result<(Claim, Option<Account>), Error> {
    if name.len() > MOST_NAME {
        return Err(Error::bad(format!("a name has at most {MOST_NAME} letters")));
    }
    let home = hub.home();
    let has_keys = |person: &&Person| person.keys.is_some();
    let meant = home.household.person_meant(name).filter(has_keys).map(|person| &person.id);
    let anybody = home.household.people.iter().find(has_keys).map(|person| &person.id);
    let account = match meant.or(anybody) {
        Some(person) => secrets::account(&hub.vault, person).await.map_err(Error::broken)?,
        None => None,
    };
    Ok(match account.filter(|account| Some(&account.person) == meant) {
        Some(account) => (Claim::Member(account.person.clone()), Some(account)),
        None => (Claim::Nobody(plain_name(name)), None),
    })
}

/// Where somebody comes from who says who they are, by what their browser is known, where it is. An address counts for all names once somebody of the household got in from it: if
/// it counted for theirs alone, to wait there would tell whose names are known.
fn origin(hub: &Hub, from: IpAddr, browser: Option<[u8; BROWSER]>) -> Origin {
    let block = AddressBlock::of(from);
    let standing = match browser {
        Some(browser) => Standing::Browser(browser),
        None if hub.familiar.knows_anybody(&hub.store, block) => Standing::Address,
        None => Standing::Strange,
    };
    Origin { block, standing }
}

impl Beginning {
    /// Somebody who is not signed in says who they are. `browser` is by what theirs is known, where they signed in with it before.
    pub fn by_name(
        hub: &Hub,
        claim: Option<Claim>,
        from: IpAddr,
        browser: Option<[u8; BROWSER]>,
    ) -> Beginning {
        let origin = origin(hub, from, browser);
        Beginning { claim, session: None, origin, now: hub.now() }
    }

    /// Somebody who is signed in proves again who they are.
    pub fn again(hub: &Hub, who: &SignedIn, from: IpAddr) -> Beginning {
        Beginning {
            claim: Some(Claim::Member(who.person().clone())),
            session: Some(who.session.id.clone()),
            origin: origin_of(&who.session, from),
            now: hub.now(),
        }
    }
}

impl Attempt {
    /// Judges what was given: who it is, and how they proved it.
    pub async fn judge(self, hub: &Hub, given: Given<'_>) -> Result<(PersonId, &'static str), Error> {
        let Attempt { begun, proof } = self;
        match (proof, given.finalization) {
            (Proof::Passphrase(opaque, question), Some(finalization)) => {
                opaque.prove(finalization).map_err(not_right)?;
                let Some(Claim::Member(person)) = &begun.claim else {
                    return Err(not_right(SignInError::NotRight));
                };
                match (question, given.passkey) {
                    (Some(question), Some(answer)) => {
                        let theirs =
                            judge_passkey(question, hub, answer).await.is_ok_and(|whose| whose == *person);
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
                let whose =
                    judge_passkey(question, hub, answer).await.ok().filter(|whose| begun.is_meant(whose));
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
    async fn check_code(&self, hub: &Hub, person: &PersonId, code: &str) -> Result<(), Error> {
        let (standing, now) = (self.standing_of(hub, person), hub.now());
        let tried = || hub.sign_ins.tally.count(person, TriedAt::SecondFactor, self.origin, now);
        let account = secrets::account(&hub.vault, person).await.map_err(Error::broken)?;
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

    async fn early(&self, hub: &Hub, person: &PersonId, standing: Standing) -> Result<Error, Error> {
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

/// Whose passkey gave an answer to this question. That it was used is noted.
async fn judge_passkey(question: Question, hub: &Hub, answer: &Value) -> Result<PersonId, Error> {
    let home = hub.home();
    let answered = Question::answered(&home.household, answer)?;
    let known = secrets::passkeys(&hub.vault, &answered.person).await.map_err(Error::broken)?;
    let used = hub.store.passkey_state(&answered.id).await?;
    let state = question.judge(&home.household, &answered, &known, used)?;
    // Whoever has something forgotten on a full disk has to prove first who they are.
    hub.vault.make_room();
    hub.store.use_passkey(&answered.id, answered.person.as_str(), &state, hub.now()).await?;
    Ok(answered.person)
}
