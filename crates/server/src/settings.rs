//! What `serve` was told, remembered for the next start: one small file in the data folder, which holds no secret and can be edited.
//!
//! A data folder may be copied and moved, and a path means something only where it was given. So the file says where its folder lay, and
//! anywhere else its paths count for nothing: a copy must not take the strongbox of the household that it is a copy of.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use porchlight_vault::{FolderIdentity, faults};
use serde::{Deserialize, Serialize};

use crate::config::ServerConfig;

/// What the file is called in the data folder.
pub const SETTINGS: &str = "settings.toml";
/// What it is called until it is whole.
const NEW: &str = "settings.toml.new";
const FORMAT: u32 = 1;
/// What whoever opens the file reads first.
const HEAD: &str = "\
# What `porchlight serve` was told last, for the next start. What it is told then goes before this, and is remembered in its place.
# Paths count only where `folder` is where this folder lies. To leave all of it out: porchlight serve --defaults
";

/// What was remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    format: u32,
    /// Where the data folder lay.
    folder: PathBuf,
    /// The address to listen at.
    pub listen: SocketAddr,
    /// Whether a loopback address is served by HTTPS too.
    #[serde(default)]
    pub https: bool,
    /// Whether the home's network is served beside this computer.
    #[serde(default)]
    pub phones: bool,
    /// Whether it answers to `porchlight.local`.
    #[serde(default = "yes")]
    pub announce: bool,
    /// Where numbers for a monitor are served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics: Option<SocketAddr>,
    /// The folder of models, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub models: Option<PathBuf>,
    /// The strongboxes, where they were named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strongboxes: Vec<PathBuf>,
    /// The certificate that was brought along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<PathBuf>,
    /// Its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_key: Option<PathBuf>,
}

fn yes() -> bool {
    true
}

/// What is remembered in a data folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remembered {
    /// Nothing.
    Nothing,
    /// This.
    Settings(Settings),
    /// This, without its paths: it was written when the data folder lay elsewhere, there.
    Elsewhere(Settings, PathBuf),
    /// Something that cannot be read, and why. It is left as it is.
    Unreadable(String),
}

impl Remembered {
    /// Reads what is remembered in a data folder, which need not be there yet.
    pub fn read(data: &Path) -> Remembered {
        let text = match fs::read_to_string(data.join(SETTINGS)) {
            Ok(text) => text,
            Err(why) if matches!(why.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Remembered::Nothing;
            }
            Err(why) => return Remembered::Unreadable(why.to_string()),
        };
        let settings = match toml::from_str::<Settings>(&text) {
            Ok(settings) if settings.format <= FORMAT => settings,
            Ok(_) => return Remembered::Unreadable("a newer release of Porchlight wrote it".into()),
            Err(why) => return Remembered::Unreadable(why.message().to_owned()),
        };
        match place(data) {
            Ok(here) if here == settings.folder => Remembered::Settings(settings),
            _ => {
                let (models, certificate, certificate_key) = (None, None, None);
                let there = settings.folder.clone();
                let rest =
                    Settings { strongboxes: Vec::new(), models, certificate, certificate_key, ..settings };
                Remembered::Elsewhere(rest, there)
            }
        }
    }

    /// What of it counts.
    pub fn settings(self) -> Option<Settings> {
        match self {
            Remembered::Settings(settings) | Remembered::Elsewhere(settings, _) => Some(settings),
            Remembered::Nothing | Remembered::Unreadable(_) => None,
        }
    }

    /// What somebody has to know of it who starts a hub; nothing where it is all as it was.
    pub fn careful(&self) -> Option<String> {
        match self {
            Remembered::Nothing | Remembered::Settings(_) => None,
            Remembered::Elsewhere(_, there) => Some(format!(
                "{SETTINGS} was written when this data folder lay at {}: the paths in it (strongboxes, models, certificate) are left \
                 out here. Name again on the command line what is still right",
                there.display()
            )),
            Remembered::Unreadable(why) => Some(format!(
                "{SETTINGS} in the data folder cannot be read, so nothing is remembered ({}). Mend it, or remove it",
                why.trim()
            )),
        }
    }
}

impl Settings {
    /// What is to be remembered of a hub that serves.
    ///
    /// # Errors
    /// Where the working directory is gone.
    pub(crate) fn of(config: &ServerConfig) -> io::Result<Settings> {
        let whole = |path: &PathBuf| std::path::absolute(path);
        let certificate = config.certificate.as_ref();
        Ok(Settings {
            format: FORMAT,
            folder: place(&config.hub.data)?,
            listen: config.listen,
            https: config.https,
            phones: config.phones,
            announce: config.announce,
            metrics: config.metrics,
            models: config.hub.models.as_ref().map(whole).transpose()?,
            strongboxes: config.hub.strongboxes.iter().map(whole).collect::<io::Result<_>>()?,
            certificate: certificate.map(|given| whole(&given.chain)).transpose()?,
            certificate_key: certificate.map(|given| whole(&given.key)).transpose()?,
        })
    }

