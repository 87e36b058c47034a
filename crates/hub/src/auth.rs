//! Who asks: the session behind a request, and the person behind the session, as a type that says what they may do.
//!
//! A handler that takes a [`SignedIn`] gets whoever is signed in; one that takes an [`Adult`] is not reached by anybody else; and only
//! one that takes a [`Caller`] is reached by a microphone with its own credential.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use porchlight_household::rights::unproven::Forgetting;
use porchlight_household::{Device, DeviceId, Household, Member, PersonId, Viewer};
use zeroize::Zeroizing;

use crate::api::browser;
use crate::api::types::{ProofFor, Sentence};
use crate::error::ApiError;
use crate::events::{AccountChange, Happening};
use crate::hub::Hub;
use crate::listener::{Encrypted, Visit};
use crate::origin::Origin;
use crate::selection::person_id;
use crate::sentences::shown;
use crate::store::Session;
use crate::witness;

/// Bytes in a session's token.
pub(crate) const TOKEN: usize = 32;

/// What the credential of a microphone begins with, so that it is never taken for a session's token. No token has a dot.
pub(crate) const MICROPHONE: &str = "device.";

/// Somebody of the household who is signed in.
pub(crate) struct SignedIn {
    pub session: Session,
    pub viewer: Viewer,
}

impl SignedIn {
    pub(crate) fn person(&self) -> &PersonId {
        self.viewer.person()
    }

    /// Whether they proved lately enough who they are for what cannot be undone.
    pub(crate) fn is_fresh(&self, hub: &Hub) -> bool {
        self.session.is_fresh(hub.now())
    }

    /// Refuses whoever did not.
    pub(crate) fn must_be_fresh(&self, hub: &Hub) -> Result<(), ApiError> {
        if self.is_fresh(hub) { Ok(()) } else { Err(ApiError::step_up()) }
    }

    /// Forgets something that they ask for. Of whoever did not prove lately who they are it is counted, and much of it is refused.
    pub(crate) async fn forget_counted<T>(
        &self,
        hub: &Hub,
        what: &Forgetting,
        deed: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, ApiError> {
        if self.is_fresh(hub) {
            return deed.await;
        }
        let done = hub.unproven.forget(self.person().as_str(), what, hub.now(), deed).await?;
        done.ok_or_else(ApiError::step_up)
    }

    /// Refuses whoever does not have the hub's word for a proof made in this session for this, which no client keeps. A session may have
    /// been ended while its request waited for another: by a recovery, say.
    pub(crate) async fn must_have_proved(
        &self,
        hub: &Hub,
        what_for: ProofFor,
        proof: Option<&str>,
    ) -> Result<(), ApiError> {
        if !hub.store.session_lives(&self.session.id).await? {
            return Err(ApiError::signed_out());
        }
        let holds = |word| hub.proofs.holds(&self.session.id, what_for, word, hub.now());
        match (proof.is_some_and(holds), what_for) {
            (true, _) => Ok(()),
            (false, ProofFor::Account) => Err(ApiError::step_up()),
            (false, ProofFor::Household | ProofFor::DeviceCredential | ProofFor::Hold) => {
                Err(ApiError::prove_now())
            }
        }
    }

    /// The word for a proof is spent: what it was for is done.
    pub(crate) fn has_used_proof(&self, hub: &Hub, what_for: ProofFor) {
        hub.proofs.spend(&self.session.id, what_for);
    }

    /// Tells every open page that how this person signs in was changed in this session.
    pub(crate) fn tell_account_changed(&self, hub: &Hub, change: AccountChange) -> Result<(), ApiError> {
        let person = hub.home().household.person(self.person())?.name.clone();
        let Session { client, id: session, .. } = self.session.clone();
        hub.events.tell(hub.now(), Happening::AccountChanged { person, change, client, session });
        Ok(())
    }
}

/// Somebody who is signed in and has proved lately who they are: by a sign-in, or by a step-up.
pub(crate) struct Fresh(pub SignedIn);

impl FromRequestParts<Arc<Hub>> for Fresh {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, hub: &Arc<Hub>) -> Result<Fresh, ApiError> {
        let who = SignedIn::from_request_parts(parts, hub).await?;
        who.must_be_fresh(hub)?;
        Ok(Fresh(who))
    }
}

/// Whoever may speak to Porchlight, and be told what is to be spoken.
pub(crate) enum Caller {
    /// Somebody who is signed in.
    Member(SignedIn),
    /// A microphone, by its own credential.
    Microphone(Microphone),
}

/// A microphone that has proved which one it is.
pub(crate) struct Microphone {
    pub device: Device,
    credential: Zeroizing<Vec<u8>>,
}

impl Caller {
    /// Where the request comes from.
    pub(crate) fn origin(&self) -> Origin {
        match self {
            Caller::Member(who) => {
                Origin::Session { id: who.session.id.clone(), person: who.person().clone() }
            }
            Caller::Microphone(Microphone { device, .. }) => Origin::Microphone(device.id.clone()),
        }
    }
}

