//! What a crash, a failing disk or rot leaves behind.

use std::fs;

use crate::common::{MemoryStore, ORIGIN, entry, key};
use porchlight_ledger::{Error, FolderStore, Ledger, MAX_ENTRY, Opening, SigningKey, Succession};

#[test]
fn an_append_torn_at_any_byte_is_cut_off_whole() {
    let store = MemoryStore::default();
    let mut ledger = store.create();
    let pinned = ledger.append(&[entry(0), entry(1)]).unwrap().checkpoint;
    let start = store.file(1).len();
    let after = ledger.append(&[entry(2), entry(3), entry(4)]).unwrap().checkpoint;
    let whole = store.file(1);
    for torn in start..whole.len() {
        // The end of the file may have been cut short, or not have been written though the file had grown already.
        let mut zeros = whole.clone();
        zeros[torn..].fill(0);
        let mut hole = whole.clone();
        hole[start..torn].fill(0);
        for (what, bytes) in [("short", whole[..torn].to_vec()), ("zeros", zeros), ("hole", hole)] {
            if bytes == whole {
                continue;
            }
            let store = store.copy();
            store.set_file(1, bytes);
            let (mut ledger, opening) = store.open(Some(&pinned)).unwrap();
            assert_eq!(opening, Opening::Whole, "{what} at {torn}");
            assert_eq!(ledger.checkpoint(), pinned, "{what} at {torn}");
            assert_eq!(store.file(1).len(), start);
            assert_eq!(ledger.append(&[entry(2), entry(3), entry(4)]).unwrap().checkpoint, after);
            assert_eq!(store.file(1), whole);
        }
    }
}

#[test]
fn a_whole_append_whose_checkpoint_was_not_pinned_stays() {
    let store = MemoryStore::default();
    let mut ledger = store.create();
    let pinned = ledger.checkpoint().to_owned();
    let newer = ledger.append(&[entry(0)]).unwrap().checkpoint;
    for pinned in [Some(pinned.as_str()), None] {
        let (ledger, opening) = store.open(pinned).unwrap();
        assert_eq!((ledger.checkpoint(), opening), (newer.as_str(), Opening::Whole));
    }
}

#[test]
fn bytes_of_another_place_in_the_file_are_not_an_append() {
    let store = MemoryStore::default();
    let mut ledger = store.create();
    let start = store.file(1).len();
    let pinned = ledger.append(&[entry(0)]).unwrap().checkpoint;
    let whole = store.file(1);
    store.set_file(1, [&whole, &whole[start..]].concat());
    let (ledger, _) = store.open(Some(&pinned)).unwrap();
    assert_eq!((ledger.size(), store.file(1)), (1, whole));
}

#[test]
fn rot_under_an_open_ledger_is_noticed_by_whoever_reads() {
    let store = MemoryStore::default();
    let mut ledger = store.create();
    ledger.append(&[entry(0), entry(1)]).unwrap();
    let mut bytes = store.file(1);
    let at = bytes.len() - 10;
    bytes[at] ^= 1;
    store.set_file(1, bytes);
    assert_eq!(ledger.entry(0).unwrap(), Some(entry(0)));
    assert!(matches!(ledger.entry(1), Err(Error::Damaged { .. })));
    assert!(matches!(ledger.entry_bundle(0, 2), Err(Error::Damaged { .. })));
}

#[test]
fn an_append_that_failed_is_cut_off_and_can_be_made_again() {
    let store = MemoryStore::default();
    let mut ledger = store.create();
    let pinned = ledger.append(&[entry(0)]).unwrap().checkpoint;
    let whole = store.file(1);
    for written in [0, 5, 20] {
        store.state().fail_after = Some(written);
        assert!(matches!(ledger.append(&[entry(1)]), Err(Error::Store { .. })));
        assert_eq!(ledger.checkpoint(), pinned, "nothing is signed over a guess");
        assert_eq!(ledger.entries(0..9).unwrap(), [entry(0)], "what is known can be read");
        // A start in the meantime finds the same.
        let (started, _) = store.copy().open(Some(&pinned)).unwrap();
        assert_eq!(started.checkpoint(), pinned);

        let other = ledger.append(&[entry(2)]).unwrap();
        assert_eq!(other.first, 1);
        assert_eq!(ledger.entries(0..9).unwrap(), [entry(0), entry(2)]);
        let (started, _) = store.copy().open(Some(&other.checkpoint)).unwrap();
        assert_eq!(started.checkpoint(), other.checkpoint);
        drop(ledger);
        store.set_file(1, whole.clone());
        ledger = store.open(Some(&pinned)).unwrap().0;
    }
}

