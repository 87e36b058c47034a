//! Reading passphrases and writing secrets: never printed, never overwritten, readable by their owner alone.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result, bail};
use zeroize::Zeroizing;

/// Reads a passphrase or secret from a file: its first line, without the line's end.
pub(crate) fn read_secret(file: &Path) -> Result<Zeroizing<String>> {
    let text =
        Zeroizing::new(fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?);
    // Some editors begin a file with a byte order mark, which nobody sees or means.
    let secret = text.trim_start_matches('\u{feff}').lines().next().unwrap_or_default();
    if secret.is_empty() {
        bail!("{} is empty: write the secret on its first line", file.display());
    }
    Ok(Zeroizing::new(secret.to_owned()))
}

/// Checks, before anything is made, that a secret can be written here later: the file must not be there yet.
pub(crate) fn must_be_new(file: &Path) -> Result<()> {
    if file.exists() {
        bail!(
            "{} is already there, and may be the only copy of a key; name another file or move it away",
            file.display()
        );
    }
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty())
        && !folder.is_dir()
    {
        bail!("there is no folder {}; make it first", folder.display());
    }
    Ok(())
}

/// Writes a new file with mode 0600, durably.
pub(crate) fn write_secret(file: &Path, text: &str) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
        out.write_all(text.as_bytes())?;
        out.sync_all()
    };
    write().with_context(|| format!("cannot write {}", file.display()))
}
