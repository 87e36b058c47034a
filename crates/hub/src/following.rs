//! What follows from a change of the household: what lost its reason to be kept is forgotten.
//!
//! All that goes for one reason goes in one deletion, so that whoever made the change gets one receipt for it.

use std::collections::BTreeSet;

use porchlight_household::{Consent, Household, PersonId, Purpose};
use porchlight_vault::{Entry, Filter, Id, Owner, Reason};

use crate::api::types::ForgottenView;
use crate::error::ApiError;
use crate::forget::{forget_ids, view};
use crate::hub::Hub;
use crate::secrets;

/// What was forgotten after a change, and what was not.
#[derive(Default)]
pub(crate) struct Followed {
    /// Each with its line in the ledger and its receipt; none where nothing went.
    pub deletions: Vec<ForgottenView>,
    /// The moments that stay until a hold on them ends.
    held: BTreeSet<Id>,
    /// What each was kept for, in words.
    whys: Vec<String>,
}

/// Forgets what a change leaves without a reason to be kept.
pub(crate) async fn follow(
    hub: &Hub,
    before: &Household,
    after: &Household,
    by: &PersonId,
) -> Result<Followed, ApiError> {
    let mut followed = Followed::default();

    let gone = before.devices.iter().filter(|old| after.device(&old.id).is_err());
    let mut ids = BTreeSet::new();
    for device in gone.clone() {
        ids.extend(recorded_with(hub, device.id.as_str(), |_| true).await?);
        followed.whys.push(format!("recorded with {}", device.name));
    }
    followed.forget(hub, ids, Reason::DeviceRemoved, by).await?;
    for device in gone {
        secrets::forget_camera_address(&hub.vault, &device.id).await.map_err(ApiError::broken)?;
        hub.store.forget_missed(Some(device.id.as_str()), jiff::Timestamp::MAX).await?;
    }

    let mut ids = BTreeSet::new();
    for person in before.people.iter().filter(|old| after.person(&old.id).is_err()) {
        hub.sign_ins.drop_all(&person.id);
        hub.sign_ins.limits.drop_member(&person.id);
        hub.familiar.forget(&hub.store, &person.id).await?;
        hub.store.end_sessions(Some(person.id.as_str())).await?;
        secrets::forget_account(&hub.vault, &person.id).await.map_err(ApiError::broken)?;
        secrets::forget_passkeys(&hub.vault, &person.id).await.map_err(ApiError::broken)?;
        hub.store.forget_passkeys(person.id.as_str(), None).await?;
        let owner = Owner::Person(person.id.to_string());
        ids.extend(moments(hub, &Filter::default(), |entry| entry.owner == owner).await?);
        followed.whys.push(format!("kept for {}", person.name));
    }
    followed.forget(hub, ids, Reason::PersonRemoved, by).await?;

    let mut ids = BTreeSet::new();
    for consent in after.withdrawn_since(before) {
        let Ok(person) = after.person(&consent.person) else { continue };
        let Some(kept) = kept_for(hub, after, consent).await? else { continue };
        ids.extend(kept);
        followed.whys.push(format!(
            "kept for {}'s consent to {}",
            person.name,
            after.agreement_words(&consent.agreement())
        ));
    }
    followed.forget(hub, ids, Reason::ConsentWithdrawn, by).await?;
    Ok(followed)
}

impl Followed {
    /// The recordings that are gone.
    pub(crate) fn forgotten(&self) -> Vec<u64> {
        let all: BTreeSet<u64> =
            self.deletions.iter().flat_map(|done| done.recordings.iter().copied()).collect();
        all.into_iter().collect()
    }

    /// What was forgotten, in words; empty when nothing follows.
    pub(crate) fn sentence(&self) -> String {
        let sentence = match (self.whys.is_empty(), self.forgotten().len()) {
            (true, _) => String::new(),
            (false, 0) => format!("Nothing was {}.", self.whys.join(" or ")),
            (false, 1) => format!("1 recording {} is forgotten for good.", self.whys.join(" and ")),
            (false, many) => {
                format!("{many} recordings {} are forgotten for good.", self.whys.join(" and "))
            }
        };
        match self.held.len() {
            0 => sentence,
            1 => format!("{sentence} 1 moment is held, and is forgotten when the hold ends."),
            many => format!("{sentence} {many} moments are held, and are forgotten when the hold ends."),
        }
    }

    async fn forget(
        &mut self,
        hub: &Hub,
        ids: BTreeSet<Id>,
        reason: Reason,
        by: &PersonId,
    ) -> Result<(), ApiError> {
        let ids: Vec<Id> = ids.into_iter().collect();
        let done = forget_ids(hub, &ids, reason, by.as_str(), &mut self.held).await?;
        // Where all of it is held, nothing is gone that a receipt could speak of.
        self.deletions.extend(done.iter().filter(|done| !done.recordings.is_empty()).map(view));
        Ok(())
    }
}

/// What was kept for a consent that is taken back; none where it is still kept by another's.
async fn kept_for(hub: &Hub, after: &Household, consent: &Consent) -> Result<Option<BTreeSet<Id>>, ApiError> {
    match (&consent.purpose, &consent.device) {
        (Purpose::Security, Some(camera)) if after.device(camera).is_ok() => {
            // Another adult may still agree to this camera.
            if after.camera_consent(camera, Purpose::Security, hub.now()).is_some() {
                return Ok(None);
            }
            recorded_with(hub, camera.as_str(), |_| true).await.map(Some)
        }
        (Purpose::Sound, Some(camera)) if after.device(camera).is_ok() => {
            if after.hears(camera, hub.now()) {
                return Ok(None);
            }
            // Sound and pictures are sealed as one file, so the segments that hold sound go whole.
            recorded_with(hub, camera.as_str(), |entry| entry.media_type.contains("mp4a")).await.map(Some)
        }
        (purpose, None) => {
            let owner = Owner::Person(consent.person.to_string());
            let theirs = |entry: &Entry| entry.owner == owner && entry.purpose.as_str() == purpose.word();
            moments(hub, &Filter::default(), theirs).await.map(Some)
        }
        _ => Ok(None),
    }
}

async fn recorded_with(
    hub: &Hub,
    device: &str,
    fits: impl Fn(&Entry) -> bool,
) -> Result<BTreeSet<Id>, ApiError> {
    moments(hub, &Filter { devices: vec![device.to_owned()], ..Filter::default() }, fits).await
}

async fn moments(
    hub: &Hub,
    filter: &Filter,
    fits: impl Fn(&Entry) -> bool,
) -> Result<BTreeSet<Id>, ApiError> {
    let entries = hub.vault.list(filter).await?;
    Ok(entries.iter().filter(|entry| fits(entry)).map(|entry| entry.moment).collect())
}
