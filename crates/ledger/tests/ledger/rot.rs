//! Files that rot: what is damaged is named, the rest stays what it was, and the ledger goes on.

use crate::common::{MemoryStore, ORIGIN, State, entry, key};
use porchlight_ledger::note::Verifier;
use porchlight_ledger::{Because, Checkpoint, Continuation, Error, Hash, Ledger, Opening, proof};

/// Six entries in four appends, the checkpoint of them all, and where each append begins; at the end the length of the file.
fn six() -> (MemoryStore, String, Vec<usize>) {
    let store = MemoryStore::default();
    let mut ledger = store.create();
    let mut places = vec![store.file(1).len()];
    for append in [&[0, 1][..], &[2], &[3, 4], &[5]] {
        ledger.append(&append.iter().map(|n| entry(*n)).collect::<Vec<_>>()).unwrap();
        places.push(store.file(1).len());
    }
    (store, ledger.checkpoint().to_owned(), places)
}

/// The entries of each append.
const APPENDS: [&[u64]; 4] = [&[0, 1], &[2], &[3, 4], &[5]];

fn checkpoint(note: &str, origin: &str) -> Checkpoint {
    Checkpoint::verify(note, &Verifier::new(origin, key().verifying_key()).unwrap()).unwrap()
}

#[test]
fn every_byte_of_the_file_may_rot_and_the_same_tree_goes_on() {
    let (store, pinned, places) = six();
    let root = checkpoint(&pinned, ORIGIN).root;
    for at in 0..store.file(1).len() {
        for flip in [0x01, 0x80, 0xff] {
            let store = store.copy();
            let mut bytes = store.file(1);
            bytes[at] ^= flip;
            store.set_file(1, bytes.clone());
            let opened = store.open(Some(&pinned));
            let (mut ledger, opening) = opened.unwrap_or_else(|why| panic!("byte {at}: {why}"));
            assert_eq!(opening, Opening::Whole, "byte {at}");
            assert_eq!(ledger.checkpoint(), pinned, "byte {at}");
            let damaged: Vec<u64> = match places[1..].iter().position(|end| at < *end) {
                _ if at < places[0] => vec![],
                Some(append) => APPENDS[append].to_vec(),
                None => unreachable!(),
            };
            assert_eq!(ledger.damaged(), damaged, "byte {at}");
            assert_eq!(ledger.was_mended(), at < places[0], "byte {at}");

            // What is whole is read, what is not is named, and both are proved as before.
            for index in 0..6 {
                match damaged.contains(&index) {
                    true => assert!(matches!(ledger.entry(index), Err(Error::Damaged { .. })), "{index}"),
                    false => assert_eq!(ledger.entry(index).unwrap(), Some(entry(index))),
                }
                let path = ledger.inclusion(index, 6).unwrap();
                proof::verify_inclusion(&Hash::leaf(&entry(index)), index, 6, &path, &root).unwrap();
            }
            let read = ledger.readable_entries(0..9).unwrap();
            let named = read.iter().zip(0..).filter(|(read, _)| read.is_none());
            assert_eq!(named.map(|(_, index)| index).collect::<Vec<u64>>(), damaged);

            // The tree goes on, and what is new is there at the next start.
            let newer = ledger.append(&[entry(6)]).unwrap().checkpoint;
            let path = ledger.consistency(6, 7).unwrap();
            let now = checkpoint(&newer, ORIGIN);
            proof::verify_consistency(6, &root, 7, &now.root, &path).unwrap();
            let (again, opening) = store.open(Some(&newer)).unwrap();
            assert_eq!((opening, again.checkpoint()), (Opening::Whole, newer.as_str()), "byte {at}");
            assert_eq!(again.damaged(), damaged, "byte {at}");
            assert_eq!(again.entry(6).unwrap(), Some(entry(6)));
        }
    }
}

