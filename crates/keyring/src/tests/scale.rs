//! What forgetting costs at ten million ids. Work is counted, not timed: HMACs, reads, bytes and syncs.

use super::disk::Disk;
use super::{create, open};
use crate::segment::SEGMENT_IDS;
use crate::tree::DERIVATIONS;
use crate::{Change, Error, Keyring};

/// A little over ten million ids.
const SEGMENTS: u64 = 153;

/// A keyring in which every id of all segments may be in use, as after a restart.
fn ten_million(disk: &Disk) -> Keyring {
    let mut keyring = create(disk).unwrap();
    for class in 0..SEGMENTS {
        keyring.allocate(class as u32).unwrap();
    }
    drop(keyring);
    open(disk).unwrap()
}

/// What one change cost.
#[derive(Debug)]
struct Cost {
    hmacs: u64,
    reads: usize,
    bytes: usize,
    syncs: usize,
}

fn cost(disk: &Disk, keyring: &mut Keyring, change: Change) -> Cost {
    let (hmacs, reads, syncs) = (DERIVATIONS.get(), disk.reads(), disk.syncs());
    keyring.apply(change).unwrap();
    let bytes = disk.files()[&format!("pack-{}", keyring.generation())].len();
    Cost { hmacs: DERIVATIONS.get() - hmacs, reads: disk.reads() - reads, bytes, syncs: disk.syncs() - syncs }
}

/// `count` ids over all segments, no two of them beside each other.
fn scattered(count: u64) -> Vec<u64> {
    let step = SEGMENTS * SEGMENT_IDS / count;
    (0..count).map(|index| index * step + index * index % (step / 2)).collect()
}

/// The slot is read with every commit, whatever it changes.
const SLOT_READS: usize = 1;

#[test]
fn one_id_a_range_and_a_whole_segment_cost_the_same_whatever_there_is() {
    let disk = Disk::default();
    let mut keyring = ten_million(&disk);
    let (before, after) = (5_000_000, 5_000_002);
    let kept = [keyring.leaf(before).unwrap(), keyring.leaf(after).unwrap()];

    let one = cost(&disk, &mut keyring, Change::default().puncture(5_000_001));
    assert!(one.hmacs <= 32 && one.reads <= SLOT_READS, "{one:?}");
    assert!(one.bytes < 12_000 && one.syncs == 5, "{one:?}");

    let range = cost(&disk, &mut keyring, Change::default().puncture_range(1_000_000..=1_099_999));
    assert!(range.hmacs <= 3 * 64 && range.reads <= SLOT_READS + 3, "{range:?}");
    assert!(range.bytes < 14_000 && range.syncs == 5, "{range:?}");

    let segment = 7 * SEGMENT_IDS..=8 * SEGMENT_IDS - 1;
    let whole = cost(&disk, &mut keyring, Change::default().puncture_range(segment.clone()));
    assert_eq!(
        (whole.hmacs, whole.reads, whole.syncs),
        (0, SLOT_READS, 5),
        "a whole segment needs no reading"
    );

    drop(keyring);
    let mut keyring = open(&disk).unwrap();
    for gone in [5_000_001, 1_000_000, 1_050_000, 1_099_999, *segment.start(), *segment.end()] {
        assert!(matches!(keyring.leaf(gone), Err(Error::Gone { .. })), "{gone}");
    }
    for there in [999_999, 1_100_000, segment.start() - 1, segment.end() + 1] {
        keyring.leaf(there).unwrap();
    }
    assert_eq!([keyring.leaf(before).unwrap(), keyring.leaf(after).unwrap()], kept);
}

#[test]
fn ten_thousand_scattered_ids_are_forgotten_in_one_commit() {
    let disk = Disk::default();
    let mut keyring = ten_million(&disk);
    let ids = scattered(10_000);
    let neighbours: Vec<u64> = ids.iter().step_by(97).map(|id| id ^ 1).collect();
    let kept: Vec<_> = neighbours.iter().map(|id| keyring.leaf(*id).unwrap()).collect();

    let spent = cost(&disk, &mut keyring, Change { ids: ids.clone(), ..Change::default() });
    // At most two seeds for each of 16 levels above each id, and each segment once.
    assert!(spent.hmacs <= 10_000 * 32, "{spent:?}");
    assert!(spent.reads <= SLOT_READS + SEGMENTS as usize && spent.syncs == 5, "{spent:?}");
    assert!(spent.bytes < 4_000_000, "{spent:?}");

    drop(keyring);
    let mut keyring = open(&disk).unwrap();
    assert!(ids.iter().all(|id| matches!(keyring.leaf(*id), Err(Error::Gone { .. }))));
    assert!(neighbours.iter().zip(&kept).all(|(id, leaf)| keyring.leaf(*id).unwrap() == *leaf));
}

#[test]
fn twice_as_much_costs_at_most_twice_as_much() {
    let spent = |count: u64| {
        let disk = Disk::default();
        let mut keyring = ten_million(&disk);
        cost(&disk, &mut keyring, Change { ids: scattered(count), ..Change::default() })
    };
    let (half, whole) = (spent(4_000), spent(8_000));
    assert!(half.hmacs > 4_000, "the test would prove nothing: {half:?}");
    assert!(whole.hmacs <= 2 * half.hmacs && whole.bytes <= 2 * half.bytes, "{half:?}, {whole:?}");
    assert!(whole.reads <= SLOT_READS + SEGMENTS as usize, "{whole:?}");
}

#[test]
fn deriving_in_order_costs_a_few_hmacs_each() {
    let disk = Disk::default();
    let mut keyring = ten_million(&disk);
    let before = DERIVATIONS.get();
    for id in 0..20_000 {
        keyring.leaf(id).unwrap();
    }
    // The tree has as many inner seeds as leaves, and each leaf takes one more.
    let each = (DERIVATIONS.get() - before) as f64 / 20_000.0;
    assert!(each < 4.0, "{each} HMACs for each leaf");
}
