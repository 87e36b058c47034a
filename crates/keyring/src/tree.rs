//! The keys of one segment: a binary tree of seeds, of which only what may still be derived remains.
//!
//! This is the puncturable pseudo-random function of Goldreich, Goldwasser and Micali as used by
//! [Holepunch](https://eprint.iacr.org/2023/1927): a seed of height `h` stands for `2^h` consecutive ids,
//!
//! ```text
//! child(bit) = HMAC-SHA256(seed, 'G' ‖ bit)      the seed of the lower (0) or upper (1) half
//! leaf       = HMAC-SHA256(seed, 'L')            at height 0
//! ```
//!
//! and an id is punctured by replacing the seed that covers it with the seeds beside its path. No seed above a punctured id
//! remains, and HMAC does not run backwards.
//!
//! Invariant: the remaining seeds are sorted and do not overlap.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use crate::Error;
use crate::codec::Reader;
use crate::key::{KEY_BYTES, Key, Leaf};
use crate::segment::HEIGHT;

/// Inner seeds kept to make the next derivation cheap; beyond this many the tree starts remembering afresh.
const MEMO_SEEDS: usize = 4096;

/// The encoded length of one seed with its place, in bytes.
const NODE_BYTES: usize = 2 + 1 + KEY_BYTES;

/// Ids within a segment to be punctured: sorted ranges that do not touch each other.
pub(crate) type Holes = [RangeInclusive<u16>];

/// What remains of one segment.
pub(crate) struct Tree {
    nodes: Vec<Node>,
    /// Seeds derived on the way to earlier leaves.
    memo: HashMap<Place, Key>,
}

/// A seed and the ids it stands for.
struct Node {
    place: Place,
    seed: Key,
}

/// The `2^height` ids from `start`, a multiple of that.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Place {
    start: u16,
    height: u8,
}

impl Tree {
    /// A segment of which nothing is punctured, from fresh randomness.
    pub(crate) fn random() -> Result<Tree, Error> {
        let place = Place { start: 0, height: HEIGHT };
        Ok(Tree::new(vec![Node { place, seed: Key::random()? }]))
    }

    fn new(nodes: Vec<Node>) -> Tree {
        Tree { nodes, memo: HashMap::new() }
    }

    /// True once every id is punctured.
    pub(crate) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// How many secrets this tree holds in memory.
    pub(crate) fn seeds(&self) -> usize {
        self.nodes.len() + self.memo.len()
    }

    /// True if `id` is not punctured.
    pub(crate) fn contains(&self, id: u16) -> bool {
        self.covering(id).is_some()
    }

    /// The key of `id`, or `None` if it is punctured.
    pub(crate) fn leaf(&mut self, id: u16) -> Option<Leaf> {
        let seed = self.seed(Place::above(id, 0))?;
        Some(Leaf(output(keyed(&seed), b"L")))
    }

    /// True if everything that `other` still derives can be derived from this as well, with the same outcome.
    pub(crate) fn covers(&mut self, other: &Tree) -> bool {
        other.nodes.iter().all(|node| self.seed(node.place).is_some_and(|seed| seed == node.seed))
    }

    /// The seed of a place, or `None` if anything in it is punctured.
    fn seed(&mut self, place: Place) -> Option<Key> {
        let top = self.covering(place.start)?;
        let top_height = top.place.height;
        if top_height < place.height {
            return None;
        }
        // The lowest seed already known above this place: remembered, or else the one that remains in the tree.
        let known = (place.height.max(1)..top_height)
            .find_map(|height| self.memo.get(&Place::above(place.start, height)).map(|seed| (height, seed)));
        let (height, seed) = known.unwrap_or((top_height, &top.seed));
        let mut seed = seed.clone();
        for height in (place.height..height).rev() {
            seed = child(&seed, place.start >> height & 1 == 1);
            if height > 0 {
                self.remember(Place::above(place.start, height), &seed);
            }
        }
        Some(seed)
    }

    /// True if puncturing `holes` would destroy anything.
    pub(crate) fn is_touched_by(&self, holes: &Holes) -> bool {
        self.nodes.iter().any(|node| !node.place.overlapping(holes).is_empty())
    }

    /// What remains without the ids in `holes`. Every seed above them, remembered ones included, is wiped.
    pub(crate) fn puncture(self, holes: &Holes) -> Tree {
        let mut kept = Vec::with_capacity(self.nodes.len());
        for node in self.nodes {
            node.keep_outside(holes, &mut kept);
        }
        Tree::new(kept)
    }

