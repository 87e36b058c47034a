//! A vault that is being made: what was cut off is cleared away, so that it can be made again.
//!
//! Until it is made to its end there is nothing in it that anybody could miss, and nobody was told of it. So one file in the data folder,
//! which is there first and goes last, says that it is being made, by which household and in which other folders, all of them free until
//! then. What a vault makes there is half made; anything else is somebody's, and is never touched.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::file_names::{BLOBS, CATALOG, DATA_MARK, LEDGER, STRONGBOX_MARK};
use crate::folder::{self, LOCK, Mark};
use crate::{faults, reserve, strongbox};

const MAKING: &str = "making";
/// What it is called until it is whole.
const NEW: &str = "making.new";

/// What the file says.
#[derive(Serialize, Deserialize)]
struct Written {
    format: u32,
    household: String,
    strongboxes: Vec<PathBuf>,
}

/// Held by whoever makes a vault, so that nobody else takes theirs for one that was cut off.
#[derive(Debug)]
pub(super) struct Making {
    _locked: File,
}

impl Making {
    /// Says in an empty data folder what is being made.
    pub(super) fn begin(data: &Path, household: &str, strongboxes: &[PathBuf]) -> Result<Making, Error> {
        let absolute = |path: &PathBuf| std::path::absolute(path);
        let strongboxes = strongboxes.iter().map(absolute).collect::<io::Result<_>>();
        let strongboxes = strongboxes.map_err(Error::io("find", data))?;
        let written = Written { format: 1, household: household.to_owned(), strongboxes };
        let bytes = serde_json::to_vec(&written).map_err(|why| Error::Stopped(why.to_string()))?;
        let (path, new) = (data.join(MAKING), data.join(NEW));
        let put = || {
            faults::write(&path)?;
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
            file.try_lock()?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&new, &path)?;
            Ok(file)
        };
        let locked = put().map_err(Error::io("write", &path))?;
        folder::sync(data)?;
        Ok(Making { _locked: locked })
    }
}

/// Whether a data folder holds no vault: nothing at all, or only what a making left that was cut off.
pub fn is_unmade(data: &Path) -> bool {
    let Ok(mut inside) = fs::read_dir(data) else { return !data.exists() };
    data.join(MAKING).exists() || inside.all(|file| file.is_ok_and(|file| file.file_name() == NEW))
}

/// Clears away what a making left that was cut off; without one nothing happens. It can be done again wherever it is stopped. What is not
/// of a vault stays, and keeps one from being made there.
///
/// # Errors
/// [`Error::Locked`] while somebody makes it; [`Error::Io`].
pub fn clear_unmade(data: &Path) -> Result<(), Error> {
    let path = data.join(MAKING);
    let Some(bytes) = folder::read_without_waiting(&path)? else {
        return remove(&data.join(NEW));
    };
    let held = File::open(&path).map_err(Error::io("open", &path))?;
    held.try_lock().map_err(|_| Error::Locked { path: data.into(), pid: None })?;
    let written: Written = serde_json::from_slice(&bytes)
        .map_err(|why| Error::BadFile { path: path.clone(), why: why.to_string() })?;
    for strongbox in &written.strongboxes {
        // Somebody else's may have been put there since.
        let mark = Mark::read(&strongbox.join(STRONGBOX_MARK))?;
        if mark.is_none_or(|mark| mark.household == written.household) {
            clear(strongbox, &[])?;
        }
    }
    clear(data, &[BLOBS, LEDGER])?;
    remove(&path)
}

/// Removes from a folder what was half made there, but the file that says so.
fn clear(folder: &Path, folders: &[&str]) -> Result<(), Error> {
    let Ok(inside) = fs::read_dir(folder) else { return Ok(()) };
    for file in inside {
        let path = file.map_err(Error::io("list", folder))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        match path.is_dir() && !path.is_symlink() {
            true if folders.contains(&name) => {
                fs::remove_dir_all(&path).map_err(Error::io("remove", &path))?;
            }
            false if is_half_made(name) => remove(&path)?,
            _ => {}
        }
    }
    folder::sync(folder)
}

/// Whether a file of this name is one that a vault makes, whole or not.
fn is_half_made(name: &str) -> bool {
    let name = name.strip_suffix(".new").unwrap_or(name);
    let of_the_catalog = name.strip_prefix(CATALOG).is_some_and(|end| ["", "-wal", "-shm"].contains(&end));
    of_the_catalog || name == DATA_MARK || name == LOCK || name == reserve::NAME || strongbox::is_file(name)
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", path)(why)),
        _ => Ok(()),
    }
}

/// What is being made counts from now on.
pub(super) fn end(data: &Path) -> Result<(), Error> {
    let path = data.join(MAKING);
    faults::write(&path).map_err(Error::io("remove", &path))?;
    remove(&path)?;
    folder::sync(data)
}

/// Whether a vault is being made, or its making was cut off.
pub(super) fn is_being_made(data: &Path) -> bool {
    data.join(MAKING).exists()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::*;
    use crate::clock::SetClock;
    use crate::{Config, SlotKind, Vault};

    fn config(folder: &Path) -> Config {
        let strongboxes = ["box", "stick"].map(|name| folder.join(name)).to_vec();
        Config {
            data: folder.join("home"),
            strongboxes,
            clock: Arc::new(SetClock::at(Timestamp::UNIX_EPOCH)),
        }
    }

    /// Puts something of somebody's into a folder.
    fn put(folder: &Path) -> [PathBuf; 2] {
        fs::create_dir_all(folder.join("blobs of clay")).unwrap();
        let all = [folder.join("a picture.jpg"), folder.join("blobs of clay/pack-1")];
        all.iter().for_each(|file| fs::write(file, "precious").unwrap());
        all
    }

    #[tokio::test]
    async fn what_lies_in_a_folder_that_is_named_for_a_strongbox_is_never_touched() {
        for name in ["box", "stick", "home"] {
            let folder = tempfile::tempdir().unwrap();
            let precious = put(&folder.path().join(name));
            let made = Vault::begin(config(folder.path()), "home", SlotKind::File).await;
            assert!(made.is_err(), "{name}");
            clear_unmade(&folder.path().join("home")).unwrap();
            assert!(precious.iter().all(|file| file.exists()), "{name}: {precious:?}");
        }
    }

    #[tokio::test]
    async fn what_somebody_puts_into_a_folder_after_a_making_was_cut_off_stays() {
        for name in ["box", "stick", "home"] {
            let folder = tempfile::tempdir().unwrap();
            let data = folder.path().join("home");
            let cut_off = Vault::begin(config(folder.path()), "home", SlotKind::File).await.unwrap();
            cut_off.close().await.unwrap();
            drop(cut_off);
            let precious = put(&folder.path().join(name));
            clear_unmade(&data).unwrap();
            assert!(precious.iter().all(|file| file.exists()), "{name}: {precious:?}");
            let left = |folder: PathBuf| fs::read_dir(folder).map_or(0, Iterator::count);
            let all: usize = ["box", "stick", "home"].map(|name| left(folder.path().join(name))).iter().sum();
            assert_eq!(all, 2, "{name}: nothing else is left");
        }
    }
}
