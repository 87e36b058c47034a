//! Credentials of microphones: by what one speaks for itself, with no session of anybody's.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use porchlight_household::{DeviceKind, PersonId};
use porchlight_hub::accounts::auth::{MICROPHONE, SignedIn, TOKEN};
use porchlight_hub::intents::{self, Owed, Then};
use porchlight_hub::ledger::readers_for;
use porchlight_hub::{Error, Hub};
use porchlight_protocol::{DeviceCredential, LineKind, Message, NewDeviceCredential, ProofFor};
use porchlight_vault::StrongboxChange;
use serde_json::json;
use zeroize::Zeroizing;

use super::error::ApiError;
use crate::extract::Fresh;

/// Make the credential of a microphone or phone, in the place of the one it had. It is shown this once. One that is personal to somebody
/// gets it from them alone: by it, whatever is said there is theirs. Takes a fresh session, and the hub's word for a proof that was made
/// for it (`proof`).
#[utoipa::path(post, path = "/api/devices/credential", tag = "household", request_body = NewDeviceCredential,
    responses((status = 200, description = "Done.", body = DeviceCredential), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn make(
    State(hub): State<Arc<Hub>>,
    Fresh(who): Fresh,
    Json(NewDeviceCredential { device, proof }): Json<NewDeviceCredential>,
) -> Result<Json<DeviceCredential>, ApiError> {
    let home = hub.home();
    if who.viewer.member().is_none() {
        let text = "only an adult of the household can do that";
        return Err(Error::not_yours(Message::new("adults-only", text)).into());
    }
    let device = home.household.device_named(&device)?;
    if device.kind == DeviceKind::Camera {
        let text = format!("{} is a camera, and cameras need no credential of the hub's", device.name);
        return Err(Error::bad(Message::new("credential-camera", text).with("device", &device.name)).into());
    }
    if device.person.as_ref().is_some_and(|owner| owner != who.person()) {
        let text = format!("{} is somebody else's own; only they can make its credential", device.name);
        let said = Message::new("credential-anothers", text).with("device", &device.name);
        return Err(Error::not_yours(said).into());
    }
    let mut bytes = Zeroizing::new([0; TOKEN]);
    getrandom::fill(bytes.as_mut_slice())?;
    let person = device.person.as_ref().map(PersonId::as_str);
    let mac = hub.store.device_mac(bytes.as_slice(), device.id.as_str(), person);
    let then = Then::SetCredential { device: device.id.clone(), mac, since: hub.now() };
    let setting = hub.clone();
    // On a task of its own: a client that goes away must not leave it half done.
    tokio::spawn(async move { set(&setting, &who, proof, then).await }).await??;
    let credential = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(bytes.as_slice()));
    Ok(Json(DeviceCredential {
        device: device.name.clone(),
        credential: format!("{MICROPHONE}{}", credential.as_str()),
    }))
}

/// Puts a credential in the place of the one before, together with its line.
async fn set(hub: &Hub, who: &SignedIn, proof: Option<String>, then: Then) -> Result<(), Error> {
    let Then::SetCredential { device, .. } = &then else { return Ok(()) };
    let changing = hub.changing.lock().await;
    intents::finish(hub, &changing).await?;
    who.must_have_proved(hub, ProofFor::DeviceCredential, proof.as_deref()).await?;
    let by = who.person();
    let detail = json!({ "v": 1, "who": by, "device": device, "at": hub.now() });
    let owed = Owed { by, kind: LineKind::DeviceCredential, detail, readers: readers_for(hub, by)?, then };
    intents::make(hub, &changing, StrongboxChange::default(), owed).await?;
    who.has_used_proof(hub, ProofFor::DeviceCredential);
    intents::follow(hub, &changing).await?;
    Ok(())
}
