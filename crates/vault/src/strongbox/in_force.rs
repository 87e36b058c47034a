//! The household document and the checkpoint that are in force in a strongbox.

use std::collections::BTreeMap;
use std::path::PathBuf;

use porchlight_keyring::Change;
use sha2::{Digest, Sha256};

use super::Strongbox;
use super::documents::{
    CHECKPOINT, Document, PIN, Pin, document, is, pinned, read_checkpoint, remove_others,
};
use crate::error::Error;
use crate::folder;

/// The secret with a checkpoint that was the newest at the last commit or before: a strongbox whose checkpoint is gone, or
/// went back, is known by it.
const FLOOR: &str = "vault/checkpoint";

impl Strongbox {
    /// The document in force, as it was pinned; `None` before there is one.
    pub(crate) fn household(&self) -> Result<Option<Vec<u8>>, Error> {
        let Some((version, digest)) = self.pinned()? else { return Ok(None) };
        let path = document(&self.folder, version);
        let not_it = |why: &str| Error::Household { path: path.clone(), why: why.into() };
        let bytes = folder::read(&path)?.ok_or_else(|| not_it("it is missing; a mirror may have it"))?;
        match is(&bytes, &digest) {
            true => Ok(Some(bytes)),
            false => Err(not_it("its bytes were changed; a mirror may have it as it was")),
        }
    }

    /// Puts the next version in force, and changes secrets with it: the file first, durable; then the pin, with which it counts, and
    /// the secrets, in one commit; then the file before goes, for it may name people who have left.
    pub(crate) fn replace_household(
        &mut self,
        version: u64,
        bytes: &[u8],
        secrets: Change,
    ) -> Result<u64, Error> {
        let current = self.pinned()?.map_or(0, |(version, _)| version);
        if current.checked_add(1) != Some(version) {
            return Err(Error::HouseholdVersion { offered: version, current });
        }
        self.check_place()?;
        folder::write(&document(&self.folder, version), bytes)?;
        let pin = [&version.to_be_bytes()[..], &Sha256::digest(bytes)].concat();
        let generation = self.apply(secrets.put(PIN, &pin));
        // Whichever is in force now: the other one names people too. Of a slot that failed nobody knows, and the next start does it.
        if !self.is_broken() {
            self.remove_other_documents();
        }
        // To be written anew from where it rots.
        self.document();
        generation
    }

    /// Removes every document but the one in force: one that a crash left beside it, or that was never in force.
    pub(crate) fn remove_other_documents(&self) {
        if let Ok(Some((version, _))) = self.pinned() {
            remove_others(&self.folder, version);
        }
    }

    /// Puts the document in force right from a mirror that has the very one that is pinned.
    pub(super) fn heal_household<'a>(
        &mut self,
        mirrors: impl Iterator<Item = &'a BTreeMap<u64, Vec<u8>>>,
    ) -> Result<(), Error> {
        let (Some((version, digest)), Err(Error::Household { path, .. })) =
            (self.pinned()?, self.household())
        else {
            return Ok(());
        };
        let found = mirrors.filter_map(|documents| documents.get(&version)).find(|bytes| is(bytes, &digest));
        if let Some(bytes) = found {
            folder::write(&path, bytes)?;
            self.healed.push(path);
        }
        Ok(())
    }

    /// The newest checkpoint of the ledger. `read` gives the tree and the size that a signed checkpoint of this ledger speaks
    /// of. Where the file is damaged or missing, or older than one that is known, a mirror's takes its place; and where no
    /// mirror has it, the one that lies under the root says what the ledger had at least.
    ///
    /// # Errors
    /// [`Error::NoCheckpoint`] where there is none at all: without it a ledger that was cut short could not be told.
    pub(crate) fn newest_checkpoint(
        &mut self,
        read: impl Fn(&str) -> Option<(u32, u64)>,
    ) -> Result<Pin, Error> {
        let path = self.folder.join(CHECKPOINT);
        let floor = self.secret(FLOOR).and_then(|note| String::from_utf8(note.to_vec()).ok());
        let least = floor.as_deref().and_then(&read);
        if let Some(note) = folder::read(&path)?.and_then(|bytes| String::from_utf8(bytes).ok())
            && read(&note).is_some_and(|here| Some(here) >= least)
        {
            return Ok(Pin::Newest(note));
        }
        let spared = std::mem::take(&mut self.spared);
        let newest = |followed: bool| {
            let notes = spared.iter().filter(|spared| spared.followed >= followed).map(|spared| &spared.note);
            let known = notes.filter_map(|note| Some((read(note)?, note)));
            known.filter(|(there, _)| Some(*there) >= least).max().map(|(_, note)| note.clone())
        };
        match (newest(true), newest(false).or(floor)) {
            (Some(note), _) => {
                self.healed.push(path);
                Ok(Pin::Newest(note))
            }
            (None, Some(note)) => Ok(Pin::Lost(note)),
            (None, None) => Err(Error::NoCheckpoint(path)),
        }
    }

    /// Pins a checkpoint, durably, before anybody is shown it. The mirrors learn of it, and nobody waits for them.
    pub(crate) fn pin_checkpoint(&mut self, checkpoint: &str) -> Result<(), Error> {
        if self.lock.is_none() {
            return Err(Error::Stopped("the strongbox was left, and may be another process's by now".into()));
        }
        self.check_place()?;
        // Of one that could not be written nobody knows whether it lies there.
        self.checkpoint = None;
        folder::write(&self.folder.join(CHECKPOINT), checkpoint.as_bytes())?;
        self.checkpoint = Some(checkpoint.to_owned());
        self.keyring.carry(FLOOR, checkpoint.as_bytes())?;
        drop(self.tell_mirrors());
        Ok(())
    }

    /// Pins a checkpoint unless it is the one that is pinned.
    pub(crate) fn pin_if_other(&mut self, checkpoint: &str) -> Result<(), Error> {
        let pinned = read_checkpoint(&self.folder)?;
        if pinned.is_some_and(|signed| signed.note == checkpoint) {
            return Ok(());
        }
        self.pin_checkpoint(checkpoint)
    }

    /// The document in force, for the mirrors.
    pub(super) fn document(&mut self) -> Option<Document> {
        let (version, _) = self.pinned().ok()??;
        if self.document.as_ref().is_none_or(|known| known.version != version) {
            // One that is damaged here is not copied.
            self.document = Document::pinned_in(&self.keyring, &self.folder).ok().flatten();
        }
        self.document.clone()
    }

    /// Writes the document in force and the newest checkpoint anew, as they are in memory, where other bytes lie there or none. Gives the
    /// files.
    pub(super) fn put_back_documents(&mut self) -> (Vec<PathBuf>, Result<(), Error>) {
        let document = self.document().map(|known| (document(&self.folder, known.version), known.bytes));
        let checkpoint =
            self.checkpoint.as_ref().map(|note| (self.folder.join(CHECKPOINT), note.as_bytes().into()));
        let mut rotten = Vec::new();
        let mut done = Ok(());
        for (path, bytes) in document.into_iter().chain(checkpoint) {
            if folder::read(&path).ok().flatten().as_deref() != Some(&*bytes) {
                done = done.and(folder::write(&path, &bytes));
                rotten.push(path);
            }
        }
        (rotten, done)
    }

    fn pinned(&self) -> Result<Option<(u64, [u8; 32])>, Error> {
        pinned(&self.keyring)
    }
}
