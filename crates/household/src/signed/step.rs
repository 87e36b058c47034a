//! The steps of a household from one version to the next: all that is kept of a version once a newer one is in force.
//!
//! A document names people, so only the newest is kept: who has left is not to be named for ever. But whoever saw an older one
//! must be able to see that the newest follows from it, though somebody may have signed it who came in between. So each version
//! leaves a step behind, signed with the document: whose key may sign from then on, and on which document it was made. There
//! is no name in a step, no birth month and no date.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::document::{LONGEST_DOCUMENT, SignedDocument, check_signature};
use crate::{Error, Household, HouseholdId, MemberKeys, PersonId, SignerKey};

/// What stands before the text in what is signed, so that a signature over it can mean nothing else.
const CONTEXT: &[u8] = b"porchlight household step v1\0";

/// The format of a step.
const FORMAT: u32 = 1;

/// One step, with the signature of the person who made the version that it leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedStep {
    /// The exact JSON text that was signed.
    pub step: String,
    /// Who signed, by their id in the version before.
    pub signer: PersonId,
    /// Ed25519 over `"porchlight household step v1\0" ‖ step`, base64.
    pub signature: String,
}

/// What a step says.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    format: u32,
    household: HouseholdId,
    /// The version that it leads to.
    version: u64,
    /// The document that the version was made on: the SHA-256 of its text, base64.
    follows: String,
    /// The document of the version, likewise.
    document: String,
    /// Whose key is in it.
    signers: Signers,
}

type Signers = BTreeMap<PersonId, Signer>;

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signer {
    key: SignerKey,
    owner: bool,
}

impl SignedStep {
    /// Signs the step from one version to the next, in the name of whoever signed that.
    ///
    /// # Errors
    /// When either is no household document.
    pub fn sign(before: &SignedDocument, next: &SignedDocument, keys: &MemberKeys) -> Result<Self, Error> {
        let Place { household, version, document, signers } = Place::of(next)?;
        let step = Step { format: FORMAT, household, version, follows: digest(before), document, signers };
        let step = serde_json::to_string(&step).map_err(|e| Error::Unreadable(e.to_string()))?;
        let signature = STANDARD.encode(keys.sign(&signed_bytes(&step)).to_bytes());
        Ok(Self { step, signer: next.signer.clone(), signature })
    }

    /// Accepts this as the step between two documents that were verified, by whoever signed the second.
    ///
    /// # Errors
    /// When it is any other step, or not signed by them.
    pub fn verify(&self, before: &SignedDocument, next: &SignedDocument) -> Result<(), Error> {
        let reached = Place::of(before)?.after(self)?;
        if self.signer != next.signer || reached != Place::of(next)? {
            return Err(Error::OtherStep);
        }
        Ok(())
    }

    /// The version that it leads to, as it says; it is not verified by that.
    pub(super) fn version(&self) -> Result<u64, Error> {
        self.read().map(|step| step.version)
    }

    fn read(&self) -> Result<Step, Error> {
        if self.step.len() > LONGEST_DOCUMENT {
            return Err(Error::Unreadable("a step is longer than one can be".to_owned()));
        }
        let step: Step = serde_json::from_str(&self.step)
            .map_err(|e| Error::Unreadable(format!("a step, column {}", e.column())))?;
        if step.format != FORMAT {
            return Err(Error::NewerFormat { found: step.format, known: FORMAT });
        }
        Ok(step)
    }
}

/// What a later version of a household has to be like.
pub(super) struct Due {
    /// Whose key may have signed it.
    signers: Signers,
    /// Which document it is; none where no step says so.
    document: Option<String>,
}

impl Due {
    /// Follows the steps from the document that was seen to a later version, each signed by somebody who could at the version
    /// before. Where the first of them is missing, since no hub keeps them for ever, whoever could sign then is taken to be able to still.
    pub(super) fn after(seen: &SignedDocument, steps: &[SignedStep], version: u64) -> Result<Due, Error> {
        let mut place = Place::of(seen)?;
        let first = steps.first().map(SignedStep::version).transpose()?;
        if first != place.version.checked_add(1) {
            return Ok(Due { signers: place.signers, document: None });
        }
        let mut signers = Signers::new();
        let mut steps = steps.iter();
        while place.version < version {
            let due = place.version + 1;
            let step = steps.next().ok_or(Error::Gap { version: due })?;
            let next = place.after(step).map_err(|why| match why {
                Error::Gap { .. } | Error::Fork { .. } => why,
                why => Error::Between { version: due, why: Box::new(why) },
            })?;
            signers = std::mem::replace(&mut place, next).signers;
        }
        Ok(Due { signers, document: Some(place.document) })
    }

    /// Whether a document is this version.
    pub(super) fn check(&self, shown: &SignedDocument, version: u64) -> Result<(), Error> {
        shown.check_signature(self.signers.get(&shown.signer).map(|signer| &signer.key))?;
        match &self.document {
            Some(document) if *document != digest(shown) => Err(Error::Fork { version }),
            _ => Ok(()),
        }
    }
}

/// A version, as far as steps know it.
#[derive(PartialEq, Eq)]
struct Place {
    household: HouseholdId,
    version: u64,
    document: String,
    signers: Signers,
}

impl Place {
    fn of(signed: &SignedDocument) -> Result<Place, Error> {
        let home = signed.household_already_verified()?;
        Ok(Place {
            household: home.id.clone(),
            version: home.version,
            document: digest(signed),
            signers: signers(&home),
        })
    }

    /// Where a step leads from here, if somebody took it who may.
    fn after(&self, signed: &SignedStep) -> Result<Place, Error> {
        let signer = self.signers.get(&signed.signer);
        check_signature(signer.map(|s| &s.key), &signed_bytes(&signed.step), &signed.signature)?;
        let Step { household, version, follows, document, signers, .. } = signed.read()?;
        if household != self.household {
            return Err(Error::OtherHousehold);
        }
        let due = self.version.checked_add(1).ok_or(Error::LastVersion)?;
        if version != due {
            return Err(Error::Gap { version: due });
        }
        if follows != self.document {
            return Err(Error::Fork { version: self.version });
        }
        if !signer.is_some_and(|s| s.owner) && !self.differs_by_the_key_of(&signed.signer, &signers) {
            return Err(Error::SignersNotTheirs);
        }
        Ok(Place { household, version, document, signers })
    }

    /// Whether nothing is different but the key of one person: all that a member who owns nothing may change about signing.
    fn differs_by_the_key_of(&self, person: &PersonId, signers: &Signers) -> bool {
        let mut expected = self.signers.clone();
        if let (Some(mine), Some(new)) = (expected.get_mut(person), signers.get(person)) {
            mine.key = new.key.clone();
        }
        expected == *signers
    }
}

fn signers(home: &Household) -> Signers {
    let with_keys = home.people.iter().filter_map(|person| Some((person, person.keys.as_ref()?)));
    with_keys
        .map(|(person, keys)| (person.id.clone(), Signer { key: keys.signer.clone(), owner: person.owner }))
        .collect()
}

fn digest(signed: &SignedDocument) -> String {
    STANDARD.encode(Sha256::digest(&signed.document))
}

fn signed_bytes(step: &str) -> Vec<u8> {
    [CONTEXT, step.as_bytes()].concat()
}

#[cfg(test)]
mod tests;
