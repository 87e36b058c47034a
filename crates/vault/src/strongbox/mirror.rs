//! Mirrors: strongboxes on another disk or stick that follow the one in use.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{MARK, Strongbox, check_mark, generation_at, store};
use crate::error::Error;
use crate::folder::{self, Mark};
use crate::folder_identity::FolderIdentity;

/// Whether a mirror has followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "state")]
pub enum Mirror {
    /// It is at the same generation: what was forgotten is gone there too.
    Acknowledged {
        /// That generation.
        generation: u64,
    },
    /// It could not be reached, and still holds keys that were destroyed here. It is tried again with every change, at
    /// every run of expiry and at every start.
    Pending {
        /// Why, in a sentence.
        why: String,
    },
}

impl Mirror {
    /// Whether it has followed.
    pub fn is_acknowledged(&self) -> bool {
        matches!(self, Mirror::Acknowledged { .. })
    }

    pub(super) fn absent() -> Mirror {
        Mirror::Pending { why: "it has not been reached yet".into() }
    }
}

impl Strongbox {
    /// Every mirror and how it stands.
    pub(crate) fn mirrors(&self) -> &[(PathBuf, Mirror)] {
        &self.mirrors
    }

    /// Brings every mirror to this generation. One that fails is named as pending and holds nothing up.
    pub(crate) fn bring_mirrors(&mut self) {
        let mut mirrors = std::mem::take(&mut self.mirrors);
        for (path, mirror) in &mut mirrors {
            *mirror = match self.bring(path) {
                Ok(generation) => Mirror::Acknowledged { generation },
                Err(why) => {
                    // A missing strongbox is the end of the vault; a missing mirror is a stick in a drawer.
                    let why = match why {
                        Error::NoStrongbox(_) => "it is missing; attach its disk".to_owned(),
                        why => why.to_string(),
                    };
                    tracing::warn!(mirror = %path.display(), why, "a mirror of the strongbox is pending");
                    Mirror::Pending { why }
                }
            };
        }
        self.mirrors = mirrors;
    }

    /// Tries the mirrors again if any is pending.
    pub(crate) fn retry_mirrors(&mut self) {
        if self.mirrors.iter().any(|(_, mirror)| matches!(mirror, Mirror::Pending { .. })) {
            self.bring_mirrors();
        }
    }

    /// Makes a new mirror and follows it from now on, for as long as the vault is open.
    pub(crate) fn add_mirror(&mut self, path: &Path) -> Result<(), Error> {
        folder::make_private(path)?;
        Mark::new(&self.household).write(&path.join(MARK))?;
        let generation = self.bring(path)?;
        self.mirrors.push((path.to_owned(), Mirror::Acknowledged { generation }));
        Ok(())
    }

    /// Follows a mirror that was made before. One that is ahead is the newer strongbox, and this one is not to be served.
    pub(crate) fn follow_mirror(&mut self, path: &Path) -> Result<(), Error> {
        let new = FolderIdentity::of(path)?;
        let is_known = |known: &PathBuf| FolderIdentity::of(known).is_ok_and(|known| known.is(&new));
        if self.folders().iter().any(is_known) {
            return Ok(());
        }
        if let (Some((keyring, found)), Some((other, newest))) =
            (generation_at(&self.folder), generation_at(path))
            && keyring == other
            && found < newest
        {
            return Err(Error::OldStrongbox { path: self.folder.clone(), found, newest });
        }
        self.mirrors.push((path.to_owned(), Mirror::absent()));
        self.bring_mirrors();
        Ok(())
    }

    fn bring(&self, path: &Path) -> Result<u64, Error> {
        let slot = check_mark(path, &self.household)?;
        // The document before the keyring that pins it, as here: a mirror that is cut off between them opens too.
        self.copy_household(path)?;
        let generation = self.keyring.mirror(&store(path)?, &*slot.open(path)?)?;
        self.copy_checkpoint(path)?;
        Ok(generation)
    }
}
