//! What is signed begins with a context of its own, then names what it is about, each part with its length.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Signature;

use crate::SignerKey;

/// Before what a recovery key signs.
const RECOVERED: &[u8] = b"porchlight recovery v2\0";

/// An account that takes the place of the old one, in answer to a hub's challenge. Texts are as the API has them.
#[derive(Debug, Clone, Copy)]
pub struct Recovered<'a> {
    /// The challenge.
    pub challenge: &'a str,
    /// The OPAQUE record.
    pub record: &'a str,
    /// The authenticator's secret.
    pub totp_secret: &'a str,
    /// The wrapped identity.
    pub wrapped: &'a str,
}

impl Recovered<'_> {
    pub(super) fn bytes(&self) -> Vec<u8> {
        parts(RECOVERED, &self.parts())
    }

    pub(super) fn parts(&self) -> [&[u8]; 4] {
        [self.challenge, self.record, self.totp_secret, self.wrapped].map(str::as_bytes)
    }
}

/// A signature as the API has it.
pub(super) fn signature_text(signature: &Signature) -> String {
    URL_SAFE_NO_PAD.encode(signature.to_bytes())
}

/// Whether a signature as the API has it is one by this key.
pub(super) fn verifies(key: &SignerKey, bytes: &[u8], signature: &str) -> bool {
    let given = URL_SAFE_NO_PAD.decode(signature).ok().and_then(|given| <[u8; 64]>::try_from(given).ok());
    let signature = Signature::from_bytes(&given.unwrap_or([0; 64]));
    key.verifying_key().verify_strict(bytes, &signature).is_ok()
}

/// Parts with their lengths (four bytes, the highest first), so that none can flow into the next.
pub(crate) fn parts(context: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = context.to_vec();
    for part in parts {
        // What is longer than this is never signed: the hub takes bodies of a few kilobytes.
        let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
        bytes.extend(length.to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}
