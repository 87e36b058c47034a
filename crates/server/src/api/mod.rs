//! The HTTP API: one file for each part, one OpenAPI document made from the handlers themselves.

mod account;
mod adding;
mod app;
mod arrive;
mod bodies;
pub(crate) mod browser;
mod clock;
mod copies;
mod device_credentials;
mod effects;
pub(crate) mod error;
mod events;
mod forgetting;
mod holds;
mod household;
mod invitations;
mod kit;
mod ledger;
mod live;
mod passkeys;
mod passphrase;
mod phone;
mod privacy;
mod recordings;
mod recovery;
#[cfg(test)]
mod sequences;
mod sessions;
mod set_up;
mod sounds;
mod step_up;
mod system;
mod talk;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use porchlight_protocol::Message;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::error::ApiError;
use crate::making::SetUp;
use crate::site::Site;
use bodies::{Bounds, bounded, read_out};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Porchlight",
        description = "The HTTP API of a Porchlight hub. Every answer that is not a success is a Problem: a stable word and a plain sentence. \
                       Recordings leave the hub sealed; only the keys of their audience open them."
    ),
    security(("session" = [])),
)]
struct Described;

/// The OpenAPI document.
pub fn openapi() -> Document {
    let mut document = parts().1;
    document.merge(set_up_parts().1);
    document
}

pub(crate) fn router(site: Site) -> Router {
    let api = parts()
        .0
        // A tile's path has slashes, for which an OpenAPI document has no word.
        .route("/api/ledger/log/{*path}", axum::routing::get(ledger::log))
        .with_state(site);
    guarded(api)
}

/// What a hub answers that has no household yet.
pub(crate) fn set_up_router(set_up: Arc<SetUp>) -> Router {
    let api = set_up_parts()
        .0
        .route("/api/health", axum::routing::get(set_up::health))
        .route("/api/{*path}", axum::routing::any(set_up::not_yet))
        .with_state(set_up);
    guarded(api)
}

fn set_up_parts() -> (Router<Arc<SetUp>>, Document) {
    OpenApiRouter::new()
        .routes(routes!(set_up::start))
        .routes(routes!(set_up::finish))
        .layer(middleware::from_fn_with_state(Bounds::before_a_session(), bounded))
        .split_for_parts()
}

/// The app beside an API, and both behind what every answer goes through.
fn guarded(api: Router) -> Router {
    api.fallback(app::file)
        .method_not_allowed_fallback(|| async {
            ApiError::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "bad-method",
                "this page is not asked that way; see /api/openapi.json",
            )
        })
        // Every body has bounds of its own: see `bodies`, and of a sound `admission`.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn(browser::known_host))
        .layer(middleware::from_fn(read_out))
        .layer(middleware::from_fn(guard))
}

fn parts() -> (Router<Site>, Document) {
    let sounds = OpenApiRouter::new().routes(routes!(talk::say)).routes(routes!(talk::hear));
    let strangers = OpenApiRouter::new()
        .routes(routes!(account::start_sign_in))
        .routes(routes!(account::finish_sign_in))
        .routes(routes!(passkeys::start_sign_in))
        .routes(routes!(passkeys::finish_sign_in))
        .routes(routes!(recovery::start))
        .routes(routes!(recovery::finish))
        .routes(routes!(invitations::open))
        .routes(routes!(invitations::register))
        .routes(routes!(invitations::answer))
        .routes(routes!(invitations::wait))
        .routes(routes!(invitations::stop))
        .layer(middleware::from_fn_with_state(Bounds::before_a_session(), bounded));
    let rest = OpenApiRouter::new()
        .routes(routes!(system::health))
        .routes(routes!(system::openapi_json))
        .routes(routes!(system::policy))
        .routes(routes!(system::doctor))
        .routes(routes!(clock::attention_now))
        .routes(routes!(clock::show))
        .routes(routes!(clock::confirm))
        .routes(routes!(copies::restored))
        .routes(routes!(copies::end_newer))
        .routes(routes!(phone::phone, phone::let_in))
        .routes(routes!(phone::authority))
        .routes(routes!(phone::profile))
        .routes(routes!(ledger::head))
        .routes(routes!(ledger::lines))
        .routes(routes!(ledger::details))
        .routes(routes!(ledger::proof))
        .routes(routes!(ledger::older_tree))
        .routes(routes!(ledger::consistency))
        .routes(routes!(ledger::succeed_key))
        .routes(routes!(account::identity))
        .routes(routes!(sessions::me))
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::name, sessions::end))
        .routes(routes!(step_up::start))
        .routes(routes!(step_up::finish))
        .routes(routes!(passkeys::list, passkeys::add))
        .routes(routes!(passkeys::start))
        .routes(routes!(passkeys::rename, passkeys::remove))
        .routes(routes!(passphrase::start))
        .routes(routes!(passphrase::change))
        .routes(routes!(kit::change))
        .routes(routes!(invitations::invite, invitations::list))
        .routes(routes!(invitations::end))
        .routes(routes!(invitations::give_nonce))
        .routes(routes!(household::document, household::change))
        .routes(routes!(household::steps))
        .routes(routes!(household::people))
        .routes(routes!(household::devices))
        .routes(routes!(device_credentials::make))
        .routes(routes!(talk::ask))
        .routes(routes!(talk::speech))
        .routes(routes!(effects::list, effects::add))
        .routes(routes!(effects::done))
        .routes(routes!(effects::answered))
        .routes(routes!(events::stream))
        .routes(routes!(events::event_words))
        .routes(routes!(events::event_speech))
        .routes(routes!(recordings::list))
        .routes(routes!(recordings::look))
        .routes(routes!(recordings::file))
        .routes(routes!(live::live))
        .routes(routes!(privacy::switch))
        .routes(routes!(adding::find))
        .routes(routes!(adding::try_camera))
        .routes(routes!(forgetting::preview))
        .routes(routes!(forgetting::forget))
        .routes(routes!(holds::hold, holds::list))
        .routes(routes!(holds::release))
        .layer(middleware::from_fn_with_state(Bounds::of_sessions(), bounded));
    let (router, mut document) = OpenApiRouter::with_openapi(Described::openapi())
        .merge(sounds)
        .merge(strangers)
        .merge(rest)
        .split_for_parts();
    document
        .components
        .get_or_insert_default()
        .add_security_scheme("session", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    (router, document)
}

/// Every answer of the API, and every other one unless it says otherwise of itself as the app's files do: stored nowhere, framed nowhere, taken for nothing but
/// what it says it is.
async fn guard(request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let mut answer = as_problem(next.run(request).await).await;
    if api {
        answer.headers_mut().remove(CACHE_CONTROL);
    }
    let headers: [(HeaderName, &'static str); 8] = [
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "microphone=(self), camera=(), geolocation=(), display-capture=()",
        ),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ];
    for (name, value) in headers {
        answer.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    answer
}

/// What the framework itself refuses (a body that is no JSON, a query that makes no sense) in the same form as all other refusals, and in
/// words of our own: the framework's would name our types, and repeat what was sent.
async fn as_problem(answer: Response) -> Response {
    let status = answer.status();
    let is_json = answer
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if is_json || !(status.is_client_error() || status.is_server_error()) {
        return answer;
    }
    let said = match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Message::new("too-large", "what was sent is larger than this route takes; send less at once")
        }
        _ => Message::new(
            "not-understood-request",
            "what was sent is not what this route takes; /api/openapi.json says what is",
        ),
    };
    ApiError::new(status, "bad-request", said).into_response()
}
