//! What weakens the promise of the strongbox, said at every start.

use std::fmt;
use std::path::{Path, PathBuf};

use rustix::process::{Resource, getrlimit};

use super::{Mirror, Strongbox};

/// Something that weakens what forgetting can promise here. Its text says what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The file system keeps or may keep old versions of a file, so a destroyed root key can survive in it.
    KeepsOldVersions {
        /// The strongbox or mirror.
        path: PathBuf,
        /// The file system.
        file_system: &'static str,
    },
    /// The file system is gone after a restart, and with it every recording.
    Volatile {
        /// The strongbox or mirror.
        path: PathBuf,
        /// The file system.
        file_system: &'static str,
    },
    /// Memory may be written to a disk.
    Swap,
    /// A crash may write memory to a disk.
    CoreDumps,
    /// A mirror has not followed.
    MirrorPending {
        /// The mirror.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::KeepsOldVersions { path, file_system } => write!(
                f,
                "the strongbox {} is on {file_system}, which can keep what was overwritten, snapshots included: \
                 place it on ext4 or xfs",
                path.display()
            ),
            Warning::Volatile { path, file_system } => write!(
                f,
                "the strongbox {} is on {file_system}, which may not survive a restart, and every recording is lost with it: \
                 place it on a disk",
                path.display()
            ),
            Warning::Swap => {
                f.write_str("swap is on, so keys in memory can reach a disk: turn it off, or encrypt it")
            }
            Warning::CoreDumps => f.write_str(
                "core dumps are possible, so keys in memory can reach a disk: start with `ulimit -c 0`",
            ),
            Warning::MirrorPending { path, why } => write!(
                f,
                "the mirror {} has not followed ({why}), and can still open what was forgotten since: attach it",
                path.display()
            ),
        }
    }
}

impl Strongbox {
    /// Everything that weakens this strongbox now.
    pub(crate) fn warnings(&self) -> Vec<Warning> {
        let folders = std::iter::once(&self.folder).chain(self.mirrors.iter().map(|(path, _)| path));
        let mut warnings: Vec<_> = folders.filter_map(|folder| of_file_system(folder)).collect();
        if has_swap(&read("/proc/swaps")) && !is_locked(&read("/proc/self/status")) {
            warnings.push(Warning::Swap);
        }
        // No limit at all reads as `None`.
        if getrlimit(Resource::Core).current != Some(0) {
            warnings.push(Warning::CoreDumps);
        }
        for (path, mirror) in &self.mirrors {
            if let Mirror::Pending { why } = mirror {
                warnings.push(Warning::MirrorPending { path: path.clone(), why: why.clone() });
            }
        }
        warnings
    }
}

/// What a file of the kernel says; nothing where there is none.
fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// Whether anything can be swapped to: the first line of `/proc/swaps` is a heading.
fn has_swap(swaps: &str) -> bool {
    swaps.lines().count() > 1
}

/// Whether this process keeps its memory from being swapped out, by `/proc/self/status`.
fn is_locked(status: &str) -> bool {
    let locked = status.lines().find_map(|line| line.strip_prefix("VmLck:"));
    locked.is_some_and(|locked| !locked.trim().starts_with("0 "))
}

/// The magic numbers are those of statfs(2).
fn of_file_system(folder: &Path) -> Option<Warning> {
    let path = folder.to_owned();
    let keeps = |file_system| Some(Warning::KeepsOldVersions { path: path.clone(), file_system });
    let volatile = |file_system| Some(Warning::Volatile { path: path.clone(), file_system });
    match rustix::fs::statfs(folder).ok()?.f_type as u64 & 0xffff_ffff {
        0x794c_7630 => keeps("an overlay"),
        0x9123_683e => keeps("btrfs"),
        0x2fc1_2fc1 => keeps("ZFS"),
        0x0102_1994 => volatile("tmpfs"),
        0x8584_58f6 => volatile("ramfs"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swap_is_no_matter_to_memory_that_is_locked() {
        let none = "Filename\tType\tSize\tUsed\tPriority\n";
        assert!(!has_swap(none) && has_swap(&format!("{none}/dev/sda2 partition 1 0 -2\n")));
        assert!(!has_swap(""));
        assert!(is_locked("VmPeak:\t 9 kB\nVmLck:\t    8192 kB\n"));
        assert!(!is_locked("VmLck:\t       0 kB\n") && !is_locked(""));
    }
}
