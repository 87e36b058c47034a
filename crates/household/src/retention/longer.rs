//! Whether a version of the household keeps anything for longer than the one before.

use std::collections::BTreeSet;

use crate::{DeviceId, Household, Kind, PersonId};

/// With more rules than this, those of two versions together, it is not weighed whether they keep something longer: no family has as many,
/// and the work grows with their cube.
const WEIGHED: usize = 128;

impl Household {
    /// Whether anything is kept for longer than by the rules of the version before: of any kind, device and person, whatever their age.
    pub(crate) fn keeps_longer_than(&self, before: &Household) -> bool {
        let rules = || self.retention.rules.iter().chain(&before.retention.rules);
        if rules().count() > WEIGHED {
            return true;
        }
        // What no rule names is kept like what is of no device and nobody's.
        let devices: BTreeSet<Option<&DeviceId>> =
            rules().map(|rule| rule.device.as_ref()).chain([None]).collect();
        let people: BTreeSet<Option<&PersonId>> =
            rules().map(|rule| rule.person.as_ref()).chain([None]).collect();
        let nobody = BTreeSet::from([None]);
        let longer = |kind: Kind| {
            let whose = if kind.is_ones_own() { &people } else { &nobody };
            let mut all =
                devices.iter().flat_map(|device| whose.iter().map(move |person| (*device, *person)));
            all.any(|(device, person)| {
                self.retention.keep(kind, device, person) > before.retention.keep(kind, device, person)
            })
        };
        Kind::ALL.into_iter().any(|kind| kind.heeds_rules() && longer(kind))
    }
}
