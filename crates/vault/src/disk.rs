//! What is the matter with a disk, as far as an error and the disk itself tell: which one it is, and what a household can do.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{StatVfsMountFlags, statvfs};

use crate::database_error::of_sqlite;
use crate::error::Error;
use crate::faults;
use crate::in_time::in_time;

/// Why nothing new can be kept on a disk, by the folder that lies there. Each is a sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DiskTrouble {
    /// There is no room left.
    #[error(
        "the disk of {} is full, so nothing new is kept: forget what nobody needs, or give it more room. Forgetting works.",
        .0.display()
    )]
    Full(PathBuf),
    /// The system lets nobody write to it, as it does after a fault.
    #[error(
        "the disk of {} can only be read now, so nothing new is kept: find out why its system stopped writing to it, and have it \
         written to again.", .0.display()
    )]
    ReadOnly(PathBuf),
    /// The folder is not there, or is not Porchlight's to write to.
    #[error(
        "{} cannot be written to, so nothing new is kept: see that its disk is attached, and that the folder belongs to whoever \
         runs Porchlight.", .0.display()
    )]
    OutOfReach(PathBuf),
    /// Reading or writing fails.
    #[error(
        "the disk of {} fails, so nothing new is kept: copy what is on it while that works, and replace it if it goes on.",
        .0.display()
    )]
    Failing(PathBuf),
    /// Nothing comes back of what was asked.
    #[error(
        "the disk of {} does not answer, so nothing new is kept: look at the disk, and at what else keeps it busy.", .0.display()
    )]
    Silent(PathBuf),
}

/// Tries whether a disk takes a write. That nothing has failed says nothing: it may be that nobody has written.
pub(crate) struct DiskProbe {
    folder: PathBuf,
    one_at_a_time: tokio::sync::Mutex<()>,
    /// Whether a thread still waits for the disk: there is never another beside it.
    waits: Arc<AtomicBool>,
}

/// The file that is written, and removed.
pub(crate) const PROBE: &str = "probe";

impl DiskProbe {
    pub(crate) fn of(folder: &Path) -> DiskProbe {
        DiskProbe { folder: folder.to_owned(), one_at_a_time: Default::default(), waits: Arc::default() }
    }

    /// What is the matter with the disk now; none where it takes a write.
    pub(crate) async fn trouble(&self) -> Option<DiskTrouble> {
        let _one_at_a_time = self.one_at_a_time.lock().await;
        let silent = || Some(DiskTrouble::Silent(self.folder.clone()));
        if self.waits.swap(true, Ordering::AcqRel) {
            return silent();
        }
        let (folder, waits) = (self.folder.clone(), self.waits.clone());
        let tried = move || {
            let written = write(&folder);
            waits.store(false, Ordering::Release);
            written
        };
        match tokio::task::spawn_blocking(|| in_time(tried)).await {
            Ok(Some(written)) => trouble(&Error::io("write", &self.folder)(written.err()?), &self.folder),
            Ok(None) | Err(_) => silent(),
        }
    }
}

fn write(folder: &Path) -> io::Result<()> {
    faults::write(folder)?;
    let path = folder.join(PROBE);
    let removed = || {
        fs::remove_file(&path)
            .or_else(|why| if why.kind() == ErrorKind::NotFound { Ok(()) } else { Err(why) })
    };
    // A crash may have left one.
    removed()?;
    let written =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).and_then(|mut file| {
            file.write_all(b"written to see whether that goes\n")?;
            file.sync_all()
        });
    written.and(removed())
}

impl DiskTrouble {
    /// The folder that lies on the disk.
    pub fn folder(&self) -> &Path {
        match self {
            DiskTrouble::Full(path)
            | DiskTrouble::ReadOnly(path)
            | DiskTrouble::OutOfReach(path)
            | DiskTrouble::Failing(path)
            | DiskTrouble::Silent(path) => path,
        }
    }

    /// What an error of a database says of the disk of the folder in which it lies; none where no disk is to blame.
    pub fn of_database(error: sqlx::Error, folder: &Path) -> Option<DiskTrouble> {
        trouble(&error.into(), folder)
    }

    /// What an error of a vault says of its disks: that of the data folder, and that of the strongbox in use.
    pub(crate) fn of(error: &Error, [data, strongbox]: [&Path; 2]) -> Option<DiskTrouble> {
        match error {
            Error::Full(path) => Some(DiskTrouble::Full(path.clone())),
            Error::Io { path, .. } => trouble(error, path),
            Error::Keyring(_) => trouble(error, strongbox),
            _ => trouble(error, data),
        }
    }
}

