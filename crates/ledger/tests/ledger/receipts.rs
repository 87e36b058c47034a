//! Receipts, checked here and by a program that shares no code with this crate.

use std::fs;
use std::path::Path;
use std::process::Command;

use jiff::Timestamp;
use porchlight_ledger::commitment::{self, Salt};
use porchlight_ledger::note::Verifier;
use porchlight_ledger::{Error, Ledger, Receipt, SigningKey, Succession};

use crate::common::{MemoryStore, ORIGIN, entry, key};

const DETAIL: &str = r#"{"v":1,"kind":"deletion","what":"a sentence, \"quoted\", and an é"}"#;

fn trusted() -> Verifier {
    Verifier::new(ORIGIN, key().verifying_key()).unwrap()
}

/// Appends an entry that commits to the detail, and gives its index and the salt.
fn commit(ledger: &mut Ledger) -> (u64, Vec<u8>, Salt) {
    let at = Timestamp::from_second(1_800_000_000).unwrap();
    let (entry, salt) = commitment::commit("deletion", at, DETAIL.as_bytes()).unwrap();
    let index = ledger.append(&[entry.to_bytes()]).unwrap().first;
    (index, entry.to_bytes(), salt)
}

fn receipt_of(ledger: &Ledger, index: u64, entry: &[u8], salt: &Salt) -> Receipt {
    Receipt {
        key: ledger.key().unwrap(),
        successions: ledger.successions().to_vec(),
        entry: String::from_utf8(entry.to_vec()).unwrap(),
        salt: salt.clone(),
        detail: DETAIL.to_owned(),
        proof: ledger.prove(index).unwrap(),
        outcome: Some(ledger.addendum(entry, r#"{"v":1,"mirrors":[]}"#).unwrap()),
    }
}

/// A ledger of nine entries with a receipt for the fifth.
fn with_receipt(store: &MemoryStore) -> (Ledger, Receipt) {
    let mut ledger = store.create();
    ledger.append(&[entry(0), entry(1), entry(2), entry(3)]).unwrap();
    let (index, bytes, salt) = commit(&mut ledger);
    ledger.append(&[entry(5), entry(6), entry(7), entry(8)]).unwrap();
    let receipt = receipt_of(&ledger, index, &bytes, &salt);
    (ledger, receipt)
}

/// Runs the other program; nothing where it cannot run.
fn elsewhere(folder: &Path, receipt: &[u8], key: Option<&Verifier>, ledger: Option<&Path>) -> Option<bool> {
    let file = folder.join("a.receipt");
    fs::write(&file, receipt).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify_receipt.py");
    let mut command = Command::new("python3");
    command.env("PYTHONDONTWRITEBYTECODE", "1").arg(script).arg(&file);
    if let Some(key) = key {
        fs::write(folder.join("key"), key.to_string()).unwrap();
        command.arg("--ledger-key").arg(folder.join("key"));
    }
    if let Some(ledger) = ledger {
        command.arg("--ledger").arg(ledger);
    }
    let output = command.output().ok()?;
    let words = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(0) => Some(true),
        Some(1) if words.starts_with("NOT GOOD: ") => Some(false),
        Some(77) => {
            eprintln!("skipped: {}", words.trim_end());
            None
        }
        code => panic!("{code:?}: {words}"),
    }
}

fn checks(bytes: &[u8], key: Option<&Verifier>) -> bool {
    Receipt::from_json(bytes).is_ok_and(|receipt| receipt.verify(key).is_ok())
}

#[test]
fn a_receipt_says_what_the_entry_commits_to() {
    let folder = tempfile::tempdir().unwrap();
    let (ledger, receipt) = with_receipt(&MemoryStore::default());
    let json = receipt.to_json();
    assert_eq!(Receipt::from_json(json.as_bytes()).unwrap(), receipt);
    for key in [None, Some(&trusted())] {
        let verified = receipt.verify(key).unwrap();
        assert_eq!((verified.index, verified.checkpoint.size), (4, 9));
        assert_eq!((verified.entry.kind(), verified.detail.as_str()), ("deletion", DETAIL));
        assert_eq!(verified.outcome.as_deref(), Some(r#"{"v":1,"mirrors":[]}"#));
        let tiles = folder.path().join("tiles");
        ledger.write_tiles(&tiles).unwrap();
        let Some(good) = elsewhere(folder.path(), json.as_bytes(), key, Some(&tiles)) else { return };
        assert!(good);
    }
}

#[test]
fn every_flipped_bit_and_every_truncation_is_refused() {
    let (_, receipt) = with_receipt(&MemoryStore::default());
    let good = receipt.to_json().into_bytes();
    for key in [None, Some(&trusted())] {
        for at in 0..good.len() {
            assert!(!checks(&good[..at], key), "cut at {at}");
            for bit in 0..8 {
                let mut bytes = good.clone();
                bytes[at] ^= 1 << bit;
                assert!(!checks(&bytes, key), "bit {bit} of byte {at}");
            }
        }
        assert!(!checks(&[&good[..], b"\n"].concat(), key));
    }
}

#[test]
fn the_other_program_refuses_them_too() {
    let folder = tempfile::tempdir().unwrap();
    let (_, receipt) = with_receipt(&MemoryStore::default());
    let good = receipt.to_json().into_bytes();
    // Each start takes its time, so one byte in each stretch is altered.
    for at in (3..good.len()).step_by(61) {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        let Some(accepted) = elsewhere(folder.path(), &bytes, None, None) else { return };
        assert!(!accepted, "byte {at} of {}", String::from_utf8_lossy(&bytes));
    }
    assert_eq!(elsewhere(folder.path(), &good[..good.len() - 2], None, None), Some(false));
}

#[test]
fn that_of_another_household_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (_, receipt) = with_receipt(&MemoryStore::default());
    let stranger = SigningKey::from_bytes(&[9; 32]).verifying_key();
    for other in [Verifier::new(ORIGIN, stranger), Verifier::new("example.org/lot", *trusted().key())] {
        let other = other.unwrap();
        assert!(matches!(receipt.verify(Some(&other)), Err(Error::OtherLedger { .. })));
        let Some(accepted) = elsewhere(folder.path(), receipt.to_json().as_bytes(), Some(&other), None)
        else {
            return;
        };
        assert!(!accepted);
    }
}

#[test]
fn that_of_a_forked_ledger_is_refused_beside_the_true_one() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, _) = with_receipt(&MemoryStore::default());
    ledger.append(&[entry(9), entry(10)]).unwrap();
    let (tiles, key) = (folder.path().join("tiles"), trusted());
    ledger.write_tiles(&tiles).unwrap();
    // The same key signed another past: each by itself looks right.
    let (_, forked) = with_receipt(&MemoryStore::default());
    forked.verify(Some(&key)).unwrap();
    let verified = forked.verify(Some(&key)).unwrap();
    assert_ne!(ledger.root_at(verified.checkpoint.size).unwrap(), verified.checkpoint.root);
    let Some(accepted) = elsewhere(folder.path(), forked.to_json().as_bytes(), Some(&key), Some(&tiles))
    else {
        return;
    };
    assert!(!accepted);
}

