//! Stores that are only memory. Clones share their files, so that a target can look at them and damage them.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use porchlight_keyring::Root;

/// Files by name (of packs) or by number (of a ledger's trees).
#[derive(Clone)]
pub(crate) struct Files<K>(Arc<Mutex<BTreeMap<K, Vec<u8>>>>);

impl<K> Default for Files<K> {
    fn default() -> Self {
        Files(Arc::default())
    }
}

impl<K> Files<K> {
    pub(crate) fn all(&self) -> MutexGuard<'_, BTreeMap<K, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl porchlight_ledger::Store for Files<u32> {
    fn trees(&self) -> io::Result<Vec<u32>> {
        Ok(self.all().keys().copied().collect())
    }

    fn begin(&mut self, tree: u32, bytes: &[u8]) -> io::Result<()> {
        assert!(self.all().insert(tree, bytes.to_vec()).is_none(), "tree {tree} is begun twice");
        Ok(())
    }

    fn length(&self, tree: u32) -> io::Result<u64> {
        Ok(self.all().get(&tree).ok_or(io::ErrorKind::NotFound)?.len() as u64)
    }

    fn read(&self, tree: u32, at: u64, into: &mut [u8]) -> io::Result<()> {
        let files = self.all();
        let file = files.get(&tree).ok_or(io::ErrorKind::NotFound)?;
        let at = usize::try_from(at).map_err(io::Error::other)?;
        let bytes = at.checked_add(into.len()).and_then(|end| file.get(at..end));
        into.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn append(&mut self, tree: u32, at: u64, bytes: &[u8]) -> io::Result<()> {
        let mut files = self.all();
        let file = files.get_mut(&tree).ok_or(io::ErrorKind::NotFound)?;
        assert_eq!(file.len() as u64, at, "an append goes to the end");
        file.extend_from_slice(bytes);
        Ok(())
    }

    fn truncate(&mut self, tree: u32, length: u64) -> io::Result<()> {
        let mut files = self.all();
        let file = files.get_mut(&tree).ok_or(io::ErrorKind::NotFound)?;
        assert!(length <= file.len() as u64, "a file is cut shorter, not longer");
        file.truncate(length as usize);
        Ok(())
    }

    fn mend(&mut self, tree: u32, bytes: &[u8]) -> io::Result<()> {
        let mut files = self.all();
        let file = files.get_mut(&tree).and_then(|file| file.get_mut(..bytes.len()));
        file.ok_or(io::ErrorKind::NotFound)?.copy_from_slice(bytes);
        Ok(())
    }
}

impl porchlight_keyring::Store for Files<String> {
    fn list(&self) -> io::Result<Vec<(String, u64)>> {
        Ok(self.all().iter().map(|(name, bytes)| (name.clone(), bytes.len() as u64)).collect())
    }

    fn read(&self, name: &str, range: Range<u64>) -> io::Result<Option<Vec<u8>>> {
        let files = self.all();
        let Some(file) = files.get(name) else { return Ok(None) };
        let within = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(file.len());
        let end = within(range.end);
        Ok(Some(file[within(range.start).min(end)..end].to_vec()))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        match self.all().insert(name.to_owned(), bytes.to_vec()) {
            None => Ok(()),
            Some(_) => Err(io::ErrorKind::AlreadyExists.into()),
        }
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.all().remove(name).map(drop).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// A slot that is only memory.
#[derive(Clone)]
pub(crate) struct Slot(Arc<Mutex<Vec<Root>>>);

impl Slot {
    pub(crate) fn new(root: Root) -> Slot {
        Slot(Arc::new(Mutex::new(vec![root])))
    }
}

impl porchlight_keyring::Slot for Slot {
    fn load(&self) -> io::Result<Vec<Root>> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn replace(&self, root: &Root) -> io::Result<()> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = vec![root.clone()];
        Ok(())
    }
}
