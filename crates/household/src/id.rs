//! Names for things that never change, unlike the names people give them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// Letters and digits that are hard to mistake for each other when read aloud: 32 of them, five bits each.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// Ten letters, 50 bits: no two things of one household ever meet.
const LENGTH: usize = 10;

/// The longest id that is read, so that a document from elsewhere cannot carry a novel in one.
const LONGEST_ID: usize = 64;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// A fresh one. Fails only when the system has no randomness to give.
            pub fn random() -> Result<Self, Error> {
                Ok(Self(random_letters()?))
            }

            /// The id as it is written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;
            fn try_from(text: String) -> Result<Self, Error> {
                if is_id(&text) { Ok(Self(text)) } else { Err(Error::NotAnId) }
            }
        }

        impl FromStr for $name {
            type Err = Error;
            fn from_str(text: &str) -> Result<Self, Error> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id! {
    /// Which household. It is on every file of its data folder and strongbox, so that two are never mixed up.
    HouseholdId
}
id! {
    /// Which person. It stays when a name changes.
    PersonId
}
id! {
    /// Which device. A device that was removed and added again is another one.
    DeviceId
}

fn random_letters() -> Result<String, Error> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(|_| Error::NoRandomness)?;
    Ok(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
}

fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fresh_ids_are_read_back_and_differ() {
        let one = PersonId::random().unwrap();
        assert_eq!(one.as_str().len(), LENGTH);
        assert_eq!(one.as_str().parse::<PersonId>().unwrap(), one);
        assert_ne!(one, PersonId::random().unwrap());
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in ["", "Ann", "../ann", "a b", "é", &"a".repeat(65)] {
            assert!(text.parse::<DeviceId>().is_err(), "{text:?}");
        }
    }
}
