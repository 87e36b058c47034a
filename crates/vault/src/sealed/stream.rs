//! The payload of an age file: [STREAM](https://age-encryption.org/v1) with ChaCha20-Poly1305.
//!
//! The age crate writes and reads it too, and a test holds the two together. Film is sealed all day long, and here that costs
//! less than half: the cipher is AWS-LC's, and what is sealed stays where it lies.

use std::io;

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Bytes of plaintext in every chunk but the last, which has 1 to as many, or none when there is no plaintext at all.
const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;

/// The random bytes with which a payload begins. They make the key of the payload from the key of the file.
pub(super) const SALT: usize = 16;

/// `salt ‖ chunk ‖ tag ‖ chunk ‖ tag ‖ …`, in the buffer of the plaintext where there is room behind it, so that film is
/// neither copied nor left behind.
///
/// The salt must never have been used with this file key before: the nonces of the chunks count from 0.
pub(super) fn seal(
    file_key: &[u8; 16],
    salt: [u8; SALT],
    plaintext: Zeroizing<Vec<u8>>,
) -> io::Result<Vec<u8>> {
    let key = payload_key(file_key, &salt)?;
    let length = plaintext.len();
    let chunks = length.div_ceil(CHUNK).max(1);
    let mut payload = with_length(plaintext, SALT + length + chunks * TAG);
    // From the last to the first: each moves further back by the salt and the tags before it.
    for number in (0..chunks).rev() {
        let chunk = number * CHUNK..length.min((number + 1) * CHUNK);
        let (begin, end) = (SALT + chunk.start + number * TAG, SALT + chunk.end + number * TAG);
        payload.copy_within(chunk, begin);
        let tag = key
            .seal_in_place_separate_tag(
                nonce(number, number + 1 == chunks),
                Aad::empty(),
                &mut payload[begin..end],
            )
            .map_err(|_| io::Error::other("the cipher refused a chunk"))?;
        payload[end..end + TAG].copy_from_slice(tag.as_ref());
    }
    payload[..SALT].copy_from_slice(&salt);
    // All of it is sealed now, and no longer to be wiped.
    Ok(std::mem::take(&mut *payload))
}

/// The same bytes and zeros. Never grown in place, which could leave a copy behind.
fn with_length(mut bytes: Zeroizing<Vec<u8>>, length: usize) -> Zeroizing<Vec<u8>> {
    if bytes.capacity() < length {
        let mut longer = Zeroizing::new(Vec::with_capacity(length));
        longer.extend_from_slice(&bytes);
        bytes = longer;
    }
    bytes.resize(length, 0);
    bytes
}

fn payload_key(file_key: &[u8; 16], salt: &[u8; SALT]) -> io::Result<LessSafeKey> {
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(salt), file_key).expand(b"payload", &mut *key).map_err(io::Error::other)?;
    let key = UnboundKey::new(&CHACHA20_POLY1305, &*key)
        .map_err(|_| io::Error::other("the cipher refused its key"))?;
    Ok(LessSafeKey::new(key))
}

/// The number of the chunk, in eleven bytes, and whether it is the last.
fn nonce(number: usize, last: bool) -> Nonce {
    let mut nonce = [0; NONCE_LEN];
    nonce[3..11].copy_from_slice(&(number as u64).to_be_bytes());
    nonce[11] = u8::from(last);
    Nonce::assume_unique_for_key(nonce)
}
