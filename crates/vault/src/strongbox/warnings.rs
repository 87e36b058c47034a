//! What weakens the promise of the strongbox, said at every start.

use std::fmt;
use std::path::{Path, PathBuf};

use super::{MARK, Mirror, SlotKind, Strongbox};
use crate::folder::Mark;

/// Something that weakens what forgetting can promise here. Its text says what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The file system keeps or may keep old versions of a file, so a destroyed root key can survive in it.
    KeepsOldVersions {
        /// The strongbox or mirror.
        path: PathBuf,
        /// The file system.
        file_system: String,
    },
    /// The file system is gone after a restart, and with it every recording.
    Volatile {
        /// The strongbox or mirror.
        path: PathBuf,
        /// The file system.
        file_system: String,
    },
    /// Beside a strongbox with its root key in a TPM there is one with its root key in files: what is claimed of the TPM does
    /// not hold for it.
    FileBesideTpm {
        /// The strongbox or mirror with files.
        path: PathBuf,
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
            Warning::FileBesideTpm { path } => write!(
                f,
                "the root key is in the TPM, and in a file of {} as well: an old image of that disk can open what was \
                 forgotten since, so keep it locked away and out of backups",
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

/// What would weaken strongboxes in these places, which need not be there yet.
pub fn warnings_about(folders: &[PathBuf]) -> Vec<Warning> {
    let text = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let mounts = text("/proc/self/mountinfo");
    let place = |folder: &PathBuf| {
        let there = folder.ancestors().find(|above| above.exists())?;
        let warning = of_file_system(there, &SlotKind::File, &mounts)?;
        Some(match warning {
            Warning::KeepsOldVersions { file_system, .. } => {
                Warning::KeepsOldVersions { path: folder.clone(), file_system }
            }
            Warning::Volatile { file_system, .. } => Warning::Volatile { path: folder.clone(), file_system },
            other => other,
        })
    };
    let mut warnings: Vec<_> = folders.iter().filter_map(place).collect();
    warnings.extend(of_memory(&text("/proc/swaps"), &text("/proc/self/status"), &text("/proc/self/limits")));
    warnings
}

impl Strongbox {
    /// Everything that weakens this strongbox now.
    pub(crate) fn warnings(&self) -> Vec<Warning> {
        let text = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let mounts = text("/proc/self/mountinfo");
        let places = self.places();
        let mut warnings: Vec<_> =
            places.iter().filter_map(|(folder, slot)| of_file_system(folder, slot, &mounts)).collect();
        warnings.extend(of_mixed_slots(&places));
        let status = text("/proc/self/status");
        warnings.extend(of_memory(&text("/proc/swaps"), &status, &text("/proc/self/limits")));
        for (path, mirror) in &self.mirrors {
            if let Mirror::Pending { why } = mirror {
                warnings.push(Warning::MirrorPending { path: path.clone(), why: why.clone() });
            }
        }
        warnings
    }

    /// This strongbox and its mirrors, with where the root key of each lies. One that cannot be reached is taken for files, which
    /// claim least.
    fn places(&self) -> Vec<(PathBuf, SlotKind)> {
        let of_mirror = |path: &PathBuf| {
            let mark = Mark::read(&path.join(MARK)).ok().flatten();
            (path.clone(), mark.map(|mark| mark.slot).unwrap_or_default())
        };
        let mirrors = self.mirrors.iter().map(|(path, _)| of_mirror(path));
        std::iter::once((self.folder.clone(), self.slot.clone())).chain(mirrors).collect()
    }
}

fn of_mixed_slots(places: &[(PathBuf, SlotKind)]) -> Vec<Warning> {
    let is_file = |slot: &SlotKind| *slot == SlotKind::File;
    if places.iter().all(|(_, slot)| is_file(slot)) {
        return Vec::new();
    }
    let files = places.iter().filter(|(_, slot)| is_file(slot));
    files.map(|(path, _)| Warning::FileBesideTpm { path: path.clone() }).collect()
}

/// What the file system of a folder that is there means for it, given the text of `/proc/self/mountinfo` (proc_pid_mountinfo(5)).
fn of_file_system(folder: &Path, slot: &SlotKind, mounts: &str) -> Option<Warning> {
    let (path, real) = (folder.to_owned(), folder.canonicalize().ok()?);
    let named = |name: &str| name.to_owned();
    let keeps = |name| {
        let file_system = named(name);
        // Where the root key is in a TPM, old versions of the files give nothing away.
        (*slot == SlotKind::File).then_some(Warning::KeepsOldVersions { path: path.clone(), file_system })
    };
    let volatile = |name| Some(Warning::Volatile { path: path.clone(), file_system: named(name) });
    match file_system(&real, mounts)? {
        "overlay" | "aufs" => keeps("an overlay"),
        "zfs" => keeps("ZFS"),
        // Copy on write or a log: what is overwritten stays where it was until its room is needed.
        name @ ("btrfs" | "bcachefs" | "nilfs2" | "f2fs") => keeps(name),
        name @ ("tmpfs" | "ramfs") => volatile(name),
        _ => None,
    }
}

/// The type of the file system that a real path lies in: that of the deepest mount above it, the latest of those at one place.
fn file_system<'a>(path: &Path, mounts: &'a str) -> Option<&'a str> {
    let parsed = mounts.lines().filter_map(|line| {
        let (mount, file_system) = line.split_once(" - ")?;
        let at = PathBuf::from(unescaped(mount.split(' ').nth(4)?));
        path.starts_with(&at).then(|| (at.components().count(), file_system.split(' ').next()))
    });
    parsed.max_by_key(|(depth, _)| *depth)?.1
}

