//! The hashes of a log, and the roots and proofs made of them.

use crate::tiles::TILE_WIDTH;
use crate::{Error, Hash};

/// How many levels of the binary tree lie between one level of tiles and the next: 256 = 2⁸.
const TILE_HEIGHT: u32 = 8;

/// The hashes of a Merkle tree (RFC 6962 section 2.1), kept as the tiles of C2SP tlog-tiles are:
/// `levels[l][i]` is the root of the `i`-th complete subtree of 256ˡ entries.
///
/// That is 32 bytes an entry and next to nothing above; a node between two levels costs at most 255 hashes to
/// find again.
///
/// Invariant: `levels[l + 1].len() == levels[l].len() / 256`, and no level is empty.
#[derive(Default)]
pub(crate) struct Tree {
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// The number of entries.
    pub(crate) fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// Adds the hash of the next entry.
    pub(crate) fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for level in 0.. {
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            let hashes = &mut self.levels[level];
            hashes.push(hash);
            if !hashes.len().is_multiple_of(TILE_WIDTH) {
                return;
            }
            hash = fold(&hashes[hashes.len() - TILE_WIDTH..]);
        }
    }

    /// Lets go of all entries but the first `size`.
    pub(crate) fn truncate(&mut self, size: usize) {
        let mut kept = size;
        for level in &mut self.levels {
            level.truncate(kept);
            kept /= TILE_WIDTH;
        }
        self.levels.retain(|level| !level.is_empty());
    }

    /// The root of all entries.
    pub(crate) fn root(&self) -> Hash {
        match self.size() {
            0 => Hash::empty(),
            size => self.range(0, size),
        }
    }

    /// The root of the first `size` entries.
    pub(crate) fn root_at(&self, size: u64) -> Result<Hash, Error> {
        self.check(size, size)?;
        Ok(if size == 0 { Hash::empty() } else { self.range(0, size) })
    }

    /// The hash of one entry.
    pub(crate) fn leaf(&self, index: u64) -> Option<Hash> {
        self.levels.first()?.get(usize::try_from(index).ok()?).copied()
    }

    /// `width` hashes of the `n`-th tile of a level, or nothing where the tree has not as many.
    pub(crate) fn tile(&self, level: u8, n: u64, width: u16) -> Option<&[Hash]> {
        let start = usize::try_from(n).ok()?.checked_mul(TILE_WIDTH)?;
        let width = usize::from(width);
        if width == 0 || width > TILE_WIDTH {
            return None;
        }
        self.levels.get(usize::from(level))?.get(start..start.checked_add(width)?)
    }

    /// How many hashes each level has, from level 0 upwards.
    pub(crate) fn level_sizes(&self) -> impl Iterator<Item = u64> {
        self.levels.iter().map(|hashes| hashes.len() as u64)
    }

    /// `PATH(index, D[size])` of RFC 6962 section 2.1.1, the sibling of the leaf first.
    pub(crate) fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Hash>, Error> {
        self.check(size, size)?;
        self.check(index.saturating_add(1), size)?;
        let (mut start, mut end) = (0, size);
        let mut path = Vec::new();
        while end - start > 1 {
            let middle = start + split(end - start);
            if index < middle {
                path.push(self.range(middle, end));
                end = middle;
            } else {
                path.push(self.range(start, middle));
                start = middle;
            }
        }
        path.reverse();
        Ok(path)
    }

    /// `PROOF(old, D[new])` of RFC 6962 section 2.1.2; nothing when there is nothing to prove.
    pub(crate) fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, Error> {
        self.check(new, new)?;
        self.check(old, new)?;
        let mut path = Vec::new();
        if old == 0 || old == new {
            return Ok(path);
        }
        let (mut start, mut end) = (0, new);
        while end != old {
            let middle = start + split(end - start);
            if old <= middle {
                path.push(self.range(middle, end));
                end = middle;
            } else {
                path.push(self.range(start, middle));
                start = middle;
            }
        }
        // The subtree that ends the older tree: left out when it is the whole of it, whose root the verifier
        // has.
        if start != 0 {
            path.push(self.range(start, end));
        }
        path.reverse();
        Ok(path)
    }

    fn check(&self, asked: u64, size: u64) -> Result<(), Error> {
        let size = size.min(self.size());
        if asked > size { Err(Error::OutOfRange { asked, size }) } else { Ok(()) }
    }

    /// `MTH(D[start:end])`, where `start..end` is a part of the tree as it splits: not empty, within the
    /// tree, and starting at a multiple of the largest power of two below its length.
    fn range(&self, start: u64, end: u64) -> Hash {
        let count = end - start;
        if count.is_power_of_two() {
            return self.complete(start, count.trailing_zeros());
        }
        let middle = start + split(count);
        Hash::node(&self.range(start, middle), &self.range(middle, end))
    }

    /// The root of the complete subtree of `2^height` entries that begins at entry `start`.
    fn complete(&self, start: u64, height: u32) -> Hash {
        let level = height / TILE_HEIGHT;
        let count = 1 << (height % TILE_HEIGHT);
        // Indices into what is in memory fit a usize.
        let first = (start >> (level * TILE_HEIGHT)) as usize;
        fold(&self.levels[level as usize][first..first + count])
    }
}

/// The largest power of two smaller than `count`, which is at least 2.
fn split(count: u64) -> u64 {
    1 << (u64::BITS - 1 - (count - 1).leading_zeros())
}

/// The root over a power of two of hashes.
fn fold(hashes: &[Hash]) -> Hash {
    match hashes {
        [hash] => *hash,
        _ => {
            let (left, right) = hashes.split_at(hashes.len() / 2);
            Hash::node(&fold(left), &fold(right))
        }
    }
}
