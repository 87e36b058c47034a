//! What one commit changes.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use zeroize::Zeroizing;

use crate::Error;
use crate::root_object::is_name;
use crate::segment::SEGMENT_IDS;

/// The longest name of a secret, in bytes.
const NAME_BYTES: usize = 255;

/// The longest secret, in bytes. Secrets are written anew with every commit, so they have to be small.
const SECRET_BYTES: usize = 65_536;

/// What one commit is to change, all of it or nothing.
///
/// ```
/// use porchlight_keyring::Change;
///
/// let change = Change::default().puncture(7).puncture_range(100..=200).put("door code", b"1234").remove("old code");
/// assert_eq!(change.ids, [7]);
/// ```
#[derive(Clone, Default)]
pub struct Change {
    /// Ids to puncture. Each must have been allocated; one that is gone already is no error.
    pub ids: Vec<u64>,
    /// Ranges of ids to puncture, both ends included. What in them was not yet allocated stays usable.
    pub ranges: Vec<RangeInclusive<u64>>,
    /// Names of secrets to destroy. One that does not exist is no error.
    pub remove: Vec<String>,
    /// Secrets to store by name (1 to 255 bytes, the first of them not NUL) with their value (at most 65,536 bytes), after `remove`. A former value is
    /// destroyed.
    pub put: BTreeMap<String, Zeroizing<Vec<u8>>>,
}

impl Change {
    /// Adds an id to puncture.
    #[must_use]
    pub fn puncture(mut self, id: u64) -> Change {
        self.ids.push(id);
        self
    }

    /// Adds a range of ids to puncture.
    #[must_use]
    pub fn puncture_range(mut self, ids: RangeInclusive<u64>) -> Change {
        self.ranges.push(ids);
        self
    }

    /// Adds a secret to store.
    #[must_use]
    pub fn put(mut self, name: impl Into<String>, value: &[u8]) -> Change {
        self.put.insert(name.into(), Zeroizing::new(value.to_vec()));
        self
    }

    /// Adds a secret to destroy.
    #[must_use]
    pub fn remove(mut self, name: impl Into<String>) -> Change {
        self.remove.push(name.into());
        self
    }

    /// Refuses what could not be stored.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if let Some(range) = self.ranges.iter().find(|range| range.is_empty()) {
            return Err(Error::EmptyRange { start: *range.start(), end: *range.end() });
        }
        for (name, value) in &self.put {
            check_length("name", name.len(), 1, NAME_BYTES)?;
            if !is_name(name) {
                return Err(Error::SecretName);
            }
            check_length("value", value.len(), 0, SECRET_BYTES)?;
        }
        Ok(())
    }

    /// All ids to puncture as sorted ranges that do not touch.
    pub(crate) fn punctured(&self) -> Vec<RangeInclusive<u64>> {
        let mut ranges: Vec<_> =
            self.ids.iter().map(|id| *id..=*id).chain(self.ranges.iter().cloned()).collect();
        ranges.sort_unstable_by_key(|range| *range.start());
        ranges.dedup_by(|next, last| {
            let touches = *next.start() <= last.end().saturating_add(1);
            if touches {
                *last = *last.start()..=*last.end().max(next.end());
            }
            touches
        });
        ranges
    }
}

/// The part of sorted `ranges` that lies in a segment, as ids within it. `allocated` is how many of its ids may be touched.
pub(crate) fn holes_in(
    ranges: &[RangeInclusive<u64>],
    segment: u64,
    allocated: u64,
) -> Vec<RangeInclusive<u16>> {
    let first = segment * SEGMENT_IDS;
    let Some(last) = allocated.checked_sub(1).map(|more| first + more) else { return Vec::new() };
    let from = ranges.partition_point(|range| *range.end() < first);
    let overlapping = ranges[from..].iter().take_while(|range| *range.start() <= last);
    let within = |id: u64| (id.clamp(first, last) - first) as u16;
    overlapping.map(|range| within(*range.start())..=within(*range.end())).collect()
}

fn check_length(part: &'static str, length: usize, least: usize, most: usize) -> Result<(), Error> {
    if (least..=most).contains(&length) {
        return Ok(());
    }
    Err(Error::SecretLength { part, length, least, most })
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change")
            .field("ids", &self.ids.len())
            .field("ranges", &self.ranges.len())
            .field("remove", &self.remove.len())
            .field("put", &self.put.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_sorted_and_joined() {
        let change =
            Change::default().puncture(9).puncture_range(1..=4).puncture(5).puncture(9).puncture_range(3..=4);
        assert_eq!(change.punctured(), [1..=5, 9..=9]);
        let all = Change::default().puncture_range(0..=u64::MAX).puncture(u64::MAX).puncture(0);
        assert_eq!(all.punctured(), [0..=u64::MAX]);
    }

    #[test]
    fn holes_stay_inside_the_segment_and_what_was_allocated() {
        let ranges = [5..=9, 65_530..=65_600, 70_000..=u64::MAX];
        assert_eq!(holes_in(&ranges, 0, 65_536), [5..=9, 65_530..=65_535]);
        assert_eq!(holes_in(&ranges, 0, 7), [5..=6]);
        assert_eq!(holes_in(&ranges, 0, 5), []);
        assert_eq!(holes_in(&ranges, 0, 0), []);
        assert_eq!(holes_in(&ranges, 1, 65_536), [0..=64, 4464..=u16::MAX]);
        assert_eq!(holes_in(&ranges, 2, 65_536), [0..=u16::MAX]);
    }

    #[test]
    fn says_nothing_of_secrets_when_printed() {
        let shown = format!("{:?}", Change::default().put("camera", b"hunter2"));
        assert_eq!(shown, "Change { ids: 0, ranges: 0, remove: 0, put: 1 }");
    }
}
