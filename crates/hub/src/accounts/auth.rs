//! Who asks: the session behind a request and the person behind the session, or a microphone with a credential of its own.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use porchlight_household::rights::unproven::Forgetting;
use porchlight_household::{Device, DeviceId, Household, PersonId, Viewer};
use porchlight_protocol::events::{AccountChange, Happening};
use porchlight_protocol::{Message, ProofFor};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::messages::shown;
use crate::origin::Origin;
use crate::query::person_id;
use crate::state::Hub;
use crate::store::Session;

/// Bytes in a session's token.
pub const TOKEN: usize = 32;

/// What the credential of a microphone begins with, so that it is never taken for a session's token. No token has a dot.
pub const MICROPHONE: &str = "device.";

/// Somebody of the household who is signed in.
pub struct SignedIn {
    /// Their session.
    pub session: Session,
    /// Who they are, and what they may see.
    pub viewer: Viewer,
}

impl SignedIn {
    /// Who they are.
    pub fn person(&self) -> &PersonId {
        self.viewer.person()
    }

    /// Whether they proved lately enough who they are for what cannot be undone.
    pub fn is_fresh(&self, hub: &Hub) -> bool {
        self.session.is_fresh(hub.now())
    }

    /// Refuses whoever did not.
    pub fn must_be_fresh(&self, hub: &Hub) -> Result<(), Error> {
        if self.is_fresh(hub) { Ok(()) } else { Err(Error::step_up()) }
    }

    /// Forgets something that they ask for. Of whoever did not prove lately who they are it is counted, and much of it is refused.
    pub async fn forget_counted<T>(
        &self,
        hub: &Hub,
        what: &Forgetting,
        deed: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        if self.is_fresh(hub) {
            return deed.await;
        }
        let done = hub.unproven.forget(self.person().as_str(), what, hub.now(), deed).await?;
        done.ok_or_else(Error::step_up)
    }

    /// Refuses whoever does not have the hub's word for a proof made in this session for this, which no client keeps. A session may have
    /// been ended while its request waited for another: by a recovery, say.
    pub async fn must_have_proved(
        &self,
        hub: &Hub,
        what_for: ProofFor,
        proof: Option<&str>,
    ) -> Result<(), Error> {
        if !hub.store.session_lives(&self.session.id).await? {
            return Err(Error::signed_out());
        }
        let holds = |word| hub.proofs.holds(&self.session.id, what_for, word, hub.now());
        match (proof.is_some_and(holds), what_for) {
            (true, _) => Ok(()),
            (false, ProofFor::Account) => Err(Error::step_up()),
            (false, ProofFor::Household | ProofFor::DeviceCredential | ProofFor::Hold) => {
                Err(Error::prove_now())
            }
        }
    }

    /// The word for a proof is spent: what it was for is done.
    pub fn has_used_proof(&self, hub: &Hub, what_for: ProofFor) {
        hub.proofs.spend(&self.session.id, what_for);
    }

    /// Tells every open page that how this person signs in was changed in this session.
    pub(crate) fn tell_account_changed(&self, hub: &Hub, change: AccountChange) -> Result<(), Error> {
        let person = hub.home().household.person(self.person())?.name.clone();
        let Session { client, id: session, .. } = self.session.clone();
        hub.events.tell(hub.now(), Happening::AccountChanged { person, change, client, session });
        Ok(())
    }
}

/// Whoever may speak to Porchlight, and be told what is to be spoken.
pub enum Caller {
    /// Somebody who is signed in.
    Member(SignedIn),
    /// A microphone, by its own credential.
    Microphone(Microphone),
}

/// A microphone that has proved which one it is.
pub struct Microphone {
    /// Which one it is.
    pub device: Device,
    credential: Zeroizing<Vec<u8>>,
}

