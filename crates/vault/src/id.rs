//! The number of a moment or of a recording.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The number of a moment or of a recording: they share one space, and a number is never given twice.
///
/// Written as a decimal number, in text as in JSON. It is the id of the keyring's leaf, so an id says nothing
/// but roughly when, and for how many days, something was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(pub(crate) u64);

impl Id {
    /// The number itself.
    pub fn get(self) -> u64 {
        self.0
    }

    /// The id as the catalog stores it. The keyring leases segments from the bottom, so it never
    /// reaches the half of `u64` that a BIGINT cannot hold.
    pub(crate) fn to_db(self) -> i64 {
        self.0.cast_signed()
    }

    pub(crate) fn from_db(stored: i64) -> Id {
        Id(stored.cast_unsigned())
    }
}

impl From<u64> for Id {
    fn from(id: u64) -> Id {
        Id(id)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Id {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Id, ParseIntError> {
        text.parse().map(Id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_plain_number_in_text_and_json() {
        let id: Id = "65537".parse().unwrap();
        assert_eq!(id.to_string(), "65537");
        assert_eq!(serde_json::to_string(&id).unwrap(), "65537");
        assert_eq!(serde_json::from_str::<Id>("65537").unwrap(), id);
        assert_eq!(Id::from_db(id.to_db()), id);
        assert!("-1".parse::<Id>().is_err());
        assert!("7 ".parse::<Id>().is_err());
    }
}