#[test]
fn another_key_that_the_log_could_not_be_told_of_is_told_of_before_anything_else() {
    let store = MemoryStore::default();
    let mut ledger = store.create();
    let pinned = ledger.append(&[entry(0)]).unwrap().checkpoint;
    let (old, new) = (key(), SigningKey::from_bytes(&[9; 32]));
    let succession = Succession::sign(ORIGIN, &old, &new).unwrap();
    store.state().fail_after = Some(5);
    assert!(matches!(ledger.succeed(new.clone(), &succession), Err(Error::Store { .. })));
    let after = ledger.append(&[entry(1)]).unwrap();
    assert_eq!(after.first, 2);
    assert_eq!(ledger.entries(0..9).unwrap(), [entry(0), succession.to_bytes(), entry(1)]);
    for pinned in [&pinned, &after.checkpoint] {
        let store = Box::new(store.copy());
        let (ledger, _) =
            Ledger::open(store, new.clone(), ORIGIN, Some(pinned), std::slice::from_ref(&succession.note))
                .unwrap();
        assert_eq!(ledger.checkpoint(), after.checkpoint);
    }
}

#[test]
fn an_append_is_synced_once_and_an_empty_one_never() {
    let store = MemoryStore::default();
    let mut ledger = store.create();
    let before = ledger.checkpoint().to_owned();
    assert_eq!(ledger.append(&[]).unwrap().checkpoint, before);
    assert_eq!(store.state().syncs, 0);
    ledger.append(&(0..1000).map(entry).collect::<Vec<_>>()).unwrap();
    assert_eq!(store.state().syncs, 1);
}

#[test]
fn what_is_too_long_changes_nothing() {
    let store = MemoryStore::default();
    let mut ledger = store.create();
    let long = vec![0; MAX_ENTRY + 1];
    assert!(matches!(ledger.append(&[entry(0), long]), Err(Error::EntryTooLong { length: 65_536 })));
    let many = vec![vec![0; MAX_ENTRY]; 257];
    assert!(matches!(ledger.append(&many), Err(Error::AppendTooLarge { .. })));
    ledger.append(&[vec![7; MAX_ENTRY], vec![]]).unwrap();
    assert_eq!(ledger.entries(0..2).unwrap(), [vec![7; MAX_ENTRY], vec![]]);
}

#[test]
fn a_folder_survives_its_ledger() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    let store = || Box::new(FolderStore::open(&folder).unwrap());
    assert!(matches!(Ledger::open(store(), key(), ORIGIN, None, &[]), Err(Error::Missing)));
    let mut ledger = Ledger::create(store(), key(), ORIGIN).unwrap();
    let pinned = ledger.append(&[entry(0)]).unwrap().checkpoint;
    drop(ledger);
    assert!(matches!(Ledger::create(store(), key(), ORIGIN), Err(Error::Exists)));

    // A tree that a crash kept from being begun is not a tree; half an append is not an append.
    fs::write(folder.join("entries-2.new"), b"half").unwrap();
    let file = folder.join("entries-1");
    let whole = fs::read(&file).unwrap();
    fs::write(&file, [whole.as_slice(), b"\0\0\0\x09half"].concat()).unwrap();
    let (ledger, opening) = Ledger::open(store(), key(), ORIGIN, Some(&pinned), &[]).unwrap();
    assert_eq!((ledger.checkpoint(), opening), (pinned.as_str(), Opening::Whole));
    assert_eq!(fs::read(&file).unwrap(), whole);

    // Two ledgers on one folder: the second to append is refused, for the file is not as it left it.
    let mut other = Ledger::open(store(), key(), ORIGIN, Some(&pinned), &[]).unwrap().0;
    let mut ledger = ledger;
    ledger.append(&[entry(1)]).unwrap();
    assert!(matches!(other.append(&[entry(2)]), Err(Error::Store { .. })));
}
