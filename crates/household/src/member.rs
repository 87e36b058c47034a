//! A member's own keys, made and used in their client. The hub never sees them.
//!
//! One secret is everything: the age identity. The signing key is derived from it, so the printed recovery kit, which
//! holds that one line, recovers both.

use std::fmt;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use age::secrecy::ExposeSecret;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer, SigningKey};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{Error, PublicKeys, SignerKey};

/// HKDF info of the signing key; the input is the identity's line, `AGE-SECRET-KEY-1…` in capitals.
const SIGNER: &[u8] = b"porchlight signer v1";
/// HKDF info of the wrapping key, and the additional data of the wrapped identity.
const IDENTITY: &[u8] = b"porchlight identity v1";
/// What stands before the challenge in what is signed to get back in, so that the signature can mean nothing else.
const RECOVERY: &[u8] = b"porchlight recovery v1\0";
/// An AES-GCM nonce, which stands before the ciphertext.
const NONCE: usize = 12;

/// A member's secret keys. They vanish from memory on drop, and never show in `Debug`.
pub struct MemberKeys {
    identity: age::x25519::Identity,
    signer: SigningKey,
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

    /// The keys of an identity line, or of a recovery kit that holds one.
    ///
    /// # Errors
    /// [`Error::NotAnIdentity`] when there is no such line, or more than one.
    pub fn from_kit(text: &str) -> Result<Self, Error> {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let line = lines.next().ok_or(Error::NotAnIdentity)?;
        if lines.next().is_some() {
            return Err(Error::NotAnIdentity);
        }
        Self::from_identity(line.parse().map_err(|_| Error::NotAnIdentity)?)
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

    /// Answers a hub's challenge, which shows that these keys are here: base64url.
    pub fn answer_recovery(&self, challenge: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(self.sign(&[RECOVERY, challenge].concat()).to_bytes())
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
        Self::from_kit(std::str::from_utf8(&line).map_err(|_| Error::WrongKey)?)
    }

    /// The recovery kit: a text to print and put away. Debian's `age -d -i FILE` takes it as it is.
    ///
    /// It holds the member's own key and nothing of the hub's: a printed root key would open again what was forgotten.
    pub fn recovery_kit(&self, person: &str, household: &str) -> String {
        let (person, household) = (one_line(person), one_line(household));
        let (recipient, line) = (self.identity.to_public(), self.identity.to_string());
        let line = line.expose_secret();
        format!(
            "\
# Porchlight recovery kit of {person}, {household}
#
# This is your own key, {person}. Print this page and put it where you keep
# your passport. Do not photograph it, and do not send it to anyone.
#
# With it you can
#   - open recordings that you exported, without a hub and without Porchlight:
#         age -d -i THIS-FILE RECORDING.age > recording
#   - get back in when you forgot your passphrase or lost your phone.
#
# Whoever holds it can do the same. If it is lost, make new keys.
#
# It cannot bring back what was forgotten. The keys of forgotten recordings are
# destroyed in the hub and were never on this page, so nobody can be made to
# hand them over, not even you.
#
# Your public key, which is no secret:
# {recipient}

{line}
"
        )
    }

    fn from_identity(identity: age::x25519::Identity) -> Result<Self, Error> {
        let line = identity.to_string();
        let seed = derived(line.expose_secret().as_bytes(), SIGNER)?;
        Ok(Self { identity, signer: SigningKey::from_bytes(&seed) })
    }
}

/// Whether an answer to a challenge is of the keys that these belong to. It takes as long for nobody's.
pub fn is_recovered_by(keys: Option<&PublicKeys>, challenge: &[u8], answer: &str) -> bool {
    let nobody = SigningKey::from_bytes(&[0; 32]).verifying_key();
    let key = keys.map_or(&nobody, |keys| keys.signer.verifying_key());
    let bytes = URL_SAFE_NO_PAD.decode(answer).ok().and_then(|bytes| <[u8; 64]>::try_from(bytes).ok());
    let answer = Signature::from_bytes(&bytes.unwrap_or([0; 64]));
    key.verify_strict(&[RECOVERY, challenge].concat(), &answer).is_ok() && keys.is_some()
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
fn derived(input: &[u8], info: &[u8]) -> Result<Zeroizing<[u8; 32]>, Error> {
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(None, input).expand(info, key.as_mut_slice()).map_err(|_| Error::WrongKey)?;
    Ok(key)
}

/// A name that could not break out of its comment line.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn the_kit_recovers_both_keys() {
        let keys = MemberKeys::generate().unwrap();
        let kit = keys.recovery_kit("Anna\nAGE-SECRET-KEY-1EVIL", "Maple Street 5");
        let again = MemberKeys::from_kit(&kit).unwrap();
        assert_eq!(again.public(), keys.public());
        assert_eq!(again.sign(b"x"), keys.sign(b"x"));
    }

