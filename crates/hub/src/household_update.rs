//! A change to the household: a new signed version of its document, and everything that follows from it.
//!
//! What follows is forgetting ([`cascade`](crate::deletion::cascade)): for a consent that was taken back, a device or a person that is
//! gone, what was kept for them goes by the same path as any other deletion.

use std::collections::BTreeSet;
use std::sync::Arc;

use porchlight_household::rights::proof::{ProofNeeded, proof_needed};
use porchlight_household::{Change, ChangeKind, DeviceId, DeviceKind, Household, PersonId};
use porchlight_protocol::events::Happening;
use porchlight_protocol::{ChangeDone, HouseholdChange, LineKind, Message, ProofFor};
use porchlight_vault::StrongboxChange;
use serde_json::{Value, json};
use tracing::warn;
use url::Url;

use crate::accounts::auth::SignedIn;
use crate::accounts::inviting::{self, LettingIn};
use crate::error::Error;
use crate::intents::{self, Owed, Then};
use crate::messages::Coded;
use crate::state::{Home, Hub};
use crate::{ledger, notices, recording, secrets};

/// So many things that one change changed are told of in the ledger; what a person does at once is fewer.
const MOST_TOLD: usize = 50;

/// Takes a change that somebody signed, if they may make it and have proved who they are as newly as it takes, and does what follows
/// from it.
pub async fn change(hub: &Arc<Hub>, who: &SignedIn, change: HouseholdChange) -> Result<ChangeDone, Error> {
    let by = who.person();
    let changing = hub.changing.lock().await;
    // Each change is followed before the next: a consent that is given anew must not keep what an earlier one was kept for.
    intents::finish(hub, &changing).await?;
    let before = hub.home();
    let after = change.signed.verify_next(&before.household, hub.times().latest())?;
    if change.signed.signer != *by {
        return Err(Error::not_yours("this change is signed by somebody else than who is signed in"));
    }
    let changes = changes(&before.household, &after, &change);
    // Nothing stands in the document that its lines in the ledger do not tell of, and be it in what order people are named.
    if changes.is_empty() {
        return Err(Error::bad(
            "this version changes nothing, so the household stays at the one that it has",
        ));
    }
    must_be_proved(hub, who, &changes, &change).await?;
    let owns = before.household.viewer(by, hub.certain_now()).is_ok_and(|by| by.owner().is_some());
    check_extras(owns, &before.household, &after, &change)?;
    let letting_in = let_in(hub, by, &before.household, &after, &change)?;
    let lineage = before.lineage.next(change.signed, change.step)?;

    // All of it in one commit: the document, the secrets that come and go with it, and what it owes. A document that names a camera
    // whose address is not there would be recorded from never, and nobody who left can sign in any more.
    let version = after.version;
    let mut made = StrongboxChange::default().household(version, lineage.to_bytes()?);
    for (device, address) in &change.addresses {
        made = secrets::with_camera_address(made, &device.parse::<DeviceId>()?, address);
    }
    for gone in before.household.devices.iter().filter(|device| after.device(&device.id).is_err()) {
        made = secrets::with_gone_device(made, &gone.id, &gone.name);
    }
    made = notices::with_notices(made, &before.household, &after, by, hub.now())?;
    for account in letting_in.accounts() {
        made = secrets::with_account(made, account).map_err(Error::broken)?;
    }
    let people: Vec<&str> = after.people.iter().map(|person| person.id.as_str()).collect();
    let devices: Vec<&str> = after.devices.iter().map(|device| device.id.as_str()).collect();
    for name in secrets::of_others(&hub.vault, &people, &devices).await {
        made = made.remove(name);
    }
    // What only takes away must not wait for room: it is what makes room.
    match change.addresses.is_empty() && after.only_takes_from(&before.household) {
        true => hub.vault.make_room(),
        false => hub.vault.check_room()?,
    }
    let owed = Owed {
        by,
        kind: LineKind::Household,
        detail: json!({ "v": 1, "who": by, "version": version, "at": hub.now(), "changes": told(&before.household, &after, &changes) }),
        readers: ledger::readers_of_change(&after, &changes, by, hub.times())?,
        then: Then::Forget,
    };
    intents::make(hub, &changing, made, owed).await?;
    // Whatever it was for: a word is good for one change.
    who.has_used_proof(hub, ProofFor::Household);

    // From here on it is made, whatever becomes of the rest.
    hub.set_home(Home { household: after, lineage });
    for person in
        before.household.people.iter().filter(|person| hub.home().household.person(&person.id).is_err())
    {
        hub.sign_ins.drop_all(&person.id);
        hub.sign_ins.limits.drop_member(&person.id);
        if let Err(why) = hub.familiar.forget(&hub.store, &person.id).await {
            warn!(target: "porchlight", "from where somebody came who has left is not forgotten yet, and is tried again: {why}");
        }
    }
    letting_in.done();
    let moved: Vec<DeviceId> = changes
        .iter()
        .filter(|one| one.what == ChangeKind::DeviceNature)
        .filter_map(|one| one.device.clone())
        .collect();
    recording::let_go(hub, &moved).await;
    recording::follow_household(hub).await;
    let followed = intents::follow(hub, &changing).await;
    hub.events.tell(hub.now(), Happening::HouseholdChanged { version });
    let followed = followed?.known_to(&who.viewer);
    Ok(ChangeDone {
        version,
        forgotten: followed.forgotten(),
        sentence: followed.sentence(&before.household, &hub.home().household, &who.viewer, hub.now()),
        deletions: followed.into_deletions(),
    })
}

