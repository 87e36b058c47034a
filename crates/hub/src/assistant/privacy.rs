//! Privacy by voice: for an adult who is known to speak, and for nobody else.

use std::sync::Arc;

use porchlight_household::{Device, DeviceKind, Household, Speaker};
use porchlight_voice::skill::{Change, PrivacyAnswer, privacy_answered};

use crate::error::Error;
use crate::recording::privacy::switch_these;
use crate::state::Hub;

/// Switches cameras as somebody asked, and gives what to say of it.
pub(super) async fn switch(
    hub: &Arc<Hub>,
    household: &Household,
    speaker: &Speaker,
    change: Change,
) -> Result<String, Error> {
    let Change::SwitchPrivacy { on, cameras: names } = change else { return Ok(String::new()) };
    let viewer = speaker.person().and_then(|person| household.viewer(person, hub.certain_now()).ok());
    let Some(by) = viewer.and_then(|viewer| viewer.member()) else {
        return Ok(privacy_answered(&PrivacyAnswer::Refused));
    };
    let cameras: Vec<&Device> = household
        .devices
        .iter()
        .filter(|device| device.kind == DeviceKind::Camera)
        .filter(|device| names.is_empty() || names.contains(&device.name))
        .collect();
    let done = switch_these(hub, &by, &cameras, on).await?;
    let (switched, already) = (done.switched, done.already);
    Ok(privacy_answered(&PrivacyAnswer::Done { on, switched, already }))
}
