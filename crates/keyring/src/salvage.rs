//! What could somebody derive who holds these bytes?
//!
//! The question behind every claim of forgetting, asked the way an attacker would: no lock, no file taken at its name, every
//! pack of any age with every key that may be a root. It answers for the bytes it was given and for no others.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::io;
use std::ops::Range;

use crate::Leaf;
use crate::key::{KEY_BYTES, Key};
use crate::pack;
use crate::root_object::RootObject;
use crate::slot::Root;
use crate::store::Store;
use crate::tree::{SEGMENT_IDS, Tree};

/// Bytes that may hold packs and root keys, and what they give when they are put together. Wiped when dropped.
#[derive(Default)]
pub struct Salvage {
    /// By generation: copies of one pack are alike, but two keyrings that went apart have two of one generation.
    packs: BTreeMap<u64, BTreeSet<Vec<u8>>>,
    candidates: Vec<Key>,
    opened: Vec<Opened>,
    trees: HashMap<(usize, u64), Vec<Tree>>,
}

/// A generation that a candidate opened.
struct Opened {
    generation: u64,
    root: Key,
    object: RootObject,
}

impl Salvage {
    /// Takes in a file. Gives whether it is a pack, as far as its first bytes say.
    pub fn add_pack(&mut self, bytes: Vec<u8>) -> bool {
        let Some(generation) = pack::generation_in(&bytes) else { return false };
        self.packs.entry(generation).or_default().insert(bytes);
        true
    }

    /// Takes in bytes that may hold a root key: a slot's file, or a sector of it. Every 32 bytes in a row are tried.
    pub fn add_keys(&mut self, bytes: &[u8]) {
        for window in bytes.windows(KEY_BYTES) {
            if let Some(window) = window.first_chunk().filter(|window| window.iter().any(|byte| *byte != 0)) {
                self.candidates.push(Key::copy_from(window));
            }
        }
    }

    /// Tries every candidate on every pack. Call it once all bytes are in; gives the generations that opened, ascending.
    pub fn open(&mut self) -> Vec<u64> {
        self.opened.clear();
        self.trees.clear();
        self.candidates.sort_by(|one, other| one.bytes().cmp(other.bytes()));
        self.candidates.dedup();
        for (generation, variants) in &self.packs {
            for bytes in variants {
                let store = One { generation: *generation, bytes };
                for candidate in &self.candidates {
                    let root = Root::new([0; 16], *generation, candidate.clone());
                    if let Ok(Some(object)) = pack::read_root_object(&store, &root) {
                        self.opened.push(Opened { generation: *generation, root: candidate.clone(), object });
                    }
                }
            }
        }
        self.opened.iter().map(|opened| opened.generation).collect()
    }

    /// How many different packs are in.
    pub fn packs(&self) -> usize {
        self.packs.values().map(BTreeSet::len).sum()
    }

    /// How many candidates for a root key are in.
    pub fn candidates(&self) -> usize {
        self.candidates.len()
    }

    /// Every key that what opened gives for an id. None: these bytes do not give it.
    pub fn leaves(&mut self, id: u64) -> Vec<Leaf> {
        self.leaves_by(id, |_| true)
    }

    /// Whether a root key in these bytes is one that gives a key for the id: which slot it is that has to go.
    pub fn gives(&mut self, bytes: &[u8], id: u64) -> bool {
        !self.leaves_by(id, |root| bytes.windows(KEY_BYTES).any(|window| window == root.bytes())).is_empty()
    }

    fn leaves_by(&mut self, id: u64, root: impl Fn(&Key) -> bool) -> Vec<Leaf> {
        let number = id / SEGMENT_IDS;
        let mut leaves: Vec<Leaf> = Vec::new();
        for (at, opened) in self.opened.iter().enumerate().filter(|(_, opened)| root(&opened.root)) {
            let Some(segment) = opened.object.segments.get(&number) else { continue };
            let trees = self.trees.entry((at, number)).or_insert_with(|| {
                let variants = self.packs.get(&segment.pack).into_iter().flatten();
                let stores = variants.map(|bytes| One { generation: segment.pack, bytes });
                stores.filter_map(|store| pack::read_tree(&store, number, segment).ok()).collect()
            });
            for tree in trees {
                let leaf = tree.leaf((id % SEGMENT_IDS) as u16);
                leaves.extend(leaf.filter(|leaf| !leaves.contains(leaf)));
            }
        }
        leaves
    }

    /// Every secret that what opened holds, by name: one of several generations comes several times.
    pub fn secrets(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let secrets = self.opened.iter().flat_map(|opened| &opened.object.secrets);
        secrets.map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// Every 32-byte key that came to light on the way: root keys that opened something, and the keys of segments.
    pub fn keys(&self) -> impl Iterator<Item = &[u8; KEY_BYTES]> {
        self.opened.iter().flat_map(|opened| {
            let segments = opened.object.segments.values().map(|segment| segment.key.bytes());
            std::iter::once(opened.root.bytes()).chain(segments)
        })
    }
}

impl fmt::Debug for Salvage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Salvage({} packs, {} candidates, {} opened)",
            self.packs(),
            self.candidates(),
            self.opened.len()
        )
    }
}

/// One pack as a store, to be read like any other.
struct One<'a> {
    generation: u64,
    bytes: &'a [u8],
}

impl Store for One<'_> {
    fn list(&self) -> io::Result<Vec<(String, u64)>> {
        Ok(vec![(pack::name(self.generation), self.bytes.len() as u64)])
    }

    fn read(&self, name: &str, range: Range<u64>) -> io::Result<Option<Vec<u8>>> {
        if pack::generation(name) != Some(self.generation) {
            return Ok(None);
        }
        let end = usize::try_from(range.end).unwrap_or(usize::MAX).min(self.bytes.len());
        let start = usize::try_from(range.start).unwrap_or(usize::MAX).min(end);
        Ok(Some(self.bytes[start..end].to_vec()))
    }

    fn write(&self, _: &str, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn remove(&self, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }
}
