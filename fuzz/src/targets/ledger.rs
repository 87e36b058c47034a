//! Notes, checkpoints, keys, entries, the files of a ledger, tiles and proofs.

use porchlight_ledger::note::{self, Verifier};
use porchlight_ledger::proof::{verify_consistency, verify_inclusion};
use porchlight_ledger::{Checkpoint, Continuation, Hash, Ledger, Opening, SigningKey, TilePath, commitment};

use super::{text, texts};
use crate::Target;
use crate::input::Input;
use crate::memory::Files;

pub(super) const TARGETS: &[Target] = &[
    Target { name: "notes", run: notes, seeds: note_seeds },
    Target { name: "ledger-entries", run: entries, seeds: entry_seeds },
    Target { name: "ledger-files", run: files, seeds: file_seeds },
    Target { name: "tiles", run: tiles, seeds: tile_seeds },
    Target { name: "proofs", run: proofs, seeds: proof_seeds },
];

const ORIGIN: &str = "example.org/log";

/// The longest note that is read, in bytes.
const LONGEST_NOTE: usize = 64 * 1024;

fn key() -> SigningKey {
    SigningKey::from_bytes(&[42; 32])
}

fn verifier() -> Verifier {
    Verifier::new(ORIGIN, key().verifying_key()).expect("the name is plain")
}

fn notes(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    if let Ok(verifier) = text.parse::<Verifier>() {
        assert_eq!(verifier.to_string(), text, "a key has one spelling");
    }
    if let Ok(hash) = text.parse::<Hash>() {
        assert_eq!(hash.to_string(), text, "a hash has one spelling");
    }
    if let Ok(checkpoint) = text.parse::<Checkpoint>() {
        let written = checkpoint.to_string();
        assert!(text.starts_with(&written), "only extension lines may follow");
        assert_eq!(written.parse::<Checkpoint>().expect("what was written is read"), checkpoint);
        let named = Verifier::new(&checkpoint.origin, key().verifying_key());
        if let (Ok(signed), Ok(named)) = (checkpoint.sign(&key()), named)
            && signed.len() <= LONGEST_NOTE
        {
            assert_eq!(Checkpoint::verify(&signed, &named).expect("what was signed verifies"), checkpoint);
        }
    }
    // Ed25519 signs alike each time: what verifies holds the very signature that our key makes.
    if let Ok(said) = note::verify(text, &verifier()) {
        let again = note::sign(said, ORIGIN, &key()).expect("what verified can be signed");
        let signature = again.lines().last().expect("a note has a last line");
        assert!(text.lines().any(|line| line == signature), "nobody signed this");
    }
    if let Ok(signed) = note::sign(text, ORIGIN, &key())
        && signed.len() <= LONGEST_NOTE
    {
        assert_eq!(note::verify(&signed, &verifier()).expect("what was signed verifies"), text);
    }
    let _ = Checkpoint::verify(text, &verifier());
}

fn note_seeds() -> Vec<Vec<u8>> {
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size: 5, root: Hash::leaf(b"x") };
    let signed = checkpoint.sign(&key()).expect("it can be signed");
    let witness = note::sign(&checkpoint.to_string(), "witness", &SigningKey::from_bytes(&[7; 32]));
    let second = witness.expect("it can be signed").lines().last().map(str::to_owned).unwrap_or_default();
    let extended = format!("{checkpoint}an extension\n");
    texts([
        &verifier().to_string(),
        &checkpoint.root.to_string(),
        &checkpoint.to_string(),
        &extended,
        &signed,
        &format!("{signed}{second}\n"),
        &note::sign("two\n\nparts\n", ORIGIN, &key()).expect("it can be signed"),
    ])
}

fn entries(bytes: &[u8]) {
    if let Ok(entry) = commitment::Entry::from_bytes(bytes) {
        assert_eq!(entry.to_bytes(), bytes, "an entry has one spelling");
    }
    if let Ok(entry) = Continuation::from_bytes(bytes) {
        // A checkpoint's extension lines are read and not written again.
        let written = entry.to_bytes();
        assert_eq!(written, bytes, "a continuation has one spelling");
        assert_eq!(Continuation::from_bytes(&written).expect("what was written is read"), entry);
    }
}

fn entry_seeds() -> Vec<Vec<u8>> {
    let event = r#"{"v":1,"kind":"look","hour":"2026-11-23T20:00:00Z","commitment":"fU3ZUPuoRATN3SHRuP2m4qiXFIjAOEpuiM0IaFuzwCM="}"#;
    let held = Checkpoint { origin: ORIGIN.into(), size: 3, root: Hash::leaf(b"x") };
    let more =
        |held| Continuation { checkpoint: "log\n5\n\"\u{e9}\"\n".into(), held, because: None }.to_bytes();
    vec![event.into(), more(None), more(Some(held))]
}

