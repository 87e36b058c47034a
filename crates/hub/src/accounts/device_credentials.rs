//! Making the credential of a microphone, by which it speaks for itself.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use porchlight_household::{Device, DeviceKind, PersonId};
use porchlight_protocol::{DeviceCredential, LineKind, Message, NewDeviceCredential, ProofFor};
use porchlight_vault::StrongboxChange;
use serde_json::json;
use zeroize::Zeroizing;

use super::auth::{MICROPHONE, SignedIn, TOKEN};
use crate::error::Error;
use crate::intents::{self, Owed, Then};
use crate::ledger::readers_for;
use crate::state::Hub;

/// Makes a device's credential in the place of the one it had, together with its line. It is shown this once.
///
/// # Errors
/// Where the device has none, is somebody else's own, or the proof was not made for this.
pub async fn make(hub: &Hub, who: &SignedIn, new: NewDeviceCredential) -> Result<DeviceCredential, Error> {
    if who.viewer.member().is_none() {
        let text = "only an adult of the household can do that";
        return Err(Error::not_yours(Message::new("adults-only", text)));
    }
    let home = hub.home();
    let device = home.household.device_named(&new.device)?;
    must_be_theirs(device, who)?;
    let mut bytes = Zeroizing::new([0; TOKEN]);
    getrandom::fill(bytes.as_mut_slice())?;
    let person = device.person.as_ref().map(PersonId::as_str);
    let mac = hub.store.device_mac(bytes.as_slice(), device.id.as_str(), person);

    let changing = hub.changing.lock().await;
    intents::finish(hub, &changing).await?;
    who.must_have_proved(hub, ProofFor::DeviceCredential, new.proof.as_deref()).await?;
    let by = who.person();
    let detail = json!({ "v": 1, "who": by, "device": device.id, "at": hub.now() });
    let then = Then::SetCredential { device: device.id.clone(), mac, since: hub.now() };
    let owed = Owed { by, kind: LineKind::DeviceCredential, detail, readers: readers_for(hub, by)?, then };
    intents::make(hub, &changing, StrongboxChange::default(), owed).await?;
    who.has_used_proof(hub, ProofFor::DeviceCredential);
    intents::follow(hub, &changing).await?;

    let credential = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(bytes.as_slice()));
    Ok(DeviceCredential {
        device: device.name.clone(),
        credential: format!("{MICROPHONE}{}", credential.as_str()),
    })
}

/// By a credential whatever is said at a device is its owner's, so that nobody else makes it.
fn must_be_theirs(device: &Device, who: &SignedIn) -> Result<(), Error> {
    let said = |code: &'static str, why: &str| {
        Message::new(code, format!("{} {why}", device.name)).with("device", &device.name)
    };
    if device.kind == DeviceKind::Camera {
        return Err(Error::bad(said(
            "credential-camera",
            "is a camera, and cameras need no credential of the hub's",
        )));
    }
    if device.person.as_ref().is_some_and(|owner| owner != who.person()) {
        return Err(Error::not_yours(said(
            "credential-anothers",
            "is somebody else's own; only they can make its credential",
        )));
    }
    Ok(())
}
