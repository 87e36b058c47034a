//! A change to the household: a new signed version of its document, and everything that follows from it.
//!
//! What follows is forgetting ([`following`](crate::following)): for a consent that was taken back, a device or a person that is
//! gone, what was kept for them goes by the same path as any other deletion.

use std::sync::Arc;

use porchlight_household::{DeviceId, Household, Person, PersonId};
use serde_json::json;

use crate::api::types::{ChangeDone, HouseholdChange};
use crate::cameras::Cameras;
use crate::error::ApiError;
use crate::events::Happening;
use crate::following::follow;
use crate::hub::{Home, Hub};
use crate::new_account::read_account;
use crate::{ledger, secrets};

/// Takes a change that somebody signed, if they may make it, and does what follows from it. One that is grave takes somebody who has
/// proved lately who they are (`fresh`).
pub(crate) async fn change(
    hub: &Arc<Hub>,
    by: &PersonId,
    fresh: bool,
    change: HouseholdChange,
) -> Result<ChangeDone, ApiError> {
    let _one_at_a_time = hub.changing.lock().await;
    let before = hub.home();
    let after = change.signed.verify_next(&before.household, hub.now())?;
    if change.signed.signer != *by {
        return Err(ApiError::not_yours("this change is signed by somebody else than who is signed in"));
    }
    if !fresh && (!change.accounts.is_empty() || is_grave(&before.household, &after)) {
        return Err(ApiError::step_up());
    }
    check_extras(&before.household, &after, &change)?;
    let mut accounts = Vec::new();
    for (person, account) in &change.accounts {
        accounts.push(read_account(&after, &person.parse()?, account)?);
    }
    let lineage = before.lineage.next(change.signed, change.step)?;

    // Secrets first: a document that names a camera whose address is not there would be recorded from never.
    for (device, address) in &change.addresses {
        secrets::put_camera_address(&hub.vault, &device.parse::<DeviceId>()?, address)
            .await
            .map_err(ApiError::broken)?;
    }
    for account in &accounts {
        secrets::put_account(&hub.vault, &account.person, account).await.map_err(ApiError::broken)?;
    }
    let version = after.version;
    hub.vault.replace_household(version, &lineage.to_bytes()?).await?;
    hub.set_home(Home { household: after, lineage });
    let home = hub.home();
    let detail = json!({ "v": 1, "who": by, "version": version, "at": hub.now() });
    ledger::write(hub, "household", detail).await?;
    Cameras::follow_household(hub).await;
    let followed = follow(hub, &before.household, &home.household, by).await?;
    hub.events.tell(hub.now(), Happening::HouseholdChanged { version });
    Ok(ChangeDone {
        version,
        forgotten: followed.forgotten(),
        sentence: followed.sentence(),
        deletions: followed.deletions,
    })
}

/// Whether a change decides who belongs, who decides and who can open, or has something forgotten: what a phone that was left on a
/// table must not do.
fn is_grave(before: &Household, after: &Household) -> bool {
    let deciding = |home: &Household| {
        let people = home.people.iter();
        people
            .map(|person| {
                let Person { id, born, guardians, owner, keys, name: _ } = person.clone();
                (id, born, guardians, owner, keys)
            })
            .collect::<Vec<_>>()
    };
    deciding(before) != deciding(after)
        || before.circles != after.circles
        || before.devices.iter().any(|device| after.device(&device.id).is_err())
        || !after.withdrawn_since(before).is_empty()
}

/// Whatever comes beside the document must belong to something new in it: nobody slips a password under an account that exists.
fn check_extras(before: &Household, after: &Household, change: &HouseholdChange) -> Result<(), ApiError> {
    for (id, address) in &change.addresses {
        let known = |home: &Household| home.devices.iter().any(|device| device.id.as_str() == id);
        if known(before) || !known(after) {
            return Err(ApiError::bad("an address was sent for a camera that this change does not add"));
        }
        porchlight_camera::parse_address(address).map_err(ApiError::bad)?;
    }
    for device in &after.devices {
        let new = !before.devices.iter().any(|old| old.id == device.id);
        if new
            && device.kind == porchlight_household::DeviceKind::Camera
            && !change.addresses.contains_key(device.id.as_str())
        {
            return Err(ApiError::bad(format!(
                "{} is a camera, and no address was sent for it",
                device.name
            )));
        }
    }
    for id in change.accounts.keys() {
        let keys = |home: &Household| {
            home.people.iter().any(|person| person.id.as_str() == id && person.keys.is_some())
        };
        if keys(before) || !keys(after) {
            return Err(ApiError::bad("an account was sent for somebody whom this change does not let in"));
        }
    }
    Ok(())
}
