//! Whether what is open still lies where it was opened: a file that was removed, and a folder that was moved, take whatever is written
//! to them, and nobody finds it there afterwards.

use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The place of a file or folder that somebody keeps open, so that its inode is nobody else's meanwhile.
#[derive(Clone, Debug)]
pub(crate) struct InPlace {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl InPlace {
    /// What lies at a path now.
    pub(crate) fn of(path: &Path) -> io::Result<InPlace> {
        let found = std::fs::metadata(path)?;
        Ok(InPlace { path: path.to_owned(), device: found.dev(), inode: found.ino() })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether this process has it open, wherever it lies now.
    pub(crate) fn is_open(&self) -> bool {
        let Ok(open) = std::fs::read_dir("/proc/self/fd") else { return false };
        let is_it = |found: std::fs::Metadata| (found.dev(), found.ino()) == (self.device, self.inode);
        open.flatten().any(|file| std::fs::metadata(file.path()).is_ok_and(is_it))
    }

    /// What lies there now. A disk that does not say is none that has lost it.
    pub(crate) fn found(&self) -> Found {
        match std::fs::metadata(&self.path) {
            Ok(found) if (found.dev(), found.ino()) == (self.device, self.inode) => Found::Same,
            Ok(_) => Found::Other,
            Err(why) if matches!(why.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                Found::Nothing
            }
            Err(_) => Found::Same,
        }
    }

    /// Whether it is the very same that was there.
    pub(crate) fn is_there(&self) -> bool {
        self.found() == Found::Same
    }
}

/// What lies where something was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Same,
    Other,
    Nothing,
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_was_moved_removed_or_replaced_is_found_out_and_what_was_put_back_too() {
        let folder = tempfile::tempdir().unwrap();
        let (path, elsewhere) = (folder.path().join("file"), folder.path().join("elsewhere"));
        let open = fs::File::create(&path).unwrap();
        let place = InPlace::of(&path).unwrap();
        fs::write(&path, "written to").unwrap();
        assert_eq!(place.found(), Found::Same);
        fs::rename(&path, &elsewhere).unwrap();
        assert_eq!(place.found(), Found::Nothing);
        fs::write(&path, "another").unwrap();
        assert_eq!(place.found(), Found::Other);
        fs::rename(&elsewhere, &path).unwrap();
        assert!(place.is_there());
        fs::rename(&path, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        assert!(place.is_there(), "a link leads to the same");
        assert!(InPlace::of(&folder.path().join("nothing")).is_err());
        std::fs::remove_file(&elsewhere).unwrap();
        assert!(place.is_open() && !place.is_there(), "one that was removed too");
        drop(open);
        assert!(!place.is_open());
    }
}
