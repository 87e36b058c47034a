//! What lies where a folder was named in which something of a household was looked for: a name that was mistyped is told as what it
//! leads to, and not in the words of a system call.

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A folder that was named, and what is there in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFolder {
    /// As it was named.
    pub path: PathBuf,
    /// What is there.
    pub found: Found,
}

/// What is there where a folder was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// A file.
    File,
    /// Nothing, and a file where one of the folders above it would be.
    BelowFile,
    /// A folder that this user may not look into.
    Closed,
    /// A folder with nothing in it.
    Empty,
    /// A folder with other things in it.
    Other,
}

impl NamedFolder {
    /// Looks at what is there.
    pub fn at(path: &Path) -> NamedFolder {
        let found = match fs::read_dir(path) {
            Ok(mut inside) => match inside.next() {
                None => Found::Empty,
                Some(_) => Found::Other,
            },
            Err(why) => match why.kind() {
                ErrorKind::PermissionDenied => Found::Closed,
                ErrorKind::NotADirectory if fs::metadata(path).is_ok() => Found::File,
                ErrorKind::NotADirectory => Found::BelowFile,
                _ => Found::Nothing,
            },
        };
        NamedFolder { path: path.into(), found }
    }

    /// One that this user may not look into.
    pub(crate) fn closed(path: &Path) -> NamedFolder {
        NamedFolder { path: path.into(), found: Found::Closed }
    }

    /// What can be done where no data folder is.
    pub(crate) fn instead_of_data(&self) -> &'static str {
        match self.found {
            Found::Closed => "run this as the user to whom it belongs, or give this one access to it",
            _ => "name the right one with --data, or make a household there with `porchlight init`",
        }
    }

    /// What can be done where no strongbox is.
    pub(crate) fn instead_of_strongbox(&self) -> &'static str {
        match self.found {
            Found::Closed => "run this as the user to whom it belongs, or give this one access to it",
            _ => "put it back, attach its disk, or name it, or a mirror of it, as the strongbox",
        }
    }
}

impl fmt::Display for NamedFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match self.found {
            Found::Nothing => write!(f, "there is nothing at {path}"),
            Found::File => write!(f, "{path} is a file, and no folder"),
            Found::BelowFile => {
                write!(f, "there is nothing at {path}, and above it is a file in the place of a folder")
            }
            Found::Closed => write!(f, "this user may not look into {path}"),
            Found::Empty => write!(f, "{path} is an empty folder"),
            Found::Other => write!(f, "{path} is a folder with other things in it"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_was_mistyped_is_told_as_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("file"), "").unwrap();
        fs::create_dir(path("empty")).unwrap();
        for (path, found) in [
            (path("nothing"), Found::Nothing),
            (path("file"), Found::File),
            (path("file/below"), Found::BelowFile),
            (path("empty"), Found::Empty),
            (folder.path().to_owned(), Found::Other),
        ] {
            let named = NamedFolder::at(&path);
            assert_eq!(named.found, found);
            assert!(named.to_string().contains(path.to_str().unwrap()), "{named}");
        }
        assert!(NamedFolder::closed(folder.path()).instead_of_data().contains("access"));
    }
}
