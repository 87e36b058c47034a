//! What people are called where the ledger has their ids.

use std::collections::BTreeMap;

use crate::output::quoted;

/// What the people of the household are called, by their ids.
pub(super) type Names = BTreeMap<String, String>;

/// Whoever left the household: their name left with them.
pub(super) const NOBODY_NOW: &str = "Somebody who is not in the household now";

/// Who did something: by name, or Porchlight itself.
pub(super) fn person(id: &str, names: &Names) -> String {
    match names.get(id) {
        Some(name) => quoted(name).into_owned(),
        None if ["retention", "hub", ""].contains(&id) => "Porchlight".to_owned(),
        None => NOBODY_NOW.to_owned(),
    }
}
