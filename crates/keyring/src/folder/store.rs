use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::{Files, Folder};
use crate::Store;

/// Packs as files of one folder, readable by their owner only.
///
/// The folder is locked (with an advisory lock on the folder itself) until this object is dropped or [left](Store::leave), since two
/// keyrings at once over the same files would destroy each other's keys.
pub struct FolderStore {
    files: Box<dyn Files>,
    lock: Mutex<Option<File>>,
}

impl FolderStore {
    /// The store in the folder at `path`, which must exist.
    ///
    /// # Errors
    /// [`ResourceBusy`](io::ErrorKind::ResourceBusy) if another store in this or another process holds the folder.
    pub fn open(path: impl AsRef<Path>) -> io::Result<FolderStore> {
        let folder = Folder::open(path.as_ref())?;
        let lock = folder.lock()?;
        Ok(FolderStore { files: Box::new(folder), lock: Mutex::new(Some(lock)) })
    }

    #[cfg(test)]
    pub(crate) fn over(files: Box<dyn Files>) -> FolderStore {
        FolderStore { files, lock: Mutex::default() }
    }
}

impl Store for FolderStore {
    fn list(&self) -> io::Result<Vec<(String, u64)>> {
        self.files.list()
    }

    fn read(&self, name: &str, range: Range<u64>) -> io::Result<Option<Vec<u8>>> {
        self.files.read(name, range)
    }

    /// No temporary name is needed: a pack that was cut short is one that no root refers to.
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.files.create(name, bytes)?;
        self.files.sync()
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.files.remove(name)
    }

    fn leave(&self) {
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}