    /// The remaining seeds, each as `start u16 ‖ height u8 ‖ seed`, in order.
    pub(crate) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.nodes.len() * NODE_BYTES));
        for node in &self.nodes {
            bytes.extend_from_slice(&node.place.start.to_le_bytes());
            bytes.push(node.place.height);
            bytes.extend_from_slice(node.seed.bytes());
        }
        bytes
    }

    /// Reads what [`encode`](Tree::encode) wrote; `None` if it breaks the invariant.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Tree> {
        let mut reader = Reader::new(bytes);
        let mut nodes: Vec<Node> = Vec::with_capacity(bytes.len() / NODE_BYTES);
        while !reader.is_done() {
            let place = Place { start: reader.u16()?, height: reader.u8()? };
            let after_the_last = nodes.last().is_none_or(|last| last.place.end() < place.start);
            if !place.is_whole() || !after_the_last {
                return None;
            }
            nodes.push(Node { place, seed: reader.key()? });
        }
        Some(Tree::new(nodes))
    }

    fn covering(&self, id: u16) -> Option<&Node> {
        let after = self.nodes.partition_point(|node| node.place.start <= id);
        let node = self.nodes.get(after.checked_sub(1)?)?;
        (id <= node.place.end()).then_some(node)
    }

    fn remember(&mut self, place: Place, seed: &Key) {
        if self.memo.len() >= MEMO_SEEDS {
            self.memo.clear();
        }
        self.memo.insert(place, seed.clone());
    }
}

impl Node {
    /// Pushes what remains of this node without `holes`. Derives only seeds that a hole's edge cuts and seeds that remain, so the
    /// work is in proportion to the holes, not to the ids in them.
    fn keep_outside(self, holes: &Holes, kept: &mut Vec<Node>) {
        let holes = self.place.overlapping(holes);
        if holes.is_empty() {
            kept.push(self);
            return;
        }
        if self.place.is_covered_by(holes) {
            return;
        }
        // A seed of height 0 is covered by any hole that overlaps it, so there is always a half to take.
        let (lower, upper) = self.place.halves();
        let keyed = keyed(&self.seed);
        for (place, is_upper) in [(lower, false), (upper, true)] {
            if !place.is_covered_by(holes) {
                Node { place, seed: half(keyed.clone(), is_upper) }.keep_outside(holes, kept);
            }
        }
    }
}

impl Place {
    /// The place of this height that `id` lies in; `height` is below 16.
    fn above(id: u16, height: u8) -> Place {
        Place { start: id >> height << height, height }
    }

    fn end(self) -> u16 {
        // Height 16 is the whole segment: all sixteen bits set.
        self.start | u16::MAX.checked_shr(u32::from(HEIGHT - self.height)).unwrap_or(0)
    }

    fn halves(self) -> (Place, Place) {
        let height = self.height - 1;
        (Place { start: self.start, height }, Place { start: self.start | 1 << height, height })
    }

    fn is_whole(self) -> bool {
        self.height <= HEIGHT && u32::from(self.start) & ((1 << self.height) - 1) == 0
    }

    /// True if one of `holes` takes all of this place.
    fn is_covered_by(self, holes: &Holes) -> bool {
        let first = self.overlapping(holes).first();
        first.is_some_and(|hole| *hole.start() <= self.start && self.end() <= *hole.end())
    }

    /// The part of `holes` that has ids in common with this place.
    fn overlapping(self, holes: &Holes) -> &Holes {
        let from = holes.partition_point(|hole| *hole.end() < self.start);
        let to = holes.partition_point(|hole| *hole.start() <= self.end());
        &holes[from..to]
    }
}

fn child(seed: &Key, upper: bool) -> Key {
    half(keyed(seed), upper)
}

/// The seed of one half, of a seed that HMAC has been keyed with.
fn half(keyed: Hmac<Sha256>, upper: bool) -> Key {
    output(keyed, &[b'G', u8::from(upper)])
}

fn keyed(seed: &Key) -> Hmac<Sha256> {
    // HMAC fills a short key up with zeros; given a full block, setting the key cannot fail.
    let mut block = Zeroizing::new([0; 64]);
    block[..KEY_BYTES].copy_from_slice(seed.bytes());
    Hmac::new((&*block).into())
}

fn output(mut hmac: Hmac<Sha256>, label: &[u8]) -> Key {
    #[cfg(test)]
    DERIVATIONS.set(DERIVATIONS.get() + 1);
    hmac.update(label);
    let mut bytes = hmac.finalize().into_bytes();
    let key = Key::fill(|key| key.copy_from_slice(&bytes));
    bytes.as_mut_slice().zeroize();
    key
}

