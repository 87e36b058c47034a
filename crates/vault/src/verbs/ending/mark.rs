//! The file in the data folder that says that a vault is being ended: what there is still to do, so that whoever ends it again goes on
//! there. It is no proof of what was done, nor of who wanted it: whoever can write to the data folder can write it too.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::folder;

pub(super) const ENDING: &str = "ending";
const FORMAT: u32 = 1;

/// What the file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EndingMark {
    format: u32,
    pub(super) household: String,
    /// Strongboxes of the household whose keys are still to be destroyed.
    pub(super) strongboxes: Vec<PathBuf>,
    /// Those whose keys were destroyed: that nothing is there any more is no wonder.
    pub(super) destroyed: Vec<PathBuf>,
}

impl EndingMark {
    /// Of a vault of which nothing is ended yet.
    pub(super) fn new(household: &str) -> EndingMark {
        let (strongboxes, destroyed) = (Vec::new(), Vec::new());
        EndingMark { format: FORMAT, household: household.to_owned(), strongboxes, destroyed }
    }

    /// The one in a data folder.
    pub(super) fn read(data: &Path) -> Result<Option<EndingMark>, Error> {
        let path = data.join(ENDING);
        let Some(bytes) = folder::read_without_waiting(&path)? else { return Ok(None) };
        let mark: EndingMark = serde_json::from_slice(&bytes)
            .map_err(|why| Error::BadFile { path: path.clone(), why: why.to_string() })?;
        match mark.format <= FORMAT {
            true => Ok(Some(mark)),
            false => Err(Error::Newer { path, found: mark.format.into(), known: FORMAT.into() }),
        }
    }

    /// Puts it into a data folder, durably.
    pub(super) fn write(&self, data: &Path) -> Result<(), Error> {
        let bytes = serde_json::to_vec(self).map_err(|why| Error::Stopped(why.to_string()))?;
        folder::write(&data.join(ENDING), &bytes)
    }
}

/// Where one lies in a data folder, whatever it says.
pub(super) fn lies_in(data: &Path) -> Option<PathBuf> {
    let path = data.join(ENDING);
    fs::symlink_metadata(&path).is_ok().then_some(path)
}
