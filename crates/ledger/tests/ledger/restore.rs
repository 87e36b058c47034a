//! Stores that are older than the pinned checkpoint, that contradict it, or that are another's.

use crate::common::{MemoryStore, ORIGIN, entry, key};
use porchlight_ledger::note::Verifier;
use porchlight_ledger::{Because, Checkpoint, Continuation, Error, Ledger, Opening, SigningKey};

fn read(note: &str, origin: &str) -> Checkpoint {
    Checkpoint::verify(note, &Verifier::new(origin, key().verifying_key()).unwrap()).unwrap()
}

/// A ledger of five entries, the copy of it at three, and the checkpoint of the five.
fn five_and_a_copy_of_three() -> (MemoryStore, MemoryStore, String) {
    let store = MemoryStore::default();
    let mut ledger = store.create();
    ledger.append(&[entry(0), entry(1), entry(2)]).unwrap();
    let copy = store.copy();
    let pinned = ledger.append(&[entry(3), entry(4)]).unwrap().checkpoint;
    (store, copy, pinned)
}

#[test]
fn an_older_copy_starts_a_tree_that_commits_to_the_pinned_checkpoint() {
    let (_, copy, pinned) = five_and_a_copy_of_three();
    let before = copy.file(1);
    let (mut ledger, opening) = copy.open(Some(&pinned)).unwrap();
    let Opening::Continued { pinned: checkpoint, held, because: Because::OlderCopy } = opening else {
        panic!("{opening:?}")
    };
    assert_eq!(checkpoint, read(&pinned, ORIGIN));
    assert_eq!(held.as_ref().map(|held| held.size), Some(3));

    let second = read(ledger.checkpoint(), "example.org/log/tree-2");
    assert_eq!((ledger.tree(), second.size), (2, 1));
    assert_eq!(ledger.verifier().name(), "example.org/log/tree-2");
    let first = Continuation::from_bytes(&ledger.entry(0).unwrap().unwrap()).unwrap();
    assert_eq!(first, Continuation { checkpoint: pinned, held, because: Some(Because::OlderCopy) });

    assert_eq!(copy.file(1), before, "the older tree is left as it was found");
    assert_eq!(ledger.entries_of_tree(1).unwrap(), Some(vec![entry(0), entry(1), entry(2)]));
    assert_eq!(ledger.entries_of_tree(3).unwrap(), None);

    // It goes on like any other.
    let pinned = ledger.append(&[entry(9)]).unwrap().checkpoint;
    let (ledger, opening) = copy.open(Some(&pinned)).unwrap();
    assert_eq!((ledger.size(), opening), (2, Opening::Whole));
}

#[test]
fn a_crash_before_the_new_tree_is_pinned_does_not_start_another() {
    let (_, copy, pinned) = five_and_a_copy_of_three();
    let (ledger, opening) = copy.open(Some(&pinned)).unwrap();
    let (again, same) = copy.open(Some(&pinned)).unwrap();
    assert_eq!((again.checkpoint(), same), (ledger.checkpoint(), opening));
    assert_eq!(again.tree(), 2);
}

#[test]
fn every_copy_of_every_age_opens() {
    // Copies of trees 1 and 2, put back one after the other: each time a newer tree takes over.
    let (_, mut copy, mut pinned) = five_and_a_copy_of_three();
    let oldest = copy.copy();
    for number in 2..6 {
        let (mut ledger, opening) = copy.open(Some(&pinned)).unwrap();
        assert!(matches!(opening, Opening::Continued { .. }));
        assert_eq!(ledger.tree(), number);
        copy = copy.copy();
        pinned = ledger.append(&[entry(7)]).unwrap().checkpoint;
    }
    let (ledger, opening) = oldest.open(Some(&pinned)).unwrap();
    assert!(
        matches!(opening, Opening::Continued { held: Some(held), .. } if held.origin == ORIGIN && held.size == 3)
    );
    assert_eq!(ledger.tree(), 6);
    assert_eq!(ledger.after_older_copy().unwrap(), 6);
    // Of no copy is the whole ledger gone.
    let (ledger, opening) = MemoryStore::default().open(Some(&pinned)).unwrap();
    assert!(matches!(opening, Opening::Continued { held: None, because: Because::Damage, .. }));
    assert_eq!(ledger.tree(), 6);
}

#[test]
fn an_older_copy_that_was_made_during_an_append_opens_too() {
    let (store, _, pinned) = five_and_a_copy_of_three();
    let whole = store.file(1);
    for torn in whole.len() - 20..whole.len() {
        let copy = MemoryStore::default();
        copy.set_file(1, whole[..torn].to_vec());
        let (_, opening) = copy.open(Some(&pinned)).unwrap();
        assert!(matches!(opening, Opening::Continued { held: Some(held), .. } if held.size == 3), "{torn}");
        assert_eq!(copy.file(1).len(), torn, "what cannot be checked is not cut off");
    }
}

