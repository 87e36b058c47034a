//! What the file system of a strongbox means for what is destroyed in it.

use std::path::Path;

use crate::mounts::file_system;
use crate::slot_kind::SlotKind;
use crate::warning::Warning;

/// What the file system of a folder that is there means for it, given the text of `/proc/self/mountinfo` (proc_pid_mountinfo(5)).
pub(super) fn of_file_system(folder: &Path, slot: &SlotKind, mounts: &str) -> Option<Warning> {
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