fn trouble(error: &Error, folder: &Path) -> Option<DiskTrouble> {
    let kind = cause(error)?;
    let folder = folder.to_owned();
    // After a fault a system lets nothing be written any more, and says no more than that writing failed.
    let read_only = statvfs(&folder).is_ok_and(|disk| disk.f_flag.contains(StatVfsMountFlags::RDONLY));
    Some(match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => DiskTrouble::Full(folder),
        _ if read_only => DiskTrouble::ReadOnly(folder),
        ErrorKind::ReadOnlyFilesystem => DiskTrouble::ReadOnly(folder),
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::PermissionDenied => {
            DiskTrouble::OutOfReach(folder)
        }
        ErrorKind::TimedOut => DiskTrouble::Silent(folder),
        _ => DiskTrouble::Failing(folder),
    })
}

/// What the system, or SQLite for it, said in the end.
fn cause(error: &Error) -> Option<ErrorKind> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Some(error.kind());
        }
        if let Some(error) = error.downcast_ref::<sqlx::Error>().and_then(sqlx::Error::as_database_error) {
            return error.code().and_then(|code| of_sqlite(&code));
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use rustix::io::Errno;

    use super::*;

    fn of(errno: Errno) -> Option<DiskTrouble> {
        let folder = tempfile::tempdir().unwrap();
        let why = io::Error::from(errno);
        let error = Error::io("write", folder.path())(why);
        trouble(&error, Path::new("/"))
    }

    #[test]
    fn the_disk_is_named_with_what_is_the_matter_with_it() {
        let root = || PathBuf::from("/");
        assert_eq!(of(Errno::NOSPC), Some(DiskTrouble::Full(root())));
        assert_eq!(of(Errno::DQUOT), Some(DiskTrouble::Full(root())));
        assert_eq!(of(Errno::ROFS), Some(DiskTrouble::ReadOnly(root())));
        assert_eq!(of(Errno::IO), Some(DiskTrouble::Failing(root())));
        assert_eq!(of(Errno::ACCESS), Some(DiskTrouble::OutOfReach(root())));
        assert_eq!(of(Errno::NOTDIR), Some(DiskTrouble::OutOfReach(root())));
        assert_eq!(of(Errno::TIMEDOUT), Some(DiskTrouble::Silent(root())));
        assert_eq!(trouble(&Error::NoPlan, Path::new("/")), None);
    }

    #[tokio::test]
    async fn a_disk_that_takes_no_write_is_found_out_though_nobody_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let probe = DiskProbe::of(folder.path());
        assert_eq!(probe.trouble().await, None);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left of it");
        fs::write(folder.path().join(PROBE), "of a crash").unwrap();
        assert_eq!(probe.trouble().await, None);

        // A folder in its place cannot be removed like a file.
        fs::create_dir(folder.path().join(PROBE)).unwrap();
        assert!(probe.trouble().await.is_some());
        fs::remove_dir(folder.path().join(PROBE)).unwrap();
        assert_eq!(probe.trouble().await, None, "and it recovers");

        let gone = DiskProbe::of(&folder.path().join("gone"));
        assert_eq!(gone.trouble().await, Some(DiskTrouble::OutOfReach(folder.path().join("gone"))));
        // A thread that waits for the disk has no second beside it.
        gone.waits.store(true, Ordering::Release);
        assert_eq!(gone.trouble().await, Some(DiskTrouble::Silent(folder.path().join("gone"))));
    }

    #[test]
    fn a_fault_that_a_library_wraps_is_found() {
        let source = Box::new(io::Error::from(Errno::ROFS));
        let error = Error::Blobs(object_store::Error::Generic { store: "LocalFileSystem", source });
        assert_eq!(trouble(&error, Path::new("/")), Some(DiskTrouble::ReadOnly("/".into())));
        assert_eq!(of_sqlite("778"), Some(ErrorKind::Other), "SQLITE_IOERR_WRITE");
        assert_eq!(of_sqlite("13"), Some(ErrorKind::StorageFull), "SQLITE_FULL");
        assert_eq!(of_sqlite("19"), None, "a constraint is no fault of a disk");
    }
}
