//! What weakens the promise of the strongbox, said at every start.

use std::path::{Path, PathBuf};

use super::Strongbox;
use super::file_system::of_file_system;
use crate::beside::beside;
use crate::folder_identity::misplaced;
use crate::mirror_state::Mirror;
use crate::misplaced::Misplaced;
use crate::shell::in_shell;
use crate::slot_kind::SlotKind;
use crate::warning::Warning;

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
    /// Everything that weakens this strongbox now, beside this data folder. Of the mirrors it tells what was found when they
    /// answered last, and asks none that does not answer.
    pub(crate) fn warnings(&self, data: &Path) -> Vec<Warning> {
        let text = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let folders = std::iter::once(self.folder.as_path()).chain(self.mirrors.answering());
        let mut warnings = of_places(data, &folders.map(Path::to_owned).collect::<Vec<_>>());
        warnings.extend(of_file_system(&self.folder, &self.slot, &text("/proc/self/mountinfo")));
        let mut places = vec![(self.folder.clone(), self.slot.clone())];
        for (path, slot, warning) in self.mirrors.places() {
            warnings.extend(warning);
            places.push((path, slot));
        }
        warnings.extend(of_mixed_slots(&places));
        let status = text("/proc/self/status");
        warnings.extend(of_memory(&text("/proc/swaps"), &status, &text("/proc/self/limits")));
        for (path, mirror) in self.mirrors(self.generation()) {
            if let Mirror::Pending { why, since } = mirror {
                let seen = self.mirrors.was_seen(&path);
                warnings.push(Warning::MirrorPending { path, why, since, seen });
            }
        }
        // Each folder may lie on a disk of its own.
        let mut here = self.healed.clone();
        here.extend(self.put_back_watermarks());
        let healed = std::iter::once(here).chain(self.mirrors.healed());
        let healed = healed.filter(|files| !files.is_empty());
        warnings.extend(healed.map(|files| Warning::Healed { files }));
        if !self.renewed.is_empty() {
            warnings.push(Warning::KeysRenewed { files: self.renewed.clone() });
        }
        let lost = self.lost_marks.told(&self.folder, self.mirrors.now());
        warnings.extend(lost.map(|(files, at)| Warning::WatermarkDamaged { files, at }));
        warnings.extend(self.rot_warnings());
        warnings
    }
}

/// What of a household's folders is not apart from the rest, with what to do about it.
fn of_places(data: &Path, strongboxes: &[PathBuf]) -> Vec<Warning> {
    // What cannot be found (a link into nowhere) is named where it is used.
    let found = misplaced(data, strongboxes).unwrap_or_default();
    found.into_iter().map(|found| instead(found, data, strongboxes)).collect()
}

fn instead(found: Misplaced, data: &Path, strongboxes: &[PathBuf]) -> Warning {
    let named = |path: &Path| format!("--strongbox {}", in_shell(path));
    let (out, options) = match &found {
        Misplaced::DataInStrongbox { strongbox, .. } => {
            let out = beside(strongbox, ".data");
            let options = format!("--data {}", in_shell(&out));
            (out, options)
        }
        Misplaced::StrongboxInData { strongbox, .. } | Misplaced::Overlapping { strongbox, .. } => {
            let free = [".strongbox", ".mirror", ".mirror-2", ".mirror-3"];
            let out = free.map(|ending| beside(data, ending));
            let out = out.iter().find(|folder| !folder.exists()).unwrap_or(&out[0]).clone();
            let rest =
                strongboxes.iter().map(|other| if other == strongbox { named(&out) } else { named(other) });
            (out.clone(), rest.collect::<Vec<_>>().join(" "))
        }
    };
    Warning::Misplaced { found, out, options }
}

fn of_mixed_slots(places: &[(PathBuf, SlotKind)]) -> Vec<Warning> {
    let is_file = |slot: &SlotKind| *slot == SlotKind::File;
    if places.iter().all(|(_, slot)| is_file(slot)) {
        return Vec::new();
    }
    let files = places.iter().filter(|(_, slot)| is_file(slot));
    files.map(|(path, _)| Warning::FileBesideTpm { path: path.clone() }).collect()
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
    use crate::mounts::tests::MOUNTS;

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
        let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
        assert!(limits.contains("Max core file size"));
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
