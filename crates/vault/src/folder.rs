//! Private folders: made for their owner alone, marked with a format and a household, locked, and written durably.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::faults;
use crate::file_names::DATA_MARK;
use crate::in_place::InPlace;
use crate::slot_kind::SlotKind;
use crate::warning::Warning;

/// The format of the data folder, and of a strongbox that holds its root key in files.
const FORMAT: u64 = 1;

/// The format of a strongbox that says where its root key lies. A release that knows files alone would call the key lost.
const FORMAT_WITH_SLOT: u64 = 2;

/// The file by which a process keeps others out of a folder.
pub(crate) const LOCK: &str = "lock";

/// What `porchlight.json` and `porchlight-strongbox.json` say; read before anything else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    format: u64,
    /// The household that the folder belongs to.
    pub(crate) household: String,
    /// Of a strongbox, where its root key lies.
    #[serde(default, skip_serializing_if = "is_file")]
    pub(crate) slot: SlotKind,
}

fn is_file(slot: &SlotKind) -> bool {
    *slot == SlotKind::File
}

impl Mark {
    pub(crate) fn new(household: &str) -> Mark {
        Mark { format: FORMAT, household: household.to_owned(), slot: SlotKind::File }
    }

    pub(crate) fn of_strongbox(household: &str, slot: &SlotKind) -> Mark {
        let format = if is_file(slot) { FORMAT } else { FORMAT_WITH_SLOT };
        Mark { format, slot: slot.clone(), ..Mark::new(household) }
    }

    /// Reads the mark of a strongbox; `None` where there is none.
    pub(crate) fn read(path: &Path) -> Result<Option<Mark>, Error> {
        Mark::from_bytes(path, read(path)?)
    }

    /// Reads the mark of a data folder, which others may write to.
    pub(crate) fn of_data(data: &Path) -> Result<Option<Mark>, Error> {
        let path = data.join(DATA_MARK);
        Mark::from_bytes(&path, read_without_waiting(&path)?)
    }

    fn from_bytes(path: &Path, bytes: Option<Vec<u8>>) -> Result<Option<Mark>, Error> {
        // A newer release may say more, or say it otherwise: only the format is certain.
        #[derive(Deserialize)]
        struct Format {
            format: u64,
            slot: Option<serde::de::IgnoredAny>,
        }
        let Some(bytes) = bytes else { return Ok(None) };
        let damaged = |why: serde_json::Error| Error::BadFile { path: path.into(), why: why.to_string() };
        let Format { format, slot } = serde_json::from_slice(&bytes).map_err(damaged)?;
        let known = if slot.is_some() { FORMAT_WITH_SLOT } else { FORMAT };
        if format > known {
            return Err(Error::Newer { path: path.into(), found: format, known });
        }
        serde_json::from_slice(&bytes).map(Some).map_err(damaged)
    }

    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        let mut text = serde_json::to_vec_pretty(self)
            .map_err(|why| Error::BadFile { path: path.into(), why: why.to_string() })?;
        text.push(b'\n');
        write(path, &text)
    }
}

/// Keeps other processes out of a folder until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    folder: PathBuf,
    _file: File,
    /// Where its file was when it was taken.
    place: Option<InPlace>,
    /// Whether the file was removed since, and the folder taken once more.
    was_put_back: bool,
}

impl Lock {
    /// Takes the folder, or says which process has it.
    pub(crate) fn take(folder: &Path) -> Result<Lock, Error> {
        let path = folder.join(LOCK);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(WITHOUT_WAITING)
            .open(&path)
            .map_err(Error::io("open", &path))?;
        match patiently(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                let _ = file.take(20).read_to_string(&mut pid); // Only to be told: without it the error is still right.
                return Err(Error::Locked { path: folder.into(), pid: pid.trim().parse().ok() });
            }
            Err(TryLockError::Error(why)) => return Err(Error::io("lock", &path)(why)),
        }
        file.set_len(0).map_err(Error::io("write", &path))?;
        writeln!(file, "{}", std::process::id()).map_err(Error::io("write", &path))?;
        let place = InPlace::of(&path).ok();
        Ok(Lock { folder: folder.into(), _file: file, place, was_put_back: false })
    }

    /// Takes the folder once more where the file was removed by which others are kept out: whoever came next would be let in beside this
    /// process. The folder is where it was.
    ///
    /// # Errors
    /// [`Error::Locked`] where somebody came meanwhile; others when it cannot be written.
    pub(crate) fn stay(&mut self) -> Result<(), Error> {
        if !self.is_there() {
            *self = Lock { was_put_back: true, ..Lock::take(&self.folder)? };
            tracing::error!(folder = %self.folder.display(), "the file that keeps others out of it was removed, and is written anew");
        }
        Ok(())
    }

    /// What there is to tell of it.
    pub(crate) fn warning(&self) -> Option<Warning> {
        let path = self.folder.join(LOCK);
        match (self.is_there(), self.was_put_back) {
            (true, false) => None,
            (true, true) => Some(Warning::PutBack { files: vec![path] }),
            (false, _) => Some(Warning::LockLost { path }),
        }
    }

    fn is_there(&self) -> bool {
        self.place.as_ref().is_none_or(InPlace::is_there)
    }
}

