//! Which folder lies beside another, and where a path leads.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::file_names::STRONGBOX_MARK;

/// As many links are followed as Linux follows in one path.
const MOST_LINKS: usize = 40;

/// Where the strongbox of a data folder lies unless it was put elsewhere: beside it, under its name with `.strongbox` added.
///
/// Before folders were compared as what they are, a name such as `home/` or `.` put it inside. It is found there, so that the
/// household opens and is told to move it; none is ever made there.
pub fn strongbox_beside(data: &Path) -> PathBuf {
    let beside = beside(data, ".strongbox");
    let mut as_written = data.as_os_str().to_owned();
    as_written.push(".strongbox");
    let inside = [as_written.into(), data.join(".strongbox"), data.join("..strongbox")];
    let is_one = |folder: &PathBuf| folder.join(STRONGBOX_MARK).exists();
    if is_one(&beside) {
        return beside;
    }
    inside.into_iter().find(is_one).unwrap_or(beside)
}

/// The folder beside another, under its name with an ending. As the path is written, where that has a name in the end: a link
/// has its strongbox beside itself.
pub(crate) fn beside(folder: &Path, ending: &str) -> PathBuf {
    // Without the slashes and dots that change nothing.
    let plain: PathBuf = folder.components().collect();
    let named = match plain.file_name() {
        Some(_) => plain,
        None => resolved(&plain).unwrap_or(plain),
    };
    let mut name = named.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    named.with_file_name(name)
}

/// A path with every link followed, whether or not what it leads to is there.
pub(crate) fn resolved(path: &Path) -> io::Result<PathBuf> {
    let mut real = if path.is_absolute() { PathBuf::from("/") } else { std::env::current_dir()? };
    // The next part is the last of these.
    let mut parts = parts_of(path);
    let mut links = 0;
    while let Some(part) = parts.pop() {
        match part.as_encoded_bytes() {
            b"/" => real = PathBuf::from("/"),
            b"." => {}
            b".." => {
                real.pop();
            }
            _ => {
                let next = real.join(&part);
                match fs::read_link(&next) {
                    Ok(_) if links == MOST_LINKS => {
                        return Err(io::Error::other("links lead in a circle"));
                    }
                    Ok(target) => {
                        links += 1;
                        parts.extend(parts_of(&target));
                    }
                    // No link: a folder, or nothing yet.
                    Err(_) => real = next,
                }
            }
        }
    }
    Ok(real)
}

/// The parts of a path, the last one first.
fn parts_of(path: &Path) -> Vec<OsString> {
    path.components().rev().map(|part| part.as_os_str().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strongbox_lies_beside_its_data_folder_however_that_is_written() {
        for (data, beside) in [
            ("home", "home.strongbox"),
            ("home/", "home.strongbox"),
            ("home/.", "home.strongbox"),
            ("./home//", "./home.strongbox"),
            ("/srv/a b/home/", "/srv/a b/home.strongbox"),
        ] {
            assert_eq!(strongbox_beside(Path::new(data)), Path::new(beside), "{data}");
        }
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        let expected = real.with_file_name(format!("{}.strongbox", real.file_name().unwrap().display()));
        assert_eq!(strongbox_beside(&folder.path().join("x/..")), expected);
        let here = std::env::current_dir().unwrap();
        let expected = here.with_file_name(format!("{}.strongbox", here.file_name().unwrap().display()));
        assert_eq!(strongbox_beside(Path::new(".")), expected);
    }

    #[test]
    fn one_that_was_put_inside_is_found_there_and_one_beside_comes_first() {
        for inside in [".strongbox", "..strongbox"] {
            let folder = tempfile::tempdir().unwrap();
            let home = folder.path().join("home");
            let make = |strongbox: &Path| {
                fs::create_dir_all(strongbox).unwrap();
                fs::write(strongbox.join(STRONGBOX_MARK), "{}").unwrap();
            };
            make(&home.join(inside));
            for name in ["home", "home/", "home/."] {
                assert!(strongbox_beside(&folder.path().join(name)).starts_with(&home), "{name}");
            }
            make(&folder.path().join("home.strongbox"));
            assert_eq!(strongbox_beside(&home), folder.path().join("home.strongbox"));
        }
    }
}
