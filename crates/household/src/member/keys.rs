//! The keys themselves.

use std::fmt;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use age::secrecy::ExposeSecret;
use ed25519_dalek::{Signature, Signer, SigningKey};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{Error, PublicKeys, SignerKey};

/// HKDF info of the signing key; the input is the identity's line, `AGE-SECRET-KEY-1…` in capitals.
const SIGNER: &[u8] = b"porchlight signer v1";
/// HKDF info of the account key, from the same input.
const ACCOUNT: &[u8] = b"porchlight account v1";
/// HKDF info of the wrapping key, and the additional data of the wrapped identity.
const IDENTITY: &[u8] = b"porchlight identity v1";
/// An AES-GCM nonce, which stands before the ciphertext.
const NONCE: usize = 12;
/// The bytes of a wrapped identity: the nonce, the 74 letters and numbers of its line, the tag.
pub const WRAPPED: usize = NONCE + 74 + 16;

/// A member's secret keys. They vanish from memory on drop, and never show in `Debug`.
pub struct MemberKeys {
    pub(super) identity: age::x25519::Identity,
    signer: SigningKey,
    pub(super) account: SigningKey,
}

impl MemberKeys {
    /// Fresh keys.
    ///
    /// # Errors
    /// Only when this computer gives no random numbers.
    pub fn generate() -> Result<Self, Error> {
        // The age crate would panic without randomness; find out first.
        getrandom::fill(&mut [0; 1]).map_err(|_| Error::NoRandomness)?;
        Self::from_identity(age::x25519::Identity::generate())
    }

    /// The public halves, for the household document.
    pub fn public(&self) -> PublicKeys {
        PublicKeys {
            recipient: self.identity.to_public().to_string(),
            signer: SignerKey::from(self.signer.verifying_key()),
        }
    }

    /// What opens the recordings that are sealed to this member.
    pub fn identity(&self) -> &age::x25519::Identity {
        &self.identity
    }

    /// Signs bytes. Callers put their own context in front, so that no signature means two things.
    pub fn sign(&self, bytes: &[u8]) -> Signature {
        self.signer.sign(bytes)
    }

    /// The identity, sealed for keeping at the hub: `nonce (12) ‖ ciphertext ‖ tag (16)` of AES-256-GCM with the
    /// additional data `porchlight identity v1`, as WebCrypto writes and reads it.
    ///
    /// # Errors
    /// Only when this computer gives no random numbers.
    pub fn wrap(&self, key: &[u8; 32]) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| Error::NoRandomness)?;
        let line = self.identity.to_string();
        let payload = Payload { msg: line.expose_secret().as_bytes(), aad: IDENTITY };
        let sealed =
            Aes256Gcm::new(key.into()).encrypt(&nonce.into(), payload).map_err(|_| Error::CannotWrap)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what [`MemberKeys::wrap`] sealed.
    ///
    /// # Errors
    /// [`Error::WrongKey`] when the key is another one or a byte was changed.
    pub fn unwrap(wrapped: &[u8], key: &[u8; 32]) -> Result<Self, Error> {
        let (nonce, sealed) = wrapped.split_first_chunk::<NONCE>().ok_or(Error::WrongKey)?;
        let payload = Payload { msg: sealed, aad: IDENTITY };
        let line = Aes256Gcm::new(key.into()).decrypt(nonce.into(), payload).map_err(|_| Error::WrongKey)?;
        let line = Zeroizing::new(line);
        let line = std::str::from_utf8(&line).map_err(|_| Error::WrongKey)?;
        Self::from_identity(line.parse().map_err(|_| Error::WrongKey)?)
    }

    pub(super) fn from_identity(identity: age::x25519::Identity) -> Result<Self, Error> {
        let line = identity.to_string();
        let key = |purpose| derived(line.expose_secret().as_bytes(), purpose);
        let (signer, account) = (key(SIGNER)?, key(ACCOUNT)?);
        Ok(Self {
            identity,
            signer: SigningKey::from_bytes(&signer),
            account: SigningKey::from_bytes(&account),
        })
    }
}

impl fmt::Debug for MemberKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MemberKeys").field(&self.public()).finish()
    }
}

/// The key that wraps a member's identity, from the export key that OPAQUE gives their client at sign-in.
///
/// # Errors
/// Never in practice: 32 bytes is far below what HKDF can give.
pub fn wrapping_key(export_key: &[u8]) -> Result<Zeroizing<[u8; 32]>, Error> {
    derived(export_key, IDENTITY)
}

/// HKDF-SHA256 (RFC 5869) without a salt.
pub(super) fn derived(input: &[u8], info: &[u8]) -> Result<Zeroizing<[u8; 32]>, Error> {
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(None, input).expand(info, key.as_mut_slice()).map_err(|_| Error::WrongKey)?;
    Ok(key)
}
