//! The folder of a strongbox, as it is found: its mark, and the store of its keyring.

use std::path::Path;

use porchlight_keyring::FolderStore;

use super::documents;
use crate::error::Error;
use crate::file_names::{DATA_MARK, STRONGBOX_MARK};
use crate::folder::Mark;
use crate::named_folder::NamedFolder;
use crate::slot_kind::SlotKind;

/// The folder with which another belongs together must be there, of a known format, and of the same household. Gives where its
/// root key lies.
pub(super) fn check_mark(folder: &Path, household: &str) -> Result<SlotKind, Error> {
    match read_mark(folder)? {
        None => Err(missing(folder)),
        Some(mark) if mark.household != household => Err(Error::OtherHousehold {
            path: folder.into(),
            expected: household.into(),
            found: mark.household,
        }),
        Some(mark) => Ok(mark.slot),
    }
}

/// What a folder without the mark of a strongbox is.
pub(super) fn missing(folder: &Path) -> Error {
    let is_data = folder.join(DATA_MARK).exists() && !folder.join(documents::CHECKPOINT).exists();
    if is_data { Error::DataAsStrongbox(folder.into()) } else { Error::NoStrongbox(NamedFolder::at(folder)) }
}

/// The mark of a strongbox; a folder that this user may not look into is told as that.
pub(super) fn read_mark(folder: &Path) -> Result<Option<Mark>, Error> {
    match Mark::read(&folder.join(STRONGBOX_MARK)) {
        Err(why) if why.is_denied() => Err(Error::NoStrongbox(NamedFolder::closed(folder))),
        mark => mark,
    }
}

pub(super) fn store(folder: &Path) -> Result<FolderStore, Error> {
    FolderStore::open(folder).map_err(|why| match why.kind() {
        std::io::ErrorKind::ResourceBusy => Error::Locked { path: folder.into(), pid: None },
        _ => Error::io("open", folder)(why),
    })
}
