//! Credentials of microphones: by what one speaks for itself, with no session of anybody's.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use porchlight_household::{DeviceKind, PersonId};
use serde_json::json;
use zeroize::Zeroizing;

use super::types::{DeviceCredential, NewDeviceCredential, Sentence};
use crate::auth::{Fresh, MICROPHONE, TOKEN};
use crate::error::ApiError;
use crate::hub::Hub;
use crate::ledger;

/// Make the credential of a microphone or phone, in the place of the one it had. It is shown this once. One that is personal to somebody
/// gets it from them alone: by it, whatever is said there is theirs. Takes a fresh session.
#[utoipa::path(post, path = "/api/devices/credential", tag = "household", request_body = NewDeviceCredential,
    responses((status = 200, description = "Done.", body = DeviceCredential), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn make(
    State(hub): State<Arc<Hub>>,
    Fresh(who): Fresh,
    Json(NewDeviceCredential { device }): Json<NewDeviceCredential>,
) -> Result<Json<DeviceCredential>, ApiError> {
    let home = hub.home();
    if who.viewer.member().is_none() {
        let text = "only an adult of the household can do that";
        return Err(ApiError::not_yours(Sentence::new("adults-only", text)));
    }
    let device = home.household.device_named(&device)?;
    if device.kind == DeviceKind::Camera {
        let text = format!("{} is a camera, and cameras need no credential of the hub's", device.name);
        return Err(ApiError::bad(Sentence::new("credential-camera", text).with("device", &device.name)));
    }
    if device.person.as_ref().is_some_and(|owner| owner != who.person()) {
        let text = format!("{} is somebody else's own; only they can make its credential", device.name);
        let said = Sentence::new("credential-anothers", text).with("device", &device.name);
        return Err(ApiError::not_yours(said));
    }
    let mut bytes = Zeroizing::new([0; TOKEN]);
    getrandom::fill(bytes.as_mut_slice())?;
    let detail = json!({ "v": 1, "who": who.person(), "device": device.id, "at": hub.now() });
    ledger::write(&hub, "device-credential", detail).await?;
    let person = device.person.as_ref().map(PersonId::as_str);
    hub.store.put_device_credential(bytes.as_slice(), device.id.as_str(), person, hub.now()).await?;
    let credential = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(bytes.as_slice()));
    Ok(Json(DeviceCredential {
        device: device.name.clone(),
        credential: format!("{MICROPHONE}{}", credential.as_str()),
    }))
}