/// A path as it is, where the kernel writes spaces and the like as `\040`.
fn unescaped(path: &str) -> String {
    let mut parts = path.split('\\');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at_checked(3).unwrap_or((part, ""));
        bytes.extend(u8::from_str_radix(code, 8));
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether keys in memory can reach a disk, given the texts of `/proc/swaps`, `/proc/self/status` and `/proc/self/limits`.
fn of_memory(swaps: &str, status: &str, limits: &str) -> Vec<Warning> {
    let mut warnings = Vec::new();
    // Memory that is locked is never swapped out.
    let locked = status.lines().find_map(|line| line.strip_prefix("VmLck:"));
    if swaps.lines().count() > 1 && locked.is_none_or(|locked| locked.trim().starts_with("0 ")) {
        warnings.push(Warning::Swap);
    }
    // `Max core file size  SOFT  HARD  bytes`. Where it cannot be read, a dump is possible.
    let soft = limits.lines().find_map(|line| line.strip_prefix("Max core file size"));
    if soft.and_then(|rest| rest.split_whitespace().next()) != Some("0") {
        warnings.push(Warning::CoreDumps);
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
23 22 0:5 / /dev rw,nosuid shared:2 - devtmpfs udev rw
30 22 0:40 / /boxes/over rw - overlay overlay rw,lowerdir=/a,upperdir=/b
31 22 0:41 / /boxes/butter rw,relatime shared:9 master:3 - btrfs /dev/sdb rw
32 22 0:42 / /boxes/pool rw - zfs tank/home rw
33 22 0:43 / /boxes/tmp rw - tmpfs tmpfs rw
34 22 0:44 / /boxes/flash rw - f2fs /dev/mmcblk0 rw
35 31 254:2 / /boxes/butter/good rw - xfs /dev/sdc rw
36 22 254:3 / /boxes/my\\040stick rw - btrfs /dev/sdd rw
37 36 254:4 / /boxes/my\\040stick rw - ext4 /dev/sde rw
";

    #[test]
    fn the_deepest_and_latest_mount_says_what_a_folder_lies_on() {
        for (path, expected) in [
            ("/home/ann/home.strongbox", "ext4"),
            ("/boxes/over/box", "overlay"),
            ("/boxes/overt/box", "ext4"),
            ("/boxes/butter/box", "btrfs"),
            ("/boxes/butter/good/box", "xfs"),
            ("/boxes/my stick/box", "ext4"),
            ("/boxes/my", "ext4"),
        ] {
            assert_eq!(file_system(Path::new(path), MOUNTS), Some(expected), "{path}");
        }
        assert_eq!(file_system(Path::new("/box"), ""), None);
    }

    #[test]
    fn what_keeps_old_versions_or_is_gone_after_a_restart_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap();
        let on = |name: &str, slot: &SlotKind| {
            let mounts =
                format!("1 0 0:1 / / rw - ext4 x rw\n2 1 0:2 / {} rw - {name} x rw\n", path.display());
            of_file_system(&path, slot, &mounts)
        };
        let tpm = SlotKind::Tpm("device".into());
        for (name, shown) in [
            ("overlay", "an overlay"),
            ("btrfs", "btrfs"),
            ("zfs", "ZFS"),
            ("f2fs", "f2fs"),
            ("nilfs2", "nilfs2"),
        ] {
            let warning = on(name, &SlotKind::File).unwrap();
            let expected = Warning::KeepsOldVersions { path: path.clone(), file_system: shown.into() };
            assert_eq!(warning, expected);
            assert!(warning.to_string().contains(&format!("is on {shown}, which can keep")), "{warning}");
            assert_eq!(on(name, &tpm), None, "{name} keeps nothing of what is in the TPM");
        }
        for name in ["tmpfs", "ramfs"] {
            for slot in [&SlotKind::File, &tpm] {
                let expected = Warning::Volatile { path: path.clone(), file_system: name.into() };
                assert_eq!(on(name, slot), Some(expected));
            }
        }
        for name in ["ext4", "xfs", "ext3", "vfat"] {
            assert_eq!(on(name, &SlotKind::File), None);
        }
        assert_eq!(of_file_system(&path.join("absent"), &SlotKind::File, MOUNTS), None);
    }

    #[test]
    fn swap_and_core_dumps_are_told() {
        let no_swap = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
        let swap = format!("{no_swap}/dev/vda2                               partition\t999420\t\t0\t\t-2\n");
        let limits = |soft: &str| {
            format!(
                "Limit                     Soft Limit           Hard Limit           Units     \nMax stack size            8388608              unlimited            bytes     \nMax core file size        {soft:<20} unlimited            bytes     \n"
            )
        };
        let (free, locked) = ("VmLck:\t       0 kB\n", "VmPeak:\t 9 kB\nVmLck:\t    8192 kB\n");
        assert_eq!(of_memory(no_swap, free, &limits("0")), []);
        assert_eq!(of_memory("", free, &limits("0")), [], "a kernel without swap");
        assert_eq!(of_memory(&swap, free, &limits("0")), [Warning::Swap]);
        assert_eq!(of_memory(&swap, "", &limits("0")), [Warning::Swap]);
        assert_eq!(of_memory(&swap, locked, &limits("0")), [], "locked memory is not swapped out");
        assert_eq!(of_memory(no_swap, free, &limits("unlimited")), [Warning::CoreDumps]);
        assert_eq!(of_memory(&swap, free, &limits("1024")), [Warning::Swap, Warning::CoreDumps]);
        assert_eq!(
            of_memory(no_swap, free, ""),
            [Warning::CoreDumps],
            "what cannot be read is not taken for safe"
        );
    }

    #[test]
    fn this_computer_can_be_read() {
        let text = |path: &str| std::fs::read_to_string(path).unwrap();
        assert!(file_system(Path::new("/proc"), &text("/proc/self/mountinfo")) == Some("proc"));
        assert!(text("/proc/self/limits").contains("Max core file size"));
    }

    #[test]
    fn files_beside_a_tpm_are_told() {
        let (file, tpm) = (SlotKind::File, SlotKind::Tpm("device".into()));
        let place = |name: &str, slot: &SlotKind| (PathBuf::from(name), slot.clone());
        assert_eq!(of_mixed_slots(&[place("box", &file), place("stick", &file)]), []);
        assert_eq!(of_mixed_slots(&[place("box", &tpm)]), []);
        let told = of_mixed_slots(&[place("box", &tpm), place("stick", &file)]);
        assert_eq!(told, [Warning::FileBesideTpm { path: "stick".into() }]);
        assert!(told[0].to_string().contains("in a file of stick as well"));
        let told = of_mixed_slots(&[place("stick", &file), place("box", &tpm)]);
        assert_eq!(told, [Warning::FileBesideTpm { path: "stick".into() }]);
    }
}
