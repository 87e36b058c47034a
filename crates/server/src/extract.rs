//! Who asks: what a request shows of itself, read before its handler.
//!
//! A handler that takes a [`SignedIn`] gets whoever is signed in; one that takes an [`Adult`], or an owner by [`Owning`], is not reached
//! by anybody else; and only one that takes a [`Caller`] is reached by a microphone with its own credential.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::request::Parts;
use porchlight_household::{Member, Owner};
use porchlight_hub::Error;
use porchlight_hub::accounts::auth::{Caller, MICROPHONE, Microphone, SignedIn};
use porchlight_hub::accounts::passkeys::Place;
use porchlight_protocol::Message;

use crate::api::browser;
use crate::api::error::ApiError;
use crate::listener::{Encrypted, Visit};
use crate::site::Site;
use crate::witness;

/// Somebody who is signed in, and who may come by a WebSocket.
pub(crate) struct BySocket(pub SignedIn);

/// Somebody who is signed in and has proved lately who they are: by a sign-in, or by a step-up.
pub(crate) struct Fresh(pub SignedIn);

/// An adult of the household who is signed in.
pub(crate) struct Adult(pub Member);

/// An owner of the household who is signed in.
pub(crate) struct Owning(pub Owner);

/// Where a request came to: a place for passkeys, or why it is none.
pub(crate) struct At(pub Result<Place, Error>);

impl FromRequestParts<Site> for SignedIn {
    type Rejection = ApiError;

    /// The connection is one of theirs from then on, or a stranger's.
    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<SignedIn, ApiError> {
        let who = signed_in(parts, site, browser::token_of).await;
        note_whose(parts, &who);
        who
    }
}

impl FromRequestParts<Site> for BySocket {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<BySocket, ApiError> {
        let who = signed_in(parts, site, browser::token_of_socket).await;
        note_whose(parts, &who);
        who.map(BySocket)
    }
}

fn note_whose(parts: &Parts, who: &Result<SignedIn, ApiError>) {
    if let Some(visit) = parts.extensions.get::<Visit>() {
        match who {
            Ok(who) => visit.signed_in(who.person().as_str(), &who.session.id),
            Err(_) => visit.not_signed_in(),
        }
    }
}

/// What a browser's cookie says, where it may speak.
type Cookie = fn(&HeaderMap, Encrypted) -> Result<Option<&str>, ApiError>;

async fn signed_in(parts: &Parts, site: &Site, cookie: Cookie) -> Result<SignedIn, ApiError> {
    let token = match bearer(parts) {
        Some(token) if token.starts_with(MICROPHONE) => {
            return Err(Microphone::turned_away(&site.hub, token).await?.into());
        }
        Some(token) => Some(token),
        None => cookie(&parts.headers, Encrypted::of(&parts.extensions))?,
    };
    let who = SignedIn::by(&site.hub, token.ok_or_else(Error::signed_out)?).await?;
    witness::hear(&site.hub, &who.viewer, parts).await;
    Ok(who)
}

impl FromRequestParts<Site> for Fresh {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Fresh, ApiError> {
        let who = SignedIn::from_request_parts(parts, site).await?;
        who.must_be_fresh(&site.hub)?;
        Ok(Fresh(who))
    }
}

impl FromRequestParts<Site> for Adult {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Adult, ApiError> {
        let SignedIn { viewer, .. } = SignedIn::from_request_parts(parts, site).await?;
        let member = viewer.member().ok_or_else(|| {
            Error::not_yours(Message::new("adults-only", "only an adult of the household can do that"))
        })?;
        Ok(Adult(member))
    }
}

impl FromRequestParts<Site> for Owning {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Owning, ApiError> {
        let Adult(member) = Adult::from_request_parts(parts, site).await?;
        let owner = member.viewer().owner().ok_or_else(|| {
            Error::not_yours(Message::new("owners-only", "only an owner of the household can do that"))
        })?;
        Ok(Owning(owner))
    }
}

impl FromRequestParts<Site> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Caller, ApiError> {
        match bearer(parts).and_then(|token| token.strip_prefix(MICROPHONE)) {
            Some(credential) => Ok(Caller::Microphone(Microphone::by(&site.hub, credential).await?)),
            None => SignedIn::from_request_parts(parts, site).await.map(Caller::Member),
        }
    }
}

impl FromRequestParts<Site> for At {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<At, Infallible> {
        let Encrypted(https) = Encrypted::of(&parts.extensions);
        let named = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        let host = named.or_else(|| parts.uri.authority().map(|authority| authority.as_str()));
        Ok(At(Place::of(host.unwrap_or_default(), https, site.served.port())))
    }
}

/// The token that a program sends.
fn bearer(parts: &Parts) -> Option<&str> {
    parts.headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(str::trim)
}
