//! Keeping the hub to what is its own (Landlock): whatever breaks into it reads no photographs and writes no start-up file. The kernel
//! holds to it from the moment it is asked, for this thread and all that come of it, so it comes before there is a second one.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use landlock::{
    ABI, Access, AccessFs, RestrictionStatus, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError,
    RulesetStatus, path_beneath_rules,
};
use porchlight_hub::{known_mirrors, models_folder};
use porchlight_server::ServerConfig;
use porchlight_server::confinement::{Confinement, Reach};

/// What newer kernels can beside is not asked for: no release was tried with it.
const ABI: ABI = ABI::V5;

/// The system's own, where programs and libraries, time zones and the state of the machine are read.
const SYSTEM: [&str; 12] =
    ["/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc", "/opt", "/nix", "/gnu", "/proc", "/sys", "/run"];
/// What is read and written there: nothing, randomness, and a TPM.
const DEVICES: [&str; 6] =
    ["/dev/null", "/dev/zero", "/dev/urandom", "/dev/random", "/dev/tpmrm0", "/dev/tpm0"];
/// Where disks are attached.
const ATTACHED: [&str; 3] = ["/mnt", "/media", "/run/media"];

/// Has the kernel keep this thread, and all that it starts, to what a hub needs; says how far that goes.
pub(crate) fn confine(config: &ServerConfig) -> Confinement {
    let allowed = match Allowed::of(config) {
        Ok(allowed) => allowed,
        Err(why) => return Confinement::None(why),
    };
    let reach = allowed.reach();
    match allowed.enforce() {
        Ok(RestrictionStatus { ruleset: RulesetStatus::FullyEnforced, .. }) => Confinement::Whole(reach),
        Ok(RestrictionStatus { ruleset: RulesetStatus::PartiallyEnforced, .. }) => Confinement::Partly(reach),
        Ok(_) => Confinement::None("this kernel has no Landlock; Linux 5.13 and later can have it".into()),
        Err(why) => Confinement::None(format!("the kernel refused to confine it ({why})")),
    }
}

/// What a hub may reach.
struct Allowed {
    read: Vec<PathBuf>,
    write: Vec<PathBuf>,
}

impl Allowed {
    fn of(config: &ServerConfig) -> Result<Allowed, String> {
        let mut read: Vec<PathBuf> = SYSTEM.iter().map(PathBuf::from).collect();
        read.extend(models_folder(config.hub.models.as_deref()));
        read.extend(program("espeak-ng").and_then(|program| Some(program.parent()?.to_owned())));
        if let Some(given) = &config.certificate {
            // What renews a certificate puts a new file, or a new link, in the place of the old.
            for file in [&given.chain, &given.key] {
                read.extend(file.parent().map(Path::to_owned));
                read.extend(fs::canonicalize(file).ok().and_then(|file| Some(file.parent()?.to_owned())));
            }
        }
        let mut write: Vec<PathBuf> = DEVICES.iter().map(PathBuf::from).collect();
        // Nothing of it needs a place for temporary files, where those of every other program lie.
        write.push(config.hub.data.clone());
        let in_use = config.hub.in_use();
        let known = known_mirrors(&in_use);
        write.push(in_use);
        for mirror in config.hub.strongboxes.iter().skip(1).chain(&known) {
            let mirror = std::path::absolute(mirror).map_err(|why| why.to_string())?;
            write.push(around_in_time(&mirror)?);
        }
        Ok(Allowed { read, write })
    }

    /// The same for people, each folder once and without the system's.
    fn reach(&self) -> Reach {
        let others = |all: &[PathBuf], but: &[&str]| {
            let others = all.iter().filter(|path| !but.iter().any(|but| Path::new(but) == path.as_path()));
            let whole = others.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.clone()));
            whole.collect::<BTreeSet<_>>().into_iter().collect()
        };
        Reach { writes: others(&self.write, &DEVICES), reads: others(&self.read, &SYSTEM) }
    }

    fn enforce(self) -> Result<RestrictionStatus, RulesetError> {
        Ruleset::default()
            .handle_access(AccessFs::from_all(ABI))?
            .create()?
            .add_rules(path_beneath_rules(self.read, AccessFs::from_read(ABI)))?
            .add_rules(path_beneath_rules(self.write, AccessFs::from_all(ABI)))?
            .restrict_self()
    }
}

/// How long a disk has to say where it is attached.
const PATIENCE: Duration = Duration::from_secs(5);

