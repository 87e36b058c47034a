//! Roots, proofs and tiles of trees of every shape.

use crate::common::{MemoryStore, entry, root_of};
use porchlight_ledger::proof::{verify_consistency, verify_inclusion};
use porchlight_ledger::{Error, Hash, Ledger, TilePath};
use proptest::prelude::*;
use proptest::sample::Index;

fn ledger_of(size: u64) -> (Ledger, Vec<Hash>) {
    let entries: Vec<_> = (0..size).map(entry).collect();
    let mut ledger = MemoryStore::default().create();
    ledger.append(&entries).unwrap();
    (ledger, entries.iter().map(|entry| Hash::leaf(entry)).collect())
}

#[test]
fn every_proof_of_every_small_tree_holds() {
    let (ledger, leaves) = ledger_of(40);
    for size in 0..=40 {
        let root = ledger.root_at(size).unwrap();
        assert_eq!(root, root_of(&leaves[..size as usize]));
        for old in 0..=size {
            let proof = ledger.consistency(old, size).unwrap();
            verify_consistency(old, &ledger.root_at(old).unwrap(), size, &root, &proof).unwrap();
        }
        for index in 0..size {
            let proof = ledger.inclusion(index, size).unwrap();
            for claimed in 0..size {
                let held = verify_inclusion(&leaves[index as usize], claimed, size, &proof, &root).is_ok();
                assert_eq!(held, claimed == index, "{index} as {claimed} of {size}");
            }
        }
    }
}

/// Three levels of tiles.
const LARGE: u64 = 70_000;

#[test]
fn proofs_of_a_large_tree_hold_and_its_tiles_fit() {
    let (ledger, leaves) = ledger_of(LARGE);
    assert_eq!(ledger.root(), root_of(&leaves));
    let edges = [1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 65_793, LARGE - 1, LARGE];
    for new in edges {
        let root = ledger.root_at(new).unwrap();
        assert_eq!(root, root_of(&leaves[..new as usize]));
        for old in edges.into_iter().filter(|old| *old <= new) {
            let proof = ledger.consistency(old, new).unwrap();
            verify_consistency(old, &ledger.root_at(old).unwrap(), new, &root, &proof).unwrap();
            let proof = ledger.inclusion(old - 1, new).unwrap();
            verify_inclusion(&leaves[old as usize - 1], old - 1, new, &proof, &root).unwrap();
        }
    }
    // Each hash of a tile is the root of the full tile below it.
    let tile = |level, n, width| ledger.tile(level, n, width).unwrap();
    let hashes = |bytes: Vec<u8>| -> Vec<Hash> {
        bytes.chunks(32).map(|hash| Hash::from(<[u8; 32]>::try_from(hash).unwrap())).collect()
    };
    assert_eq!(hashes(tile(0, 273, 112)), leaves[273 * 256..]);
    for n in 0..273 {
        let (above, at) = (if n < 256 { tile(1, 0, 256) } else { tile(1, 1, 17) }, n as usize % 256);
        assert_eq!(hashes(above)[at], root_of(&hashes(tile(0, n, 256))));
    }
    assert_eq!(hashes(tile(2, 0, 1)), [root_of(&hashes(tile(1, 0, 256)))]);
    for (level, n, width) in
        [(0, 273, 113), (0, 274, 1), (1, 1, 18), (2, 0, 2), (3, 0, 1), (0, 0, 0), (0, 0, 257)]
    {
        assert_eq!(ledger.tile(level, n, width), None, "{level} {n} {width}");
    }
    assert_eq!(ledger.tile(63, u64::MAX, 256), None);
}

#[test]
fn bundles_hold_the_entries_with_their_lengths() {
    let (ledger, _) = ledger_of(300);
    let bundle = |path: &str| ledger.resource(path.parse::<TilePath>().unwrap()).unwrap();
    let expected = |range: std::ops::Range<u64>| -> Vec<u8> {
        range.flat_map(|n| [vec![0, entry(n).len() as u8], entry(n)].concat()).collect()
    };
    assert_eq!(bundle("tile/entries/000"), Some(expected(0..256)));
    assert_eq!(bundle("tile/entries/001.p/44"), Some(expected(256..300)));
    assert_eq!(bundle("tile/entries/001.p/7"), Some(expected(256..263)), "of an older checkpoint");
    assert_eq!(bundle("tile/entries/001.p/45"), None);
    assert_eq!(bundle("tile/entries/001"), None);
    assert_eq!(bundle("tile/1/000.p/1").unwrap().len(), 32);
}

#[test]
fn what_is_not_there_is_an_error_that_says_so() {
    let (ledger, _) = ledger_of(5);
    for result in [
        ledger.inclusion(5, 5),
        ledger.inclusion(0, 6),
        ledger.inclusion(u64::MAX, 5),
        ledger.inclusion(3, 3),
    ] {
        assert!(matches!(result, Err(Error::OutOfRange { .. })));
    }
    for result in [ledger.consistency(0, 6), ledger.consistency(4, 3), ledger.consistency(1, u64::MAX)] {
        assert!(matches!(result, Err(Error::OutOfRange { .. })));
    }
    assert!(matches!(ledger.root_at(6), Err(Error::OutOfRange { asked: 6, size: 5 })));
    assert_eq!(ledger.entry(5).unwrap(), None);
    assert_eq!(ledger.entry(u64::MAX).unwrap(), None);
    assert_eq!(ledger.entries(3..99).unwrap(), [entry(3), entry(4)]);
    let backwards = std::ops::Range { start: 4, end: 2 };
    assert!(ledger.entries(backwards).unwrap().is_empty());
}

