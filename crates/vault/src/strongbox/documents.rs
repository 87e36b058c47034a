//! What the strongbox holds beside the keys: the household document and the newest checkpoint.

use std::fs;
use std::path::{Path, PathBuf};

use porchlight_keyring::Change;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::Strongbox;
use crate::error::Error;
use crate::folder;

/// The secret that pins the document: `version u64 ‖ SHA-256`.
const PIN: &str = "vault/household";
const CHECKPOINT: &str = "checkpoint";

impl Strongbox {
    /// The document in force, as it was pinned; `None` before there is one.
    pub(crate) fn household(&self) -> Result<Option<Vec<u8>>, Error> {
        let Some((version, digest)) = self.pinned()? else { return Ok(None) };
        let path = document(&self.folder, version);
        let not_it = |why: &str| Error::Household { path: path.clone(), why: why.into() };
        let bytes = folder::read(&path)?.ok_or_else(|| not_it("it is missing; a mirror may have it"))?;
        if !bool::from(Sha256::digest(&bytes)[..].ct_eq(&digest)) {
            return Err(not_it("its bytes were changed; a mirror may have it as it was"));
        }
        Ok(Some(bytes))
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
        folder::write(&document(&self.folder, version), bytes)?;
        let pin = [&version.to_be_bytes()[..], &Sha256::digest(bytes)].concat();
        let generation = self.apply(secrets.put(PIN, &pin));
        // Whichever is in force now: the other one names people too. Of a slot that failed nobody knows, and the next start does it.
        if !self.is_broken() {
            self.remove_other_documents();
        }
        generation
    }

    /// Removes every document but the one in force: one that a crash left beside it, or that was never in force.
    pub(crate) fn remove_other_documents(&self) {
        if let Ok(Some((version, _))) = self.pinned() {
            remove_others(&self.folder, version);
        }
    }

    /// The newest checkpoint of the ledger, as it was signed.
    pub(crate) fn checkpoint(&self) -> Result<Option<String>, Error> {
        let path = self.folder.join(CHECKPOINT);
        match folder::read(&path)? {
            None => Ok(None),
            Some(bytes) => String::from_utf8(bytes)
                .map(Some)
                .map_err(|_| Error::BadFile { path, why: "it is not text".into() }),
        }
    }

    /// Pins a checkpoint, durably, before anybody is shown it.
    pub(crate) fn pin_checkpoint(&self, checkpoint: &str) -> Result<(), Error> {
        folder::write(&self.folder.join(CHECKPOINT), checkpoint.as_bytes())
    }

    /// Pins a checkpoint unless it is the one that is pinned.
    pub(crate) fn pin_if_other(&self, checkpoint: &str) -> Result<(), Error> {
        if self.checkpoint()?.as_deref() == Some(checkpoint) {
            Ok(())
        } else {
            self.pin_checkpoint(checkpoint)
        }
    }

    /// Puts the document in force beside the one that a mirror has.
    pub(super) fn copy_household(&self, mirror: &Path) -> Result<(), Error> {
        let Some((version, _)) = self.pinned()? else { return Ok(()) };
        let bytes = self.household()?.unwrap_or_default();
        put_if_other(&document(mirror, version), &bytes)
    }

    /// Brings the checkpoint to a mirror that has followed, and removes the documents that it pins no more.
    pub(super) fn copy_checkpoint(&self, mirror: &Path) -> Result<(), Error> {
        if let Some((version, _)) = self.pinned()? {
            remove_others(mirror, version);
        }
        match self.checkpoint()? {
            Some(checkpoint) => put_if_other(&mirror.join(CHECKPOINT), checkpoint.as_bytes()),
            None => Ok(()),
        }
    }

    fn pinned(&self) -> Result<Option<(u64, [u8; 32])>, Error> {
        let Some(pin) = self.keyring.secret(PIN) else { return Ok(None) };
        let parsed = pin.split_first_chunk::<8>().and_then(|(version, digest)| {
            Some((u64::from_be_bytes(*version), <[u8; 32]>::try_from(digest).ok()?))
        });
        parsed.map(Some).ok_or(Error::NoSecret(PIN))
    }
}

fn document(folder: &Path, version: u64) -> PathBuf {
    folder.join(format!("household-{version}.json"))
}

fn put_if_other(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    if folder::read(path)?.as_deref() == Some(bytes) { Ok(()) } else { folder::write(path, bytes) }
}

/// Removes every other version. What cannot be removed now is removed after the next change: the pin says which counts.
fn remove_others(folder: &Path, version: u64) {
    let kept = document(folder, version);
    let Ok(files) = fs::read_dir(folder) else { return };
    for path in files.flatten().map(|file| file.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("household-") && path != kept {
            let _ = fs::remove_file(&path);
        }
    }
}
