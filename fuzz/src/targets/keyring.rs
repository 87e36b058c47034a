//! Packs, root objects, the states of segments, and the two files of the slot.

use std::path::Path;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use porchlight_keyring::{Change, Error, FileSlot, Keyring, Root, Salvage, Slot as _};
use sha2::{Digest, Sha256};

use crate::Target;
use crate::input::Input;
use crate::memory::{Files, Slot};

pub(super) const TARGETS: &[Target] = &[
    Target { name: "packs", run: packs, seeds: pack_seeds },
    Target { name: "root-objects", run: root_objects, seeds: root_object_seeds },
    Target { name: "segments", run: segments, seeds: segment_seeds },
    Target { name: "slots", run: slots, seeds: slot_seeds },
    Target { name: "salvage", run: salvage, seeds: pack_seeds },
];

const GENERATION: u64 = 7;
const ROOT_KEY: [u8; 32] = [3; 32];
const SEGMENT_KEY: [u8; 32] = [5; 32];

fn root(generation: u64, key: [u8; 32]) -> Root {
    Root::from_bytes(&[&[9; 16], &generation.to_le_bytes()[..], &key].concat()).expect("56 bytes are a root")
}

/// A pack as it lies on the disk.
fn packs(bytes: &[u8]) {
    open(bytes.to_vec());
}

fn pack_seeds() -> Vec<Vec<u8>> {
    let [plain, with_secret, ..] = objects();
    vec![pack(&plain, &state()), pack(&with_secret, &[])]
}

/// The plaintext of a root object, sealed as a keyring of this generation would.
fn root_objects(bytes: &[u8]) {
    open(pack(bytes, &state()));
}

fn root_object_seeds() -> Vec<Vec<u8>> {
    objects().into()
}

/// The state of segment 1, sealed where a root object says that it is.
fn segments(bytes: &[u8]) {
    open(pack(&object(2, &[(1, 30)], bytes.len() as u32 + 16), bytes));
}

fn segment_seeds() -> Vec<Vec<u8>> {
    let node = |start: u16, height: u8| [&start.to_le_bytes()[..], &[height], &[height; 32]].concat();
    vec![state(), Vec::new(), [node(0, 2), node(5, 0), node(8, 3), node(32_768, 15)].concat()]
}

/// Whatever opens does what a keyring does: its keys stay the same, and what is punctured is gone for good.
fn open(pack: Vec<u8>) {
    let files = Files::<String>::default();
    files.all().insert(format!("pack-{GENERATION}"), pack.clone());
    let slot = Slot::new(root(GENERATION, ROOT_KEY));
    let again = || Keyring::open(Box::new(files.clone()), Box::new(slot.clone()));
    let Ok(mut keyring) = again() else { return };

    let _ = (keyring.unreadable(), keyring.secret_names().count(), format!("{keyring:?}"));
    let mut known = Vec::new();
    for segment in keyring.segments().take(4).collect::<Vec<_>>() {
        for id in [*segment.ids.start(), segment.ids.start() + 5, *segment.ids.end()] {
            if let Ok(leaf) = keyring.leaf(id) {
                assert!(keyring.contains(id).expect("its segment was just read"));
                known.push((id, leaf));
            }
        }
    }
    // Salvage, the attacker, finds what the keyring finds.
    let (mut before, _) = salvaged([&pack], &slot);
    for (id, leaf) in &known {
        assert!(before.leaves(*id).contains(leaf), "salvage misses {id}");
    }
    if let Ok(fresh) = keyring.allocate(30) {
        assert!(known.iter().all(|(id, _)| *id != fresh), "an id is handed out twice");
        let leaf = keyring.leaf(fresh).expect("a fresh id has a key");
        known.push((fresh, leaf));
    }
    let Some((forgotten, _)) = known.first().cloned() else { return };
    if keyring.apply(Change::default().puncture(forgotten).put("word", b"said")).is_err() {
        return;
    }
    drop(keyring);
    let mut keyring = again().expect("what was committed opens again");
    assert_eq!(keyring.secret("word"), Some(&b"said"[..]));
    assert!(matches!(keyring.leaf(forgotten), Err(Error::Gone { .. })), "{forgotten} came back");
    let packs: Vec<Vec<u8>> = files.all().values().chain([&pack]).cloned().collect();
    assert!(salvaged(&packs, &slot).0.leaves(forgotten).is_empty(), "a thief still opens {forgotten}");
    for (id, leaf) in known {
        assert!(id == forgotten || keyring.leaf(id).is_ok_and(|again| again == leaf), "{id} has another key");
    }
}

/// What a thief finds in these packs with what is in the slot, and how many root objects opened.
fn salvaged<'a>(packs: impl IntoIterator<Item = &'a Vec<u8>>, slot: &Slot) -> (Salvage, usize) {
    let mut salvage = Salvage::new();
    for pack in packs {
        salvage.add_pack(pack.clone());
    }
    for root in slot.load().expect("it is only memory") {
        salvage.add_keys(&root.to_bytes());
    }
    let opened = salvage.open().generations.len();
    (salvage, opened)
}

/// Bytes that a thief takes for a pack and for keys at once, beside the key that would open one.
fn salvage(bytes: &[u8]) {
    let mut salvage = Salvage::new();
    let is_pack = salvage.add_pack(bytes.to_vec());
    salvage.add_keys(bytes);
    salvage.add_keys(&ROOT_KEY);
    let opened = salvage.open();
    assert!(opened.packs == usize::from(is_pack) && opened.generations.len() <= opened.packs);
    let _ =
        (salvage.leaves(0), salvage.leaves(u64::MAX), salvage.gives(bytes, 65_536), salvage.keys().count());
}

