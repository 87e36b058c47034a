//! A change to the household: a new signed version of its document, and everything that follows from it.
//!
//! What follows is forgetting: for a consent that was taken back, a device or a person that is gone, what was kept for them
//! goes by the same path as any other deletion.

use std::collections::BTreeSet;
use std::sync::Arc;

use porchlight_household::{DeviceId, Household, PersonId, Purpose};
use porchlight_vault::{Filter, Id, Owner, Reason};
use serde_json::json;

use crate::api::types::{ChangeDone, HouseholdChange};
use crate::cameras::Cameras;
use crate::error::ApiError;
use crate::events::Happening;
use crate::forget::forget_ids;
use crate::hub::{Home, Hub};
use crate::sign_in::read_account;
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

    // Secrets first: a document that names a camera whose address is not there would be recorded from never.
    for (device, address) in &change.addresses {
        secrets::put_camera_address(&hub.vault, &device.parse::<DeviceId>()?, address)
            .await
            .map_err(ApiError::broken)?;
    }
    for (person, account) in &change.accounts {
        let person: PersonId = person.parse()?;
        let account =
            read_account(person.clone(), account).map_err(|error| ApiError::bad(error.to_string()))?;
        secrets::put_account(&hub.vault, &person, &account).await.map_err(ApiError::broken)?;
    }
    let version = after.version;
    hub.vault.replace_household(version, &change.signed.to_bytes()?).await?;
    hub.set_home(Home { household: after, signed: change.signed });
    let home = hub.home();
    let detail = json!({ "v": 1, "who": by, "version": version, "at": hub.now() });
    ledger::write(hub, "household", detail).await?;
    Cameras::follow_household(hub).await;
    let (forgotten, sentence) = follow(hub, &before.household, &home.household, by).await?;
    hub.events.tell(hub.now(), Happening::HouseholdChanged { version });
    Ok(ChangeDone { version, forgotten, sentence })
}

/// Whether a change decides who belongs, who decides and who can open, or has something forgotten: what a phone that was left on a
/// table must not do.
fn is_grave(before: &Household, after: &Household) -> bool {
    let deciding = |home: &Household| {
        let people = home.people.iter();
        people
            .map(|person| (person.id.clone(), person.owner, person.guardians.clone(), person.keys.clone()))
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

/// Forgets what a change leaves without a reason to be kept; how much, and in words.
async fn follow(
    hub: &Hub,
    before: &Household,
    after: &Household,
    by: &PersonId,
) -> Result<(Vec<u64>, String), ApiError> {
    let mut forgotten = BTreeSet::new();
    let mut held = BTreeSet::new();
    let mut whys = Vec::new();

    let gone_devices: Vec<_> = before.devices.iter().filter(|old| after.device(&old.id).is_err()).collect();
    for device in gone_devices {
        let filter = Filter { devices: vec![device.id.to_string()], ..Filter::default() };
        let ids = moments(hub, &filter, |_| true).await?;
        forgotten.extend(forget_ids(hub, &ids, Reason::DeviceRemoved, by.as_str(), &mut held).await?);
        secrets::forget_camera_address(&hub.vault, &device.id).await.map_err(ApiError::broken)?;
        hub.store.forget_missed(Some(device.id.as_str()), jiff::Timestamp::MAX).await?;
        whys.push(format!("recorded with {}", device.name));
    }
    let gone_people: Vec<_> = before.people.iter().filter(|old| after.person(&old.id).is_err()).collect();
    for person in gone_people {
        hub.sign_ins.drop_all(&person.id);
        hub.store.end_sessions(Some(person.id.as_str())).await?;
        secrets::forget_account(&hub.vault, &person.id).await.map_err(ApiError::broken)?;
        secrets::forget_passkeys(&hub.vault, &person.id).await.map_err(ApiError::broken)?;
        hub.store.forget_passkeys(person.id.as_str(), None).await?;
        let owner = Owner::Person(person.id.to_string());
        let ids = moments(hub, &Filter::default(), |entry| entry.owner == owner).await?;
        forgotten.extend(forget_ids(hub, &ids, Reason::PersonRemoved, by.as_str(), &mut held).await?);
        whys.push(format!("kept for {}", person.name));
    }
    for consent in after.withdrawn_since(before) {
        let Ok(person) = after.person(&consent.person) else { continue };
        let ids = match (&consent.purpose, &consent.device) {
            (Purpose::Security, Some(camera)) if after.device(camera).is_ok() => {
                // Another adult may still agree to this camera.
                if after.camera_consent(camera, Purpose::Security, hub.now()).is_some() {
                    continue;
                }
                let filter = Filter { devices: vec![camera.to_string()], ..Filter::default() };
                moments(hub, &filter, |_| true).await?
            }
            (Purpose::Sound, Some(camera)) if after.device(camera).is_ok() => {
                if after.hears(camera, hub.now()) {
                    continue;
                }
                let filter = Filter { devices: vec![camera.to_string()], ..Filter::default() };
                // Sound and pictures are sealed as one file, so the segments that hold sound go whole.
                moments(hub, &filter, |entry| entry.media_type.contains("mp4a")).await?
            }
            (purpose, None) => {
                let owner = Owner::Person(consent.person.to_string());
                moments(hub, &Filter::default(), |entry| {
                    entry.owner == owner && entry.purpose.as_str() == purpose.word()
                })
                .await?
            }
            _ => continue,
        };
        forgotten.extend(forget_ids(hub, &ids, Reason::ConsentWithdrawn, by.as_str(), &mut held).await?);
        whys.push(format!(
            "kept for {}'s consent to {}",
            person.name,
            after.agreement_words(&consent.agreement())
        ));
    }
    let sentence = match (whys.is_empty(), forgotten.len()) {
        (true, _) => String::new(),
        (false, 0) => format!("Nothing was {}.", whys.join(" or ")),
        (false, 1) => format!("1 recording {} is forgotten for good.", whys.join(" and ")),
        (false, many) => format!("{many} recordings {} are forgotten for good.", whys.join(" and ")),
    };
    let sentence = match held.len() {
        0 => sentence,
        1 => format!("{sentence} 1 moment is held, and is forgotten when the hold ends."),
        many => format!("{sentence} {many} moments are held, and are forgotten when the hold ends."),
    };
    Ok((forgotten.into_iter().collect(), sentence))
}

async fn moments(
    hub: &Hub,
    filter: &Filter,
    fits: impl Fn(&porchlight_vault::Entry) -> bool,
) -> Result<Vec<Id>, ApiError> {
    let entries = hub.vault.list(filter).await?;
    let moments: BTreeSet<Id> =
        entries.iter().filter(|entry| fits(entry)).map(|entry| entry.moment).collect();
    Ok(moments.into_iter().collect())
}
