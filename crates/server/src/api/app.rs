//! The app itself: the files that `web/` is built into, embedded in this binary.

use axum::extract::Request;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use porchlight_hub::Error;
use rust_embed::RustEmbed;

use super::error::ApiError;

/// Nothing inline, nothing from anywhere else. OPAQUE is WebAssembly, which has to be allowed by name.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob:; \
     media-src 'self' blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";
/// Files whose name changes with what is in them.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Files whose name stays.
const ASK_AGAIN: &str = "no-cache";

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Files;

/// Answers whatever is no part of the API: with the app's files, and where there is none, in words.
pub(super) async fn file(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    let api = path.starts_with("api/");
    let name = if path.is_empty() { "index.html" } else { path };
    let found = Files::get(name).filter(|_| !api && matches!(*request.method(), Method::GET | Method::HEAD));
    let Some(found) = found else {
        return match name {
            "index.html" => ApiError::new(
                StatusCode::NOT_FOUND,
                "no-app",
                "this hub was built without the app; build it with `make app` first. The API is described at /api/openapi.json",
            )
            .into_response(),
            _ => ApiError::from(Error::not_found("there is no such page; the API is described at /api/openapi.json")).into_response(),
        };
    };
    // Weak, since it is the same for both forms of a file.
    let tag = format!("W/\"{}\"", hex::encode(&found.metadata.sha256_hash()[..16]));
    let headers: [(HeaderName, &str); 5] = [
        (ETAG, &tag),
        (VARY, "accept-encoding"),
        (CONTENT_TYPE, kind(name)),
        (CACHE_CONTROL, if name.starts_with("assets/") { FOR_EVER } else { ASK_AGAIN }),
        (CONTENT_SECURITY_POLICY, POLICY),
    ];
    if has(request.headers(), &tag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    // The app's build leaves a compressed copy beside whatever is worth it.
    let smaller = takes_brotli(request.headers()).then(|| Files::get(&format!("{name}.br"))).flatten();
    match smaller {
        Some(smaller) => (headers, [(CONTENT_ENCODING, "br")], smaller.data).into_response(),
        None => (headers, found.data).into_response(),
    }
}

/// Whether whoever asks has the file as it is.
fn has(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    known.flat_map(|tags| tags.split(',')).any(|known| known.trim() == tag)
}

/// Whether whoever asks can read Brotli.
fn takes_brotli(headers: &HeaderMap) -> bool {
    let ways = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    ways.flat_map(|ways| ways.split(',')).any(|way| {
        let mut parts = way.split(';').map(str::trim);
        parts.next() == Some("br")
            && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// The media type of a file by its name.
fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, end)| end) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        // Browsers compile it while it arrives only when it is called by its name.
        Some("wasm") => "application/wasm",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}