/// `state` and `object` as one pack. This writes the format a second time, from its description.
fn pack(object: &[u8], state: &[u8]) -> Vec<u8> {
    const HEADER: usize = 36;
    let aad = [b"segment", &1u64.to_le_bytes()[..], &GENERATION.to_le_bytes()].concat();
    let state = seal(&SEGMENT_KEY, &aad, state);
    let mut header = b"PKEYPACK".to_vec();
    header.extend(1u32.to_le_bytes());
    for number in [GENERATION, (HEADER + state.len()) as u64, object.len() as u64 + 16] {
        header.extend(number.to_le_bytes());
    }
    let object = seal(&ROOT_KEY, &header, object);
    [header, state, object].concat()
}

/// A root object without secrets whose segments all lie where [`pack`] puts the state.
fn object(next: u64, segments: &[(u64, u32)], length: u32) -> Vec<u8> {
    let mut bytes = next.to_le_bytes().to_vec();
    bytes.extend((segments.len() as u64).to_le_bytes());
    for (number, class) in segments {
        bytes.extend(number.to_le_bytes());
        bytes.extend(class.to_le_bytes());
        bytes.extend(GENERATION.to_le_bytes());
        bytes.extend(36u64.to_le_bytes());
        bytes.extend(length.to_le_bytes());
        bytes.extend(SEGMENT_KEY);
    }
    bytes.extend(0u64.to_le_bytes());
    bytes
}

fn objects() -> [Vec<u8>; 4] {
    let length = state().len() as u32 + 16;
    let mut secret = object(1, &[], 0);
    let count = secret.len() - 8;
    secret[count] = 1;
    secret.extend(b"\x08identity\x03\0\0\0abc");
    [object(2, &[(1, 30)], length), secret, object(4, &[(1, 30), (2, 0), (3, 7)], length), object(0, &[], 0)]
}

/// A segment of which nothing is punctured.
fn state() -> Vec<u8> {
    [&0u16.to_le_bytes()[..], &[16], &[1; 32]].concat()
}

fn seal(key: &[u8; 32], aad: &[u8], plain: &[u8]) -> Vec<u8> {
    let sealed = Aes256Gcm::new(key.into()).encrypt(&Nonce::default(), Payload { msg: plain, aad });
    sealed.expect("it is short")
}

/// Four sectors in two files, each empty, whole, damaged or of a newer format, then a new root.
fn slots(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let folder = fast_folder();
    let path = folder.path();
    let mut put = Vec::new();
    for name in ["slot-1", "slot-2"] {
        let file = [sector(&mut input, &mut put), sector(&mut input, &mut put)].concat();
        let length = if input.u8().is_multiple_of(4) { input.below(file.len() + 1) } else { file.len() };
        if !input.u8().is_multiple_of(8) {
            std::fs::write(path.join(name), &file[..length]).expect("the folder takes it");
        }
    }
    let slot = FileSlot::open(path).expect("the folder is there");
    if let Ok(found) = slot.load() {
        assert!(found.iter().all(|root| put.contains(root)), "nobody put this root here");
    }
    let new = root(100 + u64::from(input.u8()), [77; 32]);
    if slot.replace(&new).is_err() {
        return;
    }
    assert_eq!(slot.load().expect("a slot that was written can be read"), [new]);
    for name in ["slot-1", "slot-2"] {
        let file = std::fs::read(path.join(name)).expect("it is there");
        for old in &put {
            let key = &old.to_bytes()[24..];
            assert!(!file.windows(32).any(|bytes| bytes == key), "an older root can still be read in {name}");
        }
    }
}

const SECTOR: usize = 4096;

fn sector(input: &mut Input<'_>, put: &mut Vec<Root>) -> Vec<u8> {
    let kind = input.u8() % 6;
    if kind == 0 {
        return vec![0; SECTOR];
    }
    let generation = input.u8();
    let root = root(generation.into(), [generation | 0x80; 32]);
    let mut bytes = vec![0; SECTOR - 32];
    bytes[..8].copy_from_slice(b"PKEYSLOT");
    bytes[8] = if kind == 2 { input.u8() } else { 1 };
    bytes[12..68].copy_from_slice(&root.to_bytes()[..]);
    if kind == 3 {
        let at = input.below(bytes.len());
        bytes[at] ^= input.u8();
    }
    put.extend(Root::from_bytes(&bytes[12..68]));
    let sum = Sha256::digest(&bytes);
    bytes.extend_from_slice(&sum);
    match kind {
        4 => {
            let at = input.below(SECTOR);
            bytes[at] ^= 1 | input.u8();
        }
        5 => {
            let (at, over) = (input.below(SECTOR), input.string());
            let end = (at + over.len()).min(SECTOR);
            bytes[at..end].copy_from_slice(&over[..end - at]);
        }
        _ => {}
    }
    bytes
}

fn slot_seeds() -> Vec<Vec<u8>> {
    vec![
        vec![1, 7, 0, 1, 1, 0, 1, 7, 1, 1, 5],
        vec![1, 7, 1, 8, 1, 1, 0, 1, 7, 1, 1, 5],
        vec![4, 7, 9, 0, 1, 1, 8, 1, 1, 5, 9, 20, 0, 3, 1, 2, 3, 0, 1, 1],
        vec![2, 7, 2, 0, 1, 1, 3, 9, 12, 0, 1, 0, 0, 1],
    ]
}

/// A folder in memory where there is one, since a slot syncs each of its writes.
pub(super) fn fast_folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    folder.expect("a folder can be made")
}
