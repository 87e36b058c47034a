//! What lost its reason to be kept is forgotten: recordings that rest on nothing any more, and whatever else is left of people and
//! devices that are gone.
//!
//! `Household::lost` says what that is, of the household as it stands. So it can be asked at any time, after a change, at every start
//! and at every run of expiry, and finds what an earlier time missed. All that goes for one reason goes in one deletion, so that
//! whoever made the change gets one receipt for it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use porchlight_household::{self as household, Household, Lost};
use porchlight_vault::{Basis, Forgotten, Id, Owner, Reason};

use crate::api::types::ForgottenView;
use crate::error::ApiError;
use crate::forget::{forget_ids, view};
use crate::hub::Hub;
use crate::secrets;

/// What was forgotten, and what was not.
#[derive(Default)]
pub(crate) struct Cascade {
    /// Each with its line in the ledger and its receipt; none where nothing went.
    pub deletions: Vec<ForgottenView>,
    /// The moments that stay until a hold on them ends.
    held: BTreeSet<Id>,
}

/// Forgets what rests on nothing any more, of the moments since an instant, in the name of `by`.
pub(crate) async fn cascade(hub: &Hub, by: &str, since: Timestamp) -> Result<Cascade, ApiError> {
    let home = hub.home();
    // Ages are asked of a clock that is trusted and of no other: with one that shows 1970 there would be no adults.
    let now = hub.vault.trusted_now().ok();
    let mut lost: BTreeMap<Lost, BTreeSet<Id>> = BTreeMap::new();
    for basis in hub.vault.bases(since).await? {
        if let Some(why) = home.household.lost(&in_the_households_words(&basis), now) {
            lost.entry(why).or_default().extend(hub.vault.moments_on(&basis).await?);
        }
    }
    let (mut done, mut gone) = (Cascade::default(), BTreeSet::new());
    for (why, ids) in lost {
        let ids: Vec<Id> = ids.difference(&gone).copied().collect();
        let forgotten = forget_ids(hub, &ids, reason(why), by, &mut done.held).await?;
        gone.extend(forgotten.iter().flat_map(|forgotten| forgotten.moments.iter().copied()));
        // Where all of it is held, nothing is gone that a receipt could speak of.
        done.deletions.extend(forgotten.iter().filter(|done| !done.recordings.is_empty()).map(view));
    }
    forget_the_rest(hub, &home.household).await?;
    Ok(done)
}

/// Forgets the secrets, sessions and notes of people and devices that are not part of the household.
async fn forget_the_rest(hub: &Hub, household: &Household) -> Result<(), ApiError> {
    let people: Vec<&str> = household.people.iter().map(|person| person.id.as_str()).collect();
    let devices: Vec<&str> = household.devices.iter().map(|device| device.id.as_str()).collect();
    let left = secrets::of_others(&hub.vault, &people, &devices).await;
    if !left.is_empty() {
        hub.vault
            .change(left.into_iter().fold(Default::default(), |change, name| change.remove(name)))
            .await?;
    }
    hub.store.keep_only(&people, &devices).await?;
    Ok(())
}

impl Cascade {
    /// Adds deletions that were begun before and are finished now.
    pub(crate) fn add(&mut self, finished: &[Forgotten]) {
        self.deletions.extend(finished.iter().map(view));
    }

    /// Adds what else was forgotten.
    pub(crate) fn extend(&mut self, other: Cascade) {
        self.deletions.extend(other.deletions);
        self.held.extend(other.held);
    }

    /// The recordings that are gone.
    pub(crate) fn forgotten(&self) -> Vec<u64> {
        let all: BTreeSet<u64> =
            self.deletions.iter().flat_map(|done| done.recordings.iter().copied()).collect();
        all.into_iter().collect()
    }

    /// What was forgotten after a change, in words; empty when nothing follows it.
    pub(crate) fn sentence(&self, before: &Household, after: &Household) -> String {
        let whys = kept_for(before, after);
        let sentence = match (whys.is_empty(), self.forgotten().len()) {
            (true, _) => String::new(),
            (false, 0) => format!("Nothing {} had to be forgotten.", whys.join(" or ")),
            (false, 1) => format!("1 recording {} is forgotten for good.", whys.join(" and ")),
            (false, many) => {
                format!("{many} recordings {} are forgotten for good.", whys.join(" and "))
            }
        };
        match self.held.len() {
            0 => sentence,
            1 => format!("{sentence} 1 moment is held, and is forgotten when the hold ends."),
            many => format!("{sentence} {many} moments are held, and are forgotten when the hold ends."),
        }
    }
}

/// What a change left without a reason was kept for, in words.
fn kept_for(before: &Household, after: &Household) -> Vec<String> {
    let devices = before.devices.iter().filter(|old| after.device(&old.id).is_err());
    let mut whys: Vec<String> = devices.map(|device| format!("recorded with {}", device.name)).collect();
    let people = before.people.iter().filter(|old| after.person(&old.id).is_err());
    whys.extend(people.map(|person| format!("kept for {}", person.name)));
    for consent in after.withdrawn_since(before) {
        let device = consent.device.as_ref();
        let (Ok(person), true) =
            (after.person(&consent.person), device.is_none_or(|id| after.device(id).is_ok()))
        else {
            continue;
        };
        let basis = household::Basis {
            owner: device.is_none().then_some(consent.person.as_str()),
            purpose: consent.purpose.word(),
            device: device.map(|id| id.as_str()),
            sound: false,
        };
        // Another adult may still agree to a camera.
        if after.lost(&basis, None).is_some() {
            let agreed = after.agreement_words(&consent.agreement());
            whys.push(format!("kept for {}'s consent to {agreed}", person.name));
        }
    }
    whys
}

fn in_the_households_words(basis: &Basis) -> household::Basis<'_> {
    household::Basis {
        owner: match &basis.owner {
            Owner::Person(person) => Some(person),
            Owner::Household => None,
        },
        purpose: basis.purpose.as_str(),
        device: basis.device.as_deref(),
        // Sound and pictures are sealed as one file, so the segments that hold sound go whole.
        sound: basis.media_type.contains("mp4a"),
    }
}

fn reason(lost: Lost) -> Reason {
    match lost {
        Lost::Device => Reason::DeviceRemoved,
        Lost::Person => Reason::PersonRemoved,
        Lost::Consent => Reason::ConsentWithdrawn,
        Lost::Age => Reason::ConsentLapsed,
    }
}
