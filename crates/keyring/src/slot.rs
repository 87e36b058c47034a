//! Where the root key lies: the one place that has to be erasable.

use std::{fmt, io};

use zeroize::Zeroizing;

use crate::codec::Reader;
use crate::key::{KEY_BYTES, Key};

/// The length of [`Root::to_bytes`].
pub(crate) const ROOT_BYTES: usize = 16 + 8 + KEY_BYTES;

/// An erasable slot: it holds the newest root, and destroys the one before.
///
/// **The slot is the whole claim of forgetting.** Whoever has an older root and the packs of its time can derive every key
/// that has been punctured since.
pub trait Slot: Send {
    /// Every whole root that can be read, in any order: one at rest, two where a replacement was interrupted, none in a
    /// new slot.
    ///
    /// # Errors
    /// [`InvalidData`](io::ErrorKind::InvalidData) if there is something here but no whole root,
    /// [`Unsupported`](io::ErrorKind::Unsupported) if it was written in a newer format.
    fn load(&self) -> io::Result<Vec<Root>>;

    /// Puts `root` here and destroys every other one. When this returns, `root` survives a power cut, and no older one can
    /// be read through this slot. At every moment before, a root that was here or `root` itself can be read.
    ///
    /// Putting the root that is here already finishes an interrupted replacement and restores what has rotted.
    fn replace(&self, root: &Root) -> io::Result<()>;

    /// The names of what does not hold the root whole although it should, while another part of the slot does. Rot, or the trace
    /// of a replacement that was interrupted: the next one heals it.
    ///
    /// # Errors
    /// If that cannot be found out.
    fn damaged(&self) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }
}

/// A root key with the generation it opens. Wiped from memory when dropped, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Root {
    keyring: [u8; 16],
    generation: u64,
    key: Key,
}

impl Root {
    pub(crate) fn new(keyring: [u8; 16], generation: u64, key: Key) -> Root {
        Root { keyring, generation, key }
    }

    /// The generation whose pack this root opens. A higher one is newer.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The random name of the keyring that this root belongs to. Not secret.
    pub fn keyring(&self) -> [u8; 16] {
        self.keyring
    }

    /// The 56 bytes `keyring 16 ‖ generation u64 ‖ key 32`, for a slot to keep. It holds the key: wipe it after use.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(ROOT_BYTES));
        bytes.extend_from_slice(&self.keyring);
        bytes.extend_from_slice(&self.generation.to_le_bytes());
        bytes.extend_from_slice(self.key.bytes());
        bytes
    }

    /// Reads what [`to_bytes`](Root::to_bytes) wrote; `None` if the length is not 56.
    pub fn from_bytes(bytes: &[u8]) -> Option<Root> {
        let mut reader = Reader::new(bytes);
        let root = Root { keyring: *reader.array()?, generation: reader.u64()?, key: reader.key()? };
        reader.is_done().then_some(root)
    }

    pub(crate) fn secret(&self) -> &Key {
        &self.key
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Root").field("generation", &self.generation).finish_non_exhaustive()
    }
}
