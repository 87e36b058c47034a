//! What the strongbox holds beside the keys: the household document and the newest checkpoint.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use porchlight_keyring::{Keyring, Spare};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::error::Error;
use crate::file_names::ORIGIN;
use crate::folder;

/// The secret that pins the document: `version u64 ‖ SHA-256`.
pub(super) const PIN: &str = "vault/household";
pub(super) const CHECKPOINT: &str = "checkpoint";

/// A household document, as it lies in a strongbox.
#[derive(Clone)]
pub(super) struct Document {
    pub(super) version: u64,
    pub(super) bytes: Arc<[u8]>,
}

/// What is known of the newest checkpoint.
pub(crate) enum Pin {
    /// It is this.
    Newest(String),
    /// It is lost, and was this one or one that followed it.
    Lost(String),
}

/// A checkpoint of a mirror.
pub(super) struct Spared {
    pub(super) note: String,
    /// Whether the mirror had followed to the very generation, and so, as good as certainly, to the last line.
    pub(super) followed: bool,
}

/// The version and the hash of the document in force.
pub(super) fn pinned(keyring: &Keyring) -> Result<Option<(u64, [u8; 32])>, Error> {
    let Some(pin) = keyring.secret(PIN) else { return Ok(None) };
    read_pin(pin).map(Some).ok_or(Error::NoSecret(PIN))
}

fn read_pin(pin: &[u8]) -> Option<(u64, [u8; 32])> {
    let (version, digest) = pin.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*version), digest.try_into().ok()?))
}

impl Document {
    /// The one that a keyring pins, from the folder of its strongbox; none where it is not there as it was pinned.
    pub(super) fn pinned_in(keyring: &Keyring, folder: &Path) -> Result<Option<Document>, Error> {
        let Some(pin) = pinned(keyring)? else { return Ok(None) };
        Document::read(folder, pin)
    }

    /// The same, of a keyring that is not opened but read.
    pub(super) fn pinned_in_spare(spare: &Spare, folder: &Path) -> Option<Document> {
        Document::read(folder, read_pin(&spare.secret(PIN)?)?).ok().flatten()
    }

    fn read(folder: &Path, (version, digest): (u64, [u8; 32])) -> Result<Option<Document>, Error> {
        let bytes = folder::read(&document(folder, version))?.filter(|bytes| is(bytes, &digest));
        Ok(bytes.map(|bytes| Document { version, bytes: bytes.into() }))
    }

    /// Puts it into a strongbox, unless the very same is there. Gives the file where it was there and not as it was signed.
    pub(super) fn put(&self, folder: &Path) -> Result<Option<PathBuf>, Error> {
        let path = document(folder, self.version);
        let there = folder::read(&path);
        if there.as_ref().is_ok_and(|there| there.as_deref() == Some(&*self.bytes)) {
            return Ok(None);
        }
        folder::write(&path, &self.bytes)?;
        let is_new = matches!(there, Ok(None));
        Ok((!is_new).then_some(path))
    }

    /// Removes every other version from a strongbox that has this one.
    pub(super) fn remove_others(&self, folder: &Path) {
        remove_others(folder, self.version);
    }
}

/// Removes every other version. What cannot be removed now is removed after the next change: the pin says which counts.
pub(super) fn remove_others(folder: &Path, kept: u64) {
    for (version, path) in documents(folder).unwrap_or_default() {
        if version != Some(kept) {
            let _ = fs::remove_file(path);
        }
    }
}

/// Every household document of a strongbox, by its version.
pub(super) fn read_all(folder: &Path) -> Result<BTreeMap<u64, Vec<u8>>, Error> {
    let mut all = BTreeMap::new();
    for (version, path) in documents(folder)? {
        if let (Some(version), Some(bytes)) = (version, folder::read(&path)?) {
            all.insert(version, bytes);
        }
    }
    Ok(all)
}

/// A checkpoint as it lies in a strongbox. Nobody has checked its signature.
#[derive(Clone)]
pub(super) struct Signed {
    pub(super) note: String,
    /// How many lines it speaks of, and when it was written.
    pub(super) last: Option<(u64, Timestamp)>,
}

/// The checkpoint of a strongbox; none where there is none that is text.
pub(super) fn read_checkpoint(folder: &Path) -> Result<Option<Signed>, Error> {
    let path = folder.join(CHECKPOINT);
    let Some(note) = folder::read(&path)?.and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return Ok(None);
    };
    let lines = note.lines().nth(1).and_then(|lines| lines.parse().ok());
    let written = fs::metadata(&path).and_then(|about| about.modified()).ok();
    let written = written.and_then(|at| Timestamp::try_from(at).ok());
    Ok(Some(Signed { note, last: lines.zip(written) }))
}

/// The household for which the checkpoint of a strongbox is signed, as its first line names it.
pub(super) fn household_of(folder: &Path) -> Option<String> {
    let note = read_checkpoint(folder).ok().flatten()?.note;
    note.lines().next()?.strip_prefix(ORIGIN).map(str::to_owned)
}

pub(super) fn put_checkpoint(folder: &Path, checkpoint: &str) -> Result<(), Error> {
    put_if_other(&folder.join(CHECKPOINT), checkpoint.as_bytes())
}

pub(super) fn is(document: &[u8], digest: &[u8; 32]) -> bool {
    Sha256::digest(document)[..].ct_eq(digest).into()
}

pub(super) fn document(folder: &Path, version: u64) -> PathBuf {
    folder.join(format!("household-{version}.json"))
}

/// The files that are called like household documents, with the version that the name says.
pub(super) fn documents(folder: &Path) -> Result<Vec<(Option<u64>, PathBuf)>, Error> {
    let mut found = Vec::new();
    for file in fs::read_dir(folder).map_err(Error::io("list", folder))?.flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        if let Some(rest) = name.strip_prefix("household-") {
            found.push((rest.strip_suffix(".json").and_then(|version| version.parse().ok()), file.path()));
        }
    }
    Ok(found)
}

pub(super) fn put_if_other(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    if folder::read(path)?.as_deref() == Some(bytes) { Ok(()) } else { folder::write(path, bytes) }
}
