//! A model of folders with live and durable halves, and the states that a power cut can leave of them.
//!
//! What is granted to a disk and its file system, and nothing more:
//!
//! - 512 bytes at a multiple of 512 are written whole or not at all, and leave their neighbours alone (SQLite calls the latter
//!   "powersafe overwrite"). Unsynced sectors reach the disk in any order, or never; a file has no bytes but those written to it,
//!   or zeros.
//! - Making, linking, renaming and removing a name are each atomic. Unsynced, they reach the disk in any order, or never.
//! - `fsync` and `fdatasync` of a file make durable its bytes and its length as they were when the call began, and not its name.
//!   `fsync` of a folder makes durable the names in it, and not what they stand for.
//!
//! So a name does not become durable with its file, as it does on ext4; and a rename is no barrier.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Component, Path, PathBuf};

const SECTOR: u64 = 512;

/// Which of what is not synced survives a cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Nothing.
    Lost,
    /// Everything.
    Kept,
    /// The names, but no bytes.
    NamesOnly,
    /// The bytes, but no names.
    BytesOnly,
    /// A random part: by file and folder, by sector, or both.
    Random(u64),
}

impl Mode {
    pub(crate) fn all(seeds: u64) -> Vec<Mode> {
        let extremes = [Mode::Lost, Mode::Kept, Mode::NamesOnly, Mode::BytesOnly];
        extremes.into_iter().chain((0..seeds).map(Mode::Random)).collect()
    }

    /// Whether a change survives: `number` is its place among all changes of the life.
    fn keeps(self, name: bool, node: usize, number: usize, sector: u64) -> bool {
        let random = |what: (u64, usize, usize, u64)| {
            let mut hasher = DefaultHasher::new();
            what.hash(&mut hasher);
            hasher.finish() % 100
        };
        match self {
            Mode::Lost => false,
            Mode::Kept => true,
            Mode::NamesOnly => name,
            Mode::BytesOnly => !name,
            // Whole files and folders are late; or single writes are; or single sectors.
            Mode::Random(seed) => match seed % 3 {
                0 => random((seed, node, 0, 0)) < 50,
                1 => random((seed, 0, number, 0)) < 50,
                _ => random((seed, 0, number, sector)) < [20, 50, 80][(seed / 3 % 3) as usize],
            },
        }
    }
}

/// Every file with its bytes, and every folder, by their paths below the root.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct State {
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) files: BTreeMap<PathBuf, Vec<u8>>,
}

impl State {
    /// Writes what lies in the folders of these names, or everything where none is given.
    pub(crate) fn lay_out(&self, root: &Path, only: &[&str]) {
        let wanted = |path: &Path| only.is_empty() || only.iter().any(|folder| path.starts_with(folder));
        for folder in self.folders.iter().filter(|path| wanted(path)) {
            std::fs::create_dir_all(root.join(folder)).unwrap();
        }
        for (path, bytes) in self.files.iter().filter(|(path, _)| wanted(path)) {
            std::fs::write(root.join(path), bytes).unwrap();
        }
    }
}

/// The disk: a tree of nodes below one root, which is durable itself.
#[derive(Clone)]
pub(crate) struct Disk {
    nodes: Vec<Node>,
}

#[derive(Clone)]
enum Node {
    File { live: Vec<u8>, durable: Vec<u8>, pending: Vec<(usize, Bytes)> },
    Folder { live: BTreeMap<String, usize>, durable: BTreeMap<String, usize>, pending: Vec<(usize, Name)> },
}

#[derive(Clone)]
enum Bytes {
    Written(u64, Vec<u8>),
    Length(u64),
}

#[derive(Clone)]
enum Name {
    Put(String, usize),
    Removed(String),
    Moved(String, String, usize),
}

impl Disk {
    pub(crate) fn new() -> Disk {
        Disk { nodes: vec![Node::folder()] }
    }

    /// The node at a path below the root.
    pub(crate) fn find(&self, path: &Path) -> Option<usize> {
        path.components().try_fold(0, |node, part| match (&self.nodes[node], part) {
            (Node::Folder { live, .. }, Component::Normal(name)) => live.get(name.to_str()?).copied(),
            (_, Component::CurDir) => Some(node),
            _ => None,
        })
    }

