//! What somebody is told of a device of their own that another took from them.
//!
//! The household document says nothing of a device that is gone, so this is written beside it, in the strongbox, in the commit that takes
//! the device: no stop loses it, and it goes when it was told for long enough, or with whom it names.

use jiff::Timestamp;
use porchlight_household::{DeviceId, Household, PersonId};
use porchlight_protocol::Message;
use porchlight_vault::{StrongboxChange, Vault};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::TOLD;
use crate::error::Error;
use crate::state::Hub;

/// Under which names the strongbox holds these; the version that took the device and its id follow.
const NAME: &str = "notice/";
/// How they are written, and the newest format that is read.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Taken {
    format: u32,
    /// Whose own it was.
    person: PersonId,
    by: PersonId,
    /// What the device was called.
    device: String,
    at: Timestamp,
    /// Whether it is still there, and is everybody's.
    shared: bool,
}

/// Adds what is to be told of a change of the household to what it changes in the strongbox.
pub(crate) fn with_notices(
    change: StrongboxChange,
    before: &Household,
    after: &Household,
    by: &PersonId,
    at: Timestamp,
) -> Result<StrongboxChange, Error> {
    let mut change = change;
    for (device, taken) in taken_devices(before, after, by, at) {
        let bytes = Zeroizing::new(serde_json::to_vec(&taken).map_err(Error::broken)?);
        change = change.put(format!("{NAME}{}/{device}", after.version), bytes);
    }
    Ok(change)
}

/// The devices that somebody took who was not their owner.
fn taken_devices<'a>(
    before: &'a Household,
    after: &Household,
    by: &PersonId,
    at: Timestamp,
) -> Vec<(&'a DeviceId, Taken)> {
    let mut told = Vec::new();
    for device in &before.devices {
        let now = after.device(&device.id).ok();
        let Some(person) = device.person.clone().filter(|person| person != by) else { continue };
        if after.person(&person).is_err() || now.is_some_and(|now| now.person.as_ref() == Some(&person)) {
            continue;
        }
        let (by, name) = (by.clone(), device.name.clone());
        let taken = Taken { format: FORMAT, person, by, device: name, at, shared: now.is_some() };
        told.push((&device.id, taken));
    }
    told
}

/// What somebody is told of it for a while.
pub async fn devices_taken(hub: &Hub, reader: &PersonId) -> Vec<Message> {
    let home = hub.home();
    let all = stored(&hub.vault).await;
    let theirs = all.iter().filter_map(|(_, taken)| taken.as_ref()).filter(|taken| taken.person == *reader);
    theirs.filter(|taken| taken.is_told(hub.now())).filter_map(|taken| taken.said(&home.household)).collect()
}

/// The names of those that were told for long enough, or that name somebody who is gone.
pub(crate) async fn no_longer_told(vault: &Vault, household: &Household, now: Timestamp) -> Vec<String> {
    let over = |taken: &Taken| !taken.is_told(now) || taken.said(household).is_none();
    let over = |taken: Option<Taken>| taken.is_none_or(|taken| over(&taken));
    stored(vault).await.into_iter().filter_map(|(name, taken)| over(taken).then_some(name)).collect()
}

/// None in the place of one that cannot be read.
async fn stored(vault: &Vault) -> Vec<(String, Option<Taken>)> {
    let mut all = Vec::new();
    for name in vault.secret_names(NAME).await {
        let Some(bytes) = vault.secret(&name).await else { continue };
        let taken = serde_json::from_slice::<Taken>(&bytes).ok();
        all.push((name, taken.filter(|taken| taken.format == FORMAT)));
    }
    all
}

impl Taken {
    fn is_told(&self, now: Timestamp) -> bool {
        now.duration_since(self.at) < TOLD
    }

    /// None where somebody it names is not part of the household.
    fn said(&self, household: &Household) -> Option<Message> {
        let (by, person) =
            (&household.person(&self.by).ok()?.name, &household.person(&self.person).ok()?.name);
        let (on, device) = (household.day(self.at), &self.device);
        let said = match self.shared {
            false => Message::new(
                "device-taken",
                format!(
                    "On {on} {by} removed {device}, which was {person}'s own. What was kept of what {person} said there goes with it, and what of it is held goes when its hold ends."
                ),
            ),
            true => Message::new(
                "device-shared",
                format!(
                    "On {on} {by} made {device}, which was {person}'s own, a device for everybody: nothing that is said there is kept from then on."
                ),
            ),
        };
        Some(said.with("by", by).with("person", person).with("device", device).with("on", on))
    }
}

#[cfg(test)]
mod tests {
    use porchlight_household::{Device, DeviceKind, MemberKeys, Person};

    use super::*;

    #[test]
    fn whose_own_device_another_takes_is_told_of_it_by_name_and_nobody_who_gave_it_up() {
        let now: Timestamp = "2028-11-01T12:00:00Z".parse().unwrap();
        let keys = MemberKeys::generate().unwrap();
        let anna = Person::new("Anna", "1984-03".parse().unwrap()).unwrap();
        let anna_id = anna.id.clone();
        let (mut home, _) = Household::first(None, "Europe/Berlin", "en", anna, &keys, now).unwrap();
        let oma = Person::new("Oma", "1950-11".parse().unwrap()).unwrap();
        let oma_id = oma.id.clone();
        home.add_person(oma, now).unwrap();
        let mut lamp = Device::new("Lamp", DeviceKind::Microphone).unwrap();
        lamp.person = Some(oma_id.clone());
        let lamp_id = lamp.id.clone();
        home.add_device(lamp, &oma_id, now).unwrap();

        let mut without = home.clone();
        without.remove_device(&lamp_id).unwrap();
        let mut document = home.to_document();
        document.devices[0].person = None;
        let shared = Household::from_document(document).unwrap();
        for (after, code, begins) in [
            (&without, "device-taken", "On 2028-11-01 Anna removed Lamp, which was Oma's own."),
            (
                &shared,
                "device-shared",
                "On 2028-11-01 Anna made Lamp, which was Oma's own, a device for everybody",
            ),
        ] {
            let told = taken_devices(&home, after, &anna_id, now);
            let [(_, taken)] = &told[..] else { panic!("one device") };
            let said = taken.said(after).unwrap();
            assert_eq!((taken.person.clone(), said.code.as_str()), (oma_id.clone(), code));
            assert!(said.text.starts_with(begins), "{}", said.text);
            assert!(taken.is_told(now) && !taken.is_told(now + TOLD));
            assert!(taken_devices(&home, after, &oma_id, now).is_empty(), "who does it themself knows");
            let mut left = after.clone();
            left.remove_person(&oma_id, now).unwrap();
            assert!(taken.said(&left).is_none());
            assert!(taken_devices(&home, &left, &anna_id, now).is_empty(), "who left is told of nothing");
        }
        assert!(taken_devices(&home, &home, &anna_id, now).is_empty());
    }
}