#[test]
fn what_rots_under_an_open_ledger_is_known_once_it_is_looked_over() {
    let (store, pinned, places) = six();
    let (mut ledger, _) = store.open(Some(&pinned)).unwrap();
    ledger.look_over().unwrap();
    assert_eq!(ledger.damaged(), [0; 0]);
    let whole = store.file(1);
    let mut bytes = whole.clone();
    // Of the third append its first entry: after both lengths.
    bytes[places[2] + 4 + 2] ^= 1;
    store.set_file(1, bytes);
    assert_eq!(ledger.damaged(), [0; 0], "nobody has looked");
    ledger.look_over().unwrap();
    assert_eq!(ledger.damaged(), [3]);
    store.set_file(1, whole[..places[2]].to_vec());
    ledger.look_over().unwrap();
    assert_eq!(ledger.damaged(), [3, 4, 5], "a file that was cut off");
    assert_eq!(ledger.entry(2).unwrap(), Some(entry(2)));
    store.set_file(1, whole);
    ledger.look_over().unwrap();
    assert_eq!(ledger.damaged(), [0; 0], "as of when it was looked over last");
}

#[test]
fn a_damaged_length_is_no_older_copy() {
    let (store, pinned, places) = six();
    for (append, place) in places[..4].iter().enumerate() {
        for length in [0_u32, 1, 3, 40, 1 << 20, u32::MAX] {
            let store = store.copy();
            let mut bytes = store.file(1);
            bytes[*place..place + 4].copy_from_slice(&length.to_be_bytes());
            store.set_file(1, bytes.clone());
            let (ledger, opening) = store.open(Some(&pinned)).unwrap();
            assert_eq!((opening, ledger.damaged()), (Opening::Whole, APPENDS[append].to_vec()));
            assert_eq!(store.file(1), bytes, "nothing is cut off");
        }
    }
}

#[test]
fn whole_regions_and_a_lost_end_are_damage_where_the_hashes_say_so_and_else_an_older_copy() {
    let (store, pinned, places) = six();
    for from in [0, 1, 2] {
        let zeroed = store.copy();
        let mut bytes = zeroed.file(1);
        bytes[places[from]..places[3]].fill(0);
        zeroed.set_file(1, bytes);
        let (ledger, opening) = zeroed.open(Some(&pinned)).unwrap();
        assert_eq!(opening, Opening::Whole);
        assert_eq!(ledger.damaged(), APPENDS[from..3].concat());

        // A shorter file with the hashes of a longer one is a damaged file; with its own, it is an older copy.
        let cut = store.copy();
        cut.set_file(1, store.file(1)[..places[from]].to_vec());
        let older = cut.copy();
        let (mut ledger, opening) = cut.open(Some(&pinned)).unwrap();
        assert_eq!((opening, ledger.damaged()), (Opening::Whole, APPENDS[from..].concat()));
        let newer = ledger.append(&[entry(6)]).unwrap().checkpoint;
        let (ledger, opening) = cut.open(Some(&newer)).unwrap();
        assert_eq!((opening, ledger.damaged()), (Opening::Whole, APPENDS[from..].concat()));
        assert_eq!(ledger.entry(6).unwrap(), Some(entry(6)));
        let size = APPENDS[..from].concat().len();
        older.state().hashes.get_mut(&1).unwrap().truncate(32 * size);
        let (_, opening) = older.open(Some(&pinned)).unwrap();
        let Opening::Continued { held: Some(held), because: Because::OlderCopy, .. } = opening else {
            panic!("{opening:?}")
        };
        assert_eq!(held.size, size as u64);
    }
}

#[test]
fn a_file_of_which_nothing_is_left_is_no_hindrance() {
    let (store, pinned, _) = six();
    for left in [vec![], b"SQLite format 3".to_vec(), vec![0; 4000]] {
        let known = store.copy();
        known.set_file(1, left.clone());
        let (mut ledger, opening) = known.open(Some(&pinned)).unwrap();
        assert_eq!((opening, ledger.damaged().len(), ledger.was_mended()), (Opening::Whole, 6, true));
        let newer = ledger.append(&[entry(6)]).unwrap().checkpoint;
        assert_eq!(known.open(Some(&newer)).unwrap().0.entry(6).unwrap(), Some(entry(6)));
        let unknown = store.copy();
        unknown.set_file(1, left);
        unknown.state().hashes.clear();
        let (ledger, opening) = unknown.open(Some(&pinned)).unwrap();
        assert!(matches!(opening, Opening::Continued { because: Because::Damage, .. }), "{opening:?}");
        assert_eq!(ledger.tree(), 2);
    }
}

