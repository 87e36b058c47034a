//! Payloads in the blob store: written once under a name never used before, read whole, deleted.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};

use crate::catalog::Catalog;
use crate::error::Error;
use crate::faults;
use crate::folder;
use crate::in_place::InPlace;

/// The blob store.
pub(crate) struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// The folder of a local store.
    folder: Option<Folder>,
    /// The folders, below that one, that names were removed from since they were synced.
    unsynced: Mutex<BTreeSet<PathBuf>>,
}

/// The folder of a local store.
struct Folder {
    path: PathBuf,
    /// The data folder.
    above: InPlace,
    /// Whether it was missing, and is made anew.
    was_lost: AtomicBool,
}

impl Folder {
    /// A folder that is missing is made anew where the one above it is still the one that was opened: what lay in it is lost, and what is
    /// kept from now on is not. Nothing is ever made where the data folder was before.
    fn stay(&self) -> Result<(), Error> {
        if !self.above.is_there() {
            return Err(Error::NotInPlace(self.path.clone()));
        }
        if !self.path.is_dir() {
            folder::make_private(&self.path)?;
            self.was_lost.store(true, Ordering::Release);
            tracing::error!(folder = %self.path.display(), "it was missing, and is made anew: what lay in it is lost");
        }
        Ok(())
    }
}

impl Blobs {
    /// A folder, which is made anew where it is missing. Each file and its name are synced before `put` returns.
    pub(crate) fn local(path: &Path) -> Result<Blobs, Error> {
        let above = path.parent().unwrap_or(path);
        let above = InPlace::of(above).map_err(Error::io("open", above))?;
        let folder = Folder { path: path.to_owned(), above, was_lost: AtomicBool::new(false) };
        folder.stay()?;
        let store = LocalFileSystem::new_with_prefix(path)?.with_fsync(true);
        Ok(Blobs { store: Arc::new(store), folder: Some(folder), unsynced: Mutex::default() })
    }

    /// Sees to it that what is kept can be found: see [`Folder::stay`].
    pub(crate) fn stay(&self) -> Result<(), Error> {
        self.folder.as_ref().map_or(Ok(()), Folder::stay)
    }

    /// The folder, where it was missing and is made anew.
    pub(crate) fn lost(&self) -> Option<&Path> {
        let folder = self.folder.as_ref()?;
        folder.was_lost.load(Ordering::Acquire).then_some(&*folder.path)
    }