    #[test]
    fn the_signer_is_pinned_to_its_derivation() {
        // Made with the identity of the age test suite; another client must derive the same.
        let line = "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33";
        let keys = MemberKeys::from_kit(line).unwrap();
        let hmac = |key: &[u8], message: &[u8]| {
            use hkdf::hmac::{Hmac, KeyInit, Mac};
            let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).unwrap();
            mac.update(message);
            mac.finalize().into_bytes()
        };
        // RFC 5869 by hand: extract with a salt of zeros, then the first block.
        let seed = hmac(&hmac(&[0; 32], line.as_bytes()), b"porchlight signer v1\x01");
        let seed: [u8; 32] = seed.as_slice().try_into().unwrap();
        assert_eq!(keys.public().signer.verifying_key(), &SigningKey::from_bytes(&seed).verifying_key());
    }

    #[test]
    fn a_wrapped_identity_opens_with_its_key_alone() {
        let keys = MemberKeys::generate().unwrap();
        let key = wrapping_key(b"an export key").unwrap();
        let wrapped = keys.wrap(&key).unwrap();
        assert_eq!(MemberKeys::unwrap(&wrapped, &key).unwrap().public(), keys.public());
        assert_ne!(wrapped, keys.wrap(&key).unwrap());
        let other = wrapping_key(b"another").unwrap();
        assert!(matches!(MemberKeys::unwrap(&wrapped, &other), Err(Error::WrongKey)));
        for i in 0..wrapped.len() {
            let mut changed = wrapped.clone();
            changed[i] ^= 1;
            assert!(matches!(MemberKeys::unwrap(&changed, &key), Err(Error::WrongKey)), "byte {i}");
        }
        assert!(MemberKeys::unwrap(&wrapped[..5], &key).is_err());
    }

    #[test]
    fn only_the_kit_answers_a_challenge_and_no_other_one() {
        let (anna, tom) = (MemberKeys::generate().unwrap(), MemberKeys::generate().unwrap());
        let answer = anna.answer_recovery(&[7; 32]);
        assert!(is_recovered_by(Some(&anna.public()), &[7; 32], &answer));
        assert!(!is_recovered_by(Some(&anna.public()), &[8; 32], &answer));
        assert!(!is_recovered_by(Some(&tom.public()), &[7; 32], &answer));
        // What anybody could sign as nobody, what was signed for something else, and what is no signature.
        let nobody = SigningKey::from_bytes(&[0; 32]).sign(&[RECOVERY, &[7; 32]].concat());
        assert!(!is_recovered_by(None, &[7; 32], &URL_SAFE_NO_PAD.encode(nobody.to_bytes())));
        let bare = URL_SAFE_NO_PAD.encode(anna.sign(&[7; 32]).to_bytes());
        for wrong in [bare.as_str(), "", "AAAA", "?"] {
            assert!(!is_recovered_by(Some(&anna.public()), &[7; 32], wrong), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_kit_is_refused() {
        let line = MemberKeys::generate().unwrap().identity.to_string();
        let line = line.expose_secret();
        for text in ["", "# only words", "AGE-SECRET-KEY-1NOPE", &format!("{line}\n{line}")] {
            assert!(matches!(MemberKeys::from_kit(text), Err(Error::NotAnIdentity)), "{text:?}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let keys = MemberKeys::generate().unwrap();
        assert!(!format!("{keys:?}").contains("SECRET"));
    }

    #[test]
    fn the_age_tool_takes_the_kit() {
        if Command::new("age").arg("--version").output().is_err() {
            eprintln!("skipped: the age tool is not installed");
            return;
        }
        let keys = MemberKeys::generate().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (kit, file) = (folder.path().join("kit.txt"), folder.path().join("recording.age"));
        std::fs::write(&kit, keys.recovery_kit("Zoë", "Maple Street 5")).unwrap();
        std::fs::write(&file, age::encrypt(&keys.identity.to_public(), b"hello").unwrap()).unwrap();
        let run =
            Command::new("age").arg("-d").arg("-i").arg(&kit).arg(&file).stderr(Stdio::inherit()).output();
        assert_eq!(run.unwrap().stdout, b"hello");
    }
}
