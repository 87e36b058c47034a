//! The ledger's files in the data folder: a test can make them fail like everything else there, and the newest is held open, so that one
//! that is removed while a hub runs is written anew.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use porchlight_ledger::{FolderStore, Store};

use crate::error::Error;
use crate::faults;
use crate::in_place::{Found, InPlace};

/// A folder of the ledger.
pub(crate) struct LedgerFiles {
    folder: PathBuf,
    files: FolderStore,
    place: Arc<LedgerPlace>,
}

impl LedgerFiles {
    /// The files in a folder, which is made when it is missing.
    pub(crate) fn open(folder: &Path) -> Result<LedgerFiles, Error> {
        let files = FolderStore::open(folder).map_err(Error::io("open", folder))?;
        let above = folder.parent().and_then(|above| InPlace::of(above).ok());
        let place = Arc::new(LedgerPlace { folder: folder.to_owned(), above, state: Mutex::default() });
        Ok(LedgerFiles { folder: folder.to_owned(), files, place })
    }

    /// Where they have to stay.
    pub(crate) fn place(&self) -> Arc<LedgerPlace> {
        self.place.clone()
    }
}

/// Where the file of the open tree has to stay.
pub(crate) struct LedgerPlace {
    folder: PathBuf,
    /// The data folder.
    above: Option<InPlace>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    open: Option<(u32, File, InPlace)>,
    put_back: Vec<PathBuf>,
}

impl LedgerPlace {
    /// The file of the open tree, where it is not where it was.
    pub(crate) fn missing(&self) -> Option<PathBuf> {
        let state = self.lock();
        let (_, _, place) = state.open.as_ref()?;
        (!place.is_there()).then(|| place.path().to_owned())
    }

    /// The files that were removed and written anew.
    pub(crate) fn put_back(&self) -> Vec<PathBuf> {
        self.lock().put_back.clone()
    }

    /// Writes the file of the open tree anew where it was removed, with its folder. Whoever calls this has the ledger to themselves.
    pub(crate) fn stay(&self) -> io::Result<()> {
        let mut state = self.lock();
        let Some((tree, file, place)) = &state.open else { return Ok(()) };
        let may_be_put_back = self.above.as_ref().is_none_or(InPlace::is_there);
        match place.found() {
            Found::Same => return Ok(()),
            Found::Nothing if may_be_put_back => {}
            Found::Nothing | Found::Other => {
                let why = format!("{} is not where it was opened", place.path().display());
                return Err(io::Error::new(ErrorKind::NotFound, why));
            }
        }
        let length = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
        let mut bytes = vec![0; length];
        file.read_exact_at(&mut bytes, 0)?;
        let (tree, path) = (*tree, place.path().to_owned());
        FolderStore::open(&self.folder)?.begin(tree, &bytes)?;
        tracing::error!(file = %path.display(), "it was removed while it was open, and is written anew");
        state.put_back.push(path);
        state.open = Some(self.open(tree)?);
        Ok(())
    }

    /// The same, of a tree that is written to from now on.
    pub(crate) fn hold(&self, tree: u32) -> io::Result<()> {
        let known = self.lock().open.as_ref().is_some_and(|(open, ..)| *open == tree);
        if !known {
            let open = self.open(tree)?;
            self.lock().open = Some(open);
        }
        self.stay()
    }

    fn open(&self, tree: u32) -> io::Result<(u32, File, InPlace)> {
        let path = self.folder.join(format!("entries-{tree}"));
        Ok((tree, File::open(&path)?, InPlace::of(&path)?))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for LedgerFiles {
    fn trees(&self) -> io::Result<Vec<u32>> {
        self.files.trees()
    }

    fn begin(&mut self, tree: u32, bytes: &[u8]) -> io::Result<()> {
        faults::write(&self.folder)?;
        self.files.begin(tree, bytes)?;
        self.place.hold(tree)
    }

    fn length(&self, tree: u32) -> io::Result<u64> {
        self.files.length(tree)
    }

    fn read(&self, tree: u32, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.files.read(tree, at, into)
    }

    fn append(&mut self, tree: u32, at: u64, bytes: &[u8]) -> io::Result<()> {
        faults::write(&self.folder)?;
        self.place.hold(tree)?;
        self.files.append(tree, at, bytes)
    }

    fn truncate(&mut self, tree: u32, length: u64) -> io::Result<()> {
        self.place.hold(tree)?;
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
