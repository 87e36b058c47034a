//! Whose a data folder is: its mark says so, and where the mark rotted or is gone, the ledger beside it and the strongbox, which
//! name the same household.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::create::{origin, unmarked};
use crate::clock::Clock;
use crate::error::Error;
use crate::file_names::{CATALOG, DATA_MARK, LEDGER};
use crate::folder::{Lock, Mark};
use crate::ledger_files::LedgerFiles;
use crate::named_folder::NamedFolder;
use crate::strongbox::{self, Strongbox};

/// The strongbox of a data folder, the household of both, and the lock of the folder.
pub(super) fn open_strongbox(
    data: &Path,
    folders: &[PathBuf],
    clock: Arc<dyn Clock>,
) -> Result<(Strongbox, String, Lock), Error> {
    let found = match Mark::of_data(data) {
        Err(why) if why.is_denied() => Err(Error::NoVault(NamedFolder::closed(data))),
        mark => mark.and_then(|mark| mark.ok_or_else(|| unmarked(data))),
    };
    // A newer release's mark is no damaged one.
    let is_rot = |why: &Error| {
        matches!(
            why,
            Error::BadFile { .. }
                | Error::BadMark { .. }
                | Error::Unfinished(_)
                | Error::OtherHousehold { .. }
        )
    };
    let (said, wrong) = match found {
        Ok(mark) => {
            let held = Lock::take(data)?;
            match Strongbox::open(folders, &mark.household, clock.clone()) {
                // One of the marks is wrong; the lock is let go of, to be taken again.
                Err(why) if is_rot(&why) => (Some(mark.household), why),
                opened => return Ok((opened?, mark.household, held)),
            }
        }
        Err(why) => (None, why),
    };
    let household = named(data, folders).filter(|named| is_rot(&wrong) && said.as_ref() != Some(named));
    let Some(household) = household else { return Err(wrong) };
    let held = Lock::take(data)?;
    let mut strongbox = Strongbox::open(folders, &household, clock)?;
    let mark = data.join(DATA_MARK);
    Mark::new(&household).write(&mark)?;
    strongbox.note_healed(mark);
    Ok((strongbox, household, held))
}

/// The household that the strongbox or a mirror names, and the ledger in the data folder too.
fn named(data: &Path, folders: &[PathBuf]) -> Option<String> {
    // Where there is no ledger none is made.
    let ledger = data.join(LEDGER);
    if !ledger.is_dir() || !data.join(CATALOG).exists() {
        return None;
    }
    let files = LedgerFiles::open(&ledger).ok()?;
    let is_named = |household: &String| {
        porchlight_ledger::is_named(&files, &origin(household)).is_ok_and(|is_named| is_named)
    };
    strongbox::households(folders).into_iter().find(is_named)
}
