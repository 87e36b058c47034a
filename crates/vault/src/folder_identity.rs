//! Which folder a path means, however it is written.
//!
//! Two paths can mean one folder, or folders of which one lies in the other: by a slash at the end, a dot, a link, other letters on
//! a disk that takes `A` for `a`, or a second mount of the same disk. What people copy must never hold a strongbox, so the
//! folders of a household are compared as what they are, also before they are made.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::beside::resolved;
use crate::error::Error;
use crate::file_names::{DATA_MARK, STRONGBOX_MARK};
use crate::misplaced::Misplaced;
use crate::mounts;

/// A folder as what it is, whether it is there yet or not.
#[derive(Clone, Debug)]
pub struct FolderIdentity {
    /// From the root, without a link, a dot or a slash at the end.
    path: PathBuf,
    /// The file system's own name of this folder, where it is there.
    inode: Option<Inode>,
    /// Those of every folder above it that is there.
    above: BTreeSet<Inode>,
    /// Where it lies in its file system, wherever that is mounted; none where the kernel does not say.
    mounted: Option<mounts::Location>,
}

/// A file system's own name of a folder: device and number.
type Inode = (u64, u64);

impl FolderIdentity {
    /// The folder that a path means.
    ///
    /// # Errors
    /// [`Error::Io`] where links lead in a circle, or the working directory of a relative path is gone.
    pub fn of(path: &Path) -> Result<FolderIdentity, Error> {
        let real = resolved(path).map_err(Error::io("find", path))?;
        let inode = |folder: &Path| fs::metadata(folder).ok().map(|is| (is.dev(), is.ino()));
        Ok(FolderIdentity {
            inode: inode(&real),
            above: real.ancestors().skip(1).filter_map(inode).collect(),
            mounted: mounts::location(&real),
            path: real,
        })
    }

    /// Whether the other is this folder, or lies in it.
    pub fn holds(&self, other: &FolderIdentity) -> bool {
        let by_mount = match (&self.mounted, &other.mounted) {
            (Some(outer), Some(inner)) => outer.holds(inner),
            _ => false,
        };
        let by_inode = self.inode.is_some_and(|it| other.inode == Some(it) || other.above.contains(&it));
        other.path.starts_with(&self.path) || by_inode || by_mount
    }

    /// Whether both are one folder.
    pub fn is(&self, other: &FolderIdentity) -> bool {
        self.holds(other) && other.holds(self)
    }

    /// Its path from the root, without a link, a dot or a slash at the end.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Which folders of a household are not apart from each other; the first strongbox is the one in use.
///
/// # Errors
/// As for [`FolderIdentity::of`].
pub fn misplaced(data: &Path, strongboxes: &[PathBuf]) -> Result<Vec<Misplaced>, Error> {
    let whole = FolderIdentity::of(data)?;
    let boxes = strongboxes.iter().map(|path| Ok((path, FolderIdentity::of(path)?)));
    let boxes = boxes.collect::<Result<Vec<_>, Error>>()?;
    let mut found = Vec::new();
    for (at, (path, strongbox)) in boxes.iter().enumerate() {
        if whole.holds(strongbox) {
            found.push(Misplaced::StrongboxInData { strongbox: path.to_path_buf(), data: data.into() });
        } else if strongbox.holds(&whole) {
            found.push(Misplaced::DataInStrongbox { data: data.into(), strongbox: path.to_path_buf() });
        }
        let overlaps = |other: &FolderIdentity| other.holds(strongbox) || strongbox.holds(other);
        if let Some((other, _)) = boxes[..at].iter().find(|(_, other)| overlaps(other)) {
            found.push(Misplaced::Overlapping { strongbox: path.to_path_buf(), other: other.to_path_buf() });
        }
    }
    Ok(found)
}

/// Refuses folders in which a household must not be made.
///
/// # Errors
/// [`Error::Misplaced`], and as for [`FolderIdentity::of`].
pub fn check_apart(data: &Path, strongboxes: &[PathBuf]) -> Result<(), Error> {
    misplaced(data, strongboxes)?.into_iter().next().map_or(Ok(()), |found| Err(Error::Misplaced(found)))
}

/// The folder of a household in which a file would lie: one of those that are to be made, or one that is there, with its mark. What
/// belongs to nobody but one person is in no good place there, for the data folder is copied, and a strongbox is for the hub alone.
///
/// # Errors
/// As for [`FolderIdentity::of`].
pub fn household_around(file: &Path, to_be_made: &[PathBuf]) -> Result<Option<PathBuf>, Error> {
    let file = FolderIdentity::of(file)?;
    for folder in to_be_made {
        if FolderIdentity::of(folder)?.holds(&file) {
            return Ok(Some(folder.clone()));
        }
    }
    let is_marked = |folder: &&Path| folder.join(DATA_MARK).exists() || folder.join(STRONGBOX_MARK).exists();
    Ok(file.path().ancestors().skip(1).find(is_marked).map(Path::to_owned))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn identity(path: impl AsRef<Path>) -> FolderIdentity {
        FolderIdentity::of(path.as_ref()).unwrap()
    }

    #[test]
    fn a_folder_is_the_same_however_its_name_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        symlink("home", folder.path().join("link")).unwrap();
        symlink(folder.path().join("not/there"), folder.path().join("dangling")).unwrap();
        // Before it is there, and after.
        for _ in 0..2 {
            for name in ["home", "home/", "home/.", "./home", "x/../home", "link", "link/", "home/x/.."] {
                let path = PathBuf::from(format!("{}/{name}", folder.path().display()));
                assert!(identity(&path).is(&identity(&home)), "{name}");
                assert!(identity(&home).holds(&identity(path.join("box"))), "{name}");
                assert!(!identity(path.join("box")).holds(&identity(&home)), "{name}");
            }
            for name in ["home.strongbox", "homes", "..", "dangling"] {
                let other = identity(folder.path().join(name));
                assert!(!identity(&home).holds(&other), "{name}");
            }
            fs::create_dir_all(&home).unwrap();
        }
        assert!(identity(folder.path().join("dangling")).is(&identity(folder.path().join("not/there"))));
    }

