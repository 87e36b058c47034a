//! What a strongbox says of itself without being put to use: whose it is, whether it holds keys, and which others there are. Nothing in
//! it is changed by asking.

use std::path::{Path, PathBuf};

use porchlight_keyring::Spare;

use super::documents::Document;
use super::known::{is_lost, known_mirrors};
use super::opening::{missing, read_mark, store};
use crate::error::Error;
use crate::file_names::{SLOT_IN_TPM, SLOTS, STRONGBOX_MARK};
use crate::slot_kind::SlotKind;

/// In which secrets a household lists its mirrors.
#[derive(Clone, Copy, Debug)]
pub struct ListedUnderRoot {
    /// Those that it was made with.
    pub made_with: &'static str,
    /// Those that were named since, whether or not anything was ever there: they count where nothing else says which there are.
    pub named: &'static str,
    /// How each is read.
    pub read: fn(&[u8]) -> Vec<PathBuf>,
}

/// What a strongbox of a household says of itself.
pub(crate) struct Glance {
    /// Whether there is anything of a root key.
    pub(crate) has_keys: bool,
    /// The strongboxes that it lists as its mirrors, beside its keys and under them.
    pub(crate) mirrors: Vec<PathBuf>,
    /// The household document that it pins, with its version; none where that cannot be read.
    pub(crate) document: Option<(u64, Vec<u8>)>,
}

impl Glance {
    /// Looks at the strongbox of a household in a folder.
    ///
    /// # Errors
    /// [`Error::NoStrongbox`], [`Error::DataAsStrongbox`] and [`Error::OtherHousehold`] where none of this household's is there;
    /// others where nobody knows.
    pub(crate) fn at(
        folder: &Path,
        household: &str,
        listed: Option<ListedUnderRoot>,
    ) -> Result<Glance, Error> {
        let has_keys = has_keys(folder);
        let Some(mark) = read_mark(folder)? else {
            let (path, household) = (folder.join(STRONGBOX_MARK), household.to_owned());
            return Err(if has_keys { Error::BadMark { path, household } } else { missing(folder) });
        };
        if mark.household != household {
            let (expected, found) = (household.into(), mark.household);
            return Err(Error::OtherHousehold { path: folder.into(), expected, found });
        }
        let mut mirrors = known_mirrors(folder);
        let mut document = None;
        // Where the keys cannot be read, what lies beside them has to do.
        if let Some(spare) = read_spare(folder, &mark.slot).ok().filter(|_| has_keys) {
            let is_lost = is_lost(folder);
            if let Some(list) = listed {
                let names = [Some(list.made_with), is_lost.then_some(list.named)];
                let secrets = names.into_iter().flatten().filter_map(|name| spare.secret(name));
                mirrors.extend(secrets.flat_map(|secret| (list.read)(&secret)));
            }
            document = Document::pinned_in_spare(&spare, folder);
        }
        let document = document.map(|document| (document.version, document.bytes.to_vec()));
        Ok(Glance { has_keys, mirrors, document })
    }
}

fn read_spare(folder: &Path, slot: &SlotKind) -> Result<Spare, Error> {
    Ok(Spare::read_newest(&store(folder)?, &*slot.open(folder)?)?)
}

/// Whether anything of a root key lies in a folder, whatever it says of itself.
pub(crate) fn has_keys(folder: &Path) -> bool {
    SLOTS.iter().chain([&SLOT_IN_TPM]).any(|name| folder.join(name).symlink_metadata().is_ok())
}