    /// Writes a payload under a new name, `xx/` and 30 random hexadecimal digits, durably.
    pub(crate) async fn put(&self, payload: Vec<u8>) -> Result<String, Error> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|why| Error::Stopped(format!("no random bytes: {why}")))?;
        if let Some(folder) = &self.folder {
            faults::write(&folder.path).map_err(Error::io("write", &folder.path))?;
            folder.stay()?;
        }
        let digits = hex::encode(random);
        let name = format!("{}/{}", &digits[..2], &digits[2..]);
        self.store.put(&name.as_str().into(), PutPayload::from(payload)).await?;
        Ok(name)
    }

    /// A payload; `None` when there is none by this name.
    pub(crate) async fn get(&self, name: &str) -> Result<Option<Bytes>, Error> {
        match self.store.get(&name.into()).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(why) => Err(why.into()),
        }
    }

    /// Whether a payload is there.
    pub(crate) async fn is_there(&self, name: &str) -> Result<bool, Error> {
        match self.store.head(&name.into()).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(why) => Err(why.into()),
        }
    }

    /// Deletes a payload; one that is not there is no error. A power cut can bring it back until [`Blobs::settle`]: the
    /// start after a cut looks for what no recording owns.
    pub(crate) async fn delete(&self, name: &str) -> Result<(), Error> {
        if let (Some(folder), Some((shelf, _))) = (&self.folder, name.rsplit_once('/')) {
            self.unsynced.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.path.join(shelf));
        }
        match self.store.delete(&name.into()).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(why) => Err(why.into()),
        }
    }

    /// Makes every deletion durable. Before the vault notes that it was closed in order: after that nobody looks for what came
    /// back.
    pub(crate) fn settle(&self) -> Result<(), Error> {
        let mut unsynced = self.unsynced.lock().unwrap_or_else(PoisonError::into_inner);
        unsynced.iter().filter(|shelf| shelf.is_dir()).try_for_each(|shelf| folder::sync(shelf))?;
        unsynced.clear();
        Ok(())
    }

    /// How many payloads lie in a local store; none where that cannot be counted without asking for each.
    pub(crate) fn count(&self) -> Result<Option<u64>, Error> {
        let Some(Folder { path: folder, .. }) = &self.folder else { return Ok(None) };
        let mut count = 0;
        for shelf in std::fs::read_dir(folder).map_err(Error::io("list", folder))? {
            let shelf = shelf.map_err(Error::io("list", folder))?.path();
            for file in std::fs::read_dir(&shelf).map_err(Error::io("list", &shelf))? {
                let file = file.map_err(Error::io("list", &shelf))?;
                count += u64::from(!file.file_name().to_string_lossy().contains('#'));
            }
        }
        Ok(Some(count))
    }

    /// What no recording owns: payloads whose row was never written, or was lost, or whose deletion a crash undid.
    /// Only before the vault serves: after that a payload comes before its row.
    pub(crate) async fn orphans(&self, catalog: &Catalog) -> Result<BTreeSet<String>, Error> {
        const BATCH: usize = 10_000;
        let mut listed = self.store.list(None).try_chunks(BATCH);
        let mut orphans = BTreeSet::new();
        while let Some(batch) = listed.try_next().await.map_err(|why| why.1)? {
            let names: BTreeSet<String> = batch.iter().map(|found| found.location.to_string()).collect();
            let known = catalog.known_blobs(&names.iter().cloned().collect::<Vec<_>>()).await?;
            orphans.extend(names.difference(&known).cloned());
        }
        Ok(orphans)
    }

    /// Deletes payloads that no recording owns.
    pub(crate) async fn delete_all(&self, names: &BTreeSet<String>) -> Result<(), Error> {
        for name in names {
            self.delete(name).await?;
        }
        Ok(())
    }

    /// A local store writes `NAME#1` and renames it. A crash can leave the first, which no listing shows and no row ever owned.
    pub(crate) fn delete_unfinished(&self) -> Result<u64, Error> {
        let Some(Folder { path: folder, .. }) = &self.folder else { return Ok(0) };
        let mut deleted = 0;
        for shelf in std::fs::read_dir(folder).map_err(Error::io("list", folder))? {
            let shelf = shelf.map_err(Error::io("list", folder))?.path();
            if !shelf.is_dir() {
                continue;
            }
            for file in std::fs::read_dir(&shelf).map_err(Error::io("list", &shelf))? {
                let file = file.map_err(Error::io("list", &shelf))?.path();
                if file.file_name().is_some_and(|name| name.to_string_lossy().contains('#')) {
                    std::fs::remove_file(&file).map_err(Error::io("remove", &file))?;
                    deleted += 1;
                }
            }
        }
        Ok(deleted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_payload_is_written_once_and_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::local(folder.path()).unwrap();
        let name = blobs.put(b"noise".to_vec()).await.unwrap();
        assert_eq!(name.len(), 33);
        assert_eq!(blobs.get(&name).await.unwrap().unwrap(), "noise");
        assert!(blobs.is_there(&name).await.unwrap());
        blobs.delete(&name).await.unwrap();
        assert!(!blobs.is_there(&name).await.unwrap());
        blobs.delete(&name).await.unwrap();
        assert!(blobs.get(&name).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn what_no_recording_owns_is_cleared_away() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::local(folder.path()).unwrap();
        let name = blobs.put(b"noise".to_vec()).await.unwrap();
        std::fs::write(folder.path().join(&name[..2]).join("half#1"), b"no").unwrap();
        let catalog_folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::create(&catalog_folder.path().join("catalog.sqlite")).await.unwrap();
        assert_eq!(blobs.delete_unfinished().unwrap(), 1);
        let orphans = blobs.orphans(&catalog).await.unwrap();
        assert_eq!(orphans, BTreeSet::from([name.clone()]));
        blobs.delete_all(&orphans).await.unwrap();
        assert!(blobs.get(&name).await.unwrap().is_none());
    }
}
