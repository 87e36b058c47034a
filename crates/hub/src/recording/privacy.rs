//! Privacy: cameras that an adult has switched off for now. Their connection is ended, so that Porchlight sees, hears and records nothing
//! of them until privacy is switched off again.
//!
//! Which cameras have it stands under the strongbox's root, in one commit with the line that the ledger is owed: it outlives every restart,
//! and no older copy of the data folder switches a camera on again.

use std::sync::Arc;

use porchlight_household::{Device, DeviceId, DeviceKind, Member};
use porchlight_protocol::LineKind;
use porchlight_protocol::events::Happening;
use porchlight_vault::StrongboxChange;
use serde_json::json;

use super::chosen::no_such_camera;
use super::{camera_report, follow_household};
use crate::error::Error;
use crate::intents::{self, Missed, Owed, Then};
use crate::ledger::readers_for;
use crate::secrets::{self, Privacy};
use crate::state::Hub;

/// What became of the cameras.
pub(crate) struct Switched {
    /// Those that were switched, by name.
    pub(crate) switched: Vec<String>,
    /// Those that were that way already, by name.
    pub(crate) already: Vec<String>,
}

/// Switches privacy on or off, for some cameras by their ids, or for every one where none is named. When this returns, cameras that have it are connected to no more,
/// and what they had open is sealed.
///
/// # Errors
/// Where one of them is no camera of the household, or it cannot be written down; then each is as it was.
pub async fn switch(hub: &Arc<Hub>, by: &Member, cameras: &[String], on: bool) -> Result<Vec<String>, Error> {
    let home = hub.home();
    let all = || home.household.devices.iter().filter(|device| device.kind == DeviceKind::Camera);
    let chosen: Vec<&Device> = if cameras.is_empty() {
        all().collect()
    } else {
        let named = |id: &String| all().find(|device| device.id.as_str() == id).ok_or_else(no_such_camera);
        cameras.iter().map(named).collect::<Result<_, _>>()?
    };
    Ok(switch_these(hub, by, &chosen, on).await?.switched)
}

/// The same for cameras of the household.
pub(crate) async fn switch_these(
    hub: &Arc<Hub>,
    by: &Member,
    cameras: &[&Device],
    on: bool,
) -> Result<Switched, Error> {
    let changing = hub.changing.lock().await;
    intents::finish(hub, &changing).await?;
    let now = hub.now();
    let (mut change, mut missed, mut already) = (StrongboxChange::default(), Vec::new(), Vec::new());
    let mut switched: Vec<&Device> = Vec::new();
    for camera in cameras {
        // One that was named twice is switched once.
        if switched.iter().any(|other| other.id == camera.id) {
            continue;
        }
        let has = secrets::privacy(&hub.vault, &camera.id).await;
        change = match (has, on) {
            (None, true) => {
                let privacy = Privacy { since: now, by: Some(by.person().clone()) };
                secrets::with_privacy(change, &camera.id, &privacy).map_err(Error::broken)?
            }
            (Some(privacy), false) => {
                if privacy.since < now {
                    missed.push(Missed { device: camera.id.clone(), from: privacy.since, to: now });
                }
                secrets::without_privacy(change, &camera.id)
            }
            _ => {
                already.push(camera.name.clone());
                continue;
            }
        };
        switched.push(camera);
    }
    let names: Vec<String> = switched.iter().map(|camera| camera.name.clone()).collect();
    if switched.is_empty() {
        return Ok(Switched { switched: names, already });
    }
    let ids: Vec<&DeviceId> = switched.iter().map(|camera| &camera.id).collect();
    let owed = Owed {
        by: by.person(),
        kind: LineKind::Privacy,
        detail: json!({ "v": 1, "who": by.person(), "on": on, "cameras": ids, "devices": names, "at": now }),
        readers: readers_for(hub, by.person())?,
        then: if missed.is_empty() { Then::Tell } else { Then::NoteMissed { missed } },
    };
    intents::make(hub, &changing, change, owed).await?;
    // From here on it is so, whatever becomes of the rest. Whoever watches live looks first whether they still may.
    hub.live.household_changed();
    follow_household(hub).await;
    let followed = intents::follow(hub, &changing).await;
    for camera in switched {
        let report = camera_report(hub, &camera.id).await;
        let (recording, said) = (report.recording, report.state);
        let (device, state) = (camera.name.clone(), said.text.clone());
        hub.events.tell(now, Happening::Camera { device, state, said, recording });
    }
    followed?;
    Ok(Switched { switched: names, already })
}
