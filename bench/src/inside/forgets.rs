//! What the schemes of forgetting have in common.

use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

use anyhow::Result;

/// What forgets, with as many recordings as it was made for, numbered from 0.
pub(super) trait Forgets: Sized {
    /// Makes it in an empty folder.
    async fn fill(folder: &Path, recordings: u64) -> Result<()>;

    /// Opens what was made.
    async fn open(folder: &Path, recordings: u64) -> Result<Self>;

    /// Does what need not be measured before these go: what an application would have had lying there already, with a file for
    /// each if they are few.
    async fn expect(&mut self, _gone: &[RangeInclusive<u64>], _few: bool) -> Result<()> {
        Ok(())
    }

    /// Forgets, for good and durably when this returns.
    async fn forget(&mut self, gone: &[RangeInclusive<u64>]) -> Result<()>;

    /// Bytes that it has to keep now.
    fn state(&self) -> Result<f64>;

    async fn close(self) -> Result<()>;
}

/// A copy of a folder's files beside them. It goes when it is dropped. All that was written before is on the disk when this
/// returns, so that no leg pays for the one before.
pub(super) fn copied(folder: &Path) -> Result<tempfile::TempDir> {
    let copy = tempfile::Builder::new().prefix("leg-").tempdir_in(folder)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), copy.path().join(entry.file_name()))?;
        }
    }
    nix::unistd::sync();
    Ok(copy)
}

/// The length of all files of a folder together.
pub(super) fn bytes_in(folder: &Path) -> Result<f64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let about = entry?.metadata()?;
        bytes += if about.is_file() { about.len() } else { 0 };
    }
    Ok(bytes as f64)
}
