//! Letting somebody in who has proved who they are, however they did.

use std::net::IpAddr;

use axum::Json;
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use porchlight_household::PersonId;
use porchlight_hub::accounts::account_changes::{client_words, has_old_kit};
use porchlight_hub::accounts::auth::TOKEN;
use porchlight_hub::accounts::rate_limits::{AddressBlock, Claim};
use porchlight_hub::accounts::sign_in::Beginning;
use porchlight_hub::{Error, Hub, ledger};
use porchlight_protocol::events::Happening;
use porchlight_protocol::{LineKind, ProofFor, SignedIn as SignedInAnswer};
use serde_json::json;
use tracing::warn;
use zeroize::Zeroizing;

use super::browser;
use crate::listener::Encrypted;

/// What somebody signs in with.
pub(super) struct Arrival<'a> {
    /// What their client calls itself.
    pub client: &'a str,
    /// Whether the session is to be a cookie.
    pub cookie: bool,
    /// What their browser sent along.
    pub headers: &'a HeaderMap,
    /// Whether it came encrypted.
    pub encrypted: Encrypted,
    /// From where.
    pub from: IpAddr,
    /// How they proved who they are, as the ledger says it: `passphrase and code`, `passkey` ….
    pub by: &'static str,
}

/// What a member who was let in is given.
pub(super) type Arrived = (HeaderMap, Json<SignedInAnswer>);

/// Starts a session. It is in the ledger first, and the household is told.
pub(super) async fn arrive(hub: &Hub, person: &PersonId, how: Arrival<'_>) -> Result<Arrived, Error> {
    let name = hub.home().household.person(person)?.name.clone();
    let client = client_words(how.client);
    let known = browser::known(how.headers, hub, person).is_some();
    let mut token = Zeroizing::new([0; TOKEN]);
    getrandom::fill(token.as_mut_slice())?;
    let detail = json!({ "v": 1, "who": person, "client": client, "by": how.by, "at": hub.now() });
    hub.vault.make_room();
    ledger::write(hub, LineKind::SignIn, detail).await?;
    let session = hub.store.start_session(token.as_slice(), person.as_str(), &client, hub.now()).await?.id;
    // It opens nothing, so that whoever got in is let in without it too.
    if let Err(error) = hub.familiar.add(&hub.store, person, AddressBlock::of(how.from), hub.now()).await {
        warn!(target: "porchlight", "from where somebody got in could not be remembered: {error}");
    }
    let told = Happening::SignedIn { person: name.clone(), client, session: session.clone(), known };
    hub.events.tell(hub.now(), told);

    let token = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(token.as_slice()));
    let mut headers = HeaderMap::new();
    if how.cookie {
        let cookies =
            [browser::cookie(how.encrypted, Some(&token)), browser::mark(hub, how.encrypted, person)?];
        for cookie in cookies.into_iter().flatten() {
            headers.append(SET_COOKIE, cookie);
        }
    }
    let token = (!how.cookie).then(|| token.to_string());
    let proof = hub.proofs.give(&session, ProofFor::Account, hub.now())?;
    let old_kit = has_old_kit(hub, person).await?;
    Ok((
        headers,
        Json(SignedInAnswer { token, session, person: name, id: person.to_string(), proof, old_kit }),
    ))
}

/// A proof that somebody begins who is not signed in and says who they are.
pub(super) fn begin(hub: &Hub, claim: Option<Claim>, from: IpAddr, headers: &HeaderMap) -> Beginning {
    let browser = match &claim {
        Some(Claim::Member(person)) => browser::known(headers, hub, person),
        _ => None,
    };
    Beginning::by_name(hub, claim, from, browser)
}
