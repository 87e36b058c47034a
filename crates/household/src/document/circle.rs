//! The shared keys of a household, as its document has them.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::Document;
use super::lookup::find;
use crate::{Error, MemberKeys, PersonId};

/// A shared key and who holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Circle {
    /// Whose circle it is.
    pub name: CircleName,
    /// What recordings are sealed to (`age1…`); absent while the circle is retired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// For each member who holds it, the identity file, sealed to their own recipient: an age file in base64.
    pub wrapped: BTreeMap<PersonId, String>,
}

/// Which circle. A person alone needs none: that is just their own key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum CircleName {
    /// The adults of the household; written `adults`.
    Adults,
    /// The guardians of one child; written `guardians:ID`.
    GuardiansOf(PersonId),
}

impl Circle {
    /// Opens the circle's identities with a member's own: the current one first, then the earlier ones.
    ///
    /// # Errors
    /// [`Error::WrongKey`] when this person holds it not, or not under these keys.
    pub fn open(&self, me: &PersonId, keys: &MemberKeys) -> Result<Vec<age::x25519::Identity>, Error> {
        let wrapped = self.wrapped.get(me).ok_or(Error::WrongKey)?;
        let file = STANDARD.decode(wrapped).map_err(|_| Error::WrongKey)?;
        let text = Zeroizing::new(age::decrypt(keys.identity(), &file).map_err(|_| Error::WrongKey)?);
        let text = std::str::from_utf8(&text).map_err(|_| Error::WrongKey)?;
        text.lines().map(|line| line.parse().map_err(|_| Error::WrongKey)).collect()
    }

    /// Whether everybody who holds it is among these.
    pub(crate) fn is_within(&self, members: &[PersonId]) -> bool {
        self.wrapped.keys().all(|holder| members.contains(holder))
    }
}

/// Takes a person out of every circle they hold, and retires those circles' keys.
pub(crate) fn expel(document: &mut Document, person: &PersonId) {
    let name = CircleName::GuardiansOf(person.clone());
    document.circles.retain(|circle| circle.name != name);
    for circle in &mut document.circles {
        if circle.wrapped.remove(person).is_some() {
            circle.recipient = None;
        }
    }
}

/// Takes a person out of one circle, and retires its key if they held it.
pub(crate) fn leave(document: &mut Document, name: &CircleName, person: &PersonId) {
    for circle in document.circles.iter_mut().filter(|circle| circle.name == *name) {
        if circle.wrapped.remove(person).is_some() {
            circle.recipient = None;
        }
    }
}

/// What must be true of the circles of every document: each once, of people who exist and have keys, each holder
/// belonging to it.
pub(super) fn check(document: &Document) -> Result<(), Error> {
    for (i, circle) in document.circles.iter().enumerate() {
        if document.circles[..i].iter().any(|c| c.name == circle.name) {
            return Err(Error::IdTaken(circle.name.to_string()));
        }
        if let Some(recipient) = &circle.recipient {
            recipient
                .parse::<age::x25519::Recipient>()
                .map_err(|_| Error::BadKeys(circle.name.to_string()))?;
        }
        let child = match &circle.name {
            CircleName::Adults => None,
            CircleName::GuardiansOf(id) => {
                Some(find(document, id).ok_or_else(|| Error::NoSuchPerson(id.to_string()))?)
            }
        };
        for id in circle.wrapped.keys() {
            let holder = find(document, id).ok_or_else(|| Error::NoSuchPerson(id.to_string()))?;
            if holder.keys.is_none() {
                return Err(Error::BadKeys(holder.name.clone()));
            }
            if let Some(child) = child.filter(|c| circle.recipient.is_some() && !c.guardians.contains(id)) {
                return Err(Error::BadGuardian { person: child.name.clone(), guardian: holder.name.clone() });
            }
        }
    }
    Ok(())
}

impl fmt::Display for CircleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Adults => f.write_str("adults"),
            Self::GuardiansOf(child) => write!(f, "guardians:{child}"),
        }
    }
}

impl From<CircleName> for String {
    fn from(name: CircleName) -> String {
        name.to_string()
    }
}

impl TryFrom<String> for CircleName {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        match text.strip_prefix("guardians:") {
            Some(child) => Ok(Self::GuardiansOf(child.parse()?)),
            None if text == "adults" => Ok(Self::Adults),
            None => Err(Error::NotAnId),
        }
    }
}