/// What is another than before. The document names a camera's host alone: that the rest of its address is another, or its password, shows
/// by what was sent.
fn changes(before: &Household, after: &Household, change: &HouseholdChange) -> BTreeSet<Change> {
    let mut changes = after.changes_since(before);
    let there = after.devices.iter().filter(|device| before.device(&device.id).is_ok());
    let moved = there.filter(|device| change.addresses.contains_key(device.id.as_str()));
    changes.extend(moved.map(|device| Change::of_device(ChangeKind::DeviceNature, &device.id)));
    changes
}

/// What the ledger tells of a change: each thing with whom it concerns, by id, and with the name of a device, which no document has any
/// more when it is gone. What goes along with something else is not told beside it.
fn told(before: &Household, after: &Household, changes: &BTreeSet<Change>) -> Vec<Value> {
    let alone = changes.len() == 1;
    let gone = |change: &Change| {
        let left = change.person.as_ref().is_some_and(|id| after.person(id).is_err());
        left || change.device.as_ref().is_some_and(|id| after.device(id).is_err())
    };
    let told = changes.iter().filter(|change| match change.what {
        ChangeKind::Circle => alone,
        ChangeKind::ConsentWithdrawn => !gone(change),
        _ => true,
    });
    let name = |id: &DeviceId| {
        after.device(id).or_else(|_| before.device(id)).map(|device| device.name.clone()).unwrap_or_default()
    };
    told.take(MOST_TOLD)
        .map(|change| {
            let mut told = json!(change);
            if let Some(device) = &change.device {
                told["name"] = json!(name(device));
            }
            told
        })
        .collect()
}

/// Refuses whoever did not prove who they are as newly as this change takes it: what a phone that was left on a table, or a session that
/// was copied, must not do.
async fn must_be_proved(
    hub: &Hub,
    who: &SignedIn,
    changes: &BTreeSet<Change>,
    change: &HouseholdChange,
) -> Result<(), Error> {
    match proof_needed(changes) {
        ProofNeeded::None => Ok(()),
        ProofNeeded::Lately => who.must_be_fresh(hub),
        ProofNeeded::ForThisAlone => {
            who.must_have_proved(hub, ProofFor::Household, change.proof.as_deref()).await
        }
    }
}

/// Whatever comes beside the document must belong to something in it: nobody slips a password under an account that exists, and where a
/// camera is reached is for an owner to say, and nowhere but at the host that they signed.
fn check_extras(
    owns: bool,
    before: &Household,
    after: &Household,
    change: &HouseholdChange,
) -> Result<(), Error> {
    for (id, address) in &change.addresses {
        let Some(camera) = after.devices.iter().find(|device| device.id.as_str() == id) else {
            return Err(Error::bad("an address was sent for a camera that the household does not have"));
        };
        if camera.kind != DeviceKind::Camera {
            return Err(Error::bad("an address was sent for what is no camera"));
        }
        if before.device(&camera.id).is_ok() && !owns {
            return Err(Error::not_yours(Message::new(
                "owners-only",
                "only an owner of the household can do that",
            )));
        }
        let (url, _) = porchlight_camera::parse_address(address).map_err(|why| Error::bad(why.message()))?;
        let is_there = |signed: &Url| (signed.host(), port_of(signed)) == (url.host(), port_of(&url));
        if camera.address.as_ref().is_some_and(|signed| !is_there(signed)) {
            return Err(Error::bad(format!(
                "the address that was sent for {} is at another host than the document says",
                camera.name
            )));
        }
    }
    for camera in after.devices.iter().filter(|device| device.kind == DeviceKind::Camera) {
        let stays = before.device(&camera.id).is_ok_and(|before| before.address == camera.address);
        if !stays && !change.addresses.contains_key(camera.id.as_str()) {
            return Err(Error::bad(format!("{} is a camera, and no address was sent for it", camera.name)));
        }
    }
    Ok(())
}

/// RTSP's own where none is written.
fn port_of(address: &Url) -> u16 {
    address.port().unwrap_or(554)
}

/// Those whom this change lets in. Nobody has their first keys by it but who answered an invitation of this owner's with
/// them: neither an owner nor a hub makes keys in somebody else's place.
fn let_in<'a>(
    hub: &'a Hub,
    by: &PersonId,
    before: &Household,
    after: &Household,
    change: &HouseholdChange,
) -> Result<LettingIn<'a>, Error> {
    let mut letting_in = LettingIn::nobody(hub);
    for person in &after.people {
        let had = before.person(&person.id).is_ok_and(|before| before.keys.is_some());
        match (&person.keys, change.let_in.get(person.id.as_str())) {
            (Some(keys), Some(binding)) if !had => {
                letting_in.add(after, by, person, keys, binding)?;
            }
            (Some(_), None) if !had => return Err(inviting::not_answered(person)),
            (_, None) => {}
            (_, Some(_)) => {
                return Err(Error::bad("an answer was named of somebody whom this change does not let in"));
            }
        }
    }
    if change.let_in.keys().any(|id| !after.people.iter().any(|person| person.id.as_str() == id)) {
        return Err(Error::bad("an answer was named of somebody who is not in the household"));
    }
    Ok(letting_in)
}
