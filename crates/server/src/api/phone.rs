//! Bringing a phone home: where it finds the hub, and the certificate that it has to trust first.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use porchlight_hub::accounts::auth::SignedIn;
use porchlight_hub::{Error, ErrorKind};
use porchlight_protocol::{AuthorityView, Message, PhoneView};
use sha2::{Digest, Sha256};

use super::error::ApiError;
use crate::extract::Owning;
use crate::https::{self, Served};
use crate::site::Site;

/// Where a phone finds the hub, and what it has to trust.
#[utoipa::path(get, path = "/api/phone", tag = "hub", responses((status = 200, description = "Done.", body = PhoneView), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn phone(State(served): State<Served>, who: SignedIn) -> Json<PhoneView> {
    Json(view(&served, who.viewer.owner().is_some()))
}

/// Let the home's phones in: the network is served from now on and after every start, at the same port, by HTTPS alone.
#[utoipa::path(post, path = "/api/phone", tag = "hub", responses((status = 200, description = "Done.", body = PhoneView), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn let_in(
    State(site): State<Site>,
    Owning(owner): Owning,
    who: SignedIn,
) -> Result<Json<PhoneView>, ApiError> {
    who.must_be_fresh(&site.hub)?;
    // On a task of its own: a browser that goes away must not leave it half done.
    let letting = site.clone();
    tokio::spawn(async move { letting.let_phones_in(owner.person()).await }).await?.map_err(|error| {
        let said = Message::new("phones-not-in", format!("phones cannot be let in: {error}"));
        Error::new(ErrorKind::Conflict, "conflict", said.with("why", error))
    })?;
    Ok(Json(view(&site.served, true)))
}

fn view(served: &Served, yours: bool) -> PhoneView {
    PhoneView {
        network: served.network(),
        addresses: served.addresses(),
        authority: served.authority().map(|authority| AuthorityView {
            name: authority.name.clone(),
            fingerprint: hex::encode(Sha256::digest(&authority.certificate)),
        }),
        given: served.given(),
        yours,
    }
}

/// The certificate of the household's authority, as Android takes it. Everybody who connects is shown it anyway.
#[utoipa::path(get, path = "/authority.crt", tag = "hub", security(()), responses((status = 200, description = "The certificate, DER.", content_type = "application/x-x509-ca-cert"), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn authority(State(served): State<Served>) -> Result<impl IntoResponse, ApiError> {
    let authority = served.authority().ok_or_else(none)?;
    let headers = [
        (CONTENT_TYPE, "application/x-x509-ca-cert"),
        (CONTENT_DISPOSITION, r#"attachment; filename="porchlight.crt""#),
    ];
    Ok((headers, authority.certificate))
}

/// The same as a configuration profile, as an iPhone takes it.
#[utoipa::path(get, path = "/porchlight.mobileconfig", tag = "hub", security(()), responses((status = 200, description = "The profile.", content_type = "application/x-apple-aspen-config"), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn profile(
    State(Site { hub, served, .. }): State<Site>,
) -> Result<impl IntoResponse, ApiError> {
    let authority = served.authority().ok_or_else(none)?;
    let headers = [
        (CONTENT_TYPE, "application/x-apple-aspen-config"),
        (CONTENT_DISPOSITION, r#"attachment; filename="porchlight.mobileconfig""#),
    ];
    Ok((headers, https::profile(&authority, &hub.home().household.language)))
}

fn none() -> Error {
    Error::not_found(
        "there is no certificate to install: this hub shows one that phones trust already, or serves this computer alone",
    )
}
