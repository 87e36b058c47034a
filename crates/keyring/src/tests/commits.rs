//! What a commit costs, and the rules of ids and secrets.

use super::disk::Disk;
use super::model::Model;
use super::{create, open};
use crate::segment::SEGMENT_IDS;
use crate::{Change, Error};

const SYNCS: usize = 5;

#[test]
fn a_commit_syncs_five_times_whatever_it_changes() {
    let disk = Disk::default();
    let mut keyring = create(&disk).unwrap();
    let mut syncs = disk.syncs();
    let mut cost = |what: &str, expected: usize| {
        assert_eq!(disk.syncs() - syncs, expected, "{what}");
        syncs = disk.syncs();
    };
    let first = keyring.allocate(1).unwrap();
    cost("lease a segment", SYNCS);
    for _ in 0..1000 {
        keyring.allocate(1).unwrap();
    }
    cost("allocate out of it", 0);
    let other = keyring.allocate(2).unwrap();
    cost("lease another", SYNCS);
    keyring.leaf(first).unwrap();
    cost("derive", 0);
    keyring.apply(Change::default().puncture(first).puncture(other).put("a", b"b")).unwrap();
    cost("puncture in two segments and put a secret", SYNCS);
    keyring.apply(Change::default().puncture_range(first..=first + 900)).unwrap();
    cost("puncture a range", SYNCS);
    let generation = keyring.generation();
    let again = Change::default().puncture(first).puncture_range(first..=first + 9).remove("never there");
    assert_eq!(keyring.apply(again).unwrap(), generation);
    cost("puncture what is gone", 0);
    drop(keyring);
    open(&disk).unwrap();
    cost("open: the slot alone", 3);
}

