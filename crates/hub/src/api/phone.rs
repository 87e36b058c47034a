//! Bringing a phone home: where it finds the hub, and the certificate that it has to trust first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use sha2::{Digest, Sha256};

use super::types::{AuthorityView, PhoneView, Sentence};
use crate::auth::{Adult, SignedIn};
use crate::error::ApiError;
use crate::https;
use crate::hub::Hub;

/// Where a phone finds the hub, and what it has to trust.
#[utoipa::path(get, path = "/api/phone", tag = "hub", responses((status = 200, description = "Done.", body = PhoneView), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn phone(State(hub): State<Arc<Hub>>, who: SignedIn) -> Json<PhoneView> {
    Json(view(&hub, who.viewer.owner().is_some()))
}

/// Let the home's phones in: the network is served from now on and after every start, at the same port, by HTTPS alone.
#[utoipa::path(post, path = "/api/phone", tag = "hub", responses((status = 200, description = "Done.", body = PhoneView), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn let_in(
    State(hub): State<Arc<Hub>>,
    Adult(member): Adult,
    who: SignedIn,
) -> Result<Json<PhoneView>, ApiError> {
    member.viewer().owner().ok_or_else(|| {
        ApiError::not_yours(Sentence::new("owners-only", "only an owner of the household can do that"))
    })?;
    who.must_be_fresh(&hub)?;
    // On a task of its own: a browser that goes away must not leave it half done.
    let letting = hub.clone();
    tokio::spawn(async move { letting.let_phones_in().await }).await?.map_err(|error| {
        let said = Sentence::new("phones-not-in", format!("phones cannot be let in: {error}"));
        ApiError::new(StatusCode::CONFLICT, "conflict", said.with("why", error))
    })?;
    Ok(Json(view(&hub, true)))
}

fn view(hub: &Hub, yours: bool) -> PhoneView {
    let served = &hub.served;
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
#[utoipa::path(get, path = "/authority.crt", tag = "hub", security(()), responses((status = 200, description = "The certificate, DER.", content_type = "application/x-x509-ca-cert"), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn authority(State(hub): State<Arc<Hub>>) -> Result<impl IntoResponse, ApiError> {
    let authority = hub.served.authority().ok_or_else(none)?;
    let headers = [
        (CONTENT_TYPE, "application/x-x509-ca-cert"),
        (CONTENT_DISPOSITION, r#"attachment; filename="porchlight.crt""#),
    ];
    Ok((headers, authority.certificate))
}

/// The same as a configuration profile, as an iPhone takes it.
#[utoipa::path(get, path = "/porchlight.mobileconfig", tag = "hub", security(()), responses((status = 200, description = "The profile.", content_type = "application/x-apple-aspen-config"), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn profile(State(hub): State<Arc<Hub>>) -> Result<impl IntoResponse, ApiError> {
    let authority = hub.served.authority().ok_or_else(none)?;
    let headers = [
        (CONTENT_TYPE, "application/x-apple-aspen-config"),
        (CONTENT_DISPOSITION, r#"attachment; filename="porchlight.mobileconfig""#),
    ];
    Ok((headers, https::profile(&authority, &hub.home().household.language)))
}

fn none() -> ApiError {
    ApiError::not_found(
        "there is no certificate to install: this hub shows one that phones trust already, or serves this computer alone",
    )
}
