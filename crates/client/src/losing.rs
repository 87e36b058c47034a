//! What goes with a change that takes something away: by the rule by which the hub forgets it ([`Household::lost`]), as far as this member
//! may know of it.

use std::collections::BTreeSet;
use std::mem;

use jiff::Timestamp;
use porchlight_household::{Basis, Household, Lost};
use porchlight_protocol::{Amount, Filter, RecordingView};

use crate::household::{Edit, device_goes, person_goes};
use crate::{ClientError, Member};

/// What removing a person or a device would bring about.
pub struct Removal {
    /// How much goes at once …
    pub goes: Amount,
    /// … and how much when the hold on it ends.
    pub held: Amount,
    /// How much of either goes for a consent that ends with a person.
    pub for_consents: Amount,
    /// What of cameras that stay is recorded no longer, in sentences.
    pub cameras: Vec<String>,
}

/// What is kept, of which one change after another takes its part.
pub(crate) struct Remaining<'a> {
    home: &'a Household,
    now: Timestamp,
    kept: Vec<RecordingView>,
}

impl<'a> Remaining<'a> {
    /// All that this member may know of.
    pub(crate) fn of(
        member: &Member,
        home: &'a Household,
        now: Timestamp,
    ) -> Result<Remaining<'a>, ClientError> {
        Ok(Remaining { home, now, kept: member.list(&Filter::default())? })
    }

    /// Takes away what has no ground any more in a household, in whole moments: a moment is forgotten whole.
    pub(crate) fn lose(&mut self, after: &Household) -> Vec<RecordingView> {
        let lost = self.kept.iter().filter(|one| self.lost(one, after).is_some());
        let lost: BTreeSet<u64> = lost.map(|one| one.moment).collect();
        let (gone, left) = mem::take(&mut self.kept).into_iter().partition(|one| lost.contains(&one.moment));
        self.kept = left;
        gone
    }

    /// Why one has no ground any more. Lists say names, of which the household before knows whose they are.
    fn lost(&self, one: &RecordingView, after: &Household) -> Option<Lost> {
        let device = one.device.as_deref().and_then(|name| self.home.device_named(name).ok());
        let basis = Basis {
            owner: self.home.person_named(&one.owner).ok().map(|person| person.id.as_str()),
            purpose: &one.purpose,
            device: device.map(|device| device.id.as_str()),
            // Sound and pictures are sealed as one file.
            sound: porchlight_camera::holds_sound(&one.media_type),
        };
        after.lost(&basis, Some(self.now))
    }
}

/// How much goes at once, and how much when the hold on it ends.
pub(crate) fn counted(gone: &[RecordingView]) -> (Amount, Amount) {
    let (held, goes): (Vec<_>, Vec<_>) = gone.iter().partition(|one| one.held_until.is_some());
    (Amount::of(goes), Amount::of(held))
}

impl Member {
    /// What would go with a person: the same that the hub forgets. Refuses to remove them as the hub would, by the same rule.
    pub fn goes_with_person(&self, name: &str) -> Result<Removal, ClientError> {
        self.goes_with_removal(person_goes(name))
    }

    /// The same of a device.
    pub fn goes_with_device(&self, name: &str) -> Result<Removal, ClientError> {
        self.goes_with_removal(device_goes(name))
    }

    fn goes_with_removal(&self, edit: impl Edit) -> Result<Removal, ClientError> {
        let (home, after) = self.rehearse(edit)?;
        let now = self.clock()?.now;
        let mut remaining = Remaining::of(self, &home, now)?;
        let gone = remaining.lose(&after);
        let (goes, held) = counted(&gone);
        let ends =
            |one: &&RecordingView| matches!(remaining.lost(one, &after), Some(Lost::Consent | Lost::Age));
        let for_consents = Amount::of(gone.iter().filter(ends));
        Ok(Removal { goes, held, for_consents, cameras: after.cameras_ended_since(&home, now) })
    }
}