    pub(crate) fn create(&mut self, number: usize, path: &Path) -> usize {
        self.nodes.push(Node::File { live: vec![], durable: vec![], pending: vec![] });
        self.put(number, path, self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    pub(crate) fn make_folder(&mut self, number: usize, path: &Path) {
        self.nodes.push(Node::folder());
        self.put(number, path, self.nodes.len() - 1);
    }

    /// Gives a node a name.
    pub(crate) fn put(&mut self, number: usize, path: &Path, node: usize) {
        let (folder, name) = self.place(path);
        self.rename_in(folder, number, Name::Put(name, node));
    }

    pub(crate) fn remove(&mut self, number: usize, path: &Path) {
        let (folder, name) = self.place(path);
        self.rename_in(folder, number, Name::Removed(name));
    }

    pub(crate) fn rename(&mut self, number: usize, from: &Path, to: &Path) {
        let node = self.find(from).expect("what is renamed is there");
        let ((folder, old), (other, new)) = (self.place(from), self.place(to));
        assert_eq!(folder, other, "the model knows no move from folder to folder");
        self.rename_in(folder, number, Name::Moved(old, new, node));
    }

    pub(crate) fn length(&self, node: usize) -> u64 {
        match &self.nodes[node] {
            Node::File { live, .. } => live.len() as u64,
            Node::Folder { .. } => 0,
        }
    }

    pub(crate) fn write(&mut self, number: usize, node: usize, at: u64, bytes: Vec<u8>) {
        self.change(node, number, Bytes::Written(at, bytes));
    }

    pub(crate) fn set_length(&mut self, number: usize, node: usize, length: u64) {
        self.change(node, number, Bytes::Length(length));
    }

    /// Makes durable what changed in a node before change number `before`.
    pub(crate) fn sync(&mut self, node: usize, before: usize) {
        match &mut self.nodes[node] {
            Node::File { durable, pending, .. } => {
                let (done, rest) = std::mem::take(pending).into_iter().partition(|(n, _)| *n < before);
                *pending = rest;
                let done: Vec<(usize, Bytes)> = done;
                done.iter().for_each(|(_, change)| change.apply(durable, |_| true));
            }
            Node::Folder { durable, pending, .. } => {
                let (done, rest) = std::mem::take(pending).into_iter().partition(|(n, _)| *n < before);
                *pending = rest;
                let done: Vec<(usize, Name)> = done;
                done.iter().for_each(|(_, change)| change.apply(durable));
            }
        }
    }

    /// What a power cut leaves now.
    pub(crate) fn cut(&self, mode: Mode) -> State {
        let mut state = State::default();
        self.walk(0, Path::new(""), mode, &mut state);
        state
    }

    fn walk(&self, node: usize, path: &Path, mode: Mode, state: &mut State) {
        match &self.nodes[node] {
            Node::File { durable, pending, .. } => {
                let mut bytes = durable.clone();
                for (number, change) in pending {
                    change.apply(&mut bytes, |sector| mode.keeps(false, node, *number, sector));
                }
                state.files.insert(path.to_owned(), bytes);
            }
            Node::Folder { durable, pending, .. } => {
                state.folders.push(path.to_owned());
                let mut names = durable.clone();
                for (_, change) in pending.iter().filter(|(number, _)| mode.keeps(true, node, *number, 0)) {
                    change.apply(&mut names);
                }
                names.iter().for_each(|(name, node)| self.walk(*node, &path.join(name), mode, state));
            }
        }
    }

    fn change(&mut self, node: usize, number: usize, change: Bytes) {
        let Node::File { live, pending, .. } = &mut self.nodes[node] else { panic!("a folder has no bytes") };
        change.apply(live, |_| true);
        pending.push((number, change));
    }

    fn rename_in(&mut self, folder: usize, number: usize, change: Name) {
        let Node::Folder { live, pending, .. } = &mut self.nodes[folder] else {
            panic!("a file has no names")
        };
        change.apply(live);
        pending.push((number, change));
    }

    fn place(&self, path: &Path) -> (usize, String) {
        let folder = self.find(path.parent().unwrap()).expect("the folder above is there");
        (folder, path.file_name().unwrap().to_str().unwrap().to_owned())
    }
}

impl Node {
    fn folder() -> Node {
        Node::Folder { live: BTreeMap::new(), durable: BTreeMap::new(), pending: vec![] }
    }
}

impl Bytes {
    /// Applies the sectors of a change that survive.
    fn apply(&self, file: &mut Vec<u8>, survives: impl Fn(u64) -> bool) {
        match self {
            Bytes::Length(length) if survives(0) => file.resize(usize::try_from(*length).unwrap(), 0),
            Bytes::Length(_) => {}
            Bytes::Written(at, bytes) => {
                let mut from = *at;
                let end = at + bytes.len() as u64;
                while from < end {
                    let to = end.min((from / SECTOR + 1) * SECTOR);
                    if survives(from / SECTOR) {
                        let (from_, to_) = (usize::try_from(from).unwrap(), usize::try_from(to).unwrap());
                        file.resize(file.len().max(to_), 0);
                        let start = usize::try_from(from - at).unwrap();
                        file[from_..to_].copy_from_slice(&bytes[start..start + to_ - from_]);
                    }
                    from = to;
                }
            }
        }
    }
}

impl Name {
    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Name::Put(name, node) => {
                names.insert(name.clone(), *node);
            }
            Name::Removed(name) => {
                names.remove(name);
            }
            Name::Moved(from, to, node) => {
                names.remove(from);
                names.insert(to.clone(), *node);
            }
        }
    }
}