#[test]
fn other_entries_than_those_pinned_are_a_fork() {
    let (_, copy, pinned) = five_and_a_copy_of_three();
    let (mut ledger, _) = copy.open(None).unwrap();
    ledger.append(&[entry(3), entry(99)]).unwrap();
    assert!(matches!(copy.open(Some(&pinned)), Err(Error::Forked { size: 5 })), "of the same size");
    ledger.append(&[entry(5)]).unwrap();
    assert!(matches!(copy.open(Some(&pinned)), Err(Error::Forked { size: 5 })), "of a larger size");
}

#[test]
fn a_newer_tree_that_does_not_continue_the_pinned_one_is_a_fork() {
    let (store, copy, pinned) = five_and_a_copy_of_three();
    copy.open(Some(&pinned)).unwrap();
    let older = read(&pinned, ORIGIN);
    let mut ledger = store.open(None).unwrap().0;
    let newer = ledger.append(&[entry(5)]).unwrap().checkpoint;
    assert!(matches!(copy.open(Some(&newer)), Err(Error::Forked { size: 6 })), "it commits to {older:?}");
    // A tree of its own making, without the entry that commits.
    let stray = MemoryStore::default();
    let mut ledger = Ledger::create(Box::new(stray.clone()), key(), "example.org/log/tree-2").unwrap();
    let file = stray.file(1);
    stray.state().files.clear();
    stray.set_file(2, file);
    assert!(matches!(stray.open(Some(&pinned)), Err(Error::Forked { .. })), "no entries");
    drop(ledger);
    let again = MemoryStore::default();
    ledger = Ledger::create(Box::new(again.clone()), key(), "example.org/log/tree-2").unwrap();
    ledger.append(&[entry(0)]).unwrap();
    let file = again.file(1);
    again.state().files.clear();
    again.set_file(2, file);
    assert!(matches!(again.open(Some(&pinned)), Err(Error::Forked { .. })), "another first entry");
}

#[test]
fn another_key_is_refused() {
    let (store, _, pinned) = five_and_a_copy_of_three();
    let other = SigningKey::from_bytes(&[1; 32]);
    for pinned in [Some(pinned.as_str()), None] {
        let result = Ledger::open(Box::new(store.clone()), other.clone(), ORIGIN, pinned, &[]);
        assert!(matches!(result, Err(Error::OtherKey { .. })), "{result:?}");
    }
}

#[test]
fn another_origin_is_refused() {
    let (store, _, pinned) = five_and_a_copy_of_three();
    for origin in ["example.org/other", "example.org/lo", "example.org/log/tree-2"] {
        for pinned in [Some(pinned.as_str()), None] {
            let result = Ledger::open(Box::new(store.clone()), key(), origin, pinned, &[]);
            assert!(matches!(result, Err(Error::OtherOrigin { .. })), "{result:?}");
        }
    }
}

#[test]
fn a_pinned_checkpoint_that_was_altered_is_refused() {
    let (store, _, pinned) = five_and_a_copy_of_three();
    let altered = pinned.replacen("\n5\n", "\n3\n", 1);
    assert!(matches!(store.open(Some(&altered)), Err(Error::Signature { .. })));
    for text in ["", ORIGIN, &pinned[..pinned.len() - 1]] {
        assert!(store.open(Some(text)).is_err(), "{text:?}");
    }
    let unsigned = read(&pinned, ORIGIN).to_string();
    assert!(matches!(store.open(Some(&unsigned)), Err(Error::Note(_))));
}

#[test]
fn a_newer_format_is_refused_with_what_to_do() {
    let (_, copy, pinned) = five_and_a_copy_of_three();
    let mut file = copy.file(1);
    file[b"porchlight-ledger ".len()] = b'2';
    copy.set_file(1, file);
    let error = copy.open(Some(&pinned)).unwrap_err();
    assert!(matches!(error, Error::Newer { found: 2, known: 1, .. }));
    assert!(error.to_string().contains("use a newer release"), "{error}");
}

#[test]
fn a_file_that_is_no_ledger_is_refused() {
    for bytes in [
        "",
        "porchlight-ledger 1\n",
        "porchlight-ledger 0\na\n",
        "SQLite format 3\0\n\n",
        "porchlight-ledger 1\nkey\n",
    ] {
        let store = MemoryStore::default();
        store.set_file(1, bytes.into());
        assert!(matches!(store.open(None), Err(Error::NotALedger { tree: 1 })), "{bytes:?}");
    }
}
