//! The ledger's files in the data folder, which a test can make fail like everything else there.

use std::io;
use std::path::{Path, PathBuf};

use porchlight_ledger::{FolderStore, Store};

use crate::error::Error;
use crate::faults;

/// A folder of the ledger.
pub(crate) struct LedgerFiles {
    folder: PathBuf,
    files: FolderStore,
}

impl LedgerFiles {
    /// The files in a folder, which is made when it is missing.
    pub(crate) fn open(folder: &Path) -> Result<LedgerFiles, Error> {
        let files = FolderStore::open(folder).map_err(Error::io("open", folder))?;
        Ok(LedgerFiles { folder: folder.to_owned(), files })
    }
}

impl Store for LedgerFiles {
    fn trees(&self) -> io::Result<Vec<u32>> {
        self.files.trees()
    }

    fn begin(&mut self, tree: u32, bytes: &[u8]) -> io::Result<()> {
        faults::write(&self.folder)?;
        self.files.begin(tree, bytes)
    }

    fn length(&self, tree: u32) -> io::Result<u64> {
        self.files.length(tree)
    }

    fn read(&self, tree: u32, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.files.read(tree, at, into)
    }

    fn append(&mut self, tree: u32, at: u64, bytes: &[u8]) -> io::Result<()> {
        faults::write(&self.folder)?;
        self.files.append(tree, at, bytes)
    }

    fn truncate(&mut self, tree: u32, length: u64) -> io::Result<()> {
        self.files.truncate(tree, length)
    }

    fn mend(&mut self, tree: u32, bytes: &[u8]) -> io::Result<()> {
        self.files.mend(tree, bytes)
    }

    fn hashes(&self, tree: u32) -> io::Result<Vec<u8>> {
        self.files.hashes(tree)
    }

    fn note_hashes(&mut self, tree: u32, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.files.note_hashes(tree, at, bytes)
    }
}
