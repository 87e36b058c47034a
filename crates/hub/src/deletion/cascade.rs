//! What lost its reason to be kept is forgotten: recordings that rest on nothing any more, and whatever else is left of people and
//! devices that are gone.
//!
//! `Household::lost` says what that is, of the household as it stands. So it can be asked at any time, after a change, at every start
//! and at every run of expiry, and finds what an earlier time missed. All that goes for one reason goes in one deletion, so that
//! whoever made the change gets one receipt for it; but what is somebody's own goes in a deletion of theirs, of which whoever may not
//! know what there was learns nothing either when it is gone.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use porchlight_household::{self as household, Household, Lost, PersonId, Viewer};
use porchlight_protocol::{Amount, ForgottenView};
use porchlight_vault::receipt::DeletionReceipt;
use porchlight_vault::{Basis, Forgotten, Id, Owner, Reason};

use crate::deletion::{forget_ids, view};
use crate::error::Error;
use crate::query::person_id;
use crate::state::Hub;
use crate::{ledger, notices, secrets};

/// What was forgotten, and what was not.
#[derive(Default)]
pub struct Cascade {
    /// Each with its line in the ledger and its receipt, and whose own it was; none where nothing went.
    deletions: Vec<(Option<PersonId>, ForgottenView)>,
    /// The moments that stay until a hold on them ends, by whose own they are.
    held: BTreeMap<Option<PersonId>, BTreeSet<Id>>,
}

/// Forgets what rests on nothing any more, of the moments since an instant, in the name of `by`.
pub(crate) async fn cascade(hub: &Hub, by: &str, since: Timestamp) -> Result<Cascade, Error> {
    let home = hub.home();
    // Ages are asked of a clock that is trusted and of no other: with one that shows 1970 there would be no adults.
    let now = hub.vault.trusted_now().ok();
    let mut lost: BTreeMap<(Lost, Option<PersonId>), BTreeSet<Id>> = BTreeMap::new();
    for basis in hub.vault.bases(since).await? {
        if let Some(why) = home.household.lost(&in_the_households_words(&basis), now) {
            // Of what is left of those who are gone the adults get the receipt: there is nobody else.
            let whose = match &basis.owner {
                Owner::Person(id) => person_id(&home.household, id),
                Owner::Household => None,
            };
            lost.entry((why, whose)).or_default().extend(hub.vault.moments_on(&basis).await?);
        }
    }
    let (mut done, mut gone) = (Cascade::default(), BTreeSet::new());
    for ((why, whose), ids) in lost {
        let ids: Vec<Id> = ids.difference(&gone).copied().collect();
        let readers = match &whose {
            Some(person) => ledger::readers_of_own(&home.household, person, hub.times())?,
            None => ledger::readers(hub)?,
        };
        let held = done.held.entry(whose.clone()).or_default();
        let forgotten = forget_ids(hub, &ids, reason(why), by, &readers, held).await?;
        gone.extend(forgotten.iter().flat_map(|forgotten| forgotten.moments.iter().copied()));
        // Where all of it is held, nothing is gone that a receipt could speak of.
        let went = forgotten.iter().filter(|done| !done.recordings.is_empty());
        done.deletions.extend(went.map(|done| (whose.clone(), view(done))));
    }
    forget_the_rest(hub, &home.household).await?;
    Ok(done)
}

/// Forgets the secrets, sessions and notes of people and devices that are not part of the household.
async fn forget_the_rest(hub: &Hub, household: &Household) -> Result<(), Error> {
    let people: Vec<&str> = household.people.iter().map(|person| person.id.as_str()).collect();
    let devices: Vec<&str> = household.devices.iter().map(|device| device.id.as_str()).collect();
    let mut left = secrets::of_others(&hub.vault, &people, &devices).await;
    left.extend(secrets::of_forgotten_devices(&hub.vault).await?);
    left.extend(notices::no_longer_told(&hub.vault, household, hub.now()).await);
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
    pub fn add(&mut self, finished: &[Forgotten]) {
        self.deletions.extend(finished.iter().map(|done| (None, view(done))));
    }

    /// Adds what else was forgotten.
    pub fn extend(&mut self, other: Cascade) {
        self.deletions.extend(other.deletions);
        for (whose, moments) in other.held {
            self.held.entry(whose).or_default().extend(moments);
        }
    }

    /// Leaves out what this person may not know of: how much it was is told to those whose own it was, and to nobody else.
    pub(crate) fn known_to(mut self, viewer: &Viewer) -> Cascade {
        let known =
            |whose: &Option<PersonId>| whose.as_ref().is_none_or(|person| viewer.may_know_own_of(person));
        self.deletions.retain(|(whose, _)| known(whose));
        self.held.retain(|whose, _| known(whose));
        self
    }

    /// The deletions by which it went.
    pub(crate) fn into_deletions(self) -> Vec<ForgottenView> {
        self.deletions.into_iter().map(|(_, done)| done).collect()
    }

    /// The recordings that are gone.
    pub(crate) fn forgotten(&self) -> Vec<u64> {
        let all: BTreeSet<u64> =
            self.deletions.iter().flat_map(|(_, done)| done.recordings.iter().copied()).collect();
        all.into_iter().collect()
    }

    /// How much is gone, as its receipts say it.
    fn amount(&self) -> String {
        let mut all = Amount::default();
        for (_, done) in &self.deletions {
            let receipt = done.receipt.as_ref().map(|text| DeletionReceipt::read(text.as_bytes(), None));
            let Some(Ok(DeletionReceipt { deletion, .. })) = receipt else { continue };
            let kinds = deletion.recordings.iter().map(|of| (of.kind.as_str(), of.count, of.seconds));
            all.add(&Amount::of_kinds(kinds).unwrap_or_default());
        }
        all.in_short()
    }

    /// What was forgotten after a change, in words, to whoever made it; empty when nothing follows it.
    pub(crate) fn sentence(
        &self,
        before: &Household,
        after: &Household,
        viewer: &Viewer,
        now: Timestamp,
    ) -> String {
        let whys = after.no_longer_kept_for(before);
        let unseen = after.takes_unseen_since(before, viewer);
        let mut said = match (whys.is_empty(), self.forgotten().is_empty()) {
            (true, _) => Vec::new(),
            (false, true) if unseen => {
                vec![format!("Nothing that you could see was {}.", whys.join(" or "))]
            }
            (false, true) => vec![format!("Nothing {} had to be forgotten.", whys.join(" or "))],
            (false, false) => {
                vec![format!("What was {} is forgotten for good: {}.", whys.join(" and "), self.amount())]
            }
        };
        if unseen {
            said.push(
                "What is others' own goes too, and what of it is held goes when its hold ends; how much that is, only they can see."
                    .to_owned(),
            );
        }
        if self.held.values().any(|moments| !moments.is_empty()) {
            said.push("What of it is held is forgotten when the hold ends.".to_owned());
        }
        said.extend(after.cameras_ended_since(before, now));
        said.join(" ")
    }
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
        sound: porchlight_camera::holds_sound(&basis.media_type),
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
