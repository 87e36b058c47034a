//! Room that is set aside, so that forgetting works on a full disk: there, it is what makes room.
//!
//! A file in the data folder and one in the strongbox take up space and hold nothing. When a disk is nearly full they are given
//! up before a deletion, or the start that finishes one, begins; until they are back nothing new is kept, which would only use
//! the room up again.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{FallocateFlags, fallocate, statvfs};
use rustix::io::Errno;

use crate::error::Error;

/// The file's name, in either folder.
pub(crate) const NAME: &str = "reserve";
/// In the data folder: many times what the rows and the line of a deletion of thousands take, until they are swept.
const OF_DATA: u64 = 4 << 20;
/// In the strongbox: a generation of the keyring, some times over.
const OF_STRONGBOX: u64 = 1 << 20;

/// SQLite's word for a full disk.
const SQLITE_FULL: &str = "13";

/// What must be left beside it, for the folder's own blocks, and before anything new is kept.
const TO_SPARE: u64 = 64 << 10;

/// The room of one vault.
pub(crate) struct Reserve {
    files: [(PathBuf, u64); 2],
    tight: AtomicBool,
}

impl Reserve {
    /// Sets room aside, or finds it, where there is enough; else it is [tight](Reserve::is_tight) from the start.
    pub(crate) fn open(data: &Path, strongbox: &Path) -> Reserve {
        let files = [(data.join(NAME), OF_DATA), (strongbox.join(NAME), OF_STRONGBOX)];
        let reserve = Reserve { files, tight: AtomicBool::new(true) };
        reserve.make_room();
        reserve.refill();
        reserve
    }

    /// Whether room was given up and is not back, so that nothing new may be kept.
    pub(crate) fn is_tight(&self) -> bool {
        self.tight.load(Ordering::Acquire)
    }

    /// Gives up what is set aside where less than as much again is free.
    pub(crate) fn make_room(&self) {
        for (file, size) in &self.files {
            if free(file).is_some_and(|free| free < *size) {
                self.tight.store(true, Ordering::Release);
                match fs::remove_file(file) {
                    Err(why) if why.kind() != io::ErrorKind::NotFound => {
                        tracing::warn!(file = %file.display(), %why, "the disk is full, and room set aside could not be given up");
                    }
                    _ => {}
                }
            }
        }
    }

    /// Sets aside again what was given up, before anything else takes it.
    pub(crate) fn refill(&self) {
        if self.is_tight() {
            let all = self.files.iter().all(|(file, size)| {
                is_there(file, *size)
                    || free(file).is_some_and(|free| free >= size + TO_SPARE)
                        && set_aside(file, *size).is_ok()
            });
            self.tight.store(!all, Ordering::Release);
        }
    }

    /// Sets aside anew what was not given up and is not there, or not of its size. Gives those files.
    pub(crate) fn put_back(&self) -> Vec<PathBuf> {
        if self.is_tight() {
            return Vec::new();
        }
        let gone = self.files.iter().filter(|(file, size)| !is_there(file, *size));
        let gone: Vec<_> = gone.map(|(file, _)| file.clone()).collect();
        if gone.is_empty() {
            return gone;
        }
        self.tight.store(true, Ordering::Release);
        self.refill();
        gone.into_iter().filter(|file| file.exists()).collect()
    }

    /// The data folder, and the strongbox in use.
    pub(crate) fn folders(&self) -> [&Path; 2] {
        self.files.each_ref().map(|(file, _)| file.parent().unwrap_or(file))
    }

    /// # Errors
    /// [`Error::Full`] while nothing new may be kept.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.refill();
        let full = |file: &Path| free(file).is_some_and(|free| free < TO_SPARE);
        let lacks = |file: &Path, size| self.is_tight() && !is_there(file, size);
        match self.files.iter().find(|(file, size)| lacks(file, *size) || full(file)) {
            Some((file, _)) => Err(Error::Full(file.parent().unwrap_or(file).to_owned())),
            None => Ok(()),
        }
    }

    /// An error that means a full disk, as what it is, with the folder whose disk that is.
    pub(crate) fn named(&self, error: Error) -> Error {
        use porchlight_keyring::Error as Keyring;
        let [(data, _), (strongbox, _)] = &self.files;
        let place = match &error {
            Error::Catalog(sqlx::Error::Database(why)) if why.code().as_deref() == Some(SQLITE_FULL) => data,
            Error::Blobs(why) if io_error(why).is_some_and(is_full) => data,
            Error::Ledger(why) if io_error(why).is_some_and(is_full) => data,
            Error::Keyring(Keyring::Store { source, .. } | Keyring::Slot { source, .. })
                if is_full(source) =>
            {
                strongbox
            }
            Error::Io { path, source, .. } if is_full(source) => {
                if strongbox.parent().is_some_and(|folder| path.starts_with(folder)) {
                    strongbox
                } else {
                    data
                }
            }
            _ => return error,
        };
        Error::Full(place.parent().unwrap_or(place).to_owned())
    }
}

/// The system's own word, behind an error of a library.
fn io_error<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e io::Error> {
    std::iter::successors(Some(error), |error| error.source()).find_map(|error| error.downcast_ref())
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

fn is_there(file: &Path, size: u64) -> bool {
    fs::metadata(file).is_ok_and(|found| found.len() == size)
}

/// The bytes that are free beside a file; none when the system does not say.
fn free(file: &Path) -> Option<u64> {
    let disk = statvfs(file.parent()?).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Takes space up for good: a file of holes would take none.
fn set_aside(path: &Path, size: u64) -> io::Result<()> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    let done = match fallocate(&file, FallocateFlags::empty(), 0, size) {
        Err(Errno::OPNOTSUPP) => write_zeros(file, size),
        done => done.map_err(io::Error::from),
    };
    done.inspect_err(|_| drop(fs::remove_file(path)))
}

fn write_zeros(mut file: File, size: u64) -> io::Result<()> {
    io::copy(&mut io::Read::take(io::repeat(0), size), &mut file).map(drop)
}
