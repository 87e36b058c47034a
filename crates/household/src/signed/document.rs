//! A household document with its signature.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signature;
use serde::{Deserialize, Serialize};

use crate::document::FORMAT;
use crate::{Error, Household, MemberKeys, PersonId, SignerKey};

/// What stands before the text in what is signed, so that a signature over it can mean nothing else.
const CONTEXT: &[u8] = b"porchlight household document v1\0";

/// The longest document that is read, in bytes.
pub(super) const LONGEST_DOCUMENT: usize = 1 << 20;

/// A household document with the signature of the person who made this version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedDocument {
    /// Always 1.
    pub format: u32,
    /// The exact JSON text that was signed.
    pub document: String,
    /// Who signed, by their id in the version before (in the first, in this one).
    pub signer: PersonId,
    /// Ed25519 over `"porchlight household document v1\0" ‖ document`, base64.
    pub signature: String,
}

impl SignedDocument {
    /// Signs a household as it is. For the next version use [`Household::sign_next`].
    ///
    /// # Errors
    /// Only when the document cannot be written as JSON.
    pub fn sign(household: &Household, signer: &PersonId, keys: &MemberKeys) -> Result<Self, Error> {
        let document = household.to_json()?;
        let signature = STANDARD.encode(keys.sign(&signed_bytes(&document)).to_bytes());
        Ok(Self { format: FORMAT, document, signer: signer.clone(), signature })
    }

    /// Reads one from its bytes. It is not verified by that.
    ///
    /// # Errors
    /// When it is too long or not of this form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > 2 * LONGEST_DOCUMENT {
            return Err(Error::Unreadable("it is longer than a document can be".to_owned()));
        }
        serde_json::from_slice(bytes)
            .map_err(|e| Error::Unreadable(format!("line {}, column {}", e.line(), e.column())))
    }

    /// Its bytes, as they are kept in the strongbox.
    ///
    /// # Errors
    /// Only when it cannot be written as JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        serde_json::to_vec(self).map_err(|e| Error::Unreadable(e.to_string()))
    }

    /// The household in a document whose signature was verified before, and that cannot have changed since: because its
    /// hash is pinned under the strongbox's root. **It checks no signature.**
    ///
    /// # Errors
    /// When the text is no household document.
    pub fn household_already_verified(&self) -> Result<Household, Error> {
        if self.format != FORMAT {
            return Err(Error::NewerFormat { found: self.format, known: FORMAT });
        }
        if self.document.len() > LONGEST_DOCUMENT {
            return Err(Error::Unreadable("it is longer than a document can be".to_owned()));
        }
        Household::from_json(&self.document)
    }

    pub(super) fn check_signature(&self, key: Option<&SignerKey>) -> Result<(), Error> {
        check_signature(key, &signed_bytes(&self.document), &self.signature)
    }
}

pub(super) fn check_signature(key: Option<&SignerKey>, signed: &[u8], signature: &str) -> Result<(), Error> {
    let key = key.ok_or(Error::UnknownSigner)?.verifying_key();
    let bytes = STANDARD.decode(signature).map_err(|_| Error::BadSignature)?;
    let signature = Signature::from_slice(&bytes).map_err(|_| Error::BadSignature)?;
    key.verify_strict(signed, &signature).map_err(|_| Error::BadSignature)
}

fn signed_bytes(document: &str) -> Vec<u8> {
    [CONTEXT, document.as_bytes()].concat()
}