/// Tries for a while: a process that was killed holds its locks until the kernel has taken it apart, and whoever starts the
/// next one at once must not be told that there are two.
fn patiently(file: &File) -> Result<(), TryLockError> {
    const TRIES: u32 = 40;
    const BETWEEN: Duration = Duration::from_millis(50);
    for _ in 1..TRIES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(BETWEEN),
            done => return done,
        }
    }
    file.try_lock()
}

/// Makes a folder for its owner alone (0700); the folder above it must be there, and it must be new or empty.
pub(crate) fn make_private(path: &Path) -> Result<(), Error> {
    faults::write(path).map_err(Error::io("make", path))?;
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => sync(parent(path)),
        Err(why) if why.kind() == std::io::ErrorKind::AlreadyExists => {
            must_be_free(path)?;
            let owner_alone = std::os::unix::fs::PermissionsExt::from_mode(0o700);
            fs::set_permissions(path, owner_alone).map_err(Error::io("protect", path))
        }
        Err(why) => Err(Error::io("make", path)(why)),
    }
}

/// Refuses a folder in which something lies, whatever it is: it is somebody's.
pub(crate) fn must_be_free(path: &Path) -> Result<(), Error> {
    match fs::read_dir(path) {
        Ok(mut inside) => match inside.next() {
            Some(_) => Err(Error::AlreadyExists(path.into())),
            None => Ok(()),
        },
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(why) => Err(Error::io("list", path)(why)),
    }
}

/// More than any file that is read whole ever has.
const MOST_BYTES: u64 = 64 << 20;

/// The bytes of a file; `None` where there is none, be it that what was named as its folder is none. What is no file, or never ends, is told
/// as damage. A disk that never answers holds up whoever asks.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    read_opened(path, 0)
}

/// The bytes of a file that others can put there; `None` where there is none. A pipe in its place holds up nobody.
///
/// # Errors
/// [`Error::BadFile`] where it is no file, or far too long; [`Error::Io`] where it cannot be read.
pub fn read_without_waiting(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    read_opened(path, WITHOUT_WAITING)
}

fn read_opened(path: &Path, flags: i32) -> Result<Option<Vec<u8>>, Error> {
    use std::io::ErrorKind::{NotADirectory, NotFound};

    let damaged = |why: &str| Error::BadFile { path: path.into(), why: why.to_owned() };
    let mut bytes = Vec::new();
    let mut read = || -> std::io::Result<bool> {
        let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        let is_file = file.metadata()?.is_file();
        if is_file {
            file.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
        }
        Ok(is_file)
    };
    match read() {
        Ok(false) => Err(damaged("it is no file")),
        Ok(true) if bytes.len() as u64 > MOST_BYTES => Err(damaged("it is far too long")),
        Ok(true) => Ok(Some(bytes)),
        Err(why) if matches!(why.kind(), NotFound | NotADirectory) => Ok(None),
        Err(why) => Err(Error::io("read", path)(why)),
    }
}

/// Opening, reading and writing wait for nobody at the other end.
pub(crate) const WITHOUT_WAITING: i32 = OFlags::NONBLOCK.bits().cast_signed();

/// Puts a file in place of the one before, whole or not at all, durably: two fsyncs, of the file and of its folder. Only its owner can
/// read it, and it is written through no link that somebody laid there.
///
/// # Errors
/// [`Error::Io`] where the disk refuses.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".new");
    let unfinished = PathBuf::from(unfinished);
    let create = || OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished);
    let put = || {
        // What lies there was cut off, or is somebody's link or pipe: nothing is written through it.
        let mut file = match create() {
            Err(why) if why.kind() == std::io::ErrorKind::AlreadyExists => {
                fs::remove_file(&unfinished)?;
                create()?
            }
            created => created?,
        };
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&unfinished, path)
    };
    let unchanged = || fs::remove_file(&unfinished);
    faults::write(path)
        .and_then(|()| put())
        .inspect_err(|_| drop(unchanged()))
        .map_err(Error::io("write", path))?;
    sync(parent(path))
}

