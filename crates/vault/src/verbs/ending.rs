//! Ending a vault: its root keys are destroyed wherever they lie, and then what they opened is cleared away.
//!
//! One file in the data folder says that it is being ended and in which strongboxes that is still to be done; it is there before the first
//! key goes, and goes last. From then on the vault does not open, and whoever ends it again goes on where it was stopped. Of a
//! strongbox its mark goes last, so that one that is not there is known to be away, not ended. What is not of a vault is never touched.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::making::is_being_made;
use crate::error::Error;
use crate::file_names::{BLOBS, CATALOG, DATA_MARK, LEDGER, STRONGBOX_MARK};
use crate::folder::{self, LOCK, Lock, Mark};
use crate::in_time::in_time;
use crate::named_folder::NamedFolder;
use crate::slot_kind::SlotKind;
use crate::strongbox::{self, known_mirrors};
use crate::{disk, faults, reserve};

const ENDING: &str = "ending";
/// The files in which a strongbox keeps its root key.
const SLOTS: [&str; 2] = ["slot-1", "slot-2"];
/// The file by which it finds the root key in a TPM.
const SLOT_IN_TPM: &str = "slot-tpm";
const FORMAT: u32 = 1;

/// What the file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Written {
    format: u32,
    household: String,
    /// Those whose keys are still to be destroyed, the one in use first.
    strongboxes: Vec<PathBuf>,
    /// Those whose keys are destroyed, and of which something is still to be cleared away.
    destroyed: Vec<PathBuf>,
}

/// A vault that is to be ended.
#[derive(Debug)]
pub struct Ending {
    data: PathBuf,
    written: Written,
    begun: bool,
    _held: Lock,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ended {
    /// The strongboxes whose keys are destroyed, now or before.
    pub destroyed: Vec<PathBuf>,
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

/// Whether a vault is being ended.
pub(super) fn is_being_ended(data: &Path) -> bool {
    data.join(ENDING).exists()
}

impl Ending {
    /// The vault in a data folder and its strongboxes, those included that are known as mirrors. Nothing is touched, and nobody else
    /// opens the vault meanwhile.
    ///
    /// # Errors
    /// [`Error::NoVault`], [`Error::Unfinished`] for one that was never made to its end, [`Error::Locked`] while a hub runs, [`Error::BadFile`].
    pub fn of(data: &Path, strongboxes: &[PathBuf]) -> Result<Ending, Error> {
        let begun = read(data)?;
        let household = match (&begun, Mark::read(&data.join(DATA_MARK))?) {
            (Some(written), _) => written.household.clone(),
            _ if is_being_made(data) => return Err(Error::Unfinished(data.into())),
            (None, Some(mark)) => mark.household,
            (None, None) => return Err(Error::NoVault(NamedFolder::at(data))),
        };
        let held = Lock::take(data)?;
        let mut written = begun.clone().unwrap_or(Written {
            format: FORMAT,
            household,
            strongboxes: Vec::new(),
            destroyed: Vec::new(),
        });
        for strongbox in strongboxes {
            let path = std::path::absolute(strongbox).map_err(Error::io("find", strongbox))?;
            let known = known_mirrors(&path);
            for path in std::iter::once(path).chain(known) {
                if !written.strongboxes.contains(&path) && !written.destroyed.contains(&path) {
                    written.strongboxes.push(path);
                }
            }
        }
        Ok(Ending { data: data.into(), written, begun: begun.is_some(), _held: held })
    }

    /// The household's id.
    pub fn household(&self) -> &str {
        &self.written.household
    }

    /// Whether it was begun before, and stopped.
    pub fn has_begun(&self) -> bool {
        self.begun
    }

    /// The strongboxes whose keys are to be destroyed, the one in use first.
    pub fn strongboxes(&self) -> &[PathBuf] {
        &self.written.strongboxes
    }

    /// Destroys the keys, and clears away what they opened; with it the files of these names in the data folder, which are the hub's. It
    /// can be stopped anywhere and done again.
    ///
    /// # Errors
    /// [`Error::Io`] where the data folder cannot be written to. A strongbox that cannot be reached is no error: it is named.
    pub fn carry_out(mut self, also: &[&str]) -> Result<Ended, Error> {
        self.note()?;
        let mut ended = Ended { destroyed: self.written.destroyed.clone(), ..Ended::default() };
        // First every key, then the rest: what is stopped in between has not left one that could have gone.
        for strongbox in self.written.strongboxes.clone() {
            match destroy(&strongbox, &self.written.household) {
                Ok(()) => {
                    self.written.strongboxes.retain(|other| *other != strongbox);
                    self.written.destroyed.push(strongbox.clone());
                    self.note()?;
                    ended.destroyed.push(strongbox);
                }
                Err(why) => ended.unreached.push(Unreached { strongbox, why: why.to_string() }),
            }
        }
        for strongbox in &self.written.destroyed {
            clear(strongbox, &self.written.household, &mut ended.left)?;
        }
        self.clear_data(also, ended.unreached.is_empty(), &mut ended.left)?;
        Ok(ended)
    }

    /// Says in the data folder how far it is.
    fn note(&self) -> Result<(), Error> {
        let bytes = serde_json::to_vec(&self.written).map_err(|why| Error::Stopped(why.to_string()))?;
        folder::write(&self.data.join(ENDING), &bytes)
    }

    /// Clears the data folder. As long as a strongbox is not reached, what says so stays.
    fn clear_data(&self, also: &[&str], all: bool, left: &mut Vec<PathBuf>) -> Result<(), Error> {
        faults::write(&self.data).map_err(Error::io("remove", &self.data))?;
        for name in [BLOBS, LEDGER] {
            match fs::remove_dir_all(self.data.join(name)) {
                Err(why) if why.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::io("remove", &self.data.join(name))(why));
                }
                _ => {}
            }
        }
        let is_ours = |name: &str| {
            let whole = name.strip_suffix(".new").unwrap_or(name);
            let of_a_database = |database: &str| {
                whole
                    .strip_prefix(database)
                    .is_some_and(|end| ["", "-wal", "-shm", "-journal"].contains(&end))
            };
            [DATA_MARK, reserve::NAME, disk::PROBE].contains(&whole)
                || of_a_database(CATALOG)
                || also.iter().any(|name| of_a_database(name))
        };
        remove_files(&self.data, is_ours)?;
        if all {
            remove_files(&self.data, |name| name == ENDING || name == LOCK)?;
            take_away(&self.data, left)?;
        }
        Ok(())
    }
}

