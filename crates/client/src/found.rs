//! A household's first owner, who makes it: its first document, signed, and an account of their own.

use jiff::Timestamp;
use porchlight_household::{Household, Person, PersonId, SignedDocument};
use porchlight_protocol::NewAccount;

use crate::{ClientError, Enrolled, enrol};

/// What the first owner made, for the hub to keep, and what they put away themselves.
pub struct Founded {
    /// The household's first document.
    pub signed: SignedDocument,
    /// The owner's account.
    pub account: NewAccount,
    /// For the owner alone.
    pub enrolled: Enrolled,
}

/// Makes the first document of a household and its owner's keys. `born` is `YYYY-MM`; `register` carries the OPAQUE request to the hub's
/// half and brings back its answer.
pub fn found(
    owner: &str,
    born: &str,
    passphrase: &str,
    time_zone: &str,
    language: &str,
    register: impl FnOnce(&PersonId, String) -> Result<String, ClientError>,
) -> Result<Founded, ClientError> {
    let person = Person::new(owner, born.parse()?)?;
    let id = person.id.clone();
    let (keys, account, enrolled) =
        enrol(id.as_str(), owner, "the household", passphrase, &[owner], |request| register(&id, request))?;
    let (_, signed) = Household::first(None, time_zone, language, person, &keys, Timestamp::now())?;
    Ok(Founded { signed, account, enrolled })
}