#[test]
fn a_file_that_is_gone_is_damage_and_no_older_copy() {
    let (store, pinned, _) = six();
    store.state().files.clear();
    let (mut ledger, opening) = store.open(Some(&pinned)).unwrap();
    assert_eq!((opening, ledger.damaged().len(), ledger.was_mended()), (Opening::Whole, 6, true));
    let newer = ledger.append(&[entry(6)]).unwrap().checkpoint;
    let (ledger, opening) = store.open(Some(&newer)).unwrap();
    assert_eq!((opening, ledger.entry(6).unwrap()), (Opening::Whole, Some(entry(6))));

    // So it is where fewer hashes were noted, and where nothing is left at all: no copy is without its file.
    for noted in [Some(4), None] {
        let (store, pinned, _) = six();
        store.set_file(1, Vec::new());
        match noted {
            Some(count) => store.state().hashes.get_mut(&1).unwrap().truncate(32 * count),
            None => *store.state() = State::default(),
        }
        let (ledger, opening) = store.open(Some(&pinned)).unwrap();
        assert!(matches!(opening, Opening::Continued { because: Because::Damage, .. }), "{opening:?}");
        // A crash before the new tree is pinned changes nothing of why it was begun.
        assert_eq!(store.open(Some(&pinned)).unwrap().1, opening);
        assert_eq!(ledger.after_older_copy().unwrap(), 1);
    }
}

#[test]
fn an_older_copy_with_a_damaged_line_is_an_older_copy() {
    let (store, pinned, places) = six();
    let mut bytes = store.file(1)[..places[3]].to_vec();
    bytes[places[1] + 9] ^= 1;
    store.set_file(1, bytes);
    store.state().hashes.get_mut(&1).unwrap().truncate(32 * 5);
    let (ledger, opening) = store.open(Some(&pinned)).unwrap();
    assert!(matches!(opening, Opening::Continued { because: Because::OlderCopy, .. }), "{opening:?}");
    assert_eq!(ledger.after_older_copy().unwrap(), 2);
}

#[test]
fn a_header_of_a_newer_version_is_a_digit_that_rotted_where_all_of_it_leads_to_the_signed_root() {
    let (store, pinned, places) = six();
    let newer = |store: &MemoryStore| {
        let mut bytes = store.file(1);
        bytes["porchlight-ledger ".len()] = b'9';
        store.set_file(1, bytes.clone());
        bytes
    };
    let rotten = store.copy();
    newer(&rotten);
    let (ledger, opening) = rotten.open(Some(&pinned)).unwrap();
    assert_eq!((opening, ledger.was_mended()), (Opening::Whole, true));
    assert_eq!(rotten.file(1), store.file(1));
    // Where it does not, a newer release may have written it, and nothing is touched.
    let other = store.copy();
    let mut bytes = other.file(1);
    bytes[places[2] + 9] ^= 1;
    other.set_file(1, bytes);
    let bytes = newer(&other);
    for pinned in [Some(&*pinned), None] {
        let refused = other.open(pinned).unwrap_err();
        assert!(matches!(refused, Error::Newer { found: 9, known: 1, .. }), "{refused}");
        assert!(refused.to_string().contains("rotted"), "{refused}");
        assert_eq!(other.file(1), bytes);
    }
}

#[test]
fn where_the_hashes_are_lost_too_a_new_tree_goes_on_and_says_what_is_left() {
    let (store, pinned, places) = six();
    for spoiled in [None, Some(2), Some(5)] {
        let store = store.copy();
        let mut bytes = store.file(1);
        bytes[places[1] + 9] ^= 1;
        store.set_file(1, bytes.clone());
        match spoiled {
            None => drop(store.state().hashes.remove(&1)),
            Some(index) => store.state().hashes.get_mut(&1).unwrap()[32 * index] ^= 1,
        }
        let (mut ledger, opening) = store.open(Some(&pinned)).unwrap();
        if spoiled == Some(5) {
            assert_eq!(opening, Opening::Whole, "of what can be read the entries say the hashes");
            continue;
        }
        let Opening::Continued { held: Some(held), because: Because::Damage, .. } = opening else {
            panic!("{opening:?}")
        };
        assert_eq!((ledger.tree(), held.size), (2, 2));
        let first = Continuation::from_bytes(&ledger.entry(0).unwrap().unwrap()).unwrap();
        let because = Some(Because::Damage);
        assert_eq!(first, Continuation { checkpoint: pinned.clone(), held: Some(held), because });
        assert_eq!(ledger.after_older_copy().unwrap(), 1);
        assert_eq!(ledger.entries_of_tree(1).unwrap().unwrap(), [entry(0), entry(1)]);
        assert_eq!(store.file(1), bytes, "the older tree stays as it was found");
        let newer = ledger.append(&[entry(9)]).unwrap().checkpoint;
        assert_eq!(store.open(Some(&newer)).unwrap().1, Opening::Whole);
    }
}