impl Caller {
    /// Where the request comes from.
    pub fn origin(&self) -> Origin {
        match self {
            Caller::Member(who) => {
                Origin::Session { id: who.session.id.clone(), person: who.person().clone() }
            }
            Caller::Microphone(Microphone { device, .. }) => Origin::Microphone(device.id.clone()),
        }
    }
}

impl Microphone {
    /// The microphone whose credential this is, as it is sent but for what it begins with.
    pub async fn by(hub: &Hub, credential: &str) -> Result<Microphone, Error> {
        let credential = decode(credential).ok_or_else(Error::signed_out)?;
        Microphone::of(hub, credential).await?.ok_or_else(Error::signed_out)
    }

    /// A microphone asks for what is a member's: why it gets nothing, which a credential that is not in force is not told.
    pub async fn turned_away(hub: &Hub, token: &str) -> Result<Error, Error> {
        Microphone::by(hub, token.strip_prefix(MICROPHONE).unwrap_or_default()).await?;
        let text =
            "a microphone's credential lets it ask and be told what is to be spoken there, and nothing else";
        Ok(Error::not_yours(Message::new("microphone-only-speaks", text)))
    }

    /// The microphone of a credential, if that is in force.
    async fn of(hub: &Hub, credential: Zeroizing<Vec<u8>>) -> Result<Option<Microphone>, Error> {
        let home = hub.home();
        let device = device_of(hub, &home.household, &credential).await?;
        Ok(device.map(|device| Microphone { device, credential }))
    }

    /// Whether its credential is in force still.
    pub async fn lives(&self, hub: &Hub) -> Result<bool, sqlx::Error> {
        let home = hub.home();
        let device = device_of(hub, &home.household, &self.credential).await?;
        Ok(device.is_some_and(|device| device.id == self.device.id))
    }
}

async fn device_of(hub: &Hub, home: &Household, credential: &[u8]) -> Result<Option<Device>, sqlx::Error> {
    let devices = home.devices.iter().map(|one| (one.id.as_str(), one.person.as_ref().map(PersonId::as_str)));
    let id = hub.store.device_of(credential, devices).await?.and_then(|id| id.parse::<DeviceId>().ok());
    Ok(id.and_then(|id| home.device(&id).ok().cloned()))
}

impl SignedIn {
    /// Whose session this token is of.
    pub async fn by(hub: &Hub, token: &str) -> Result<SignedIn, Error> {
        let token = decode(token).ok_or_else(Error::signed_out)?;
        let Some(session) = hub.store.session(&token, hub.times().latest()).await? else {
            return Err(over(hub, &token).await?);
        };
        let home = hub.home();
        // Somebody who was removed has no session any more; as long as one is left, it opens nothing.
        let person = person_id(&home.household, &session.person).ok_or_else(Error::no_longer_here)?;
        let viewer = home.household.viewer(&person, hub.certain_now())?;
        Ok(SignedIn { session, viewer })
    }
}

/// Why a token opens nothing: whoever holds one of a session that nobody used for too long is told that, and when it was, since it may be
/// the hub's clock that is wrong; anybody else, that there is none.
pub async fn over(hub: &Hub, token: &[u8]) -> Result<Error, Error> {
    let Some(session) = hub.store.session_by(token).await? else { return Ok(Error::signed_out()) };
    let (now, home) = (hub.now(), hub.home());
    let zone = home.household.zone();
    let text = format!(
        "this session is over: it was used last on {}, and the hub's clock shows {}, which is more than 30 days later; sign in again, and if \
         that clock is wrong, set it first",
        shown(session.seen, zone),
        shown(now, zone)
    );
    Ok(Error::session_over(Message::new("session-idle", text).with("seen", session.seen).with("now", now)))
}

fn decode(token: &str) -> Option<Zeroizing<Vec<u8>>> {
    let token = BASE64_URL_SAFE_NO_PAD.decode(token).ok().map(Zeroizing::new)?;
    (token.len() == TOKEN).then_some(token)
}
