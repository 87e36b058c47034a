//! What lies where in the file systems of this machine, as `/proc/self/mountinfo` says it (proc_pid_mountinfo(5)).

use std::path::{Path, PathBuf};

/// Where something lies in its file system, wherever that is mounted, and however often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Location {
    /// The device, `major:minor`.
    device: String,
    /// From the root of the file system.
    path: PathBuf,
}

impl Location {
    /// Whether the other is the same, or lies in it.
    pub(crate) fn holds(&self, other: &Location) -> bool {
        self.device == other.device && other.path.starts_with(&self.path)
    }
}

/// Where a real path lies, whether it is there yet or not; none where the kernel does not say.
pub(crate) fn location(path: &Path) -> Option<Location> {
    location_in(path, &std::fs::read_to_string("/proc/self/mountinfo").ok()?)
}

fn location_in(path: &Path, mounts: &str) -> Option<Location> {
    let mount = deepest(path, mounts)?;
    let within = path.strip_prefix(&mount.at).ok()?;
    Some(Location { device: mount.device.to_owned(), path: mount.root.join(within) })
}

/// The type of the file system that a real path lies in, given the text of `/proc/self/mountinfo`.
pub(crate) fn file_system<'a>(path: &Path, mounts: &'a str) -> Option<&'a str> {
    Some(deepest(path, mounts)?.file_system)
}

/// One line of `/proc/self/mountinfo`.
struct Mount<'a> {
    device: &'a str,
    /// What of the file system is mounted.
    root: PathBuf,
    /// Where.
    at: PathBuf,
    file_system: &'a str,
}

/// The deepest mount above a real path, the latest of those at one place.
fn deepest<'a>(path: &Path, mounts: &'a str) -> Option<Mount<'a>> {
    let mounts = mounts.lines().filter_map(|line| {
        let (mount, file_system) = line.split_once(" - ")?;
        let mut fields = mount.split(' ').skip(2);
        let device = fields.next()?;
        let (root, at) = (unescaped(fields.next()?).into(), PathBuf::from(unescaped(fields.next()?)));
        let file_system = file_system.split(' ').next()?;
        path.starts_with(&at).then_some(Mount { device, root, at, file_system })
    });
    mounts.max_by_key(|mount| mount.at.components().count())
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

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const MOUNTS: &str = "\
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
38 22 254:1 /srv/home /mnt/again rw - ext4 /dev/vda1 rw
39 22 254:1 /srv/home/blobs /mnt/part rw - ext4 /dev/vda1 rw
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
    fn what_is_mounted_twice_lies_in_one_place() {
        let place = |path: &str| location_in(Path::new(path), MOUNTS).unwrap();
        let home = place("/srv/home");
        assert_eq!(home, place("/mnt/again"));
        for inside in ["/srv/home/box", "/mnt/again/box", "/mnt/part", "/mnt/part/box"] {
            assert!(home.holds(&place(inside)), "{inside}");
        }
        for outside in ["/srv/homes", "/srv", "/boxes/tmp/srv/home", "/mnt"] {
            assert!(!home.holds(&place(outside)), "{outside}");
        }
        assert_eq!(location_in(Path::new("/srv"), ""), None);
    }

    #[test]
    fn this_computer_can_be_read() {
        let text = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
        assert!(file_system(Path::new("/proc"), &text) == Some("proc"));
        assert!(location(Path::new("/proc/self")).is_some());
    }
}