#[test]
fn rewritten_entries_are_a_fork_whatever_the_hashes_say() {
    let (store, pinned, places) = six();
    let forged = MemoryStore::default();
    let mut ledger = forged.create();
    for append in APPENDS {
        ledger
            .append(&append.iter().map(|n| entry(n + 50 * u64::from(*n == 2))).collect::<Vec<_>>())
            .unwrap();
    }
    drop(ledger);
    forged.state().hashes = store.state().hashes.clone();
    assert!(matches!(forged.open(Some(&pinned)), Err(Error::Forked { size: 6 })));
    // Hashes of another past lead to no pinned root: the tree signs nothing more.
    let store = store.copy();
    let mut bytes = store.file(1);
    bytes[places[1] + 9] ^= 1;
    store.set_file(1, bytes);
    store.state().hashes.get_mut(&1).unwrap()[64..96].copy_from_slice(Hash::leaf(&entry(3)).as_bytes());
    let (ledger, opening) = store.open(Some(&pinned)).unwrap();
    assert!(matches!(opening, Opening::Continued { because: Because::Damage, .. }), "{opening:?}");
    assert_eq!(ledger.tree(), 2);
}

#[test]
fn without_a_pinned_checkpoint_damage_is_refused() {
    let (store, _, places) = six();
    let mut bytes = store.file(1);
    bytes[places[1] + 9] ^= 1;
    store.set_file(1, bytes.clone());
    let refused = store.open(None).unwrap_err();
    assert!(matches!(refused, Error::Damaged { tree: 1, at } if at as usize == places[1]), "{refused}");
    assert_eq!(store.file(1), bytes);
}

#[test]
fn where_the_newest_checkpoint_is_lost_the_same_tree_signs_nothing_more() {
    let (store, pinned, _) = six();
    let floor = {
        let mut ledger = store.copy().open(Some(&pinned)).unwrap().0;
        ledger.append(&[entry(6)]).unwrap();
        pinned
    };
    let open =
        |store: &MemoryStore| Ledger::open_after_loss(Box::new(store.clone()), key(), ORIGIN, &floor, &[]);
    let (mut ledger, opening) = open(&store).unwrap();
    let Opening::Continued { held: Some(held), because: Because::CheckpointLost, .. } = opening else {
        panic!("{opening:?}")
    };
    assert_eq!((held.size, ledger.tree()), (6, 2));
    let newer = ledger.append(&[entry(9)]).unwrap().checkpoint;
    assert_eq!(store.open(Some(&newer)).unwrap().1, Opening::Whole);
}

#[test]
fn a_ledger_knows_the_checkpoints_that_it_has_passed() {
    let store = MemoryStore::default();
    let mut ledger = store.create();
    let mut notes = vec![ledger.checkpoint().to_owned()];
    for n in 0..4 {
        notes.push(ledger.append(&[entry(n)]).unwrap().checkpoint);
    }
    let copy = store.copy();
    let apart = store.copy().open(None).unwrap().0.append(&[entry(77)]).unwrap().checkpoint;
    notes.push(ledger.append(&[entry(4)]).unwrap().checkpoint);
    let all = |ledger: &Ledger| notes.iter().map(|note| ledger.has_passed(note)).collect::<Vec<_>>();
    assert_eq!(all(&ledger), vec![Some(true); 6]);
    assert_eq!(ledger.has_passed(&apart), Some(false), "of another past");
    assert_eq!(ledger.has_passed("no note"), None);

    // So does the tree that continues it, of what it knows of it.
    let (mut next, _) = copy.open(Some(&notes[5])).unwrap();
    next.append(&[entry(8)]).unwrap();
    assert_eq!(all(&next), vec![Some(true); 6]);
    assert_eq!(next.has_passed(&apart), Some(false));
    assert_eq!(ledger.has_passed(next.checkpoint()), Some(false), "of a tree that it is not");
}