#[test]
fn nothing_but_the_empty_tree_begins_with_the_empty_tree() {
    let (ledger, leaves) = ledger_of(3);
    verify_consistency(0, &Hash::empty(), 3, &ledger.root(), &[]).unwrap();
    assert!(verify_consistency(0, &leaves[0], 3, &ledger.root(), &[]).is_err());
    assert!(verify_consistency(0, &Hash::empty(), 3, &ledger.root(), &[leaves[0]]).is_err());
    assert!(verify_consistency(3, &ledger.root(), 3, &leaves[0], &[]).is_err());
    assert!(verify_consistency(3, &ledger.root(), 2, &ledger.root_at(2).unwrap(), &[]).is_err());
    assert!(verify_inclusion(&leaves[0], 0, 0, &[], &Hash::empty()).is_err());
    // Numbers of any size must neither overflow nor loop.
    let ends = [1, 2, 3, 1 << 63, u64::MAX - 1, u64::MAX];
    for (old, new) in ends.into_iter().flat_map(|old| ends.map(|new| (old, new))) {
        for length in [0, 1, 63, 64, 65, 200] {
            let proof = vec![leaves[0]; length];
            assert!(verify_consistency(old, &leaves[1], new, &leaves[2], &proof).is_err());
            assert!(verify_inclusion(&leaves[1], old, new, &proof, &leaves[2]).is_err());
        }
    }
}

/// `proof` changed in one place: a bit of a hash, one hash less or one more.
fn spoiled(proof: &[Hash], bit: Index) -> Vec<Vec<Hash>> {
    let mut all = vec![[proof, &[Hash::empty()]].concat()];
    if !proof.is_empty() {
        let mut flipped = proof.to_vec();
        let bit = bit.index(proof.len() * 256);
        flipped[bit / 256] = flip(&flipped[bit / 256], bit % 256);
        all.extend([flipped, proof[1..].to_vec(), proof[..proof.len() - 1].to_vec()]);
    }
    all
}

fn flip(hash: &Hash, bit: usize) -> Hash {
    let mut bytes = *hash.as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes.into()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn inclusion_holds_and_nothing_like_it_does(size in 1u64..700, index: Index, bit: Index) {
        let (ledger, leaves) = ledger_of(size);
        let index = index.index(size as usize);
        let (leaf, index, root) = (leaves[index], index as u64, ledger.root());
        let proof = ledger.inclusion(index, size).unwrap();
        prop_assert!(verify_inclusion(&leaf, index, size, &proof, &root).is_ok());
        prop_assert!(verify_inclusion(&flip(&leaf, bit.index(256)), index, size, &proof, &root).is_err());
        prop_assert!(verify_inclusion(&leaf, index, size, &proof, &flip(&root, bit.index(256))).is_err());
        for spoiled in spoiled(&proof, bit) {
            prop_assert!(verify_inclusion(&leaf, index, size, &spoiled, &root).is_err());
        }
    }

    #[test]
    fn consistency_holds_and_nothing_like_it_does(new in 1u64..700, old: Index, bit: Index) {
        let (ledger, _) = ledger_of(new);
        let old = 1 + old.index(new as usize) as u64;
        let (old_root, new_root) = (ledger.root_at(old).unwrap(), ledger.root());
        let proof = ledger.consistency(old, new).unwrap();
        prop_assert!(verify_consistency(old, &old_root, new, &new_root, &proof).is_ok());
        let (wrong_old, wrong_new) = (flip(&old_root, bit.index(256)), flip(&new_root, bit.index(256)));
        prop_assert!(verify_consistency(old, &wrong_old, new, &new_root, &proof).is_err());
        prop_assert!(verify_consistency(old, &old_root, new, &wrong_new, &proof).is_err());
        for spoiled in spoiled(&proof, bit) {
            prop_assert!(verify_consistency(old, &old_root, new, &new_root, &spoiled).is_err());
        }
    }

    #[test]
    fn entries_of_any_bytes_come_back(batches in prop::collection::vec(
        prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..20), 0..20)) {
        let store = MemoryStore::default();
        let mut ledger = store.create();
        for batch in &batches {
            let first = ledger.size();
            prop_assert_eq!(ledger.append(batch).unwrap().first, first);
        }
        let all = batches.concat();
        prop_assert_eq!(ledger.entries(0..u64::MAX).unwrap(), all.clone());
        let pinned = ledger.checkpoint().to_owned();
        drop(ledger);
        let (ledger, _) = store.open(Some(&pinned)).unwrap();
        prop_assert_eq!(ledger.checkpoint(), pinned);
        prop_assert_eq!(ledger.entries(0..all.len() as u64).unwrap(), all);
    }
}
