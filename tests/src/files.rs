//! Looking into folders as an attacker or a careful owner would.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Every file below a folder. One that goes away meanwhile is left out.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => files.extend(files_below(&path)),
            false => files.push(path),
        }
    }
    files
}

/// The first file below `folder` that holds these bytes.
pub fn find_bytes(folder: &Path, bytes: &[u8]) -> Option<PathBuf> {
    assert!(bytes.len() >= 4, "fewer bytes are found by chance");
    files_below(folder)
        .into_iter()
        .find(|file| fs::read(file).is_ok_and(|held| held.windows(bytes.len()).any(|here| here == bytes)))
}

/// Copies a folder as `cp -a` does. A file that goes away while a hub works in there is left out, as in any copy of that kind.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap_or_else(|error| panic!("cannot make {}: {error}", to.display()));
    for entry in fs::read_dir(from).expect("a folder to copy").flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        match path.is_dir() {
            true => copy_folder(&path, &target),
            false => drop(fs::copy(path, target)),
        }
    }
}

/// The permission bits of a file, such as `0o600`.
pub fn mode(file: &Path) -> u32 {
    fs::metadata(file).expect("a file").permissions().mode() & 0o777
}
