//! What has rotted in a strongbox while it is in use, or is not where it was: found by reading all of it, written anew from memory as far
//! as it is still there, and told of as long as it is not.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use porchlight_keyring::{Segment, Spare};

use super::rot::Rot;
use super::{Strongbox, known};
use crate::error::Error;
use crate::faults;
use crate::file_names::STRONGBOX_MARK;
use crate::folder::{Lock, Mark};
use crate::id::Id;
use crate::in_place::InPlace;
use crate::warning::Warning;

impl Strongbox {
    /// Reads everything that the keyring has here, writes anew what has rotted and is still in memory, and says whether nothing is left
    /// that a mirror might have.
    pub(crate) fn look_over(&mut self) -> bool {
        // Nothing has rotted in a folder that is elsewhere.
        if self.check_place().is_err() {
            self.rot = Rot::default();
            return true;
        }
        let (beside, done) = self.put_back_files();
        let mut found = self.keyring.unreadable();
        let mut why = done.err().map(|why| why.to_string());
        if !found.remembered.is_empty() {
            why = why.or(self.renew().err().map(|why| why.to_string()));
            found = self.keyring.unreadable();
        }
        let lost = |(pack, segment): (String, Segment)| {
            (self.folder.join(pack), Id(*segment.ids.start())..=Id(*segment.ids.end()))
        };
        let lost = found.lost.into_iter().map(lost).collect();
        let left = found.remembered.iter().map(|name| self.folder.join(name));
        let left: Vec<_> = left.chain(beside).collect();
        let only_in_memory = (!left.is_empty()).then(|| (left, why.unwrap_or_default()));
        self.rot = Rot { lost, only_in_memory };
        self.rot.lost.is_empty()
    }

    /// Writes anew what lies beside the keys and is in memory too, where something else lies there or nothing. Gives what could not be
    /// written, and why not.
    fn put_back_files(&mut self) -> (Vec<PathBuf>, Result<(), Error>) {
        let (mut rotten, mut done) = self.put_back_documents();
        let (path, mark) =
            (self.folder.join(STRONGBOX_MARK), Mark::of_strongbox(&self.household, &self.slot));
        if Mark::read(&path).ok().flatten().as_ref() != Some(&mark) {
            done = done.and(mark.write(&path));
            rotten.push(path);
        }
        if known::is_lost(&self.folder) {
            self.remember_mirrors();
            rotten.extend((!known::is_lost(&self.folder)).then(|| self.folder.join(known::FILE)));
        }
        if let Some(Err(why)) = self.lock.as_mut().map(Lock::stay) {
            tracing::error!(%why, "the file that keeps others out of the strongbox was removed, and could not be written anew");
        }
        for file in self.watermarks.values() {
            // A help that is missing keeps nobody from stopping the hub.
            if let Err(why) = file.look_over() {
                tracing::warn!(%why, "a watermark of the strongbox could not be written anew");
            }
        }
        match done {
            Ok(()) => {
                self.note_rotted(rotten);
                (Vec::new(), Ok(()))
            }
            Err(why) => (rotten, Err(why)),
        }
    }

    /// Writes anew what has rotted here and is still in memory: the next start could not read it.
    fn renew(&mut self) -> Result<(), Error> {
        faults::write(&self.folder).map_err(Error::io("write", &self.folder))?;
        let renewed = self.keyring.renew();
        self.note_broken();
        let renewed = renewed?;
        self.note_rotted(self.paths(&renewed.slots));
        for path in self.paths(&renewed.packs) {
            tracing::error!(file = %path.display(), "it had rotted or was removed, and the keys in it are written anew into another: its disk may be failing");
            if !self.renewed.contains(&path) {
                self.renewed.push(path);
            }
        }
        self.changed();
        Ok(())
    }

    /// Puts packs right that have rotted since the start, and says whether there was any.
    ///
    /// # Errors
    /// [`Error::NotInPlace`]; [`Error::Keyring`].
    pub(crate) fn heal_packs(&mut self, mirrors: &[Spare]) -> Result<bool, Error> {
        self.check_place()?;
        let healed = self.keyring.heal(mirrors)?;
        self.note_rotted(self.paths(&healed));
        self.look_over();
        // They were read instead of followed.
        self.changed();
        Ok(!healed.is_empty())
    }

    /// Nothing is written, and nothing taken for lost, where the folder is not the one that was opened.
    ///
    /// # Errors
    /// [`Error::NotInPlace`].
    pub(super) fn check_place(&self) -> Result<(), Error> {
        match self.place.as_ref().is_none_or(InPlace::is_there) {
            true => Ok(()),
            false => Err(Error::NotInPlace(self.folder.clone())),
        }
    }

    fn paths(&self, names: &[String]) -> Vec<PathBuf> {
        names.iter().map(|name| self.folder.join(name)).collect()
    }

    fn note_rotted(&mut self, files: Vec<PathBuf>) {
        for path in files {
            tracing::error!(file = %path.display(), "it had rotted or was removed, and is whole again: its disk may be failing");
            self.note_healed(path);
        }
    }

    /// The packs of which something is lost unless a mirror has it, as of when all was looked over last.
    pub(crate) fn unreadable(&self) -> &[(PathBuf, RangeInclusive<Id>)] {
        &self.rot.lost
    }

    /// Whether something is in the memory of this process alone, so that it must not end.
    pub(crate) fn is_only_in_memory(&self) -> bool {
        self.rot.only_in_memory.is_some()
    }

    /// What there is to tell of it, beside what is lost.
    pub(super) fn rot_warnings(&self) -> impl Iterator<Item = Warning> {
        let in_memory = self.rot.only_in_memory.clone();
        let in_memory = in_memory.map(|(files, why)| Warning::OnlyInMemory { files, why });
        let moved = self.check_place().err().map(|_| Warning::StrongboxMoved { path: self.folder.clone() });
        // Of a folder that is elsewhere that alone is told.
        let lock = self.lock.as_ref().filter(|_| moved.is_none()).and_then(Lock::warning);
        let mirrors =
            self.lost_mirrors.then(|| Warning::MirrorsDamaged { file: self.folder.join(known::FILE) });
        moved.into_iter().chain(in_memory).chain(lock).chain(mirrors)
    }
}
