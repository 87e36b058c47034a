//! Nothing secret stays in this process's memory once it was dropped or destroyed. The process looks through all of it.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;

use porchlight_keyring::{Change, FileSlot, FolderStore, Keyring, Salvage, Secret};

/// Secrets to look for, held in a form that is not itself found.
struct Needles(Vec<(String, Vec<u8>)>);

const MASK: u8 = 0x5a;

impl Needles {
    fn add(&mut self, what: impl Into<String>, secret: &[u8]) {
        // Byte by byte, so that no copy of it lies about in between.
        self.0.push((what.into(), secret.iter().map(|byte| byte ^ MASK).collect()));
    }

    /// Every secret that lies somewhere in writable memory, whole or either half of it, with where.
    fn found(&self) -> Vec<String> {
        let memory = File::open("/proc/self/mem").unwrap();
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        let mut found = Vec::new();
        let mut chunk = vec![0; 1 << 16];
        for line in maps.lines().filter(|line| line.contains(" rw")) {
            let (range, _) = line.split_once(' ').unwrap();
            let (start, end) = range.split_once('-').unwrap();
            let (start, end) =
                (u64::from_str_radix(start, 16).unwrap(), u64::from_str_radix(end, 16).unwrap());
            let mut at = start;
            while at < end {
                // Parts overlap, so that a secret across two of them is found.
                let length = chunk.len().min((end - at) as usize);
                let Ok(length) = memory.read_at(&mut chunk[..length], at) else { break };
                for (what, masked) in &self.0 {
                    for half in masked.chunks(16).filter(|half| half.len() == 16) {
                        if contains(&chunk[..length], half) {
                            found.push(format!("{what} in {line}"));
                        }
                    }
                }
                chunk.fill(0);
                at += if length == chunk.len() { length as u64 - 32 } else { length as u64 };
            }
        }
        found
    }
}

fn contains(bytes: &[u8], masked: &[u8]) -> bool {
    let first = masked[0] ^ MASK;
    let last = bytes.len().saturating_sub(masked.len());
    bytes[..last].iter().enumerate().any(|(at, byte)| {
        *byte == first && bytes[at..].iter().zip(masked).all(|(byte, masked)| *byte == masked ^ MASK)
    })
}

fn open(path: &Path) -> Keyring {
    Keyring::open(Box::new(FolderStore::open(path).unwrap()), Box::new(FileSlot::open(path).unwrap()))
        .unwrap()
}

/// Notes every key that the files in a folder give away, and leaves none of it in memory.
fn note_all(path: &Path, ids: &[u64], needles: &mut Needles) {
    let mut salvage = Salvage::new();
    for file in fs::read_dir(path).unwrap() {
        let path = file.unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        if path.file_name().unwrap().to_string_lossy().starts_with("slot-") {
            salvage.add_keys(&bytes);
            bytes.fill(0);
            std::hint::black_box(&bytes);
        } else {
            salvage.add_pack(bytes);
        }
    }
    salvage.open();
    for (found, secret) in salvage.keys() {
        match found {
            Secret::Root { generation } => needles.add(format!("the root of {generation}"), secret),
            found => needles.add(format!("{found:?}"), secret),
        }
    }
    for id in ids {
        for leaf in salvage.leaves(*id) {
            needles.add(format!("the leaf of {id}"), leaf.as_bytes());
        }
    }
    drop(salvage);
    wipe_stack();
}

/// Overwrites what the calls that have just returned left on the stack: what this test moved about there is not the keyring's.
#[inline(never)]
fn wipe_stack() {
    std::hint::black_box(&mut [0_u8; 64 << 10]);
}

#[test]
fn what_was_dropped_or_destroyed_is_nowhere_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let mut needles = Needles(Vec::new());
    let create = || {
        let store = Box::new(FolderStore::open(path).unwrap());
        Keyring::create(store, Box::new(FileSlot::open(path).unwrap())).unwrap()
    };
    let mut keyring = create();
    let ids: Vec<u64> = (0..6).map(|index| keyring.allocate(index % 2).unwrap()).collect();
    let secret: Vec<u8> = (0..32).map(|at| at * 7 + 3).collect();
    keyring.apply(Change::default().put("password", &secret)).unwrap();
    needles.add("the password", &secret);
    drop(secret_wiped(secret));
    for id in &ids {
        keyring.leaf(*id).unwrap();
    }

    note_all(path, &ids, &mut needles);
    assert!(needles.0.len() >= 10, "{} secrets", needles.0.len());
    let found = needles.found();
    assert!(
        found.iter().any(|what| what.starts_with("the root"))
            && found.iter().any(|what| what.starts_with("the password")),
        "the search finds what a keyring in use holds, or it would prove nothing: {found:?}"
    );

    // What a commit destroys is gone from memory when it returns: the former root, the segment's former key, the secret.
    let before = needles;
    keyring.apply(Change::default().puncture(ids[0]).puncture(ids[1]).remove("password")).unwrap();
    assert_eq!(before.found(), [""; 0]);

    // And the rest once the keyring is dropped.
    let mut after = Needles(Vec::new());
    for id in &ids[2..] {
        keyring.leaf(*id).unwrap();
    }
    note_all(path, &ids, &mut after);
    drop(keyring);
    assert_eq!(after.found(), [""; 0]);

    // A start and an end leave nothing either.
    let mut keyring = open(path);
    keyring.leaf(ids[2]).unwrap();
    drop(keyring);
    assert_eq!(after.found(), [""; 0]);
}

fn secret_wiped(mut secret: Vec<u8>) -> Vec<u8> {
    secret.fill(0);
    std::hint::black_box(secret)
}
