//! `verify.py` checks ledgers, and notices when they were altered. It shares no code with this crate.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use porchlight_ledger::{Hash, Ledger};
use serde_json::json;

use crate::common::{MemoryStore, entry};

#[test]
fn a_ledger_is_good_in_the_eyes_of_another_program() {
    let dir = tempfile::tempdir().unwrap();
    for size in [0, 1, 2, 7, 255, 256, 257, 600] {
        let (ledger, older) = grown_to(size);
        let folder = dir.path().join(size.to_string());
        let proofs = lay_out(&ledger, &older, &folder);
        for options in [["--proofs"].as_slice(), &["--openssl", "--proofs"]] {
            // Each run of openssl takes its time, and one tree says whether the signatures suit it.
            if options.len() > 1 && size != 7 {
                continue;
            }
            let Some(output) = verify(&folder, &ledger, options, &proofs) else { continue };
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{size}: {text}{}", String::from_utf8_lossy(&output.stderr));
            assert!(text.contains(&format!("checkpoint: {size} entries")), "{text}");
            assert_eq!(text.matches("consistency: ").count(), older.len());
        }
    }
}

#[test]
fn an_altered_ledger_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, older) = grown_to(300);
    type Alter = fn(&mut Vec<u8>);
    let alterations: [(&str, Alter); 7] = [
        ("checkpoint", |bytes| bytes[20] ^= 1),
        ("checkpoint", |bytes| *bytes = String::from_utf8_lossy(bytes).replace("300", "299").into_bytes()),
        ("tile/entries/000", |bytes| bytes[40] ^= 1),
        ("tile/entries/001.p/44", |bytes| bytes.truncate(bytes.len() - 11)),
        ("tile/0/000", |bytes| bytes[100] ^= 1),
        ("tile/1/000.p/1", |bytes| bytes[31] ^= 1),
        ("proofs", |bytes| {
            // The first character of the first hash.
            let at = bytes.windows(2).position(|pair| pair == b"[\"").unwrap() + 2;
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        }),
    ];
    for (number, (file, alter)) in alterations.into_iter().enumerate() {
        let folder = dir.path().join(number.to_string());
        let proofs = lay_out(&ledger, &older, &folder);
        let path = folder.join(file);
        let mut bytes = fs::read(&path).unwrap();
        alter(&mut bytes);
        fs::write(&path, bytes).unwrap();
        let Some(output) = verify(&folder, &ledger, &["--proofs"], &proofs) else { return };
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{file} was altered: {text}");
        assert!(text.starts_with("NOT GOOD: "), "{text}");
    }
}

/// A ledger of `size` entries and some of the checkpoints that it had before.
fn grown_to(size: u64) -> (Ledger, Vec<(u64, String)>) {
    let mut ledger = MemoryStore::default().create();
    let mut older = vec![(0, ledger.checkpoint().to_owned())];
    for batch in [1, 2, 3, 128, 130].into_iter().chain([size]) {
        let entries: Vec<_> = (ledger.size()..size.min(ledger.size() + batch)).map(entry).collect();
        let checkpoint = ledger.append(&entries).unwrap().checkpoint;
        older.push((ledger.size(), checkpoint));
    }
    (ledger, older)
}

/// Writes the tiles and a file of proofs.
fn lay_out(ledger: &Ledger, older: &[(u64, String)], folder: &Path) -> std::path::PathBuf {
    ledger.write_tiles(folder).unwrap();
    let size = ledger.size();
    let texts = |proof: Vec<Hash>| proof.iter().map(Hash::to_string).collect::<Vec<_>>();
    let inclusion: Vec<_> = (0..size)
        .step_by(1 + size as usize / 20)
        .map(|index| json!({"index": index, "proof": texts(ledger.inclusion(index, size).unwrap())}))
        .collect();
    let consistency: Vec<_> = older
        .iter()
        .map(|(old, note)| json!({"checkpoint": note, "proof": texts(ledger.consistency(*old, size).unwrap())}))
        .collect();
    let proofs = folder.join("proofs");
    fs::write(&proofs, json!({"inclusion": inclusion, "consistency": consistency}).to_string()).unwrap();
    proofs
}

/// Runs the verifier; nothing, with a word about it, when it cannot run here.
fn verify(folder: &Path, ledger: &Ledger, options: &[&str], proofs: &Path) -> Option<Output> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify.py");
    let mut command = Command::new("python3");
    command.arg(script).arg(folder).arg(ledger.verifier().to_string()).args(options).arg(proofs);
    match command.output() {
        Ok(output) if output.status.code() == Some(77) => {
            eprintln!("skipped: {}", String::from_utf8_lossy(&output.stderr).trim_end());
            None
        }
        Ok(output) => Some(output),
        Err(error) => {
            eprintln!("skipped: python3 cannot be started here ({error})");
            None
        }
    }
}
