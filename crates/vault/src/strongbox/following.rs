//! How the mirrors of a strongbox follow it: told of each change, waited for while nothing is held, and never set back.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use porchlight_keyring::{Spare, Standing};

use super::documents::read_checkpoint;
use super::follower::Wanted;
use super::known::Seen;
use super::mirror::Mirrors;
use super::{Past, Reading, Settling, Strongbox, known};
use crate::error::Error;
use crate::holding::Holding;
use crate::mirror_state::Mirror;

impl Strongbox {
    /// Refuses to be used beside a mirror that is newer, or that was used by itself since both were the same.
    pub(super) fn check_standing(
        &self,
        mirror: &Spare,
        holding: Option<Holding>,
    ) -> Result<Option<Standing>, Error> {
        let standing = self.keyring.standing_of(mirror);
        let newest = mirror.newest().map_or(0, |(_, generation)| generation);
        match (standing, holding) {
            (Some(Standing::Ahead), _) => {
                Err(Error::OldStrongbox { path: self.folder.clone(), found: self.generation(), newest })
            }
            (Some(Standing::Apart), Some(there)) => {
                Err(Error::Apart { here: Box::new(self.holding()), there: Box::new(there) })
            }
            _ => Ok(standing),
        }
    }

    /// From now on the mirrors follow; `past` says which signed checkpoints the ledger has passed.
    pub(crate) fn follow(&mut self, past: Past) {
        self.past = Some(past);
        self.changed();
    }

    /// Follows a mirror that was made before.
    ///
    /// # Errors
    /// [`Error::OldStrongbox`] where it is the newer strongbox, and this one is not to be served; [`Error::Apart`] where both
    /// were used.
    pub(crate) fn follow_mirror(&mut self, path: &Path) -> Result<(), Error> {
        if self.mirrors.add(path, Seen::Copy) {
            for (_, found) in self.mirrors.found(&self.folder) {
                let (spare, rest) = found.split();
                self.check_standing(&spare, rest.holding)?;
            }
            self.remember_mirrors();
            self.changed();
        }
        Ok(())
    }

    /// Follows a mirror whose folder was [made](Strongbox::make_mirror) just now.
    pub(crate) fn add_mirror(&mut self, path: &Path) {
        self.mirrors.add(path, Seen::Copy);
        self.remember_mirrors();
        self.changed();
    }

    /// Makes the folder of a mirror.
    pub(crate) fn make_mirror(path: &Path, household: &str) -> Result<(), Error> {
        Mirrors::make(path, household)
    }

    /// Has the mirrors read once more, for what has rotted here since; to be waited for once the strongbox is let go of.
    pub(crate) fn read_mirrors_again(&self) -> Reading {
        self.mirrors.read_again()
    }

    /// Every mirror, and whether it has followed to a generation.
    pub(crate) fn mirrors(&self, generation: u64) -> Vec<(PathBuf, Mirror)> {
        self.mirrors.states(generation).collect()
    }

    /// Whether there is any.
    pub(crate) fn has_mirrors(&self) -> bool {
        !self.mirrors.is_empty()
    }

    /// Has every mirror compared with this strongbox, also one that has followed: what has rotted there is put right, and what is pending is
    /// tried again.
    pub(crate) fn look_over_mirrors(&mut self) {
        // One that answered late has been seen by now.
        self.remember_mirrors();
        self.changed();
    }

    /// The mirrors that were told of a change and may not have followed yet. To be waited for once the strongbox is let go of:
    /// a disk that does not answer must hold up nobody else.
    pub(crate) fn settling(&mut self) -> Settling {
        std::mem::take(&mut self.settling)
    }

    pub(super) fn changed(&mut self) {
        self.settling = self.tell_mirrors();
    }

    /// Tells the mirrors what there is to follow.
    pub(super) fn tell_mirrors(&mut self) -> Settling {
        let (Some(past), Ok(snapshot)) = (self.past.clone(), self.keyring.snapshot()) else {
            return Settling::default();
        };
        if self.mirrors.is_empty() {
            return Settling::default();
        }
        // What is in memory has not rotted.
        let read = || read_checkpoint(&self.folder).ok().flatten().map(|signed| signed.note);
        let checkpoint = self.checkpoint.clone().or_else(read);
        let watermarks = self.watermarks.iter().map(|(name, file)| (*name, file.newest())).collect();
        let document = self.document();
        self.mirrors.follow(&Arc::new(Wanted {
            snapshot,
            document,
            checkpoint,
            watermarks,
            past,
            holding: self.holding(),
        }))
    }

    fn holding(&self) -> Holding {
        let last = read_checkpoint(&self.folder).ok().flatten().and_then(|signed| signed.last);
        Holding { path: self.folder.clone(), generation: self.generation(), last }
    }

    pub(super) fn remember_mirrors(&self) {
        known::write(&self.folder, &self.mirrors.known());
    }
}
