//! What the tests of this folder share.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use porchlight_ledger::{Error, Hash, Ledger, Opening, SigningKey, Store};

pub(crate) const ORIGIN: &str = "example.org/log";

pub(crate) fn key() -> SigningKey {
    SigningKey::from_bytes(&[42; 32])
}

pub(crate) fn entry(n: u64) -> Vec<u8> {
    format!("entry {n}").into_bytes()
}

/// The root as RFC 6962 section 2.1 defines it, word for word.
pub(crate) fn root_of(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::empty(),
        [leaf] => *leaf,
        _ => {
            let mut k = 1;
            while k * 2 < leaves.len() {
                k *= 2;
            }
            Hash::node(&root_of(&leaves[..k]), &root_of(&leaves[k..]))
        }
    }
}

/// A store in memory. Its clones share their files, so a test can look at them and change them behind a ledger's back.
#[derive(Clone, Default)]
pub(crate) struct MemoryStore(Arc<Mutex<State>>);

#[derive(Default)]
pub(crate) struct State {
    pub(crate) files: BTreeMap<u32, Vec<u8>>,
    /// The hashes that were noted beside them.
    pub(crate) hashes: BTreeMap<u32, Vec<u8>>,
    /// The next append writes so many bytes and then fails.
    pub(crate) fail_after: Option<usize>,
    /// How many appends were made durable.
    pub(crate) syncs: usize,
}

impl MemoryStore {
    /// A copy that shares nothing: what a copy of the folder is.
    pub(crate) fn copy(&self) -> MemoryStore {
        let store = MemoryStore::default();
        store.state().files = self.state().files.clone();
        store.state().hashes = self.state().hashes.clone();
        store
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(crate) fn file(&self, tree: u32) -> Vec<u8> {
        self.state().files[&tree].clone()
    }

    pub(crate) fn set_file(&self, tree: u32, bytes: Vec<u8>) {
        self.state().files.insert(tree, bytes);
    }

    pub(crate) fn create(&self) -> Ledger {
        Ledger::create(Box::new(self.clone()), key(), ORIGIN).unwrap()
    }

    pub(crate) fn open(&self, pinned: Option<&str>) -> Result<(Ledger, Opening), Error> {
        Ledger::open(Box::new(self.clone()), key(), ORIGIN, pinned, &[])
    }
}

impl Store for MemoryStore {
    fn trees(&self) -> io::Result<Vec<u32>> {
        let state = self.state();
        Ok(state
            .files
            .keys()
            .chain(state.hashes.keys())
            .copied()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect())
    }

    fn begin(&mut self, tree: u32, bytes: &[u8]) -> io::Result<()> {
        assert!(self.state().files.insert(tree, bytes.to_vec()).is_none(), "a tree is begun only once");
        Ok(())
    }

    fn length(&self, tree: u32) -> io::Result<u64> {
        Ok(self.state().files.get(&tree).map_or(0, Vec::len) as u64)
    }

    fn read(&self, tree: u32, at: u64, into: &mut [u8]) -> io::Result<()> {
        let state = self.state();
        let at = at as usize;
        let bytes = state.files[&tree].get(at..at + into.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        into.copy_from_slice(bytes);
        Ok(())
    }

    fn append(&mut self, tree: u32, at: u64, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        let fail_after = state.fail_after.take();
        let file = state.files.get_mut(&tree).unwrap();
        assert_eq!(file.len() as u64, at, "an append goes to the end");
        file.extend_from_slice(&bytes[..fail_after.unwrap_or(bytes.len())]);
        match fail_after {
            Some(_) => Err(io::Error::other("the disk was pulled out")),
            None => {
                state.syncs += 1;
                Ok(())
            }
        }
    }

    fn truncate(&mut self, tree: u32, length: u64) -> io::Result<()> {
        self.state().files.get_mut(&tree).unwrap().truncate(length as usize);
        Ok(())
    }

    fn mend(&mut self, tree: u32, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        let file = state.files.entry(tree).or_default();
        file.resize(file.len().max(bytes.len()), 0);
        file[..bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn hashes(&self, tree: u32) -> io::Result<Vec<u8>> {
        Ok(self.state().hashes.get(&tree).cloned().unwrap_or_default())
    }

    fn note_hashes(&mut self, tree: u32, at: u64, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        let hashes = state.hashes.entry(tree).or_default();
        hashes.truncate(at as usize);
        hashes.extend_from_slice(bytes);
        Ok(())
    }
}