fn read(data: &Path) -> Result<Option<Written>, Error> {
    let path = data.join(ENDING);
    let Some(bytes) = folder::read(&path)? else { return Ok(None) };
    let written: Written = serde_json::from_slice(&bytes)
        .map_err(|why| Error::BadFile { path: path.clone(), why: why.to_string() })?;
    match written.format <= FORMAT {
        true => Ok(Some(written)),
        false => Err(Error::Newer { path, found: written.format.into(), known: FORMAT.into() }),
    }
}

/// Destroys the root key of a strongbox. From when this returns nothing that it ever opened can be opened with it.
fn destroy(strongbox: &Path, household: &str) -> Result<(), Error> {
    let away = || Error::NoStrongbox(NamedFolder::at(strongbox));
    // A disk that never answers holds up nobody for long.
    let mark = strongbox.join(STRONGBOX_MARK);
    let mark = in_time(move || Mark::read(&mark)).ok_or_else(away)??.ok_or_else(away)?;
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

/// Writes nothing over a file that holds a key, durably, and removes it.
fn overwrite(path: &Path) -> Result<(), Error> {
    let wipe = || {
        let mut file = match OpenOptions::new().write(true).open(path) {
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(()),
            opened => opened?,
        };
        let length = file.metadata()?.len();
        io::copy(&mut io::Read::take(io::repeat(0), length), &mut file)?;
        file.sync_all()?;
        fs::remove_file(path)
    };
    wipe().map_err(Error::io("destroy", path))
}

/// Clears away the rest of a strongbox whose key is destroyed.
fn clear(strongbox: &Path, household: &str, left: &mut Vec<PathBuf>) -> Result<(), Error> {
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
fn remove_files(folder: &Path, is_ours: impl Fn(&str) -> bool) -> Result<(), Error> {
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
fn take_away(folder: &Path, left: &mut Vec<PathBuf>) -> Result<(), Error> {
    let Ok(inside) = fs::read_dir(folder) else { return Ok(()) };
    let somebodys: Vec<PathBuf> = inside.flatten().map(|file| file.path()).collect();
    if somebodys.is_empty() {
        // A disk's own folder, which cannot be removed, is as good empty.
        let _ = fs::remove_dir(folder);
    }
    left.extend(somebodys);
    Ok(())
}

#[cfg(test)]
#[cfg(feature = "faults")]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::*;
    use crate::clock::SetClock;
    use crate::faults::{Fault, Faults};
    use crate::{Config, Vault};

    fn config(folder: &Path) -> Config {
        let strongboxes = ["box", "stick"].map(|name| folder.join(name)).to_vec();
        Config {
            data: folder.join("home"),
            strongboxes,
            clock: Arc::new(SetClock::at(Timestamp::UNIX_EPOCH)),
        }
    }

    async fn made(folder: &Path) -> Config {
        let config = config(folder);
        Vault::create(config.clone(), "home").await.unwrap().close().await.unwrap();
        fs::write(config.data.join("hub.sqlite"), "sessions").unwrap();
        fs::write(config.data.join("a picture.jpg"), "somebody's").unwrap();
        config
    }

    fn end(config: &Config) -> Result<Ended, Error> {
        Ending::of(&config.data, &config.strongboxes)?.carry_out(&["hub.sqlite"])
    }

    /// Whether a key can be read in a folder.
    fn has_key(strongbox: &Path) -> bool {
        SLOTS.iter().any(|slot| strongbox.join(slot).exists())
    }

    #[tokio::test]
    async fn nothing_of_a_vault_is_left_and_what_is_somebodys_stays() {
        let folder = tempfile::tempdir().unwrap();
        let config = made(folder.path()).await;
        // The mirror is known without being named.
        let ending = Ending::of(&config.data, &config.strongboxes[..1]).unwrap();
        assert_eq!((ending.strongboxes(), ending.household()), (&config.strongboxes[..], "home"));
        let ended = ending.carry_out(&["hub.sqlite"]).unwrap();
        assert_eq!(ended.destroyed, config.strongboxes);
        assert_eq!((ended.unreached, ended.left), (vec![], vec![config.data.join("a picture.jpg")]));
        assert!(config.strongboxes.iter().all(|strongbox| !strongbox.exists()));
        assert_eq!(fs::read_dir(&config.data).unwrap().count(), 1);
        assert!(matches!(end(&config).unwrap_err(), Error::NoVault(_)));
    }

    #[tokio::test]
    async fn wherever_it_is_stopped_it_goes_on_and_the_vault_opens_no_more() {
        for writes in 0.. {
            let folder = tempfile::tempdir().unwrap();
            let config = made(folder.path()).await;
            let faults = Faults::below(folder.path());
            faults.after(writes, Fault::Killed);
            let stopped = end(&config);
            let (all, reached) =
                (faults.writes() <= writes, stopped.is_ok_and(|ended| ended.unreached.is_empty()));
            drop(faults);
            if config.data.join(ENDING).exists() {
                let refused = Vault::open(config.clone()).await.err().unwrap();
                assert!(matches!(refused, Error::BeingEnded(_)), "{writes}: {refused}");
            } else if !all {
                assert_eq!(writes, 0, "the first write is what says so");
                assert!(config.strongboxes.iter().all(|strongbox| has_key(strongbox)));
            }
            if !all || !reached {
                let ended = end(&config).unwrap();
                assert_eq!(ended.unreached, [], "{writes}");
                assert_eq!(ended.destroyed.len(), 2, "{writes}");
            }
            assert!(config.strongboxes.iter().all(|strongbox| !strongbox.exists()), "{writes}");
            assert_eq!(fs::read_dir(&config.data).unwrap().count(), 1, "{writes}");
            if all {
                assert!(writes > 4, "{writes}");
                return;
            }
        }
    }

    #[tokio::test]
    async fn a_mirror_that_is_away_is_named_until_it_is_reached_and_another_household_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let config = made(folder.path()).await;
        let [stick, drawer] = ["stick", "drawer"].map(|name| folder.path().join(name));
        fs::rename(&stick, &drawer).unwrap();
        let ended = end(&config).unwrap();
        assert_eq!(ended.unreached.len(), 1);
        assert_eq!(ended.unreached[0].strongbox, stick);
        assert!(has_key(&drawer) && !config.strongboxes[0].exists() && !config.data.join(CATALOG).exists());

        // Another household's in its place.
        let other =
            Config { data: folder.path().join("other"), strongboxes: vec![stick.clone()], ..config.clone() };
        Vault::create(other.clone(), "other").await.unwrap().close().await.unwrap();
        let ended = end(&config).unwrap();
        assert!(ended.unreached[0].why.contains("other"), "{ended:?}");
        Vault::open(other.clone()).await.unwrap().close().await.unwrap();
        end(&other).unwrap();

        fs::rename(&drawer, &stick).unwrap();
        let ending = Ending::of(&config.data, &[]).unwrap();
        assert!(ending.has_begun() && ending.strongboxes() == [stick.clone()]);
        assert_eq!(ending.carry_out(&[]).unwrap().unreached, []);
        assert!(!stick.exists());
    }

    #[tokio::test]
    async fn a_vault_that_is_served_is_not_ended() {
        let folder = tempfile::tempdir().unwrap();
        let config = made(folder.path()).await;
        let vault = Vault::open(config.clone()).await.unwrap();
        assert!(matches!(end(&config).unwrap_err(), Error::Locked { .. }));
        vault.close().await.unwrap();
        drop(vault);
        end(&config).unwrap();
    }
}