/// A ledger is written by a script, its file damaged, and opened beside a checkpoint that it signed.
fn files(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let (damage, pin, more) = (input.u8(), input.u8(), input.u8() % 6);
    let store = Files::<u32>::default();
    let mut written = Ledger::create(Box::new(store.clone()), key(), ORIGIN).expect("the store is empty");
    let mut pins = vec![(0, written.checkpoint().to_owned())];
    for _ in 0..more {
        let count = input.u8() % 5;
        let entries: Vec<_> = (0..count).map(|_| input.string().to_vec()).collect();
        let appended = written.append(&entries).expect("short entries are taken");
        pins.push((written.size(), appended.checkpoint));
    }
    let before = written.entries(0..u64::MAX).expect("they were just written");
    drop(written);

    if let Some(file) = store.all().get_mut(&1) {
        let at = input.below(file.len() + 1);
        match damage % 5 {
            0 => {}
            1 => *file = input.rest().to_vec(),
            2 => file.extend_from_slice(input.rest()),
            3 => file.truncate(at),
            _ => {
                let over = input.rest();
                let end = (at + over.len()).min(file.len());
                file.splice(at..end, over.iter().copied());
            }
        }
    }
    if damage & 0x80 != 0 {
        store.all().remove(&1);
    }
    let pinned = usize::from(pin).checked_rem(pins.len() + 1).and_then(|pin| pins.get(pin));
    let checkpoint = pinned.map(|(_, checkpoint)| checkpoint.as_str());
    let Ok((ledger, opening)) = Ledger::open(Box::new(store.clone()), key(), ORIGIN, checkpoint, &[]) else {
        return;
    };

    let found = ledger.entries(0..u64::MAX).expect("what was opened can be read");
    if let Some((size, checkpoint)) = pinned {
        match opening {
            Opening::Whole => {
                let covered = usize::try_from(*size).expect("it is small");
                assert_eq!(found.get(..covered), before.get(..covered), "what a checkpoint covers is there");
            }
            Opening::Continued { .. } => {
                let first = found.first().expect("a later tree has a first entry");
                let first = Continuation::from_bytes(first).expect("it says what it continues");
                assert_eq!(&first.checkpoint, checkpoint);
            }
        }
    }
    holds_together(ledger, &store, &found);
}

/// Its root is that of its entries, its proofs hold, and it goes on.
fn holds_together(mut ledger: Ledger, store: &Files<u32>, entries: &[Vec<u8>]) {
    let leaves: Vec<Hash> = entries.iter().map(|entry| Hash::leaf(entry)).collect();
    assert_eq!(ledger.size(), leaves.len() as u64);
    assert_eq!(ledger.root(), root_of(&leaves));
    for (index, leaf) in (0..).zip(&leaves).take(8) {
        let proof = ledger.inclusion(index, ledger.size()).expect("the entry is there");
        verify_inclusion(leaf, index, ledger.size(), &proof, &ledger.root()).expect("it is in the tree");
    }
    let old = ledger.size();
    let appended = ledger.append(&[b"one more".to_vec()]).expect("memory takes it");
    let proof = ledger.consistency(old, ledger.size()).expect("both are there");
    verify_consistency(old, &root_of(&leaves), ledger.size(), &ledger.root(), &proof)
        .expect("nothing was rewritten");
    let root = ledger.root();
    drop(ledger);
    let (again, opening) =
        Ledger::open(Box::new(store.clone()), key(), ORIGIN, Some(&appended.checkpoint), &[])
            .expect("what was appended to opens again");
    assert_eq!(opening, Opening::Whole);
    assert_eq!((again.root(), again.checkpoint()), (root, appended.checkpoint.as_str()));
}

fn file_seeds() -> Vec<Vec<u8>> {
    let script = |damage: u8, pin: u8, rest: &[u8]| {
        [&[damage, pin, 3, 1, 3, b'o', b'n', b'e', 2, 1, b'a', 0, 1, 2, b'z', b'z'], rest].concat()
    };
    let store = Files::<u32>::default();
    let mut ledger = Ledger::create(Box::new(store.clone()), key(), ORIGIN).expect("the store is empty");
    ledger.append(&[b"first".to_vec(), b"second".to_vec()]).expect("memory takes it");
    let file = store.all().get(&1).cloned().unwrap_or_default();
    let whole = [&[1, 0, 0, 0, 0], file.as_slice()].concat();
    vec![
        script(0, 4, &[]),
        script(2, 1, &[0, 0, 0, 0, 0, 5, 1, 2, 3]),
        script(3, 2, &[100, 0]),
        script(4, 3, &[90, 0, 0xff, 0xff, 0xff, 0xff]),
        script(0x80, 3, &[]),
        whole,
    ]
}

