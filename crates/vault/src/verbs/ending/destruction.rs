//! Destroying the keys of a strongbox, and clearing away what is Porchlight's and opens nothing any more. What is somebody's stays.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::places::unanswered;
use crate::error::Error;
use crate::file_names::{SLOT_IN_TPM, SLOTS, STRONGBOX_MARK};
use crate::folder::{self, LOCK, Lock, Mark, WITHOUT_WAITING};
use crate::in_time::in_time;
use crate::named_folder::NamedFolder;
use crate::slot_kind::SlotKind;
use crate::strongbox;
use crate::{disk, faults, reserve};

/// Destroys the root key of a strongbox. From when this returns nothing that it ever opened can be opened with it.
pub(super) fn destroy(strongbox: &Path, household: &str) -> Result<(), Error> {
    // A disk that never answers holds up nobody for long.
    let mark = strongbox.join(STRONGBOX_MARK);
    let mark = in_time(move || Mark::read(&mark)).ok_or_else(|| unanswered(strongbox))??;
    let mark = mark.ok_or_else(|| Error::NoStrongbox(NamedFolder::at(strongbox)))?;
    if mark.household != household {
        let (expected, found) = (household.into(), mark.household);
        return Err(Error::OtherHousehold { path: strongbox.into(), expected, found });
    }
    let _held = Lock::take(strongbox)?;
    faults::write(strongbox).map_err(Error::io("write", strongbox))?;
    give_back(&mark.slot, strongbox)?;
    for slot in SLOTS {
        overwrite(&strongbox.join(slot))?;
    }
    folder::sync(strongbox)
}

/// Gives a TPM its memory back, and with it destroys the root key there.
fn give_back(slot: &SlotKind, strongbox: &Path) -> Result<(), Error> {
    match slot {
        // Where the file is gone the TPM was told before.
        SlotKind::Tpm(_) if strongbox.join(SLOT_IN_TPM).exists() => slot.destroy(strongbox),
        _ => Ok(()),
    }
}

/// Writes nothing over a file that holds a key, durably, and removes it: whoever has the same file under another name has no key there. A
/// link or a pipe in its place is none of ours, and what it leads to is not written to.
fn overwrite(path: &Path) -> Result<(), Error> {
    let wipe = || {
        let flags = WITHOUT_WAITING | OFlags::NOFOLLOW.bits().cast_signed();
        let mut file = match OpenOptions::new().write(true).custom_flags(flags).open(path) {
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(()),
            opened => opened?,
        };
        let about = file.metadata()?;
        if !about.is_file() {
            return Err(io::Error::other("it is no file"));
        }
        let length = about.len();
        io::copy(&mut io::Read::take(io::repeat(0), length), &mut file)?;
        file.sync_all()?;
        fs::remove_file(path)
    };
    wipe().map_err(Error::io("destroy", path))
}

/// Clears away the rest of a strongbox whose key is destroyed.
pub(super) fn clear(strongbox: &Path, household: &str, left: &mut Vec<PathBuf>) -> Result<(), Error> {
    // Somebody else's may have been put there since.
    match Mark::read(&strongbox.join(STRONGBOX_MARK)) {
        Ok(Some(mark)) if mark.household == household => {}
        _ => return Ok(()),
    }
    faults::write(strongbox).map_err(Error::io("remove", strongbox))?;
    let is_ours = |name: &str| {
        let name = name.strip_suffix(".new").unwrap_or(name);
        name != STRONGBOX_MARK
            && (strongbox::is_file(name) || [LOCK, reserve::NAME, disk::PROBE].contains(&name))
    };
    remove_files(strongbox, is_ours)?;
    remove_files(strongbox, |name| name == STRONGBOX_MARK)?;
    take_away(strongbox, left)
}

/// Removes those files of a folder that are named so, durably.
pub(super) fn remove_files(folder: &Path, is_ours: impl Fn(&str) -> bool) -> Result<(), Error> {
    let inside = match fs::read_dir(folder) {
        Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(()),
        inside => inside.map_err(Error::io("list", folder))?,
    };
    for file in inside {
        let path = file.map_err(Error::io("list", folder))?.path();
        let named = path.file_name().and_then(|name| name.to_str()).is_some_and(&is_ours);
        if named && !path.is_dir() {
            match fs::remove_file(&path) {
                Err(why) if why.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::io("remove", &path)(why));
                }
                _ => {}
            }
        }
    }
    folder::sync(folder)
}

/// Removes a folder that is empty now. What else lies in it is somebody's, and is named.
pub(super) fn take_away(folder: &Path, left: &mut Vec<PathBuf>) -> Result<(), Error> {
    let Ok(inside) = fs::read_dir(folder) else { return Ok(()) };
    let somebodys: Vec<PathBuf> = inside.flatten().map(|file| file.path()).collect();
    if somebodys.is_empty() {
        // A disk's own folder, which cannot be removed, is as good empty.
        let _ = fs::remove_dir(folder);
    }
    left.extend(somebodys);
    Ok(())
}
