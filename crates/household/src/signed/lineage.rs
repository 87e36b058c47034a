//! What a strongbox keeps of a household.

use serde::{Deserialize, Serialize};

use super::document::LONGEST_DOCUMENT;
use super::{SignedDocument, SignedStep};
use crate::Error;

/// The format of a lineage. Format 1 is a signed document by itself, as it was kept before there were steps.
const FORMAT: u32 = 2;

/// How many bytes of steps are kept: a family's last thousand versions or so. Whoever has seen none of these begins anew.
const STEPS_KEPT: usize = LONGEST_DOCUMENT;

/// The document in force, and the steps that led to it; no document of before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lineage {
    format: u32,
    signed: SignedDocument,
    /// One for each version, without a gap; the last leads to the document.
    steps: Vec<SignedStep>,
}

/// As much as is needed to know how to read the rest.
#[derive(Deserialize)]
struct Any {
    format: u32,
}

impl Lineage {
    /// That of a document to which no step leads.
    pub fn begin(signed: SignedDocument) -> Self {
        Self { format: FORMAT, signed, steps: Vec::new() }
    }

    /// With the next version in force, which was verified as such.
    ///
    /// # Errors
    /// When the step does not lead from the one to the other.
    pub fn next(&self, signed: SignedDocument, step: SignedStep) -> Result<Self, Error> {
        step.verify(&self.signed, &signed)?;
        let mut steps = self.steps.clone();
        steps.push(step);
        let mut room = STEPS_KEPT;
        let fits = |step: &&SignedStep| match room.checked_sub(step.step.len()) {
            None => false,
            Some(rest) => {
                room = rest;
                true
            }
        };
        let kept = steps.iter().rev().take_while(fits).count();
        steps.drain(..steps.len() - kept);
        Ok(Self { format: FORMAT, signed, steps })
    }

    /// The document in force.
    pub fn signed(&self) -> &SignedDocument {
        &self.signed
    }

    /// The steps to the versions after this one, as far as they are kept.
    pub fn steps_after(&self, version: u64) -> &[SignedStep] {
        let seen = self.steps.partition_point(|step| step.version().is_ok_and(|to| to <= version));
        &self.steps[seen..]
    }

    /// Reads one from its bytes. It is not verified by that.
    ///
    /// # Errors
    /// When it is too long, not of this form, or of a format that is not known here.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        // Text within text has its quotes escaped.
        if bytes.len() > 2 * LONGEST_DOCUMENT + 4 * STEPS_KEPT {
            return Err(Error::Unreadable("it is longer than a document can be".to_owned()));
        }
        let unreadable =
            |e: serde_json::Error| Error::Unreadable(format!("line {}, column {}", e.line(), e.column()));
        match serde_json::from_slice::<Any>(bytes).map_err(unreadable)?.format {
            1 => SignedDocument::from_bytes(bytes).map(Self::begin),
            FORMAT => serde_json::from_slice(bytes).map_err(unreadable),
            found => Err(Error::NewerFormat { found, known: FORMAT }),
        }
    }

    /// Its bytes, as they are kept in the strongbox.
    ///
    /// # Errors
    /// Only when it cannot be written as JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        serde_json::to_vec(self).map_err(|e| Error::Unreadable(e.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::Example;

    #[test]
    fn a_lineage_has_the_newest_document_and_a_bounded_number_of_steps() {
        let e = Example::new();
        let mut lineage = Lineage::begin(e.first.clone());
        assert!(lineage.steps_after(0).is_empty());
        let mut home = e.home.clone();
        for version in 2..=6 {
            let signed = home.sign_next(&e.anna, &e.anna_keys).unwrap();
            let step = SignedStep::sign(lineage.signed(), &signed, &e.anna_keys).unwrap();
            lineage = lineage.next(signed, step).unwrap();
            home = lineage.signed().household_already_verified().unwrap();
            assert_eq!(home.version, version);
        }
        assert_eq!(lineage.steps.len(), 5);
        assert_eq!(lineage.steps_after(0).len(), 5);
        assert_eq!(lineage.steps_after(4), &lineage.steps[3..]);
        assert!(lineage.steps_after(6).is_empty() && lineage.steps_after(u64::MAX).is_empty());
        assert_eq!(Lineage::from_bytes(&lineage.to_bytes().unwrap()).unwrap(), lineage);

        // One of them takes nearly all the room there is.
        let one = lineage.steps[4].step.len();
        lineage.steps[1].step = "x".repeat(STEPS_KEPT - 3 * one);
        let signed = home.sign_next(&e.anna, &e.anna_keys).unwrap();
        let step = SignedStep::sign(lineage.signed(), &signed, &e.anna_keys).unwrap();
        let next = lineage.next(signed, step.clone()).unwrap();
        assert_eq!(next.steps, [&lineage.steps[2..], &[step]].concat(), "the oldest go");
    }

    #[test]
    fn a_document_that_was_kept_before_there_were_steps_begins_a_lineage() {
        let e = Example::new();
        let before = Lineage::from_bytes(&e.first.to_bytes().unwrap()).unwrap();
        assert_eq!(before, Lineage::begin(e.first.clone()));
        let newer = br#"{"format":3,"what":"ever"}"#;
        assert_eq!(Lineage::from_bytes(newer), Err(Error::NewerFormat { found: 3, known: 2 }));
        assert!(matches!(Lineage::from_bytes(b"{}"), Err(Error::Unreadable(_))));
    }
}
