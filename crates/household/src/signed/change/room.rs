//! What the household document has room for: there is always some left for taking something back or out of it, and no rule stands in it
//! twice.

use super::Change;
use crate::signed::document::LONGEST_DOCUMENT;
use crate::{ChangeKind, Error, Rule};

/// The bytes up to which a document may grow. To take a consent back makes it longer: what half of it holds finds room in the other half.
const GROWS_TO: usize = LONGEST_DOCUMENT / 2;
/// The rules up to which more may be added; a family has a dozen.
const RULES: usize = 500;

impl Change<'_> {
    /// One rule says how long one thing is kept. A second one about the same would be passed over while the shorter one stands, and hold
    /// once that is gone.
    pub(super) fn one_rule_each(&self) -> Result<(), Error> {
        let (before, after) = (&self.previous.retention.rules, &self.next.retention.rules);
        if after.len() > RULES {
            return match after.len() > before.len() {
                true => self.refuse(&format!("there is room for {RULES} rules; drop one first.")),
                false => Ok(()),
            };
        }
        let count =
            |rules: &[Rule], rule: &Rule| rules.iter().filter(|other| other.is_about_the_same(rule)).count();
        match after.iter().any(|rule| count(after, rule) > count(before, rule).max(1)) {
            true => self.refuse("one rule says how long one thing is kept; change the one that is there."),
            false => Ok(()),
        }
    }

    /// A document that is half full grows by nothing but what is taken back.
    pub(super) fn room(&self) -> Result<(), Error> {
        let (was, is) = (self.previous.to_json()?.len(), self.next.to_json()?.len());
        if is <= was.max(GROWS_TO) {
            return Ok(());
        }
        let takes_back = |what| matches!(what, ChangeKind::ConsentWithdrawn | ChangeKind::DeviceGoes);
        match self.next.changes_since(self.previous).into_iter().all(|change| takes_back(change.what)) {
            true => Ok(()),
            false => self.refuse("the household document is full; remove a device or a rule first."),
        }
    }
}
