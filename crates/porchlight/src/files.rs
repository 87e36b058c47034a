//! Reading passphrases, and writing secrets and what was opened: readable by their owner alone.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use porchlight_hub::{FolderIdentity, household_around};
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

/// Checks, before anything is made, that secrets can be written here later: each to a file of its own, which is not there yet and lies
/// in no folder of a household, be it one that is still to be made.
pub(crate) fn must_be_free<'a>(
    files: impl IntoIterator<Item = &'a PathBuf>,
    to_be_made: &[PathBuf],
) -> Result<()> {
    let mut places: Vec<FolderIdentity> = Vec::new();
    for file in files {
        must_lie_elsewhere(file, to_be_made)?;
        must_be_new(file)?;
        let place = FolderIdentity::of(file)?;
        if places.iter().any(|other| other.is(&place)) {
            bail!("two secrets cannot be written to {}; name a file for each", file.display());
        }
        places.push(place);
    }
    Ok(())
}

/// Checks that a file lies in no folder of a household, before it is written.
pub(crate) fn must_lie_elsewhere(file: &Path, to_be_made: &[PathBuf]) -> Result<()> {
    if let Some(folder) = household_around(file, to_be_made)? {
        bail!(
            "{} would lie in {}, which is a folder of the household: what lies there is copied with it, or is as safe as the hub's own \
             keys and no safer; name a file elsewhere",
            file.display(),
            folder.display()
        );
    }
    Ok(())
}

fn must_be_new(file: &Path) -> Result<()> {
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
    let write = || -> io::Result<()> {
        let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
        out.write_all(text.as_bytes())?;
        out.sync_all()
    };
    write().with_context(|| format!("cannot write {}", file.display()))
}

/// Checks that a file can be written, before the deed that it is to tell of is done: what cannot be undone must not be found out of reach
/// of its paper. Nothing that is there is touched.
pub(crate) fn must_be_writable(file: &Path) -> Result<()> {
    let tried = match fs::metadata(file) {
        // A terminal or a pipe is what it is; opening it twice would end it for whoever reads.
        Ok(there) if !there.is_file() && !there.is_dir() => Ok(()),
        Ok(_) => OpenOptions::new().write(true).open(file).map(drop),
        Err(_) => OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(file)
            .and_then(|_| fs::remove_file(file)),
    };
    tried.map_err(|error| cannot_write(file, &error))
}

/// Why a file cannot be written, for whoever named it.
pub(crate) fn cannot_write(file: &Path, error: &io::Error) -> anyhow::Error {
    match error.kind() {
        io::ErrorKind::NotFound => anyhow!("cannot write {}: its folder is not there", file.display()),
        _ => anyhow!("cannot write {}: {error}", file.display()),
    }
}

/// A file to write to, in the place of one that is there. Whoever could read that one does not read what comes now.
pub(crate) fn create(file: &Path) -> io::Result<File> {
    let out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)?;
    // A terminal or a pipe keeps its own.
    if out.metadata()?.is_file() {
        out.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(out)
}

/// A file to write to and to read from, in the place of one that is there.
pub(crate) fn create_new(file: &Path) -> io::Result<File> {
    // Removed first: whoever has that one open does not read what comes now.
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(file)
}

/// Writes all of a file in the place of one that is there, as [`create`] does.
pub(crate) fn write(file: &Path, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    create(file)?.write_all(bytes.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whether_a_file_can_be_written_is_known_before_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("receipt");
        must_be_writable(&file).unwrap();
        assert!(!file.exists(), "what was tried is not left there");
        fs::write(&file, "one of before").unwrap();
        must_be_writable(&file).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"one of before");
        must_be_writable(Path::new("/dev/null")).unwrap();
        let why = must_be_writable(&folder.path().join("mistyped/receipt")).unwrap_err().to_string();
        assert!(why.contains("its folder is not there"), "{why}");
        for nowhere in [folder.path().to_owned(), file.join("below")] {
            assert!(must_be_writable(&nowhere).is_err(), "{}", nowhere.display());
        }
    }

    #[test]
    fn what_is_written_over_a_file_that_others_could_read_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("out.wav");
        fs::write(&file, "something longer that was there").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
        write(&file, "words").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"words");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        // What is no file is left as it is.
        write(Path::new("/dev/null"), "words").unwrap();
    }
}
