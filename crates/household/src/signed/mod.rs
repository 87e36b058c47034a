//! The signed household document: nobody who can write to a disk or a database can add a reader, a guardian or a consent.
//!
//! The exact text is signed, so no two programs have to agree on how JSON is written. The hub verifies a version before
//! it pins it under the strongbox's root, and knows by its hash from then on that it is the one that was verified.

mod change;
mod document;
mod lineage;
mod step;

use jiff::Timestamp;

use crate::{Document, Error, Household, MemberKeys, PersonId, SignerKey};

use document::LONGEST_DOCUMENT;
use step::Due;

pub use document::SignedDocument;
pub use lineage::Lineage;
pub use step::SignedStep;

impl SignedDocument {
    /// Accepts the first version of a household: signed by an owner in it, with the owner's keys in it.
    ///
    /// Whoever makes a household is believed; what this checks is that everything after it can be.
    ///
    /// # Errors
    /// When the signature, the version or the document is not right.
    pub fn verify_first(&self, now: Timestamp) -> Result<Household, Error> {
        let household = self.household_already_verified()?;
        if household.version != 1 {
            return Err(Error::NotNext { expected: 1, found: household.version });
        }
        let is_owner = household.people.iter().any(|p| p.id == self.signer && p.owner);
        self.check_signature(signer_in(&household, &self.signer).filter(|_| is_owner))?;
        household.check_names(None)?;
        household.check_on(now)?;
        // Consents of anybody but the signer and their children could only be made up.
        change::first_may_say(&household, &self.signer, now)?;
        Ok(household)
    }

    /// Accepts this as the version after `previous`: the same household, one version on, signed by somebody of
    /// `previous` who may make exactly this change.
    ///
    /// An owner may change anything, but not agree for another adult, not keep another adult's recordings forever, not
    /// take a device as another adult's own, and not put other keys in the place of an adult's who has agreed to something.
    /// An adult may change their own consents, keys, rules and personal devices; a guardian the consents, rules and circle
    /// of the child.
    ///
    /// # Errors
    /// When the signature, the version, the document or the change is not right; the error says which.
    pub fn verify_next(&self, previous: &Household, now: Timestamp) -> Result<Household, Error> {
        // The signature first: nothing unsigned is worth reading.
        self.check_signature(signer_in(previous, &self.signer))?;
        if self.document.len() > LONGEST_DOCUMENT {
            let why = "the household document would be longer than one can be; remove something first.";
            let signer = previous.person(&self.signer)?.name.clone();
            return Err(Error::NotAllowed { signer, why: why.to_owned() });
        }
        let next = self.household_already_verified()?;
        if next.id != previous.id {
            return Err(Error::OtherHousehold);
        }
        let expected = previous.version.checked_add(1).ok_or(Error::LastVersion)?;
        if next.version != expected {
            return Err(Error::NotNext { expected, found: next.version });
        }
        next.check_names(Some(previous))?;
        next.check_on(now)?;
        change::may_make(previous, &next, &self.signer, now)?;
        Ok(next)
    }

    /// Accepts what a hub shows a client: with the document that this client saw last, the same one or a later one to which
    /// the hub's `steps` lead from there; without one, any that is signed by somebody in it.
    ///
    /// Steps say who could sign and no more, so what else a version changed is not judged here; the hub judged it. Where the
    /// first of them is no longer kept, the document has to be signed by somebody whose key was in the one seen last.
    ///
    /// # Errors
    /// When it is older, of another household, not signed by anybody who could, or a step does not hold.
    pub fn verify_seen(
        &self,
        last: Option<&SignedDocument>,
        steps: &[SignedStep],
    ) -> Result<Household, Error> {
        let household = self.household_already_verified()?;
        let Some(last) = last else {
            self.check_signature(signer_in(&household, &self.signer))?;
            return Ok(household);
        };
        if last.document == self.document {
            return Ok(household);
        }
        let known = last.household_already_verified()?;
        if household.id != known.id {
            return Err(Error::OtherHousehold);
        }
        if household.version == known.version {
            return Err(Error::Fork { version: known.version });
        }
        if household.version < known.version {
            return Err(Error::Older { shown: household.version, seen: known.version });
        }
        Due::after(last, steps, household.version)?.check(self, household.version)?;
        Ok(household)
    }
}

impl Household {
    /// Signs this household, after edits, as the next version. The copy at hand keeps its version: take the household
    /// that the hub's answer, or `verify_next`, gives.
    ///
    /// # Errors
    /// When the version number is at its end.
    pub fn sign_next(&self, signer: &PersonId, keys: &MemberKeys) -> Result<SignedDocument, Error> {
        let version = self.version.checked_add(1).ok_or(Error::LastVersion)?;
        let next = Self::from_document(Document { version, ..self.to_document() })?;
        SignedDocument::sign(&next, signer, keys)
    }
}

/// The key of a person of this household.
fn signer_in<'a>(household: &'a Household, person: &PersonId) -> Option<&'a SignerKey> {
    let person = household.people.iter().find(|p| p.id == *person)?;
    person.keys.as_ref().map(|keys| &keys.signer)
}

#[cfg(test)]
mod tests;
