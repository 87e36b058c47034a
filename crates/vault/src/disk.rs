//! What is the matter with a disk, as far as an error and the disk itself tell: which one it is, and what a household can do.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rustix::fs::{StatVfsMountFlags, statvfs};

use crate::error::Error;

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
}

impl DiskTrouble {
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

/// The lower byte of a result code of SQLite says what it is, whatever it was at.
fn of_sqlite(code: &str) -> Option<ErrorKind> {
    match code.parse::<u32>().ok()? & 0xff {
        8 => Some(ErrorKind::ReadOnlyFilesystem),
        10 => Some(ErrorKind::Other),
        13 => Some(ErrorKind::StorageFull),
        14 => Some(ErrorKind::NotFound),
        _ => None,
    }
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
        assert_eq!(trouble(&Error::NoPlan, Path::new("/")), None);
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
