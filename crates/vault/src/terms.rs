//! Law 1: nothing is kept without an owner, a purpose and an end date.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Whose a recording is, why it is kept and when it ends. There is no recording without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    owner: Owner,
    purpose: Purpose,
    ends: Ends,
}

impl Terms {
    /// Says whose it is, what for, and until when.
    ///
    /// # Errors
    /// [`Error::BadInput`] when something of the whole household would be kept without end: that is a choice
    /// an adult makes for their own recordings only.
    pub fn new(owner: Owner, purpose: Purpose, ends: Ends) -> Result<Terms, Error> {
        if let Owner::Person(person) = &owner {
            check_name("the owner", person)?;
        }
        if owner == Owner::Household && ends == Ends::NeverByAdultsChoice {
            return Err(Error::BadInput(
                "what belongs to the household needs an end date: only an adult may keep their own recordings \
                 without one"
                    .into(),
            ));
        }
        Ok(Terms { owner, purpose, ends })
    }

    /// Whose it is.
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// What it is kept for.
    pub fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// When it is forgotten.
    pub fn ends(&self) -> Ends {
        self.ends
    }
}

/// What a recording rests on, once it is kept: all of it that decides later whether it may still be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// Whose it is.
    pub owner: Owner,
    /// What it is kept for.
    pub purpose: Purpose,
    /// The device that captured it, by id.
    pub device: Option<String>,
    /// Its media type.
    pub media_type: String,
}

/// Whose a recording is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Owner {
    /// One person, by id.
    Person(String),
    /// Everybody who lives here.
    Household,
}

/// Why a recording is kept: one lowercase word such as `history` or `security`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Purpose(String);

impl Purpose {
    /// # Errors
    /// [`Error::BadInput`] unless it is 1 to 32 lowercase letters and hyphens, starting with a letter.
    pub fn new(word: &str) -> Result<Purpose, Error> {
        check_word("a purpose", word)?;
        Ok(Purpose(word.to_owned()))
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// When a recording is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// At this instant, or at the first run of expiry after it.
    At(Timestamp),
    /// Not by itself. An adult has chosen so, for a recording of their own; never a default, never a child's.
    NeverByAdultsChoice,
}

impl Ends {
    /// The instant, if there is one.
    pub fn at(self) -> Option<Timestamp> {
        match self {
            Ends::At(at) => Some(at),
            Ends::NeverByAdultsChoice => None,
        }
    }
}

/// Refuses what is not a plain word: 1 to 32 lowercase letters and hyphens, starting with a letter.
pub(crate) fn check_word(what: &str, word: &str) -> Result<(), Error> {
    let plain = word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    if plain && word.len() <= 32 && word.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Ok(());
    }
    Err(Error::BadInput(format!(
        "{what} must be one word of 1 to 32 lowercase letters, for example \"history\", not {word:?}"
    )))
}

/// Refuses a name (of a person, a device, a room) that is empty, overlong or holds control characters.
pub(crate) fn check_name(what: &str, name: &str) -> Result<(), Error> {
    if !name.is_empty() && name.len() <= 200 && !name.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Error::BadInput(format!("{what} must be 1 to 200 bytes of text without control characters")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purpose_is_one_lowercase_word() {
        for good in ["history", "a", "voice-recognition"] {
            assert_eq!(Purpose::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "History", "two words", "-x", "é", "abcdefghijklmnopqrstuvwxyzabcdefg"] {
            assert!(Purpose::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_household_keeps_nothing_without_end() {
        let purpose = || Purpose::new("security").unwrap();
        assert!(Terms::new(Owner::Household, purpose(), Ends::NeverByAdultsChoice).is_err());
        assert!(Terms::new(Owner::Person("ann".into()), purpose(), Ends::NeverByAdultsChoice).is_ok());
        assert!(Terms::new(Owner::Household, purpose(), Ends::At(Timestamp::UNIX_EPOCH)).is_ok());
        assert!(Terms::new(Owner::Person(String::new()), purpose(), Ends::NeverByAdultsChoice).is_err());
    }
}