#[cfg(test)]
thread_local! {
    /// How many HMACs this thread has computed: what the work is measured by, since time would say little.
    pub(crate) static DERIVATIONS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tree() -> Tree {
        let place = Place { start: 0, height: HEIGHT };
        Tree::new(vec![Node { place, seed: Key::copy_from(&[7; KEY_BYTES]) }])
    }

    /// The definition, word for word.
    fn naive_leaf(id: u16) -> Leaf {
        let mut seed = Key::copy_from(&[7; KEY_BYTES]);
        for bit in (0..16).rev() {
            seed = child(&seed, id >> bit & 1 == 1);
        }
        Leaf(output(keyed(&seed), b"L"))
    }

    #[test]
    fn agrees_with_python() {
        // import hmac; h = lambda k, m: hmac.digest(k, m, "sha256"); s = bytes([7]) * 32
        // for b in f"{id:016b}": s = h(s, b"G" + bytes([int(b)]))
        // print(h(s, b"L").hex())
        for (id, leaf) in [
            (0, "ec37eb35de84eeb2dc3dc4b0831b91fb558f0d55c9071843018fc8e14ab70bf2"),
            (1, "ce4525c3eb93ad52fc2b19b487538927c631c301c18c9e70bd16a44a45f593a4"),
            (0xabcd, "01d8c1875b34186abd87ae0c437af41e7d8f570a9dfd480ec9551573a98f2663"),
            (u16::MAX, "db9fe84817cc7d152bf3286431f26e7a1ee1bb0bcf50c1d7e64ff0284f5d0afa"),
        ] {
            assert_eq!(hex::encode(tree().leaf(id).unwrap().as_bytes()), leaf, "id {id}");
        }
    }

    #[test]
    fn a_puncture_leaves_sixteen_seeds() {
        let tree = tree().puncture(&[1000..=1000]);
        assert_eq!(tree.nodes.len(), 16);
        assert!(!tree.contains(1000));
        assert_eq!(tree.encode().len(), 16 * NODE_BYTES);
    }

    #[test]
    fn remembered_seeds_are_bounded_and_change_no_leaf() {
        let mut tree = tree();
        for id in (0..u16::MAX).step_by(7) {
            assert_eq!(tree.leaf(id), Some(naive_leaf(id)));
            assert!(tree.memo.len() <= MEMO_SEEDS);
        }
    }

    #[test]
    fn remembered_seeds_of_a_punctured_id_are_dropped() {
        let mut tree = tree();
        tree.leaf(1000).unwrap();
        let mut tree = tree.puncture(&[1000..=1000]);
        assert_eq!(tree.leaf(1000), None);
        assert!(tree.memo.is_empty());
        assert_eq!(tree.leaf(1001), Some(naive_leaf(1001)));
    }

    #[test]
    fn refuses_what_breaks_the_invariant() {
        let good = tree().puncture(&[5..=5]).encode();
        assert!(Tree::decode(&good).is_some());
        assert!(Tree::decode(&good[..good.len() - 1]).is_none(), "cut short");
        let mut twice = good.to_vec();
        twice.extend_from_slice(&good);
        assert!(Tree::decode(&twice).is_none(), "not sorted");
        let mut askew = good.to_vec();
        askew[0] = 1; // the first seed stands for four ids from 0
        assert!(Tree::decode(&askew).is_none(), "start is not a multiple of the size");
        let mut tall = good.to_vec();
        tall[2] = HEIGHT + 1;
        assert!(Tree::decode(&tall).is_none(), "taller than a segment");
    }

    fn holes() -> impl Strategy<Value = Vec<RangeInclusive<u16>>> {
        let few = prop::collection::vec((any::<u16>(), 0..3000u16), 0..20);
        few.prop_map(|pairs| {
            let mut ranges: Vec<_> =
                pairs.into_iter().map(|(at, more)| at..=at.saturating_add(more)).collect();
            ranges.sort_by_key(|range| *range.start());
            let mut merged: Vec<RangeInclusive<u16>> = Vec::new();
            for range in ranges {
                match merged.last_mut() {
                    Some(last) if *range.start() <= last.end().saturating_add(1) => {
                        *last = *last.start()..=*last.end().max(range.end());
                    }
                    _ => merged.push(range),
                }
            }
            merged
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn keeps_exactly_what_is_outside_the_holes(first in holes(), second in holes(), probes in prop::collection::vec(any::<u16>(), 50)) {
            let tree = tree().puncture(&first);
            let hole = first.first().cloned();
            prop_assert!(hole.is_none_or(|hole| !tree.is_touched_by(&[hole])));
            let tree = tree.puncture(&second);
            let mut tree = Tree::decode(&tree.encode()).unwrap();
            let gone = |id: &u16| first.iter().chain(&second).any(|hole| hole.contains(id));
            for id in 0..=u16::MAX {
                prop_assert_eq!(tree.contains(id), !gone(&id), "id {}", id);
            }
            prop_assert_eq!(tree.is_empty(), (0..=u16::MAX).all(|id| gone(&id)));
            let edges = first.iter().chain(&second).flat_map(|hole| [hole.start().saturating_sub(1), *hole.start(), *hole.end(), hole.end().saturating_add(1)]);
            for id in probes.iter().copied().chain(edges) {
                prop_assert_eq!(tree.leaf(id), (!gone(&id)).then(|| naive_leaf(id)));
            }
        }
    }
}
