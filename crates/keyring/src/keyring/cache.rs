//! The segments whose seeds are in memory.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::Error;
use crate::tree::Tree;

/// How many seeds may be in memory, over all segments; about 12 MB.
const MAX_SEEDS: usize = 1 << 17;

/// After how many uses the seeds are counted again, since trees remember more as they are used.
const USES_BETWEEN_COUNTS: u64 = 512;

/// What a segment counts for beside its seeds, so that their number is bounded too.
const SEEDS_PER_TREE: usize = 64;

/// Trees by segment, the least recently used leaving first.
///
/// Invariant: a tree here is what the root object refers to, so it may be dropped at any time and read again.
#[derive(Default)]
pub(super) struct Cache {
    trees: HashMap<u64, Held>,
    uses: u64,
}

struct Held {
    tree: Tree,
    last_use: u64,
}

impl Cache {
    pub(super) fn insert(&mut self, number: u64, tree: Tree) {
        self.make_room();
        let last_use = self.next_use();
        self.trees.insert(number, Held { tree, last_use });
    }

    /// Takes a segment out, so that its seeds are wiped as soon as the caller drops it.
    pub(super) fn take(&mut self, number: u64) -> Option<Tree> {
        self.trees.remove(&number).map(|held| held.tree)
    }

    /// Whether the tree of a segment is in memory.
    pub(super) fn has(&self, number: u64) -> bool {
        self.trees.contains_key(&number)
    }

    /// The tree of a segment as it is in memory, which does not count as a use.
    pub(super) fn peek(&self, number: u64) -> Option<&Tree> {
        self.trees.get(&number).map(|held| &held.tree)
    }

    pub(super) fn clear(&mut self) {
        self.trees.clear();
    }

    pub(super) fn get_or_read(
        &mut self,
        number: u64,
        read: impl FnOnce() -> Result<Tree, Error>,
    ) -> Result<&mut Tree, Error> {
        let last_use = self.next_use();
        if last_use.is_multiple_of(USES_BETWEEN_COUNTS) || !self.trees.contains_key(&number) {
            self.make_room();
        }
        let held = match self.trees.entry(number) {
            Entry::Occupied(held) => held.into_mut(),
            Entry::Vacant(free) => free.insert(Held { tree: read()?, last_use }),
        };
        held.last_use = last_use;
        Ok(&mut held.tree)
    }

    /// Drops trees until the limit is kept. It is overstepped again by one tree at most, and by what trees remember until the
    /// next count.
    fn make_room(&mut self) {
        let cost = |tree: &Tree| tree.seeds() + SEEDS_PER_TREE;
        let mut held: usize = self.trees.values().map(|held| cost(&held.tree)).sum();
        while held > MAX_SEEDS {
            let oldest = self.trees.iter().min_by_key(|(_, held)| held.last_use).map(|(number, _)| *number);
            let Some(tree) = oldest.and_then(|number| self.take(number)) else { return };
            held -= cost(&tree);
        }
    }

    fn next_use(&mut self) -> u64 {
        self.uses += 1;
        self.uses
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_a_bounded_number_and_drops_the_one_unused_for_longest() {
        let mut cache = Cache::default();
        let room = (MAX_SEEDS / (SEEDS_PER_TREE + 1)) as u64;
        for number in 0..room {
            cache.insert(number, Tree::random().unwrap());
        }
        cache.get_or_read(0, || Err(Error::Poisoned)).unwrap();
        for number in room..room + 3 {
            cache.insert(number, Tree::random().unwrap());
        }
        assert!(cache.trees.len() as u64 <= room + 1);
        assert!(cache.take(0).is_some(), "used a moment ago");
        assert!(cache.take(1).is_none(), "unused for longest");
    }

    #[test]
    fn counts_what_trees_remember() {
        let mut cache = Cache::default();
        let mut most = 0;
        for use_number in 0..30_000u64 {
            let (number, id) = (use_number % 100, use_number.wrapping_mul(40_503) as u16);
            let tree = cache.get_or_read(number, Tree::random).unwrap();
            tree.leaf(id).unwrap();
            if use_number % 100 == 0 {
                most = most.max(cache.trees.values().map(|held| held.tree.seeds()).sum());
            }
        }
        let between_counts = USES_BETWEEN_COUNTS as usize * 16;
        assert!(most > MAX_SEEDS / 2, "only {most} seeds: the test proves nothing");
        assert!(most <= MAX_SEEDS + between_counts, "{most} seeds");
    }
}
