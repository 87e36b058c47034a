//! Bringing a phone home: where it finds the hub, and the certificate that it has to trust first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use sha2::{Digest, Sha256};

use super::types::{AuthorityView, PhoneView};
use crate::auth::SignedIn;
use crate::error::ApiError;
use crate::https;
use crate::hub::Hub;

/// Where a phone finds the hub, and what it has to trust.
#[utoipa::path(get, path = "/api/phone", tag = "hub", responses((status = 200, description = "Done.", body = PhoneView), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn phone(State(hub): State<Arc<Hub>>, _who: SignedIn) -> Json<PhoneView> {
    let served = &hub.served;
    Json(PhoneView {
        network: served.network(),
        addresses: served.addresses(),
        authority: served.authority().map(|authority| AuthorityView {
            name: authority.name.clone(),
            fingerprint: hex::encode(Sha256::digest(&authority.certificate)),
        }),
        given: served.given(),
    })
}

/// The certificate of the household's authority, as Android takes it. Everybody who connects is shown it anyway.
#[utoipa::path(get, path = "/authority.crt", tag = "hub", security(()), responses((status = 200, description = "The certificate, DER.", content_type = "application/x-x509-ca-cert"), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn authority(State(hub): State<Arc<Hub>>) -> Result<impl IntoResponse, ApiError> {
    let authority = hub.served.authority().ok_or_else(none)?;
    let headers = [
        (CONTENT_TYPE, "application/x-x509-ca-cert"),
        (CONTENT_DISPOSITION, r#"attachment; filename="porchlight.crt""#),
    ];
    Ok((headers, authority.certificate.clone()))
}

/// The same as a configuration profile, as an iPhone takes it.
#[utoipa::path(get, path = "/porchlight.mobileconfig", tag = "hub", security(()), responses((status = 200, description = "The profile.", content_type = "application/x-apple-aspen-config"), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn profile(State(hub): State<Arc<Hub>>) -> Result<impl IntoResponse, ApiError> {
    let authority = hub.served.authority().ok_or_else(none)?;
    let headers = [
        (CONTENT_TYPE, "application/x-apple-aspen-config"),
        (CONTENT_DISPOSITION, r#"attachment; filename="porchlight.mobileconfig""#),
    ];
    Ok((headers, https::profile(authority, &hub.home().household.language)))
}

fn none() -> ApiError {
    ApiError::not_found(
        "there is no certificate to install: this hub shows one that phones trust already, or serves this computer alone",
    )
}
