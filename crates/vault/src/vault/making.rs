//! A vault that is being made: what was cut off is cleared away, so that it can be made again.
//!
//! Until it is made to its end there is nothing in it that anybody could miss, and nobody was told of it. So one file in the data folder,
//! which is there first and goes last, says that it is being made, by which household and in which other folders; whatever lies there
//! with it is half made.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Vault, blocking};
use crate::error::Error;
use crate::folder::{self, Mark};
use crate::{faults, strongbox};

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

/// Clears away what a making left that was cut off; without one nothing happens. It can be done again wherever it is stopped.
///
/// # Errors
/// [`Error::Locked`] while somebody makes it; [`Error::Io`].
pub fn clear_unmade(data: &Path) -> Result<(), Error> {
    let path = data.join(MAKING);
    let Some(bytes) = folder::read(&path)? else {
        return remove(&data.join(NEW));
    };
    let held = File::open(&path).map_err(Error::io("open", &path))?;
    held.try_lock().map_err(|_| Error::Locked { path: data.into(), pid: None })?;
    let written: Written = serde_json::from_slice(&bytes)
        .map_err(|why| Error::BadFile { path: path.clone(), why: why.to_string() })?;
    for strongbox in &written.strongboxes {
        // Somebody else's may have been put there since.
        let mark = Mark::read(&strongbox.join(strongbox::MARK))?;
        if mark.is_none_or(|mark| mark.household == written.household) {
            empty(strongbox, None)?;
        }
    }
    empty(data, Some(MAKING))?;
    remove(&path)
}

/// Removes what lies in a folder, but one file.
fn empty(folder: &Path, but: Option<&str>) -> Result<(), Error> {
    let Ok(inside) = fs::read_dir(folder) else { return Ok(()) };
    for file in inside {
        let path = file.map_err(Error::io("list", folder))?.path();
        if but.is_some_and(|but| path.ends_with(but)) {
            continue;
        }
        match path.is_dir() && !path.is_symlink() {
            true => fs::remove_dir_all(&path).map_err(Error::io("remove", &path))?,
            false => remove(&path)?,
        }
    }
    folder::sync(folder)
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", path)(why)),
        _ => Ok(()),
    }
}

/// Whether a vault is being made, or its making was cut off.
pub(super) fn is_being_made(data: &Path) -> bool {
    data.join(MAKING).exists()
}

impl Vault {
    /// The vault is made, to the end: what was [begun](Vault::begin) counts from when this returns.
    ///
    /// # Errors
    /// [`Error::Io`]: then it is not made, and is cleared away by whoever makes one there next.
    pub async fn is_made(&self) -> Result<(), Error> {
        let data = self.core.data.clone();
        blocking(move || {
            let path = data.join(MAKING);
            faults::write(&path).map_err(Error::io("remove", &path))?;
            remove(&path)?;
            folder::sync(&data)
        })
        .await
    }
}
