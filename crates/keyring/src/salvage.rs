//! What somebody could derive who holds some bytes: the question that forgetting has to answer with "nothing".

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use zeroize::Zeroizing;

use crate::Leaf;
use crate::key::{KEY_BYTES, Key, leaving_no_key};
use crate::pack::Found;
use crate::root_object::{RootObject, SealedSegment};
use crate::seal;
use crate::segment::SEGMENT_IDS;
use crate::tree::Tree;

/// Finds out what packs and keys of any age give away, as an attacker would who knows the formats.
///
/// It takes bytes, not folders: it locks nothing, writes nothing and needs no keyring that runs. Names, generations and
/// checksums are not believed; whatever 32 bytes open a root object are a root.
///
/// It follows root keys. A seed or a leaf that lies bare among the bytes of [`add_keys`](Salvage::add_keys) is not
/// recognised as one: it names no id. What it could open is for the caller to try, with those bytes.
///
/// ```
/// use porchlight_keyring::{Change, FileSlot, FolderStore, Keyring, Salvage};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path();
/// # let mut keyring = Keyring::create(Box::new(FolderStore::open(path)?), Box::new(FileSlot::open(path)?))?;
/// let (keep, forget) = (keyring.allocate(30)?, keyring.allocate(30)?);
/// keyring.apply(Change::default().puncture(forget))?;
///
/// let mut salvage = Salvage::new();
/// for file in std::fs::read_dir(path)? {
///     let bytes = std::fs::read(file?.path())?;
///     salvage.add_keys(&bytes);
///     salvage.add_pack(bytes);
/// }
/// assert_eq!(salvage.open().generations, [keyring.generation()]);
/// assert_eq!(salvage.leaves(keep), [keyring.leaf(keep)?]);
/// assert!(salvage.leaves(forget).is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct Salvage {
    /// By generation. There are several of one where a keyring was put back and went on from there.
    packs: BTreeMap<u64, Vec<Found>>,
    /// Bytes that may hold a root key anywhere.
    sources: Vec<Zeroizing<Vec<u8>>>,
    opened: Vec<Root>,
    /// The sealed states of each segment that the opened root objects refer to, each once, the oldest first.
    segments: BTreeMap<u64, Vec<SealedSegment>>,
    /// What can be derived from the segments that were asked about.
    trees: HashMap<u64, Vec<Tree>>,
}

/// What was tried, and what opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// How many distinct 32-byte strings were tried as root keys.
    pub candidates: usize,
    /// How many distinct packs there are.
    pub packs: usize,
    /// The generation of each root object that opened, ascending. One that stands here twice was found in two packs
    /// that differ.
    pub generations: Vec<u64>,
}

/// Where a secret was found that [`Salvage::keys`] gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret<'a> {
    /// The root key of a generation.
    Root {
        /// That generation.
        generation: u64,
    },
    /// The key that seals one state of a segment.
    Segment {
        /// The first id of the segment.
        first: u64,
        /// The generation of the pack that the state is in.
        generation: u64,
    },
    /// A secret that was put by name.
    Named(&'a str),
}

impl Salvage {
    /// One that holds nothing yet.
    pub fn new() -> Salvage {
        Salvage::default()
    }

    /// Adds a pack of any age, under whatever name it was found. False if these bytes are no pack, or one that
    /// lacks its top: nothing can be found in them. One that was cut short counts, for segments may be whole in it.
    pub fn add_pack(&mut self, bytes: Vec<u8>) -> bool {
        let Some(pack) = Found::new(bytes) else { return false };
        let alike = self.packs.entry(pack.generation).or_default();
        if !alike.contains(&pack) {
            alike.push(pack);
        }
        true
    }

    /// Adds bytes that may hold a root key anywhere: a slot's file, a core dump, a page of swap. Every 32 of them in a row
    /// are tried once, whatever stands around them.
    pub fn add_keys(&mut self, bytes: &[u8]) {
        self.sources.push(Zeroizing::new(bytes.to_vec()));
    }

    /// Tries every candidate on every pack. May be called again after more was added.
    ///
    /// A wrong key costs one block of AES and a comparison for each pack; what passes has to open the root object,
    /// which is authenticated. For each byte of keys that is not zero 32 bytes of memory are in use meanwhile.
    pub fn open(&mut self) -> Opened {
        let candidates = leaving_no_key(|| candidates(&self.sources));
        let mut found = Vec::new();
        for bytes in &*candidates {
            let key = Key::copy_from(bytes);
            let keystream = seal::first_keystream(&key);
            let worth_opening = |pack: &&Found| may_open(&keystream, pack.root_object());
            for pack in self.packs.values().flatten().filter(worth_opening) {
                if let Some(object) = pack.open_root_object(&key) {
                    found.push(Root { generation: pack.generation, key: key.clone(), object });
                }
            }
        }
        found.sort_by_key(|root| root.generation);
        self.opened = found;
        self.index();
        Opened {
            candidates: candidates.len(),
            packs: self.packs.values().map(Vec::len).sum(),
            generations: self.opened.iter().map(|root| root.generation).collect(),
        }
    }

