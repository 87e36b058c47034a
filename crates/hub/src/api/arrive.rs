//! Letting somebody in who has proved who they are, however they did.

use std::net::IpAddr;

use axum::Json;
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use porchlight_household::PersonId;
use porchlight_household::text::hidden_in;
use serde_json::json;
use tracing::warn;
use zeroize::Zeroizing;

use super::browser;
use super::types::{ProofFor, SignedIn as SignedInAnswer};
use crate::auth::TOKEN;
use crate::error::ApiError;
use crate::events::Happening;
use crate::hub::Hub;
use crate::listener::Encrypted;
use crate::rate_limits::AddressBlock;
use crate::{ledger, secrets};

/// The longest name of a client that is shown in lists.
const MOST_CLIENT: usize = 100;

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
pub(super) async fn arrive(hub: &Hub, person: &PersonId, how: Arrival<'_>) -> Result<Arrived, ApiError> {
    let name = hub.home().household.person(person)?.name.clone();
    let client = client_words(how.client);
    let known = browser::known(how.headers, hub, person).is_some();
    let mut token = Zeroizing::new([0; TOKEN]);
    getrandom::fill(token.as_mut_slice())?;
    let detail = json!({ "v": 1, "who": person, "client": client, "by": how.by, "at": hub.now() });
    hub.vault.make_room();
    ledger::write(hub, ledger::LineKind::SignIn, detail).await?;
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

/// Whether somebody's recovery kit is of an earlier release, and lets them back in no longer.
pub(super) async fn has_old_kit(hub: &Hub, person: &PersonId) -> Result<bool, ApiError> {
    let account = secrets::account(&hub.vault, person).await.map_err(ApiError::broken)?;
    Ok(account.is_some_and(|account| account.keys.is_none()))
}

/// What a client calls itself, as lists show it: without what nobody sees.
pub(super) fn client_words(client: &str) -> String {
    let mut words: String = client.chars().take(MOST_CLIENT).collect();
    while let Some(hidden) = hidden_in(&words) {
        words.retain(|c| c != hidden);
    }
    words
}
