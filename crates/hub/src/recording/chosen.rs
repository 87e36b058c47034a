//! What the household has chosen of a camera, whatever the camera does: that nothing of it is seen.

use porchlight_household::DeviceId;
use porchlight_protocol::{Message, PrivacyView};

use super::keeper::permit;
use super::report::{CameraReport, HouseholdTime};
use crate::error::Error;
use crate::secrets::{self, Privacy};
use crate::state::Hub;

/// That a camera has privacy now, and since when; none where it has not.
pub async fn privacy_of(hub: &Hub, camera: &DeviceId) -> Option<PrivacyView> {
    let Privacy { since, by } = secrets::privacy(&hub.vault, camera).await?;
    let home = hub.home();
    let by = by.and_then(|by| home.household.person(&by).ok()).map(|by| by.name.clone());
    Some(PrivacyView { since, by })
}

/// How a camera is of which the household has chosen to have nothing recorded, whatever it does.
pub(super) async fn as_chosen(hub: &Hub, id: &DeviceId) -> Option<CameraReport> {
    if let Some(privacy) = privacy_of(hub, id).await {
        let home = hub.home();
        let time = HouseholdTime { zone: home.household.zone(), now: hub.now() };
        return Some(CameraReport::private(&privacy, &time));
    }
    let certain = hub.certain_now();
    permit(&hub.home().household, id, certain, certain).is_none().then(CameraReport::not_agreed)
}

pub(super) fn no_such_camera() -> Error {
    Error::not_found(Message::new("no-such-camera", "there is no such camera in this household"))
}