#[test]
fn whoever_trusts_the_older_key_follows_it_to_the_newer() {
    let folder = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    let (mut ledger, _) = with_receipt(&store);
    let newer = SigningKey::from_bytes(&[43; 32]);
    let succession = Succession::sign(ORIGIN, &key(), &newer).unwrap();
    let stranger = Succession::sign(ORIGIN, &newer, &key()).unwrap();
    assert!(matches!(ledger.succeed(key(), &stranger), Err(Error::OtherKey { .. })));
    ledger.succeed(newer.clone(), &succession).unwrap();
    let told = ledger.entry(ledger.size() - 1).unwrap().unwrap();
    assert_eq!(Succession::from_bytes(&told).unwrap(), succession);

    let (index, bytes, salt) = commit(&mut ledger);
    let receipt = receipt_of(&ledger, index, &bytes, &salt);
    let now = Verifier::new(ORIGIN, newer.verifying_key()).unwrap();
    for key in [&trusted(), &now] {
        receipt.verify(Some(key)).unwrap();
        if let Some(accepted) = elsewhere(folder.path(), receipt.to_json().as_bytes(), Some(key), None) {
            assert!(accepted);
        }
    }
    let without = Receipt { successions: vec![], ..receipt };
    without.verify(Some(&now)).unwrap();
    assert!(matches!(without.verify(Some(&trusted())), Err(Error::OtherLedger { .. })));
}

#[test]
fn a_crash_while_a_key_takes_over_is_finished_at_the_next_start() {
    let store = MemoryStore::default();
    let mut ledger = store.create();
    let pinned_before = ledger.append(&[entry(0)]).unwrap().checkpoint;
    let newer = SigningKey::from_bytes(&[43; 32]);
    let succession = Succession::sign(ORIGIN, &key(), &newer).unwrap();
    let notes = [succession.note.clone()];
    let open = |pinned: &str| {
        Ledger::open(Box::new(store.clone()), newer.clone(), ORIGIN, Some(pinned), &notes).unwrap().0
    };
    // The key and the note were remembered, and the log was not told: it is now, once, whatever was pinned.
    drop(ledger);
    let told = open(&pinned_before);
    assert_eq!(told.size(), 2);
    let pinned_after = told.checkpoint().to_owned();
    drop(told);
    for pinned in [&pinned_before, &pinned_after] {
        let again = open(pinned);
        assert_eq!((again.size(), again.checkpoint()), (2, pinned_after.as_str()));
    }
    // The old key signs no more, and no key takes over without a note.
    assert!(matches!(store.open(Some(&pinned_after)), Err(Error::OtherKey { .. })));
    let alone = Ledger::open(Box::new(store.clone()), newer, ORIGIN, Some(&pinned_after), &[]);
    assert!(matches!(alone, Err(Error::OtherKey { .. })));
}

#[test]
fn a_receipt_of_a_tree_that_took_over_is_one_of_the_same_ledger() {
    let store = MemoryStore::default();
    let mut ledger = store.create();
    let copy = store.copy();
    let pinned = ledger.append(&[entry(0)]).unwrap().checkpoint;
    let (mut second, _) = copy.open(Some(&pinned)).unwrap();
    let (index, bytes, salt) = commit(&mut second);
    let receipt = receipt_of(&second, index, &bytes, &salt);
    let verified = receipt.verify(Some(&trusted())).unwrap();
    assert_eq!((verified.checkpoint.origin.as_str(), verified.index), ("example.org/log/tree-2", 1));
    if let Some(good) =
        elsewhere(tempfile::tempdir().unwrap().path(), receipt.to_json().as_bytes(), Some(&trusted()), None)
    {
        assert!(good);
    }
}
