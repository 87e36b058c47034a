//! Ending a vault: its root keys are destroyed wherever they lie, and then what they opened is cleared away.
//!
//! One file in the data folder says that it is being ended and in which strongboxes that is still to be done; it is there before the first
//! key goes, and goes last. From then on the vault does not open, and whoever ends it again goes on where it was stopped. Whether keys are
//! destroyed is asked of the strongboxes alone. Of a strongbox its mark goes last, so that one that is not there is known to be away, not
//! ended. What is not of a vault is never touched.

mod destruction;
mod mark;
mod places;
#[cfg(test)]
#[cfg(feature = "faults")]
mod tests;

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::making::is_being_made;
use crate::error::Error;
use crate::file_names::{BLOBS, CATALOG, DATA_MARK, LEDGER};
use crate::folder::{LOCK, Lock, Mark};
use crate::in_time::in_time;
use crate::named_folder::NamedFolder;
use crate::strongbox::{has_keys, known_mirrors};
use crate::{disk, faults, reserve};
use destruction::{clear, destroy, remove_files, take_away};
use mark::{ENDING, EndingMark};
use places::{Place, gather};

pub use places::KnownPlaces;

/// A vault that is to be ended.
pub struct Ending {
    data: PathBuf,
    mark: EndingMark,
    has_begun: bool,
    places: Vec<Place>,
    _held: Lock,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ended {
    /// The strongboxes that were found and hold no key any more.
    pub destroyed: Vec<PathBuf>,
    /// Those that are not there, and of which the data folder says that their keys were destroyed before.
    pub noted: Vec<PathBuf>,
    /// Those that could not be reached, and why: their keys are as they were.
    pub unreached: Vec<Unreached>,
    /// What lay in the folders and is not Porchlight's: it is still there.
    pub left: Vec<PathBuf>,
}

/// A strongbox whose keys are not destroyed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unreached {
    /// The strongbox.
    pub strongbox: PathBuf,
    /// Why.
    pub why: String,
}

/// Refuses a vault that is being ended. What is said of its keys is looked up where they are kept.
pub(super) fn check_not_ended(data: &Path, strongboxes: &[PathBuf]) -> Result<(), Error> {
    let Some(mark) = mark::lies_in(data) else { return Ok(()) };
    let looked = strongboxes.to_vec();
    let keys = in_time(move || {
        let known = looked.iter().flat_map(|strongbox| known_mirrors(strongbox)).collect::<Vec<_>>();
        let mut keys: Vec<PathBuf> = looked.into_iter().chain(known).filter(|path| has_keys(path)).collect();
        keys.sort();
        keys.dedup();
        keys
    });
    Err(Error::BeingEnded { data: data.into(), mark, keys: keys.unwrap_or_default() })
}

impl Ending {
    /// The vault in a data folder, with every strongbox of it that is known of. Nothing is touched, and nobody else opens the vault
    /// meanwhile.
    ///
    /// # Errors
    /// [`Error::NoVault`], [`Error::Unfinished`] for one that was never made to its end, [`Error::Locked`] while a hub runs,
    /// [`Error::BadFile`]; and of a strongbox that is named, is not found and is not known of otherwise, why it is not.
    pub fn of(data: &Path, known: &KnownPlaces<'_>) -> Result<Ending, Error> {
        let begun = EndingMark::read(data)?;
        let household = match (&begun, Mark::of_data(data)?) {
            (Some(begun), Some(mark)) if begun.household != mark.household => {
                let why = format!("it is of another household than {DATA_MARK} beside it; remove it");
                return Err(Error::BadFile { path: data.join(ENDING), why });
            }
            (Some(begun), _) => begun.household.clone(),
            _ if is_being_made(data) => return Err(Error::Unfinished(data.into())),
            (None, Some(mark)) => mark.household,
            (None, None) => return Err(Error::NoVault(NamedFolder::at(data))),
        };
        let held = Lock::take(data)?;
        let places = gather(data, &household, begun.as_ref(), known)?;
        let has_begun = begun.is_some();
        let mark = begun.unwrap_or_else(|| EndingMark::new(&household));
        Ok(Ending { data: data.into(), mark, has_begun, places, _held: held })
    }

    /// The household's id.
    pub fn household(&self) -> &str {
        &self.mark.household
    }