    /// Every distinct key that anything which opened yields for the id, the oldest first. None: it is gone from these bytes.
    ///
    /// Reads a segment when it is first asked about; ids asked in order are derived quickest.
    pub fn leaves(&mut self, id: u64) -> Vec<Leaf> {
        let number = id / SEGMENT_IDS;
        let Some(states) = self.segments.get(&number) else { return Vec::new() };
        let packs = &self.packs;
        let trees = self.trees.entry(number).or_insert_with(|| read_trees(packs, number, states));
        let mut leaves = Vec::new();
        for leaf in trees.iter_mut().filter_map(|tree| tree.leaf((id % SEGMENT_IDS) as u16)) {
            if !leaves.contains(&leaf) {
                leaves.push(leaf);
            }
        }
        leaves
    }

    /// Whether a root key among these bytes is one that yields a key for the id: which slot it is that has to go.
    pub fn gives(&self, bytes: &[u8], id: u64) -> bool {
        let number = id / SEGMENT_IDS;
        let is_here = |root: &&Root| bytes.windows(KEY_BYTES).any(|window| window == root.key.bytes());
        self.opened.iter().filter(is_here).any(|root| {
            let segment = root.object.segments.get(&number).map(std::slice::from_ref).unwrap_or_default();
            let mut trees = read_trees(&self.packs, number, segment);
            trees.iter_mut().any(|tree| tree.leaf((id % SEGMENT_IDS) as u16).is_some())
        })
    }

    /// Every secret found on the way with where it was, for a caller who wants to try them on something: root keys and
    /// segments' keys (32 bytes), and the secrets that were put by name (as long as they are). One that several generations
    /// hold comes once.
    pub fn keys(&self) -> impl Iterator<Item = (Secret<'_>, &[u8])> {
        let roots = self.opened.iter().map(|root| {
            let found = Secret::Root { generation: root.generation };
            (found, root.key.bytes().as_slice())
        });
        let segments = self.segments.iter().flat_map(|(number, states)| {
            states.iter().map(move |state| {
                let found = Secret::Segment { first: number * SEGMENT_IDS, generation: state.pack };
                (found, state.key.bytes().as_slice())
            })
        });
        let mut seen: HashSet<(&str, &[u8])> = HashSet::new();
        let named = self.opened.iter().flat_map(|root| &root.object.secrets);
        let named = named
            .map(|(name, value)| (name.as_str(), value.as_slice()))
            .filter(move |secret| seen.insert(*secret))
            .map(|(name, value)| (Secret::Named(name), value));
        roots.chain(segments).chain(named)
    }

    /// Gathers the segments of what opened. Their generations ascend, so the first state of each is the oldest.
    fn index(&mut self) {
        self.trees.clear();
        self.segments.clear();
        let mut seen = HashSet::new();
        for root in &self.opened {
            for (number, segment) in &root.object.segments {
                if seen.insert((*number, segment.pack, segment.key.bytes())) {
                    self.segments.entry(*number).or_default().push(segment.clone());
                }
            }
        }
    }
}

/// Whether a key with this keystream may open a sealed root object.
fn may_open(keystream: &[u8; 16], sealed: &[u8]) -> bool {
    let Some(first) = sealed.first_chunk::<16>() else { return false };
    let plain: [u8; 16] = std::array::from_fn(|at| first[at] ^ keystream[at]);
    RootObject::may_begin(&plain, sealed.len())
}

/// The states of a segment as trees, without those that derive nothing that an older one does not: seeds are only ever
/// taken away, so of an ordinary past the oldest state is left.
fn read_trees(packs: &BTreeMap<u64, Vec<Found>>, number: u64, states: &[SealedSegment]) -> Vec<Tree> {
    let mut trees: Vec<Tree> = Vec::new();
    for state in states {
        let copies = packs.get(&state.pack).into_iter().flatten();
        let Some(tree) = copies.filter_map(|pack| pack.open_tree(number, state)).next() else { continue };
        if !trees.iter_mut().any(|older| older.covers(&tree)) {
            trees.push(tree);
        }
    }
    trees
}

/// A root key and what it opened.
struct Root {
    generation: u64,
    key: Key,
    object: RootObject,
}

/// Every distinct 32 bytes in a row that are not all zero, sorted.
fn candidates(sources: &[Zeroizing<Vec<u8>>]) -> Zeroizing<Vec<[u8; KEY_BYTES]>> {
    let windows = || {
        let windows = sources.iter().flat_map(|bytes| bytes.windows(KEY_BYTES));
        windows.filter_map(|window| window.first_chunk()).filter(|window| **window != [0; KEY_BYTES])
    };
    // Counted first, for a buffer that grew would leave keys behind.
    let mut candidates = Zeroizing::new(Vec::with_capacity(windows().count()));
    candidates.extend(windows().copied());
    candidates.sort_unstable();
    candidates.dedup();
    candidates
}

impl fmt::Debug for Salvage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Salvage")
            .field("packs", &self.packs.values().map(Vec::len).sum::<usize>())
            .field("keys", &self.sources.iter().map(|bytes| bytes.len()).sum::<usize>())
            .field("opened", &self.opened.len())
            .finish()
    }
}
