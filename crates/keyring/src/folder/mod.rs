//! A store and a slot in one folder of an ordinary file system.

mod slot;
mod store;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

pub use slot::FileSlot;
pub use store::FolderStore;

/// What a folder of files can do. Tests put a simulated disk in its place.
pub(crate) trait Files: Send + Sync {
    /// Every file with its length.
    fn list(&self) -> io::Result<Vec<(String, u64)>>;

    /// The bytes of a file in a range, as far as it reaches; `None` if there is no such file.
    fn read(&self, name: &str, range: Range<u64>) -> io::Result<Option<Vec<u8>>>;

    /// Writes a new file and syncs its bytes. Its name is durable only after [`sync`](Files::sync).
    fn create(&self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Overwrites part of a file in place and syncs it.
    fn overwrite(&self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Removes a file's name; not durable before [`sync`](Files::sync).
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Syncs the names in the folder.
    fn sync(&self) -> io::Result<()>;
}

/// A real folder.
pub(crate) struct Folder {
    path: PathBuf,
    /// The folder itself, held open to be synced.
    handle: File,
}

impl Folder {
    pub(crate) fn open(path: &Path) -> io::Result<Folder> {
        let handle = File::open(path).map_err(|error| explain(path, error))?;
        if !handle.metadata()?.is_dir() {
            let error = io::Error::new(io::ErrorKind::NotADirectory, "it is not a folder");
            return Err(explain(path, error));
        }
        Ok(Folder { path: path.to_owned(), handle })
    }

    /// Takes the folder for one object alone, until what is given is dropped. It is a handle of its own, so that it can be.
    fn lock(&self) -> io::Result<File> {
        let lock = File::open(&self.path).map_err(|error| explain(&self.path, error))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                let error = io::Error::new(
                    io::ErrorKind::ResourceBusy,
                    "another program is using this keyring; stop it first",
                );
                explain(&self.path, error)
            }
            TryLockError::Error(error) => explain(&self.path, error),
        })?;
        Ok(lock)
    }
}

impl Files for Folder {
    fn list(&self) -> io::Result<Vec<(String, u64)>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(|error| explain(&self.path, error))? {
            let entry = entry.map_err(|error| explain(&self.path, error))?;
            let about = entry.metadata().map_err(|error| explain(&entry.path(), error))?;
            // A name that is not UTF-8 is nobody's here.
            if let (true, Ok(name)) = (about.is_file(), entry.file_name().into_string()) {
                files.push((name, about.len()));
            }
        }
        Ok(files)
    }

    fn read(&self, name: &str, range: Range<u64>) -> io::Result<Option<Vec<u8>>> {
        let path = self.path.join(name);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(explain(&path, error)),
        };
        let read = || {
            let length = file.metadata()?.len();
            let wanted = range.end.min(length).saturating_sub(range.start);
            let mut bytes = Vec::with_capacity(usize::try_from(wanted).map_err(io::Error::other)?);
            file.seek(SeekFrom::Start(range.start))?;
            file.take(wanted).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        read().map(Some).map_err(|error| explain(&path, error))
    }

    fn create(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.path.join(name);
        let write = || {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().map_err(|error| explain(&path, error))
    }

    fn overwrite(&self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let path = self.path.join(name);
        let write = || {
            let file = OpenOptions::new().write(true).open(&path)?;
            file.write_all_at(bytes, offset)?;
            // The length stays the same, so there is nothing else to sync; a change of it would be synced too.
            file.sync_data()
        };
        write().map_err(|error| explain(&path, error))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let path = self.path.join(name);
        fs::remove_file(&path).map_err(|error| explain(&path, error))
    }

    fn sync(&self) -> io::Result<()> {
        self.handle.sync_all().map_err(|error| explain(&self.path, error))
    }
}

/// The same error with the path it is about.
fn explain(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_does_what_the_simulated_one_does() {
        let folder = tempfile::tempdir().unwrap();
        let files = Folder::open(folder.path()).unwrap();
        assert_eq!(files.read("a", 0..10).unwrap(), None);
        files.create("a", b"hello").unwrap();
        assert_eq!(files.create("a", b"").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(files.read("a", 1..u64::MAX).unwrap().unwrap(), b"ello");
        assert_eq!(files.read("a", 9..12).unwrap().unwrap(), b"");
        files.overwrite("a", 4, b"p!").unwrap();
        assert_eq!(files.read("a", 0..10).unwrap().unwrap(), b"hellp!");
        files.sync().unwrap();
        fs::create_dir(folder.path().join("not a file")).unwrap();
        assert_eq!(files.list().unwrap(), [("a".to_owned(), 6)]);
        files.remove("a").unwrap();
        assert_eq!(files.list().unwrap(), []);
        let error = files.overwrite("a", 0, b"x").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(error.to_string().contains("/a: "), "{error}");
    }

    #[test]
    fn one_object_at_a_time_holds_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let first = FolderStore::open(folder.path()).unwrap();
        let error = FolderStore::open(folder.path()).map(drop).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ResourceBusy);
        drop(first);
        FolderStore::open(folder.path()).unwrap();
        assert!(FolderStore::open(folder.path().join("absent")).is_err());
    }
}
