//! The 32-byte hashes of a Merkle tree (RFC 6962 section 2.1).

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::Error;

/// A SHA-256 hash: of an entry, of a subtree, or of a whole tree. Written as standard base64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// The root of the tree without entries: the hash of nothing.
    pub fn empty() -> Hash {
        Hash(Sha256::digest([]).into())
    }

    /// The hash of an entry: `SHA-256(0x00 ‖ entry)`.
    pub fn leaf(entry: &[u8]) -> Hash {
        Hash(Sha256::new().chain_update([0]).chain_update(entry).finalize().into())
    }

    /// The hash of two subtrees side by side: `SHA-256(0x01 ‖ left ‖ right)`.
    ///
    /// The first byte differs from that of a leaf so that nobody can pass off a pair of hashes as an entry.
    pub fn node(left: &Hash, right: &Hash) -> Hash {
        Hash(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Hash {
    fn from(bytes: [u8; 32]) -> Hash {
        Hash(bytes)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl FromStr for Hash {
    type Err = Error;

    /// # Errors
    ///
    /// [`Error::Hash`] unless the text is the standard base64 of 32 bytes.
    fn from_str(text: &str) -> Result<Hash, Error> {
        let bytes = STANDARD.decode(text).map_err(|_| Error::Hash("it is not standard base64"))?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| Error::Hash("it has not 32 bytes"))?;
        Ok(Hash(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        let hash = Hash::leaf(b"hello");
        assert_eq!(hash.to_string().parse::<Hash>().unwrap(), hash);
        assert!("AAAA".parse::<Hash>().is_err());
        assert!("not base64!".parse::<Hash>().is_err());
    }
}
