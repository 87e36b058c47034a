//! Puncturable keys: derive a key for an id, forget it for good.
//!
//! A [`Keyring`] hands out ids and derives a 32-byte key for each ([`Leaf`]). *Puncturing* an id destroys its key: from then on
//! nobody can derive it, not with everything the keyring ever wrote, not with every backup of it, as long as they lack the one
//! small thing that is overwritten, the root key in the [`Slot`]. Encrypt something under a leaf, copy the ciphertext wherever
//! you like, puncture the id, and every copy is noise.
//!
//! ```
//! use porchlight_keyring::{Change, Error, FileSlot, FolderStore, Keyring};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path();
//! let mut keyring = Keyring::create(Box::new(FolderStore::open(path)?), Box::new(FileSlot::open(path)?))?;
//!
//! let (keep, forget) = (keyring.allocate(30)?, keyring.allocate(30)?);
//! let key = keyring.leaf(keep)?; // encrypt with a key derived from this
//! keyring.apply(Change::default().puncture(forget))?; // durable and irrecoverable
//!
//! drop(keyring);
//! let mut keyring = Keyring::open(Box::new(FolderStore::open(path)?), Box::new(FileSlot::open(path)?))?;
//! assert_eq!(keyring.leaf(keep)?, key);
//! assert!(matches!(keyring.leaf(forget), Err(Error::Gone { .. })));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it costs
//!
//! Encrypting writes nothing: an id and its leaf come out of memory. A commit ([`Keyring::apply`]) writes one pack of a few
//! kilobytes and syncs five times, for one id or a hundred thousand. What is stored grows with the holes, not with the ids: 16
//! seeds for a lone hole in a segment of 65,536, one seed for a segment without any.
//!
//! # How it works
//!
//! Two levels, after [Holepunch](https://eprint.iacr.org/2023/1927). Below, each segment of 65,536 ids is a binary tree of seeds,
//! of which a puncture keeps only those beside the path to the id. Above, the *root object* names each segment's place and the
//! single-use key that seals it. A commit seals the changed segments and a new root object into a *pack*, puts a fresh root key
//! into the slot, and destroys the one before; with it goes every way to the segments as they were.
//!
//! Small *secrets* (a password, an identity) can be kept in the root object by name; removing one destroys it as surely.
//!
//! # What is claimed, and what is not
//!
//! - Packs may be read, copied and kept by anyone; they are sealed with AES-256-GCM. The slot must be secret and must forget.
//!   [`FileSlot`] says how far a file does.
//! - A punctured id is gone from every [mirror](Keyring::mirror) that was brought to the same generation, and not from others.
//! - What rots here is [healed](Keyring::open_healing) from a mirror, and never by going back: no root comes from a mirror that is
//!   older than what was here. What rots while the keyring is open is [written anew](Keyring::renew) from memory. Two copies that were both used are told apart, and neither follows the other.
//! - Ids are never handed out twice: segments are leased durably before first use, and every start leases fresh ones.
//! - An error is never taken for "gone". A slot that fails poisons the keyring until it is opened again; a pack that
//!   cannot be written stops its commit alone.
//! - Keys are wiped from memory when dropped. The operating system may have swapped or dumped them; see to that outside.
//! - One keyring at a time may use a store and slot. [`FolderStore`] locks its folder.
//!
//! What somebody could still derive who holds packs and slots of some age is answered by [`Salvage`], which needs no keyring.
//!
//! All of it is blocking. A keyring can be sent between threads; put it behind a mutex to share it.

mod change;
mod codec;
mod error;
mod folder;
mod key;
mod keyring;
mod lineage;
mod pack;
mod record;
mod root_object;
mod salvage;
mod seal;
mod segment;
mod slot;
mod spare;
mod store;
#[cfg(feature = "tpm")]
mod tpm;
mod tree;

#[cfg(test)]
mod tests;

pub use change::Change;
pub use error::Error;
pub use folder::{FileSlot, FolderStore};
pub use key::Leaf;
pub use keyring::{Brought, Healed, Keyring, Renewed, Segment, Snapshot, Unreadable};
pub use lineage::Standing;
pub use salvage::{Opened, Salvage, Secret};
pub use slot::{Root, Slot};
pub use spare::Spare;
pub use store::Store;
#[cfg(feature = "tpm")]
pub use tpm::TpmSlot;
