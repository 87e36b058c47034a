//! A door for the fuzz targets to how filters and times are read. Only with the feature `fuzzing`.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use porchlight_household::Household;
use porchlight_protocol::Selection;

use crate::query::{self, Bound};

/// A selection in the vault's words, where it means one thing.
pub fn selection(home: &Household, chosen: &Selection) -> Option<porchlight_vault::Selection> {
    query::selection(home, chosen).ok()
}

/// An instant as people write it. `ends` says that it ends a range.
pub fn instant(text: &str, zone: &TimeZone, ends: bool) -> Option<Timestamp> {
    let bound = if ends { Bound::End } else { Bound::First };
    query::instant(text, zone, bound).ok()
}
