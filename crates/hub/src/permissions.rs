//! Everything in the hub's folders is for its owner alone, whoever copied it there and whatever earlier releases wrote.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tracing::{info, warn};

/// What a group and the rest of the world may do.
const OTHERS: u32 = 0o077;

/// Takes from everybody but the owner what they may do in these folders. What cannot be changed is named, and the hub goes on: the
/// folders themselves let nobody in.
pub(crate) async fn tighten(folders: impl IntoIterator<Item = PathBuf>) {
    let folders: Vec<PathBuf> = folders.into_iter().collect();
    let done = tokio::task::spawn_blocking(move || {
        for folder in folders {
            match tighten_all(&folder) {
                Ok(0) => {}
                Ok(count) => {
                    info!(target: "porchlight", "{count} files of {} were open to others, and are no more", folder.display());
                }
                Err(why) => {
                    warn!(target: "porchlight", "not everything in {} could be closed to others: {why}", folder.display());
                }
            }
        }
    });
    if let Err(why) = done.await {
        warn!(target: "porchlight", "the folders could not be looked over: {why}");
    }
}

/// How many were open to others. Links are not followed: what they lead to is not ours.
fn tighten_all(path: &Path) -> io::Result<usize> {
    let found = fs::symlink_metadata(path)?;
    let mode = found.permissions().mode() & 0o7777;
    let mut count = 0;
    if (found.is_file() || found.is_dir()) && mode & OTHERS != 0 {
        fs::set_permissions(path, Permissions::from_mode(mode & !OTHERS))?;
        count += 1;
    }
    if found.is_dir() {
        for entry in fs::read_dir(path)? {
            match tighten_all(&entry?.path()) {
                // A camera's segment may come and go meanwhile.
                Err(why) if why.kind() == io::ErrorKind::NotFound => {}
                done => count += done?,
            }
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_could_read_is_closed_and_what_a_link_leads_to_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let (inside, outside) = (folder.path().join("hub"), folder.path().join("outside"));
        fs::create_dir_all(inside.join("blobs")).unwrap();
        for file in [&inside.join("blobs/one"), &inside.join("two"), &outside] {
            fs::write(file, "x").unwrap();
            fs::set_permissions(file, Permissions::from_mode(0o644)).unwrap();
        }
        fs::set_permissions(inside.join("blobs"), Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(&inside, Permissions::from_mode(0o700)).unwrap();
        std::os::unix::fs::symlink(&outside, inside.join("link")).unwrap();
        assert_eq!(tighten_all(&inside).unwrap(), 3);
        assert_eq!(tighten_all(&inside).unwrap(), 0);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&inside.join("blobs/one")), mode(&inside.join("blobs"))), (0o600, 0o700));
        assert_eq!(mode(&outside), 0o644);
    }
}
