//! Secret bytes that leave no copy behind.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::Error;

/// The length of every key, seed and leaf, in bytes.
pub(crate) const KEY_BYTES: usize = 32;

/// 32 secret bytes: a seed, a root key, a segment's key.
///
/// They live on the heap, so that moving a key, or growing a collection of keys, copies a pointer and leaves no stray bytes.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Key(Box<[u8; KEY_BYTES]>);

impl Key {
    /// A key made by `fill`, which is given 32 zero bytes to write into.
    pub(crate) fn fill(fill: impl FnOnce(&mut [u8; KEY_BYTES])) -> Key {
        let mut key = Key(Box::new([0; KEY_BYTES]));
        fill(&mut key.0);
        key
    }

    pub(crate) fn random() -> Result<Key, Error> {
        let mut key = Key(Box::new([0; KEY_BYTES]));
        getrandom::fill(key.0.as_mut_slice())?;
        Ok(key)
    }

    pub(crate) fn copy_from(bytes: &[u8; KEY_BYTES]) -> Key {
        Key::fill(|key| key.copy_from_slice(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

/// Does what handles keys, and then overwrites the stack that it used. What wipes itself is wiped where it lies last; the copies
/// that were left behind where it was moved from are not: a cipher has its key at the front, a sort swaps what it sorts.
pub(crate) fn leaving_no_key<T>(work: impl FnOnce() -> T) -> T {
    // Both start at the same depth, so that the one lies over what the other left.
    #[inline(never)]
    fn call<T>(work: impl FnOnce() -> T) -> T {
        work()
    }
    #[inline(never)]
    fn overwrite() {
        std::hint::black_box(&mut [0_u8; 1 << 14]);
    }
    let done = call(work);
    overwrite();
    done
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }
}

impl Eq for Key {}

/// The key of one id: 32 bytes that nobody can derive again once the id is punctured.
///
/// Wiped from memory when dropped, compared in constant time, never printed. Derive what you encrypt with from it
/// (HKDF with a label, say) rather than using it twice.
#[derive(Clone, PartialEq, Eq)]
pub struct Leaf(pub(crate) Key);

impl Leaf {
    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.bytes()
    }
}

impl AsRef<[u8]> for Leaf {
    fn as_ref(&self) -> &[u8] {
        self.0.bytes()
    }
}

impl fmt::Debug for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Leaf(32 bytes)")
    }
}