/// Makes the names in a folder durable.
pub(crate) fn sync(folder: &Path) -> Result<(), Error> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::io("sync", folder))
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|above| *above != Path::new("")).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_mark_of_a_newer_release_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("porchlight.json");
        assert!(Mark::read(&path).unwrap().is_none());
        Mark::new("home").write(&path).unwrap();
        assert_eq!(Mark::read(&path).unwrap().unwrap().household, "home");
        fs::write(&path, r#"{"format": 2, "houses": []}"#).unwrap();
        assert!(matches!(Mark::read(&path).unwrap_err(), Error::Newer { found: 2, known: 1, .. }));
        fs::write(&path, "{").unwrap();
        assert!(matches!(Mark::read(&path).unwrap_err(), Error::BadFile { .. }));
    }

    #[test]
    fn a_mark_says_where_the_root_key_lies_and_an_older_one_means_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("porchlight-strongbox.json");
        fs::write(&path, r#"{"format": 1, "household": "home"}"#).unwrap();
        assert_eq!(Mark::read(&path).unwrap().unwrap(), Mark::new("home"));
        assert_eq!(Mark::of_strongbox("home", &SlotKind::File), Mark::new("home"));
        Mark::new("home").write(&path).unwrap();
        assert!(!fs::read_to_string(&path).unwrap().contains("slot"), "as every release wrote it");

        let tpm = SlotKind::Tpm("device:/dev/tpmrm0".into());
        Mark::of_strongbox("home", &tpm).write(&path).unwrap();
        let mark = Mark::read(&path).unwrap().unwrap();
        assert_eq!((mark.format, &mark.slot), (2, &tpm), "a release that knows files alone refuses it");
        fs::write(&path, r#"{"format": 2, "household": "home", "slot": "cellar"}"#).unwrap();
        assert!(matches!(Mark::read(&path).unwrap_err(), Error::BadFile { .. }));
    }

    #[test]
    fn a_folder_has_one_holder_who_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let lock = Lock::take(folder.path()).unwrap();
        let refused = Lock::take(folder.path()).unwrap_err().to_string();
        assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
        drop(lock);
        Lock::take(folder.path()).unwrap();
    }

    #[test]
    fn a_holder_whose_file_is_removed_takes_the_folder_once_more_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(LOCK);
        let mut lock = Lock::take(folder.path()).unwrap();
        lock.stay().unwrap();
        assert_eq!(lock.warning(), None);
        fs::remove_file(&path).unwrap();
        lock.stay().unwrap();
        assert_eq!(lock.warning(), Some(Warning::PutBack { files: vec![path.clone()] }));
        assert!(matches!(Lock::take(folder.path()).unwrap_err(), Error::Locked { .. }));
        // Somebody was faster.
        fs::remove_file(&path).unwrap();
        let other = Lock::take(folder.path()).unwrap();
        assert!(matches!(lock.stay().unwrap_err(), Error::Locked { .. }));
        assert_eq!(lock.warning(), Some(Warning::LockLost { path }));
        drop(other);
        lock.stay().unwrap();
    }

    #[test]
    fn folders_are_private_and_never_taken_over() {
        let above = tempfile::tempdir().unwrap();
        let folder = above.path().join("box");
        make_private(&folder).unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        make_private(&folder).unwrap();
        write(&folder.join("file"), b"1").unwrap();
        write(&folder.join("file"), b"22").unwrap();
        assert_eq!(read(&folder.join("file")).unwrap().unwrap(), b"22");
        assert_eq!(fs::metadata(folder.join("file")).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(matches!(make_private(&folder).unwrap_err(), Error::AlreadyExists(_)));
    }

    #[test]
    fn what_is_no_file_is_read_without_waiting_and_told_as_damage() {
        let above = tempfile::tempdir().unwrap();
        let path = above.path().join("ending");
        assert_eq!(read_without_waiting(&path).unwrap(), None);
        assert_eq!(read_without_waiting(&path.join("below")).unwrap(), None);
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RWXU).unwrap();
        assert!(matches!(read_without_waiting(&path).unwrap_err(), Error::BadFile { .. }));
        fs::remove_file(&path).unwrap();
        symlink("/dev/zero", &path).unwrap();
        assert!(matches!(read_without_waiting(&path).unwrap_err(), Error::BadFile { .. }));
        fs::remove_file(&path).unwrap();
        // Nor is anything written through it.
        symlink(above.path().join("somebody's"), above.path().join("ending.new")).unwrap();
        write(&path, b"1").unwrap();
        assert!(!above.path().join("somebody's").exists());
        // As long as it likes, of holes.
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert!(matches!(read_without_waiting(&path).unwrap_err(), Error::BadFile { .. }));
    }
}