    #[test]
    fn a_file_in_a_folder_of_a_household_is_found_out_however_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let (data, mirror) = (path("home"), path("stick"));
        let around = |file: &str, to_be_made: &[PathBuf]| {
            let found = household_around(&path(file), to_be_made).unwrap();
            found.map(|folder| folder.canonicalize().unwrap_or(folder))
        };
        symlink("home", path("link")).unwrap();
        symlink("home/kit", path("kit")).unwrap();
        let inside =
            ["home/kit", "home/./kit", "home/blobs/../kit", "x/../home/kit", "link/a/kit", "kit", "home"];
        for file in inside {
            assert_eq!(
                around(file, std::slice::from_ref(&data)),
                Some(data.clone()),
                "before it is made: {file}"
            );
            assert_eq!(around(file, &[]), None, "{file}");
        }
        fs::create_dir_all(data.join("blobs")).unwrap();
        fs::create_dir_all(mirror.join("a")).unwrap();
        fs::write(data.join(DATA_MARK), "{}").unwrap();
        fs::write(mirror.join(STRONGBOX_MARK), "{}").unwrap();
        for file in &inside[..6] {
            assert_eq!(around(file, &[]), Some(data.canonicalize().unwrap()), "{file}");
        }
        assert_eq!(around("stick/a/kit", &[]), Some(mirror.canonicalize().unwrap()));
        for file in ["homes/kit", "kit of Anna", "home.strongbox/kit", "home/../kit of Anna"] {
            assert_eq!(around(file, std::slice::from_ref(&data)), None, "{file}");
        }
    }

    #[test]
    fn links_that_lead_in_a_circle_are_told() {
        let folder = tempfile::tempdir().unwrap();
        symlink("b", folder.path().join("a")).unwrap();
        symlink("a", folder.path().join("b")).unwrap();
        let why = FolderIdentity::of(&folder.path().join("a/box")).unwrap_err();
        assert!(why.to_string().contains("in a circle"), "{why}");
    }

    #[test]
    fn a_folder_that_is_there_is_known_by_its_inode_under_any_name() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("home")).unwrap();
        let home = identity(folder.path().join("home"));
        // As on a disk that takes one spelling for the other, and as with a second mount of one.
        let other = FolderIdentity {
            path: "/elsewhere/HOME/box".into(),
            inode: None,
            above: BTreeSet::from_iter(home.inode),
            mounted: None,
        };
        assert!(home.holds(&other) && !other.holds(&home));
    }

    #[test]
    fn folders_of_a_household_that_are_not_apart_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let (data, beside) = (path("home"), path("home.strongbox"));
        symlink("home/box", path("link")).unwrap();
        symlink("home.strongbox", path("same")).unwrap();
        let found = |boxes: &[PathBuf]| misplaced(&data, boxes).unwrap();
        assert_eq!(found(&[beside.clone(), path("stick/mirror")]), []);
        for inside in [data.clone(), path("home/box"), path("home/./.strongbox"), path("link")] {
            let expected = Misplaced::StrongboxInData { strongbox: inside.clone(), data: data.clone() };
            assert_eq!(found(std::slice::from_ref(&inside)).first(), Some(&expected));
            assert_eq!(found(&[beside.clone(), inside]), [expected], "a mirror");
        }
        let around = Misplaced::DataInStrongbox { data: data.clone(), strongbox: folder.path().into() };
        assert_eq!(found(&[folder.path().into()]), [around]);
        for again in [beside.clone(), beside.join("."), path("same"), beside.join("in it")] {
            let expected = Misplaced::Overlapping { strongbox: again.clone(), other: beside.clone() };
            assert_eq!(found(&[beside.clone(), path("stick"), again]), [expected]);
        }
        assert!(matches!(check_apart(&data, &[path("link")]), Err(Error::Misplaced(_))));
        check_apart(&data, &[beside]).unwrap();
    }
}
