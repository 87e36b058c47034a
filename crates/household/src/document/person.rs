//! A person: who they are, how old, who looks after them, and their public keys.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::VerifyingKey;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Error, PersonId};

/// Someone of the household.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Never changes.
    pub id: PersonId,
    /// What the household calls them; no two people share one.
    pub name: String,
    /// Year and month of birth: enough for the age that matters, and no more.
    pub born: BirthMonth,
    /// The adults who decide for them. A child has at least one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guardians: Vec<PersonId>,
    /// Whether they may change everything in the document. Only an adult may.
    #[serde(default)]
    pub owner: bool,
    /// Their public keys, once they have made them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<PublicKeys>,
}

impl Person {
    /// A person with a fresh id, without keys, guardians or the house.
    ///
    /// # Errors
    /// Only when this computer gives no random numbers.
    pub fn new(name: &str, born: BirthMonth) -> Result<Self, Error> {
        let id = PersonId::random()?;
        Ok(Self { id, name: name.trim().to_owned(), born, guardians: Vec::new(), owner: false, keys: None })
    }
}

/// The public halves of a member's keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicKeys {
    /// The age X25519 recipient that recordings are sealed to: `age1…`.
    pub recipient: String,
    /// What the person signs the household document with.
    pub signer: SignerKey,
}

impl PublicKeys {
    /// Whether something can be sealed to them; what is no signing key is no [`SignerKey`].
    pub fn are_keys(&self) -> bool {
        self.recipient.parse::<age::x25519::Recipient>().is_ok()
    }
}

/// An Ed25519 public key, base64 in the document.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SignerKey(VerifyingKey);

impl SignerKey {
    /// The key itself.
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.0
    }
}

impl From<VerifyingKey> for SignerKey {
    fn from(key: VerifyingKey) -> Self {
        Self(key)
    }
}

impl TryFrom<String> for SignerKey {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let bytes = STANDARD.decode(text).ok().and_then(|b| <[u8; 32]>::try_from(b).ok());
        let key = bytes.and_then(|b| VerifyingKey::from_bytes(&b).ok()).filter(|key| !key.is_weak());
        key.map(Self).ok_or_else(|| "not an Ed25519 public key".to_owned())
    }
}

impl From<SignerKey> for String {
    fn from(key: SignerKey) -> String {
        STANDARD.encode(key.0.as_bytes())
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from(self.clone()))
    }
}

/// How old someone is, as far as it matters here. Older sorts after younger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Age {
    /// Under 13.
    Child,
    /// 13 to 17.
    Teen,
    /// 18 and over.
    Adult,
}

/// The year and month someone was born in, `YYYY-MM`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BirthMonth {
    year: i16,
    month: i8,
}

impl BirthMonth {
    /// The age on a day. The day of birth is not known, so a birthday counts from the end of its month:
    /// someone is a child for some days too many, never for one too few.
    pub fn age_on(self, day: Date) -> Age {
        let not_yet = i16::from(day.month() <= self.month);
        match day.year() - self.year - not_yet {
            ..13 => Age::Child,
            13..18 => Age::Teen,
            18.. => Age::Adult,
        }
    }

    /// The first day on which somebody is a teen or an adult; none at the end of all time.
    pub(crate) fn turns(self, into: Age) -> Option<Date> {
        let years = match into {
            Age::Child => return None,
            Age::Teen => 13,
            Age::Adult => 18,
        };
        // The day after the last of the month, as for `age_on`.
        let (year, month) = if self.month == 12 { (self.year + 1, 1) } else { (self.year, self.month + 1) };
        Date::new(year.checked_add(years)?, month, 1).ok()
    }

    /// Whether the month has not begun on that day.
    pub(crate) fn is_after(self, day: Date) -> bool {
        (self.year, self.month) > (day.year(), day.month())
    }
}

impl FromStr for BirthMonth {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::NotABirthMonth(text.chars().take(32).collect());
        let (year, month) = text.split_once('-').ok_or_else(wrong)?;
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if year.len() != 4 || month.len() != 2 || !digits(year) || !digits(month) {
            return Err(wrong());
        }
        let (year, month) = (year.parse().map_err(|_| wrong())?, month.parse().map_err(|_| wrong())?);
        if year < 1850 || !(1..=12).contains(&month) {
            return Err(wrong());
        }
        Ok(Self { year, month })
    }
}

impl TryFrom<String> for BirthMonth {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<BirthMonth> for String {
    fn from(born: BirthMonth) -> String {
        born.to_string()
    }
}

impl fmt::Display for BirthMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl fmt::Debug for BirthMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_birthday_counts_from_the_end_of_its_month() {
        let born: BirthMonth = "2013-11".parse().unwrap();
        let table = [
            (date(2013, 11, 30), Age::Child),
            (date(2026, 11, 1), Age::Child),
            (date(2026, 11, 30), Age::Child),
            (date(2026, 12, 1), Age::Teen),
            (date(2031, 11, 30), Age::Teen),
            (date(2031, 12, 1), Age::Adult),
            (date(2012, 1, 1), Age::Child), // a clock that is behind
        ];
        for (day, age) in table {
            assert_eq!(born.age_on(day), age, "{day}");
        }
    }

    #[test]
    fn an_age_is_turned_on_the_first_day_of_it() {
        for born in ["2013-11", "2008-12", "2012-01", "1999-02"] {
            let born: BirthMonth = born.parse().unwrap();
            for into in [Age::Teen, Age::Adult] {
                let on = born.turns(into).unwrap();
                assert_eq!(born.age_on(on), into, "{born}");
                assert!(born.age_on(on.yesterday().unwrap()) < into, "{born}");
            }
            assert_eq!(born.turns(Age::Child), None);
        }
    }

    #[test]
    fn december_turns_with_the_year() {
        let born: BirthMonth = "2008-12".parse().unwrap();
        assert_eq!(born.age_on(date(2026, 12, 31)), Age::Teen);
        assert_eq!(born.age_on(date(2027, 1, 1)), Age::Adult);
    }

    #[test]
    fn a_birth_month_is_year_and_month() {
        for text in ["", "1984", "1984-3", "1984-13", "1984-00", "84-03", "+984-03", "1984-03-01", "0003-01"]
        {
            assert!(text.parse::<BirthMonth>().is_err(), "{text:?}");
        }
        assert_eq!("1984-03".parse::<BirthMonth>().unwrap().to_string(), "1984-03");
    }
}
