//! Checking a whole log by its entries: what a client does that trusts only what it has seen.

use crate::frame::split_entry;
use crate::tree::Tree;
use crate::{Checkpoint, Error, Hash};

/// The hashes of a log's entries, made by whoever checks it. A log that has shown a checkpoint must have had its root when it
/// had as many entries.
#[derive(Default)]
pub struct Audit {
    tree: Tree,
}

impl Audit {
    /// Takes in the next entry.
    pub fn push(&mut self, entry: &[u8]) {
        self.tree.push(Hash::leaf(entry));
    }

    /// Takes in the hash of the next entry, which itself is damaged where it is kept.
    pub fn push_hash(&mut self, hash: Hash) {
        self.tree.push(hash);
    }

    /// The number of entries so far.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// Checks that the entries begin with those that a checkpoint of the same tree speaks of.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] when there are fewer; [`Error::Proof`] when they are others.
    pub fn check(&self, checkpoint: &Checkpoint) -> Result<(), Error> {
        if self.tree.root_at(checkpoint.size)? == checkpoint.root {
            return Ok(());
        }
        Err(Error::Proof("the entries are others than those the checkpoint speaks of"))
    }
}

/// The entries of a bundle of a tiled log, each of which lies after its length as a big-endian `u16`.
///
/// # Errors
///
/// [`Error::Entry`] when the bundle ends within an entry.
pub fn entries_of_bundle(mut bundle: &[u8]) -> Result<Vec<&[u8]>, Error> {
    let mut entries = Vec::new();
    while !bundle.is_empty() {
        let (entry, rest) = split_entry(bundle).ok_or(Error::Entry("the bundle ends within one"))?;
        entries.push(entry);
        bundle = rest;
    }
    Ok(entries)
}