impl Microphone {
    /// The microphone of a credential, if that is in force.
    async fn of(hub: &Hub, credential: Zeroizing<Vec<u8>>) -> Result<Option<Microphone>, ApiError> {
        let home = hub.home();
        let device = device_of(hub, &home.household, &credential).await?;
        Ok(device.map(|device| Microphone { device, credential }))
    }

    /// Whether its credential is in force still.
    pub(crate) async fn lives(&self, hub: &Hub) -> Result<bool, sqlx::Error> {
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

/// An adult of the household who is signed in.
pub(crate) struct Adult(pub Member);

impl FromRequestParts<Arc<Hub>> for SignedIn {
    type Rejection = ApiError;

    /// The connection is one of theirs from then on, or a stranger's.
    async fn from_request_parts(parts: &mut Parts, hub: &Arc<Hub>) -> Result<SignedIn, ApiError> {
        let who = SignedIn::of(parts, hub).await;
        if let Some(visit) = parts.extensions.get::<Visit>() {
            match &who {
                Ok(who) => visit.signed_in(who.person().as_str(), &who.session.id),
                Err(_) => visit.not_signed_in(),
            }
        }
        who
    }
}

impl SignedIn {
    async fn of(parts: &Parts, hub: &Arc<Hub>) -> Result<SignedIn, ApiError> {
        let token = match bearer(parts) {
            Some(token) if token.starts_with(MICROPHONE) => return Err(turned_away(hub, token).await?),
            Some(token) => Some(token),
            None => browser::token_of(&parts.headers, Encrypted::of(&parts.extensions))?,
        };
        let token = token.and_then(decode).ok_or_else(ApiError::signed_out)?;
        let Some(session) = hub.store.session(&token, hub.now()).await? else {
            return Err(over(hub, &token).await?);
        };
        let home = hub.home();
        // Somebody who was removed has no session any more; as long as one is left, it opens nothing.
        let person = person_id(&home.household, &session.person).ok_or_else(ApiError::no_longer_here)?;
        let viewer = home.household.viewer(&person, hub.now())?;
        witness::hear(hub, &viewer, parts).await;
        Ok(SignedIn { session, viewer })
    }
}

/// Why a token opens nothing: whoever holds one of a session that nobody used for too long is told that, and when it was, since it may be
/// the hub's clock that is wrong; anybody else, that there is none.
pub(crate) async fn over(hub: &Hub, token: &[u8]) -> Result<ApiError, ApiError> {
    let Some(session) = hub.store.session_by(token).await? else { return Ok(ApiError::signed_out()) };
    let (now, home) = (hub.now(), hub.home());
    let zone = home.household.zone();
    let text = format!(
        "this session is over: it was used last on {}, and the hub's clock shows {}, which is more than 30 days later; sign in again, and if \
         that clock is wrong, set it first",
        shown(session.seen, zone),
        shown(now, zone)
    );
    Ok(ApiError::session_over(
        Sentence::new("session-idle", text).with("seen", session.seen).with("now", now),
    ))
}

impl FromRequestParts<Arc<Hub>> for Adult {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, hub: &Arc<Hub>) -> Result<Adult, ApiError> {
        let SignedIn { viewer, .. } = SignedIn::from_request_parts(parts, hub).await?;
        let member = viewer.member().ok_or_else(|| {
            ApiError::not_yours(Sentence::new("adults-only", "only an adult of the household can do that"))
        })?;
        Ok(Adult(member))
    }
}

impl FromRequestParts<Arc<Hub>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, hub: &Arc<Hub>) -> Result<Caller, ApiError> {
        let Some(token) = bearer(parts).and_then(|token| token.strip_prefix(MICROPHONE)) else {
            return SignedIn::from_request_parts(parts, hub).await.map(Caller::Member);
        };
        let credential = decode(token).ok_or_else(ApiError::signed_out)?;
        let microphone = Microphone::of(hub, credential).await?.ok_or_else(ApiError::signed_out)?;
        Ok(Caller::Microphone(microphone))
    }
}

/// A microphone asks for what is a member's: why it gets nothing, which a credential that is not in force is not told.
async fn turned_away(hub: &Hub, token: &str) -> Result<ApiError, ApiError> {
    let credential = token.strip_prefix(MICROPHONE).and_then(decode).ok_or_else(ApiError::signed_out)?;
    Microphone::of(hub, credential).await?.ok_or_else(ApiError::signed_out)?;
    let text =
        "a microphone's credential lets it ask and be told what is to be spoken there, and nothing else";
    Ok(ApiError::not_yours(Sentence::new("microphone-only-speaks", text)))
}

/// The token that a program sends.
fn bearer(parts: &Parts) -> Option<&str> {
    parts.headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(str::trim)
}

fn decode(token: &str) -> Option<Zeroizing<Vec<u8>>> {
    let token = BASE64_URL_SAFE_NO_PAD.decode(token).ok().map(Zeroizing::new)?;
    (token.len() == TOKEN).then_some(token)
}
