//! Sealing with a key that is used once.

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::aes::Aes256;
use aes_gcm::aes::cipher::BlockCipherEncrypt;
use aes_gcm::{Aes256Gcm, Nonce};
use zeroize::Zeroizing;

use crate::Error;
use crate::key::{Key, leaving_no_key};

/// How much longer a sealed text is than its plaintext, in bytes.
pub(crate) const TAG_BYTES: usize = 16;

/// Seals `plain` with AES-256-GCM, bound to `aad`.
///
/// The nonce is all zeros, which is safe only because every caller draws a fresh key for every sealing.
pub(crate) fn seal(key: &Key, aad: &[u8], plain: Zeroizing<Vec<u8>>) -> Result<Vec<u8>, Error> {
    let mut sealed = Vec::with_capacity(plain.len() + TAG_BYTES);
    sealed.extend_from_slice(&plain);
    leaving_no_key(|| {
        let cipher = Aes256Gcm::new(key.bytes().into());
        cipher.encrypt_in_place(&Nonce::default(), aad, &mut sealed).map_err(|_| Error::TooLarge)
    })?;
    Ok(sealed)
}

/// Opens what [`seal`] made; `None` if the key, `aad` or any byte differs.
pub(crate) fn open(key: &Key, aad: &[u8], sealed: Vec<u8>) -> Option<Zeroizing<Vec<u8>>> {
    let mut plain = Zeroizing::new(sealed);
    leaving_no_key(|| {
        let cipher = Aes256Gcm::new(key.bytes().into());
        cipher.decrypt_in_place(&Nonce::default(), aad, &mut *plain).ok()
    })?;
    Some(plain)
}

/// What the first 16 bytes of every text that `key` seals are XORed with. As the nonce is always the same, so is this: one AES
/// block tells almost every wrong key from the right one, whatever the text. Nothing that it lets through is authentic yet.
pub(crate) fn first_keystream(key: &Key) -> Zeroizing<[u8; 16]> {
    // GCM (NIST SP 800-38D) counts from 1 after a nonce of 96 bits, and spends 1 on the tag.
    let mut block = Zeroizing::new([0; 16]);
    block[15] = 2;
    Aes256::new(key.bytes().into()).encrypt_block((&mut *block).into());
    block
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_with_the_same_key_aad_and_bytes() {
        let (key, other) = (Key::random().unwrap(), Key::random().unwrap());
        let sealed = seal(&key, b"aad", Zeroizing::new(b"words".to_vec())).unwrap();
        assert_eq!(sealed.len(), 5 + TAG_BYTES);
        assert_eq!(open(&key, b"aad", sealed.clone()).unwrap().as_slice(), b"words");
        assert!(open(&other, b"aad", sealed.clone()).is_none());
        assert!(open(&key, b"other", sealed.clone()).is_none());
        for at in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[at] ^= 1;
            assert!(open(&key, b"aad", bad).is_none(), "byte {at}");
        }
        assert!(open(&key, b"aad", Vec::new()).is_none());
    }

    #[test]
    fn the_first_keystream_is_that_of_every_sealing() {
        let key = Key::random().unwrap();
        let sealed = seal(&key, b"aad", Zeroizing::new(vec![0; 20])).unwrap();
        assert_eq!(sealed[..16], *first_keystream(&key));
    }
}