fn tiles(bytes: &[u8]) {
    let Some(path) = text(bytes) else { return };
    let Ok(tile) = path.parse::<TilePath>() else { return };
    assert_eq!(tile.to_string(), path, "a path has one spelling");
    let mut ledger =
        Ledger::create(Box::new(Files::<u32>::default()), key(), ORIGIN).expect("the store is empty");
    let entries: Vec<Vec<u8>> = (0..300u16).map(|n| n.to_be_bytes().to_vec()).collect();
    ledger.append(&entries).expect("memory takes it");
    let served = ledger.resource(tile).expect("memory can be read");
    match (tile, served) {
        (TilePath::Tile { width, .. }, Some(hashes)) => assert_eq!(hashes.len(), usize::from(width) * 32),
        (TilePath::Entries { width, .. }, Some(bundle)) => {
            assert_eq!(bundle.len(), usize::from(width) * 4, "two bytes of length and two of entry");
        }
        (_, None) => {}
    }
}

fn tile_seeds() -> Vec<Vec<u8>> {
    texts([
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/000.p/7",
        "tile/63/x001/x234/067",
    ])
}

/// Of all proofs only the one that the tree gives holds.
fn proofs(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let entries: Vec<Vec<u8>> = (0..=input.u8()).map(|n| vec![n]).collect();
    let leaves: Vec<Hash> = entries.iter().map(|entry| Hash::leaf(entry)).collect();
    let mut ledger =
        Ledger::create(Box::new(Files::<u32>::default()), key(), ORIGIN).expect("the store is empty");
    ledger.append(&entries).expect("memory takes it");
    let new = 1 + input.below(entries.len()) as u64;
    let (index, old) = (input.below(new as usize) as u64, input.below(new as usize + 1) as u64);
    let (leaf, root) = (leaves[index as usize], ledger.root_at(new).expect("it had that size"));
    let old_root = ledger.root_at(old).expect("it had that size");

    let inclusion = ledger.inclusion(index, new).expect("the entry is there");
    let consistency = ledger.consistency(old, new).expect("both are there");
    verify_inclusion(&leaf, index, new, &inclusion, &root).expect("it is in the tree");
    verify_consistency(old, &old_root, new, &root, &consistency).expect("it grew");

    let (other_index, other_size) = (input.u64(), input.u64());
    // Another size is only sometimes told by a proof, so the claim keeps the size and changes the place.
    if other_index != index {
        assert!(verify_inclusion(&leaf, other_index, new, &inclusion, &root).is_err(), "it is elsewhere");
    }
    let _ = verify_inclusion(&leaf, other_index, other_size, &inclusion, &root);
    let _ = verify_consistency(other_index, &old_root, other_size, &root, &consistency);
    let forged = forge(&inclusion, &leaves, Input::new(input.bytes(40)));
    let holds = verify_inclusion(&leaf, index, new, &forged, &root).is_ok();
    assert_eq!(holds, forged == inclusion, "two proofs of one place");
    let forged = forge(&consistency, &leaves, Input::new(input.bytes(40)));
    let holds = verify_consistency(old, &old_root, new, &root, &forged).is_ok();
    assert_eq!(holds, forged == consistency, "two proofs of one growth");
}

fn forge(genuine: &[Hash], hashes: &[Hash], mut input: Input<'_>) -> Vec<Hash> {
    let mut forged = genuine.to_vec();
    while !input.is_done() {
        let (at, other) = (input.below(forged.len() + 1), hashes[input.below(hashes.len())]);
        match input.u8() % 4 {
            0 => forged.insert(at, other),
            1 if at < forged.len() => drop(forged.remove(at)),
            2 if at < forged.len() => forged[at] = other,
            3 if at < forged.len() => forged[at] = Hash::node(&forged[at], &other),
            _ => forged.push(other),
        }
    }
    forged
}

fn proof_seeds() -> Vec<Vec<u8>> {
    let script = |n: u8, new: u8, index: u8, old: u8| {
        let mut bytes = vec![n, new, 0, index, 0, old, 0];
        bytes.extend([1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend([0, 0, 3, 0, 2, 1, 0, 0, 0, 1]);
        bytes
    };
    vec![script(0, 0, 0, 0), script(6, 6, 3, 4), script(254, 200, 77, 128), script(100, 64, 63, 33)]
}

/// The root as RFC 6962 section 2.1 defines it, word for word.
fn root_of(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::empty(),
        [leaf] => *leaf,
        _ => {
            let middle = leaves.len().next_power_of_two() / 2;
            Hash::node(&root_of(&leaves[..middle]), &root_of(&leaves[middle..]))
        }
    }
}
