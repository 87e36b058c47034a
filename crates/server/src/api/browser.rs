//! What a browser must be protected from on its household's behalf: other sites that send it here.
//!
//! A browser's session is a cookie that no script can read and no other site's request carries (`HttpOnly`, `SameSite=Strict`).
//! Where a cookie speaks for somebody, the request must also carry a header of ours, which another site's page cannot set without
//! being allowed to, and nobody is; of a WebSocket, to which no page adds a header, the browser itself says whose page opens it. And a name that somebody else owns must not lead to a hub that is served unencrypted: its
//! page would be of the hub's own origin then (DNS rebinding). By HTTPS the certificate sees to that.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::extract::Request;
use axum::http::header::{COOKIE, HOST, ORIGIN, STRICT_TRANSPORT_SECURITY, UPGRADE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use porchlight_household::PersonId;
use porchlight_hub::accounts::rate_limits::BROWSER;
use porchlight_hub::{Error, Hub};

use super::error::ApiError;
use crate::listener::Encrypted;

/// The header that every request of the app carries.
const APP: &str = "x-porchlight";
/// Where a browser says whose page sent a request.
const FETCH_SITE: &str = "sec-fetch-site";
/// The longest time that a browser keeps a cookie, in seconds: 30 days. The hub ends a session that is idle as long.
const KEPT: u32 = 30 * 24 * 60 * 60;

/// A browser that was here by HTTPS asks no other way for half a year.
const ENCRYPTED: HeaderValue = HeaderValue::from_static("max-age=15552000");

/// The longest time that a browser is known again, in seconds: 400 days, the most that browsers keep anything.
const KNOWN: u32 = 400 * 24 * 60 * 60;

/// The name of the session's cookie. With `__Host-`, browsers take it from this host alone, and by HTTPS alone.
fn cookie_name(https: bool) -> &'static str {
    if https { "__Host-porchlight" } else { "porchlight" }
}

/// Gives a browser its session. None takes it away.
pub(super) fn cookie(Encrypted(https): Encrypted, token: Option<&str>) -> Option<HeaderValue> {
    let name = cookie_name(https);
    let secure = if https { "; Secure" } else { "" };
    let (token, age) = (token.unwrap_or_default(), token.map_or(0, |_| KEPT));
    let mut value = HeaderValue::from_str(&format!(
        "{name}={token}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}"
    ))
    .ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The name of the cookie by which a browser is known again in which this person has signed in.
fn mark_name(https: bool, person: &PersonId) -> String {
    format!("{}-{person}", cookie_name(https))
}

/// Marks a browser in which this person has signed in. The mark opens nothing; it says later that they were here before.
pub(super) fn mark(
    hub: &Hub,
    Encrypted(https): Encrypted,
    person: &PersonId,
) -> Result<Option<HeaderValue>, Error> {
    let (name, mark) = (mark_name(https, person), hub.store.browser_mark(person.as_str())?);
    let secure = if https { "; Secure" } else { "" };
    let value = format!("{name}={mark}; Path=/; Max-Age={KNOWN}; HttpOnly; SameSite=Strict{secure}");
    Ok(HeaderValue::from_str(&value).ok())
}

/// By what this browser is told from others in which this person has signed in; none where they have not. However the mark came to the
/// browser, nobody else could have made it.
pub(crate) fn known(headers: &HeaderMap, hub: &Hub, person: &PersonId) -> Option<[u8; BROWSER]> {
    let names = [true, false].map(|https| mark_name(https, person));
    let marks = cookies(headers).filter(|(key, _)| names.iter().any(|name| name == key));
    marks.filter_map(|(_, mark)| hub.store.browser_of(person.as_str(), mark)).next()
}

/// Every cookie of a request.
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='))
}

/// The token in a request's cookie, where the request is of the app's own page.
///
/// # Errors
/// When there is a cookie, and the request may be of another site.
pub(crate) fn token_of(headers: &HeaderMap, Encrypted(https): Encrypted) -> Result<Option<&str>, ApiError> {
    let name = cookie_name(https);
    let Some((_, token)) = cookies(headers).find(|(key, _)| *key == name) else { return Ok(None) };
    let elsewhere = headers.get(FETCH_SITE).is_some_and(|site| site != "same-origin");
    if elsewhere || !headers.contains_key(APP) {
        return Err(other_site());
    }
    Ok(Some(token))
}

/// The same of a WebSocket, to which no page can add a header: the browser itself says whose page opens it. No page of another site can
/// say that it is this one's.
///
/// # Errors
/// When there is a cookie, and the page is not the hub's own.
pub(crate) fn token_of_socket(
    headers: &HeaderMap,
    Encrypted(https): Encrypted,
) -> Result<Option<&str>, ApiError> {
    let is_socket =
        headers.get(UPGRADE).is_some_and(|upgrade| upgrade.as_bytes().eq_ignore_ascii_case(b"websocket"));
    if headers.contains_key(APP) || !is_socket {
        return token_of(headers, Encrypted(https));
    }
    let name = cookie_name(https);
    let Some((_, token)) = cookies(headers).find(|(key, _)| *key == name) else { return Ok(None) };
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let scheme = if https { "https" } else { "http" };
    let own = text(HOST).map(|host| format!("{scheme}://{host}"));
    let elsewhere = headers.get(FETCH_SITE).is_some_and(|site| site != "same-origin");
    if elsewhere || own.is_none() || text(ORIGIN) != own.as_deref() {
        return Err(other_site());
    }
    Ok(Some(token))
}

fn other_site() -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        "other-site",
        "this request may be of another site's page, and was refused; only Porchlight's own pages may ask",
    )
}

/// Refuses what was sent to a name that is not this computer's, where the hub is served unencrypted; where it is encrypted, it stays so.
pub(crate) async fn known_host(request: Request, next: Next) -> Response {
    let Encrypted(https) = Encrypted::of(request.extensions());
    let named = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let host = named.or_else(|| request.uri().host()).unwrap_or_default();
    let here = is_this_computer(host);
    if https || here {
        let mut answer = next.run(request).await;
        // A browser takes it for every port of a name, and on `localhost` others may serve unencrypted.
        if https && !here {
            answer.headers_mut().insert(STRICT_TRANSPORT_SECURITY, ENCRYPTED);
        }
        return answer;
    }
    ApiError::new(
        StatusCode::MISDIRECTED_REQUEST,
        "other-host",
        "Porchlight does not answer to this name; use http://localhost with the hub's port",
    )
    .into_response()
}

/// Whether a `Host` is a loopback address or `localhost`, with a port or without.
fn is_this_computer(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || name.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_computer_are_answered_to_unencrypted() {
        for host in ["localhost", "LOCALHOST:8420", "127.0.0.1:8420", "127.8.9.1", "[::1]:8420", "[::1]"] {
            assert!(is_this_computer(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:80",
            "192.168.1.2",
            "[fd00::1]:8420",
            ":8420",
        ] {
            assert!(!is_this_computer(host), "{host}");
        }
    }
}
