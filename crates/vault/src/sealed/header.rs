//! The second seal: an age header under the leaves of its recording and of everything it was made from.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hkdf::Hkdf;
use porchlight_keyring::Leaf;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::id::Id;

/// The first byte of a sealed header says by which hash its payload is bound. Today's is BLAKE3, which takes a third of the
/// time of SHA-256, by which the first ones were bound.
const BLAKE3: u8 = 2;
const SHA_256: u8 = 1;
const NONCE: usize = 12;
const LABEL: &[u8] = b"porchlight header v1";

/// What a sealed header is bound to. A header put beside another id, other sources, another payload or other facts
/// does not open.
pub(crate) struct Binding {
    identity: Vec<u8>,
    facts: [u8; 32],
}

impl Binding {
    /// `sources` ascending; `facts` is what the catalog says of the recording and must never change.
    pub(crate) fn new(id: Id, sources: &[Id], payload: &[u8; 32], facts: &[&[u8]]) -> Binding {
        let mut identity = Vec::with_capacity(48 + 8 * sources.len());
        identity.extend(id.get().to_be_bytes());
        identity.extend((sources.len() as u64).to_be_bytes());
        identity.extend(sources.iter().flat_map(|source| source.get().to_be_bytes()));
        identity.extend(payload);
        let mut hash = Sha256::new();
        for fact in facts {
            hash.update((fact.len() as u64).to_be_bytes());
            hash.update(fact);
        }
        Binding { identity, facts: hash.finalize().into() }
    }

    /// The HKDF info: the label, the own id, the sorted source ids and the payload's hash.
    fn info(&self) -> Vec<u8> {
        [LABEL, &self.identity].concat()
    }

    /// The AAD: the same, and the facts.
    fn aad(&self) -> Vec<u8> {
        [LABEL, &self.identity, &self.facts].concat()
    }
}

/// `hash ‖ nonce ‖ AES-256-GCM(age header)`, as the catalog stores it.
pub(crate) struct SealedHeader(pub(crate) Vec<u8>);

impl SealedHeader {
    /// Seals under the recording's own leaf and those of its sources, in the order of the binding.
    ///
    /// `None` when the system has no randomness to give, or the header is absurdly long.
    pub(crate) fn seal(header: &[u8], leaves: &[Leaf], binding: &Binding) -> Option<SealedHeader> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).ok()?;
        let sealed = cipher(leaves, binding)
            .encrypt(&Nonce::from(nonce), Payload { msg: header, aad: &binding.aad() })
            .ok()?;
        Some(SealedHeader([&[BLAKE3], &nonce[..], &sealed].concat()))
    }

    /// Whether a payload has this digest, by the hash that the header names.
    pub(crate) fn binds(&self, payload: &[u8], digest: &[u8; 32]) -> bool {
        match self.0.first() {
            Some(&BLAKE3) => blake3::hash(payload) == *digest,
            Some(&SHA_256) => Sha256::digest(payload)[..] == *digest,
            _ => false,
        }
    }

    /// The age header; `None` when anything it is bound to differs.
    pub(crate) fn open(&self, leaves: &[Leaf], binding: &Binding) -> Option<Zeroizing<Vec<u8>>> {
        let (&(BLAKE3 | SHA_256), rest) = self.0.split_first()? else { return None };
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>()?;
        let opened = cipher(leaves, binding)
            .decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: &binding.aad() })
            .ok()?;
        Some(Zeroizing::new(opened))
    }
}

impl SealedHeader {
    /// Whether a key that was found somewhere opens it by itself, as none should.
    pub(crate) fn opens_with(&self, key: &[u8; 32], binding: &Binding) -> bool {
        let Some((nonce, sealed)) = self.0.get(1..).and_then(|rest| rest.split_first_chunk::<NONCE>()) else {
            return false;
        };
        let (cipher, nonce) = (Aes256Gcm::new(key.into()), Nonce::from(*nonce));
        [binding.aad(), Vec::new()]
            .iter()
            .any(|aad| cipher.decrypt(&nonce, Payload { msg: sealed, aad }).is_ok())
    }
}

fn cipher(leaves: &[Leaf], binding: &Binding) -> Aes256Gcm {
    let mut material = Zeroizing::new(Vec::with_capacity(32 * leaves.len()));
    for leaf in leaves {
        material.extend_from_slice(leaf.as_bytes());
    }
    let mut key = Zeroizing::new([0; 32]);
    #[allow(clippy::expect_used)] // HKDF-SHA256 gives up to 8160 bytes, and this asks for 32.
    Hkdf::<Sha256>::new(None, &material)
        .expand(&binding.info(), &mut *key)
        .expect("32 bytes can be expanded");
    Aes256Gcm::new(&(*key).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_bound_by_the_hash_that_its_header_names() {
        let header = |hash| SealedHeader(vec![hash, 0, 0]);
        let (blake3, sha): ([u8; 32], [u8; 32]) =
            (blake3::hash(b"film").into(), Sha256::digest(b"film").into());
        assert!(header(BLAKE3).binds(b"film", &blake3) && header(SHA_256).binds(b"film", &sha));
        assert!(!header(BLAKE3).binds(b"film", &sha) && !header(SHA_256).binds(b"film", &blake3));
        assert!(!header(BLAKE3).binds(b"fil", &blake3) && !header(3).binds(b"film", &blake3));
        assert!(!SealedHeader(Vec::new()).binds(b"film", &blake3));
    }
}