/// The folder around a mirror, whose disk may not answer: then what its name says has to do.
fn around_in_time(mirror: &Path) -> Result<PathBuf, String> {
    let (told, answer) = channel();
    let asked = mirror.to_owned();
    // What never comes back holds up nobody, and does nothing but wait.
    thread::spawn(move || drop(told.send(around(&asked))));
    answer.recv_timeout(PATIENCE).unwrap_or_else(|_| {
        let usual = ATTACHED.iter().map(Path::new).find(|usual| mirror.starts_with(usual));
        usual.map(Path::to_owned).ok_or_else(|| format!("the disk of {} does not answer", mirror.display()))
    })
}

/// A folder that a mirror is still in when its disk was detached and attached again, or is attached for the first time. The kernel knows
/// folders and no names: the folder that a disk is attached to is another one afterwards, and only what lies above it is the same.
fn around(mirror: &Path) -> Result<PathBuf, String> {
    let too_far = || {
        format!(
            "the disk of {} may be attached straight below /, where nothing can be told apart; attach it below /mnt or /media",
            mirror.display()
        )
    };
    let above = |path: &Path| path.parent().filter(|above| *above != Path::new("/")).map(Path::to_owned);
    if let Ok(found) = fs::metadata(mirror) {
        let disk = |path: &&Path| fs::metadata(path).is_ok_and(|is| is.dev() == found.dev());
        let attached_at = mirror.ancestors().take_while(disk).last().unwrap_or(mirror);
        return match attached_at == Path::new("/") {
            true => Ok(above(mirror).unwrap_or_else(|| mirror.to_owned())),
            false => above(attached_at).ok_or_else(too_far),
        };
    }
    let usual = ATTACHED.iter().map(Path::new).find(|usual| mirror.starts_with(usual));
    match usual {
        Some(usual) if mirror.parent() != Some(usual) => Ok(usual.to_owned()),
        Some(_) => Err(too_far()),
        None => {
            let there = mirror.ancestors().skip(1).find(|above| above.exists()).unwrap_or(Path::new("/"));
            above(there).ok_or_else(too_far)
        }
    }
}

/// Where a program lies that is started by its name.
fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let found = env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())?;
    fs::canonicalize(found).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a thread that is confined to these can do. Landlock holds a thread and what comes of it, and no other.
    fn confined<T: Send + 'static>(allowed: Allowed, deed: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let done = thread::spawn(move || {
            let status = allowed.enforce().unwrap();
            let whole = status.ruleset == RulesetStatus::FullyEnforced;
            whole.then(deed)
        });
        let done = done.join().unwrap();
        if done.is_none() {
            eprintln!("left out, because this kernel has no Landlock");
        }
        done
    }

    #[test]
    fn what_is_not_the_hubs_can_be_neither_read_nor_written() {
        let folder = tempfile::tempdir().unwrap();
        let [own, models, others] = ["own", "models", "others"].map(|name| folder.path().join(name));
        for folder in [&own, &models, &others] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("file"), "as it was").unwrap();
        }
        let allowed = Allowed { read: vec![models.clone(), "/usr".into()], write: vec![own.clone()] };
        let (own_file, models_file, others_file) =
            (own.join("file"), models.join("file"), others.join("file"));
        let done = confined(allowed, move || {
            fs::write(&own_file, "changed").unwrap();
            fs::create_dir(own.join("blobs")).unwrap();
            fs::rename(&own_file, own.join("blobs/file")).unwrap();
            assert_eq!(fs::read(&models_file).unwrap(), b"as it was");
            [
                fs::write(&models_file, "changed"),
                fs::read(&others_file).map(drop),
                fs::write(others.join("new"), ""),
            ]
            .map(|refused| refused.unwrap_err().kind())
        });
        if let Some(refused) = done {
            assert_eq!(refused, [std::io::ErrorKind::PermissionDenied; 3]);
        }
    }

    #[test]
    fn a_mirror_stays_in_reach_when_its_disk_comes_and_goes() {
        for (mirror, folder) in [
            ("/mnt/not there/porchlight", Some("/mnt")),
            ("/media/anna/not there/porchlight", Some("/media")),
            ("/mnt/not there", None),
            ("/not there/porchlight", None),
            ("/usr/share/not there/porchlight", Some("/usr")),
        ] {
            assert_eq!(around(Path::new(mirror)).ok(), folder.map(PathBuf::from), "{mirror}");
        }
        // One that is there and on no disk of its own can be removed and put back.
        let folder = tempfile::tempdir().unwrap();
        let mirror = folder.path().join("mirror");
        fs::create_dir(&mirror).unwrap();
        let around = around(&mirror).unwrap();
        assert!(around == folder.path() || folder.path().starts_with(&around), "{}", around.display());
    }
}