#[test]
fn a_full_segment_is_followed_by_a_fresh_one_and_never_leased_again() {
    let disk = Disk::default();
    let mut keyring = create(&disk).unwrap();
    for expected in 0..SEGMENT_IDS {
        assert_eq!(keyring.allocate(1).unwrap(), expected);
    }
    assert_eq!(keyring.allocate(1).unwrap(), SEGMENT_IDS);
    assert_eq!(keyring.segments().count(), 2);

    keyring.apply(Change::default().puncture_range(0..=SEGMENT_IDS - 1)).unwrap();
    assert_eq!(
        keyring.segments().map(|segment| segment.ids).collect::<Vec<_>>(),
        [SEGMENT_IDS..=2 * SEGMENT_IDS - 1]
    );
    assert!(matches!(keyring.leaf(5), Err(Error::Gone { id: 5 })));
    drop(keyring);
    let mut keyring = open(&disk).unwrap();
    assert_eq!(keyring.allocate(1).unwrap(), 2 * SEGMENT_IDS, "each start leases fresh segments");
    assert!(matches!(keyring.leaf(5), Err(Error::Gone { id: 5 })));
    // Punctured one by one, a segment goes as well.
    keyring.apply(Change { ids: (SEGMENT_IDS..2 * SEGMENT_IDS).collect(), ..Change::default() }).unwrap();
    assert_eq!(keyring.segments().map(|segment| segment.ids.start() / SEGMENT_IDS).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_range_spares_what_was_not_yet_handed_out() {
    let disk = Disk::default();
    let mut keyring = create(&disk).unwrap();
    let first = keyring.allocate(1).unwrap();
    keyring.apply(Change::default().puncture_range(0..=u64::MAX)).unwrap();
    let second = keyring.allocate(1).unwrap();
    assert!(matches!(keyring.leaf(first), Err(Error::Gone { .. })));
    keyring.leaf(second).unwrap();
    // Once the lease has ended, a range takes the rest of its segment too.
    drop(keyring);
    let mut keyring = open(&disk).unwrap();
    keyring.apply(Change::default().puncture_range(0..=SEGMENT_IDS - 1)).unwrap();
    assert_eq!(keyring.segments().count(), 0);
}

#[test]
fn what_was_never_allocated_is_told_from_what_is_gone() {
    let disk = Disk::default();
    let mut keyring = create(&disk).unwrap();
    let id = keyring.allocate(1).unwrap();
    for never in [id + 1, SEGMENT_IDS, u64::MAX] {
        assert!(matches!(keyring.leaf(never), Err(Error::NeverAllocated { id }) if id == never));
        assert!(!keyring.contains(never).unwrap());
        let refused = keyring.apply(Change::default().puncture(id).puncture(never)).unwrap_err();
        assert!(matches!(refused, Error::NeverAllocated { id } if id == never));
    }
    keyring.leaf(id).expect("a refused change changes nothing");
}

#[test]
fn secrets_are_kept_replaced_and_removed() {
    let disk = Disk::default();
    let mut keyring = create(&disk).unwrap();
    keyring.apply(Change::default().put("b", b"1").put("a", &[7; 65_536]).put("c", b"")).unwrap();
    keyring.apply(Change::default().put("b", b"2").remove("c")).unwrap();
    keyring.apply(Change::default().remove("b").put("b", b"3")).unwrap();
    drop(keyring);
    let mut keyring = open(&disk).unwrap();
    assert_eq!(keyring.secret_names().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(keyring.secret("b"), Some(b"3".as_slice()));
    assert_eq!(keyring.secret("c"), None);
    for bad in [
        Change::default().put("", b""),
        Change::default().put("n".repeat(256), b""),
        Change::default().put("a", &[0; 65_537]),
    ] {
        assert!(matches!(keyring.apply(bad), Err(Error::SecretLength { .. })));
    }
    let shown = format!("{keyring:?}");
    assert_eq!(shown, "Keyring { generation: 4, segments: 0, secrets: 2, poisoned: false, .. }");
}

#[test]
#[allow(clippy::reversed_empty_ranges)]
fn an_empty_range_is_refused() {
    let mut keyring = create(&Disk::default()).unwrap();
    let refused = keyring.apply(Change::default().puncture_range(5..=4)).unwrap_err();
    assert_eq!(refused.to_string(), "the range of ids 5..=4 is empty; its start must not be after its end");
}

#[test]
fn a_keyring_is_never_made_over_another_nor_out_of_nothing() {
    let disk = Disk::default();
    assert!(matches!(open(&disk), Err(Error::Absent)));
    let mut keyring = create(&disk).unwrap();
    assert!(matches!(create(&disk), Err(Error::AlreadyExists)));
    keyring.allocate(1).unwrap();
    drop(keyring);
    for slot in ["slot-1", "slot-2"] {
        disk.delete(slot);
    }
    assert!(matches!(open(&disk), Err(Error::RootLost)));
    assert!(
        matches!(create(&disk), Err(Error::AlreadyExists)),
        "the packs may belong to a slot that is elsewhere"
    );
}

#[test]
fn packs_do_not_pile_up_behind_segments_that_never_change() {
    let disk = Disk::default();
    let mut keyring = create(&disk).unwrap();
    let mut model = Model::default();
    for class in 0..400 {
        model.allocate(&mut keyring, class).unwrap();
    }
    let packs = |disk: &Disk| {
        disk.files()
            .into_iter()
            .filter(|(name, _)| name.starts_with("pack-"))
            .map(|(_, bytes)| bytes.len())
            .sum::<usize>()
    };
    // Each of the 400 commits wrote a root object of up to 25 KB; live are 400 segments of 51 bytes.
    assert!(packs(&disk) < 1_200_000, "{} bytes", packs(&disk));
    assert!(
        disk.history().iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > 4_000_000,
        "the test would prove nothing"
    );
    model.check(&mut keyring);
    model.apply(&mut keyring, Change::default().puncture_range(100 * SEGMENT_IDS..=200 * SEGMENT_IDS));
    drop(keyring);
    model.check(&mut open(&disk).unwrap());
}