    /// The newest household document of those that the strongboxes pin.
    pub fn household_document(&self) -> Option<&[u8]> {
        let found = self.places.iter().filter_map(|place| place.found.as_ref().ok()?.document.as_ref());
        found.max_by_key(|(version, _)| *version).map(|(_, bytes)| &bytes[..])
    }

    /// Whether there is anything that somebody has to agree to: keys in reach, or what was kept. That it was begun before is no
    /// agreement, for whoever can write to the data folder can say so there.
    pub fn destroys_something(&self) -> bool {
        !self.has_begun || self.with_keys().next().is_some() || self.data.join(CATALOG).exists()
    }

    /// The strongboxes whose keys are to be destroyed.
    pub fn with_keys(&self) -> impl Iterator<Item = &Path> {
        self.places.iter().filter(|place| place.has_keys()).map(|place| place.path.as_path())
    }

    /// Those that are out of reach.
    pub fn out_of_reach(&self) -> impl Iterator<Item = &Path> {
        let away = |place: &&Place| place.found.is_err() && !is_done(place);
        self.places.iter().filter(away).map(|place| place.path.as_path())
    }

    /// Destroys the keys, and clears away what they opened; with it the files of the hub in the data folder, `also` at once, and `last`,
    /// which know of strongboxes, when none is left. It can be stopped anywhere and done again.
    ///
    /// # Errors
    /// [`Error::Io`] where the data folder cannot be written to. A strongbox that cannot be reached is no error: it is named.
    pub fn carry_out(mut self, also: &[&str], last: &[&str]) -> Result<Ended, Error> {
        let to_do = self.places.iter().filter(|place| place.is_to_be_noted() && !is_done(place));
        self.mark.strongboxes = to_do.map(|place| place.path.clone()).collect();
        let done = self.places.iter().filter(|place| is_done(place));
        self.mark.destroyed = done.map(|place| place.path.clone()).collect();
        self.mark.write(&self.data)?;
        let mut ended = Ended { noted: self.mark.destroyed.clone(), ..Ended::default() };
        // First every key, then the rest: what is stopped in between has not left one that could have gone.
        for place in std::mem::take(&mut self.places) {
            if is_done(&place) {
                continue;
            }
            let strongbox = place.path;
            match place.found.and_then(|_| destroy(&strongbox, &self.mark.household)) {
                Ok(()) => {
                    self.mark.strongboxes.retain(|other| *other != strongbox);
                    self.mark.destroyed.push(strongbox.clone());
                    self.mark.write(&self.data)?;
                    ended.destroyed.push(strongbox);
                }
                Err(why) => ended.unreached.push(Unreached { strongbox, why: why.to_string() }),
            }
        }
        for strongbox in &ended.destroyed {
            clear(strongbox, &self.mark.household, &mut ended.left)?;
        }
        self.clear_data(also)?;
        if ended.unreached.is_empty() {
            // What says where to look goes before what says that there is something to do.
            remove_files(&self.data, |name| is_one_of(name, last))?;
            remove_files(&self.data, |name| name == ENDING || name == LOCK)?;
            take_away(&self.data, &mut ended.left)?;
        }
        Ok(ended)
    }

    /// Clears the data folder of what the keys opened.
    fn clear_data(&self, also: &[&str]) -> Result<(), Error> {
        faults::write(&self.data).map_err(Error::io("remove", &self.data))?;
        for name in [BLOBS, LEDGER] {
            match fs::remove_dir_all(self.data.join(name)) {
                Err(why) if why.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::io("remove", &self.data.join(name))(why));
                }
                _ => {}
            }
        }
        let ours = [DATA_MARK, reserve::NAME, disk::PROBE, CATALOG];
        remove_files(&self.data, |name| is_one_of(name, &ours) || is_one_of(name, also))
    }
}

impl fmt::Debug for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ending").field("data", &self.data).finish_non_exhaustive()
    }
}

/// Whether nothing is to be done in a place any more: nothing is there, and its keys were destroyed before, as the data folder says.
fn is_done(place: &Place) -> bool {
    place.is_noted_as_done() && place.is_free()
}

/// Whether a file is one of these, whole or not, or lies beside one of these that is a database.
fn is_one_of(name: &str, files: &[&str]) -> bool {
    let whole = name.strip_suffix(".new").unwrap_or(name);
    let of = |file: &str| {
        whole.strip_prefix(file).is_some_and(|end| ["", "-wal", "-shm", "-journal"].contains(&end))
    };
    files.iter().any(|file| of(file))
}