    /// Puts it into its data folder, whole or not at all. What cannot be read there stays: somebody wrote it.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub(crate) fn remember(&self, data: &Path) -> io::Result<()> {
        match Remembered::read(data) {
            Remembered::Settings(there) if there == *self => return Ok(()),
            Remembered::Unreadable(_) => return Ok(()),
            _ => {}
        }
        let text = toml::to_string(self).map_err(io::Error::other)?;
        let (path, new) = (data.join(SETTINGS), data.join(NEW));
        faults::write(&path)?;
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(HEAD.as_bytes())?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        File::open(data)?.sync_all()
    }
}

/// For people: what the next start does by itself.
impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.https || !self.listen.ip().is_loopback() { "https" } else { "http" };
        write!(f, "listens at {scheme}://{}", self.listen)?;
        if self.phones && self.listen.ip().is_loopback() {
            write!(f, "; phones at home come in by https")?;
        }
        if !self.announce {
            write!(f, "; does not answer to porchlight.local")?;
        }
        for (what, path) in self
            .strongboxes
            .iter()
            .map(|path| ("strongbox", path))
            .chain(self.models.iter().map(|path| ("models", path)))
            .chain(self.certificate.iter().map(|path| ("certificate", path)))
        {
            write!(f, "; {what} {}", path.display())?;
        }
        if let Some(metrics) = self.metrics {
            write!(f, "; numbers for a monitor at http://{metrics}/metrics")?;
        }
        Ok(())
    }
}

/// Where a folder lies, without links and dots.
fn place(data: &Path) -> io::Result<PathBuf> {
    let identity = FolderIdentity::of(data).map_err(io::Error::other)?;
    Ok(identity.path().to_owned())
}

#[cfg(test)]
mod tests {
    use porchlight_hub::HubConfig;

    use super::*;

    fn config(data: &Path) -> ServerConfig {
        let listen = "192.168.1.20:8420".parse().unwrap();
        let hub = HubConfig::of_folders(data, &[data.join("../stick")]);
        ServerConfig { listen, phones: true, ..ServerConfig::of(hub) }
    }

    fn written(data: &Path) -> Settings {
        fs::create_dir(data).unwrap();
        let settings = Settings::of(&config(data)).unwrap();
        settings.remember(data).unwrap();
        settings
    }

    #[test]
    fn what_was_told_is_read_again_and_the_newest_counts() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("home");
        assert_eq!(Remembered::read(&data), Remembered::Nothing);
        let first = written(&data);
        assert_eq!(Remembered::read(&data), Remembered::Settings(first.clone()));
        let second = Settings { phones: false, ..first };
        second.remember(&data).unwrap();
        assert_eq!(Remembered::read(&data), Remembered::Settings(second));
        assert_eq!(fs::read_dir(&data).unwrap().count(), 1, "nothing else is left");
    }

    #[test]
    fn a_folder_that_was_moved_or_copied_knows_no_path_of_before() {
        let folder = tempfile::tempdir().unwrap();
        let (data, copy) = (folder.path().join("home"), folder.path().join("copy"));
        let there = written(&data);
        fs::create_dir(&copy).unwrap();
        fs::copy(data.join(SETTINGS), copy.join(SETTINGS)).unwrap();
        let read = Remembered::read(&copy);
        assert!(read.careful().unwrap().contains(&data.display().to_string()));
        let settings = read.settings().unwrap();
        assert_eq!((settings.strongboxes.len(), settings.listen), (0, there.listen));
        // The one that stayed is as it was, and so is one that is reached by another way.
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&data, &link).unwrap();
        assert_eq!(Remembered::read(&link), Remembered::Settings(there));
    }

    #[test]
    fn what_cannot_be_read_is_told_and_left_to_whoever_wrote_it() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("home");
        let settings = written(&data);
        for text in ["listen = ", "format = 2\nlisten = \"127.0.0.1:1\"\nfolder = \"/\"", "mistyped = 1"] {
            fs::write(data.join(SETTINGS), text).unwrap();
            let read = Remembered::read(&data);
            assert!(matches!(read, Remembered::Unreadable(_)), "{text}");
            assert!(read.careful().unwrap().contains("Mend it, or remove it"));
            settings.remember(&data).unwrap();
            assert_eq!(fs::read_to_string(data.join(SETTINGS)).unwrap(), text);
        }
    }
}
