//! Age files and where they are cut, sealed headers, and the marks of the two folders.

use std::sync::LazyLock;

use age::x25519::Identity;
use porchlight_keyring::{Keyring, Leaf};
use porchlight_vault::fuzzing::{Bound, header_len, mark};
use porchlight_vault::{Audience, Id, may_be, seal};
use zeroize::Zeroizing;

use super::texts;
use crate::Target;
use crate::memory::Files;

pub(super) const TARGETS: &[Target] = &[
    Target { name: "age-headers", run: age_headers, seeds: age_header_seeds },
    Target { name: "age-files", run: age_files, seeds: age_file_seeds },
    Target { name: "sealed-headers", run: sealed_headers, seeds: sealed_header_seeds },
    Target { name: "marks", run: marks, seeds: mark_seeds },
];

/// The recording that is sealed, by its number.
const RECORDING: u64 = 7;

static READER: LazyLock<Identity> = LazyLock::new(Identity::generate);

/// The cut comes after the first line that begins with `--- `, and nowhere else.
fn age_headers(bytes: &[u8]) {
    let expected = bytes.split_inclusive(|byte| *byte == b'\n').scan(0, |end, line| {
        *end += line.len();
        Some((*end, line))
    });
    let last = expected.into_iter().find(|(_, line)| line.starts_with(b"--- "));
    let whole = last.filter(|(_, line)| line.ends_with(b"\n")).map(|(end, _)| end);
    assert_eq!(header_len(bytes), whole);
    let _ = may_be(bytes, Id::from(RECORDING));
    // What age takes for a file of ours is cut where age ends its header.
    if age::Decryptor::new_buffered(bytes).is_ok() {
        assert!(whole.is_some(), "age reads a header here");
    }
}

fn age_header_seeds() -> Vec<Vec<u8>> {
    let file = sealed(b"words");
    let whole = [&file.header[..], &file.payload].concat();
    let mut seeds = texts(["age-encryption.org/v1\n--- ", "--- a\n--- b\n", "-> X25519 a\nb\n---\n"]);
    seeds.extend([file.header.to_vec(), whole]);
    seeds
}

/// Whatever is sealed is an ordinary age file of the length that was promised, and opens to the same bytes.
fn age_files(bytes: &[u8]) {
    let file = sealed(bytes);
    let whole = [&file.header[..], &file.payload].concat();
    assert_eq!(header_len(&whole), Some(file.header.len()));
    assert_eq!(file.payload.len(), 16 + bytes.len() + 16 * bytes.len().div_ceil(64 << 10).max(1));
    assert!(
        may_be(&whole, Id::from(RECORDING)) && !may_be(&whole, Id::from(RECORDING + 1)),
        "it says which it is"
    );
    assert_eq!(age::decrypt(&*READER, &whole).expect("age opens it"), bytes);
}

fn age_file_seeds() -> Vec<Vec<u8>> {
    vec![Vec::new(), b"words".to_vec(), b"--- \n".repeat(40)]
}

fn sealed(bytes: &[u8]) -> porchlight_vault::AgeFile {
    let audience = Audience::people([READER.to_public().to_string()]).expect("it is a key");
    let hub = Identity::generate().to_public();
    seal(Id::from(RECORDING), Zeroizing::new(bytes.to_vec()), &audience, &hub).expect("it can be sealed")
}

/// A header, and the leaves and the payload that it is bound to.
struct Example {
    leaves: Vec<Leaf>,
    bound: Bound<'static>,
    sealed: Vec<u8>,
}

const PAYLOAD: &[u8] = b"what was said";
const HEADER: &[u8] = b"age-encryption.org/v1\n-> X25519 a\nb\n--- c\n";

static EXAMPLE: LazyLock<Example> = LazyLock::new(|| {
    let key = [&[9; 16][..], &1u64.to_le_bytes(), &[3; 32]].concat();
    let folder = super::keyring::fast_folder();
    let slot = porchlight_keyring::FileSlot::open(folder.path()).expect("the folder is there");
    assert_eq!(key.len(), 56);
    let mut keyring =
        Keyring::create(Box::new(Files::<String>::default()), Box::new(slot)).expect("the store is empty");
    let leaves = (0..3).map(|_| {
        let id = keyring.allocate(30).expect("there is room");
        keyring.leaf(id).expect("it is fresh")
    });
    let leaves: Vec<Leaf> = leaves.collect();
    let bound = Bound { id: 7, sources: &[8, 9], payload: PAYLOAD, facts: &[b"voice", b"kitchen"] };
    let sealed = bound.seal(HEADER, &leaves).expect("it can be sealed");
    Example { leaves, bound, sealed }
});

/// The first byte says what to do to a sealed header; only the one that was sealed opens.
fn sealed_headers(bytes: &[u8]) {
    let Example { leaves, bound, sealed } = &*EXAMPLE;
    let Some((how, rest)) = bytes.split_first() else { return };
    let mut found = sealed.clone();
    match how % 4 {
        0 => found = rest.to_vec(),
        1 => found.iter_mut().zip(rest).for_each(|(byte, change)| *byte ^= change),
        2 => found.truncate(rest.len()),
        _ => found.extend_from_slice(rest),
    }
    match bound.open(&found, leaves) {
        Some(header) => {
            assert_eq!(found, *sealed, "something else opens");
            assert_eq!(header, HEADER);
        }
        None => assert_ne!(found, *sealed, "what was sealed does not open"),
    }
    assert!(bound.open(&found, &leaves[..2]).is_none(), "it opens without one of its leaves");
    let elsewhere = Bound { id: 10, ..*bound };
    assert!(elsewhere.open(&found, leaves).is_none(), "it opens beside another id");
}

fn sealed_header_seeds() -> Vec<Vec<u8>> {
    vec![vec![1], vec![1, 3, 0, 1], vec![2; 30], [&[0][..], &EXAMPLE.sealed].concat(), vec![3, 0]]
}

/// A mark that is read says the same when it is written and read again.
fn marks(bytes: &[u8]) {
    let folder = super::keyring::fast_folder();
    let path = folder.path().join("porchlight.json");
    std::fs::write(&path, bytes).expect("the folder takes it");
    if let Ok(Some((household, again))) = mark(&path) {
        assert_eq!(household, again);
    }
}

fn mark_seeds() -> Vec<Vec<u8>> {
    texts(["{\n  \"format\": 1,\n  \"household\": \"maple\"\n}\n", r#"{"format": 2, "houses": []}"#, "{"])
}
