//! A member's own keys, made and used in their client. The hub never sees them.
//!
//! The age identity opens what is sealed to them. The key that signs the household document and the one that binds the account
//! ([`statement`]) are derived from it, each for its purpose alone. What gets them back in is apart from all of those, on the printed
//! [`kit`].

mod keys;
pub mod kit;
mod recovery;
mod signing;
pub mod statement;

pub use keys::{MemberKeys, WRAPPED, wrapping_key};
pub use kit::Kit;
pub use recovery::{RecoveryKey, RecoverySecret};
pub use signing::Recovered;
pub(crate) use signing::parts;
pub use statement::{AccountKey, AccountStatement, is_recovered_by};

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use sha2::Sha256;

    use super::*;
    use crate::{Error, SignerKey};

    #[test]
    fn the_signer_and_the_account_key_are_pinned_to_their_derivations() {
        // Made with the identity of the age test suite; another client must derive the same.
        let line = "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33";
        let keys = Kit::read(line).unwrap().keys;
        let hmac = |key: &[u8], message: &[u8]| {
            use hkdf::hmac::{Hmac, KeyInit, Mac};
            let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).unwrap();
            mac.update(message);
            mac.finalize().into_bytes()
        };
        // RFC 5869 by hand: extract with a salt of zeros, then the first block.
        let key = |info: &[u8]| {
            let seed = hmac(&hmac(&[0; 32], line.as_bytes()), info);
            SignerKey::from(SigningKey::from_bytes(&seed.as_slice().try_into().unwrap()).verifying_key())
        };
        assert_eq!(keys.public().signer, key(b"porchlight signer v1\x01"));
        assert!(keys.account_key().is(&key(b"porchlight account v1\x01")));
    }

    #[test]
    fn a_wrapped_identity_opens_with_its_key_alone() {
        let keys = MemberKeys::generate().unwrap();
        let key = wrapping_key(b"an export key").unwrap();
        let wrapped = keys.wrap(&key).unwrap();
        assert_eq!(wrapped.len(), WRAPPED);
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
    fn debug_shows_no_secret() {
        let keys = MemberKeys::generate().unwrap();
        assert!(!format!("{keys:?}").contains("SECRET"));
    }
}
