//! Checking proofs: that an entry is in a tree, and that one tree is the beginning of another.
//!
//! The algorithms are those of RFC 9162, sections 2.1.3.2 and 2.1.4.2. They need nothing of the log but the
//! proof itself, so they are what a client runs that trusts only the checkpoints it has seen.

use crate::{Error, Hash};

/// Checks that the entry with the hash `leaf` ([`Hash::leaf`]) is entry number `index`, counted from 0, of
/// the tree of `size` entries with the root `root`.
///
/// # Errors
///
/// [`Error::Proof`] when it is not, or the proof has the wrong length.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), Error> {
    if index >= size {
        return Err(Error::Proof("the tree has no entry of that number"));
    }
    // `node` and `last` climb from the leaf's level to the root's: the place of our node, and of the
    // rightmost one, in each level.
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(Error::Proof("it is too long"));
        }
        if node & 1 == 1 || node == last {
            hash = Hash::node(sibling, &hash);
            // A rightmost node without a sibling is its own parent until it is a right child.
            let skipped = node.trailing_zeros();
            (node, last) = (node >> skipped, last >> skipped);
        } else {
            hash = Hash::node(&hash, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    if last != 0 {
        return Err(Error::Proof("it is too short"));
    }
    if hash != *root {
        return Err(Error::Proof("it leads to another root"));
    }
    Ok(())
}

/// Checks that the tree of `old_size` entries with the root `old_root` is the beginning of the tree of
/// `new_size` entries with the root `new_root`: that nothing was rewritten or taken away.
///
/// The tree without entries is the beginning of every tree, and needs no proof.
///
/// # Errors
///
/// [`Error::Proof`] when it is not, or the proof has the wrong length.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Hash,
    new_size: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), Error> {
    if old_size > new_size {
        return Err(Error::Proof("the newer tree has fewer entries"));
    }
    if old_size == 0 || old_size == new_size {
        let expected = if old_size == 0 { Hash::empty() } else { *new_root };
        return match (proof.is_empty(), *old_root == expected) {
            (false, _) => Err(Error::Proof("it is too long")),
            (true, false) => Err(Error::Proof("the older root is another")),
            (true, true) => Ok(()),
        };
    }
    // The proof begins with the largest complete subtree that ends the older tree. When that is the whole
    // older tree, its root is known and left out.
    let (first, rest) = if old_size.is_power_of_two() {
        (*old_root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(Error::Proof("it is too short"))?;
        (*first, rest)
    };
    let skipped = (old_size - 1).trailing_ones();
    let (mut node, mut last) = ((old_size - 1) >> skipped, (new_size - 1) >> skipped);
    let (mut old, mut new) = (first, first);
    for sibling in rest {
        if last == 0 {
            return Err(Error::Proof("it is too long"));
        }
        if node & 1 == 1 || node == last {
            old = Hash::node(sibling, &old);
            new = Hash::node(sibling, &new);
            let skipped = node.trailing_zeros();
            (node, last) = (node >> skipped, last >> skipped);
        } else {
            new = Hash::node(&new, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    if last != 0 {
        return Err(Error::Proof("it is too short"));
    }
    if old != *old_root {
        return Err(Error::Proof("it leads to another older root"));
    }
    if new != *new_root {
        return Err(Error::Proof("it leads to another newer root"));
    }
    Ok(())
}
