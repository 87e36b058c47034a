//! What `serve` was told, remembered for the next start: one small file in the data folder, which holds no secret.
//!
//! Whoever can write into the data folder could have the hub load other models by it, or serve others. So the strongbox knows what the hub
//! wrote there last, by its hash, and nothing else is followed; and of strongboxes it names only the one in use, which opens nothing where
//! it is another's. Where that has mirrors the strongbox knows by itself.
//!
//! A data folder may be copied and moved, and a path means something only where it was given. So the file says where its folder lay, and
//! anywhere else its paths count for nothing: a copy must not take the strongbox of the household that it is a copy of.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use porchlight_hub::serving::Digest;
use porchlight_vault::{FolderIdentity, read_without_waiting};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::config::ServerConfig;

/// What the file is called in the data folder.
pub const SETTINGS: &str = "settings.toml";
/// In format 1 all strongboxes were named, and whoever wrote the file was believed.
const FORMAT: u32 = 2;
/// The most bytes that it has.
const MOST: usize = 64 << 10;
/// What whoever opens the file reads first.
const HEAD: &str = "\
# What `porchlight serve` was told last, for the next start. What it is told then goes before this, and is remembered in its place.
# It is followed only as the hub wrote it. To change it, or to leave it out, tell `porchlight serve` so: --defaults, and what is to be.
# Paths count only where `folder` is where this folder lies.
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
    /// The strongbox in use, where it was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strongbox: Option<PathBuf>,
    /// The certificate that was brought along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<PathBuf>,
    /// Its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_key: Option<PathBuf>,
    /// What was read, by its hash; none of what was not read from a file.
    #[serde(skip)]
    pub read: Option<Digest>,
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
        let text = match text_of(&data.join(SETTINGS)) {
            Ok(Some(text)) => text,
            Ok(None) => return Remembered::Nothing,
            Err(why) => return Remembered::Unreadable(why),
        };
        let settings = match toml::from_str::<Settings>(&text) {
            Ok(settings) if settings.format == FORMAT => Settings { read: Some(digest(&text)), ..settings },
            Ok(_) => return Remembered::Unreadable("another release of Porchlight wrote it".into()),
            Err(why) => return Remembered::Unreadable(why.message().to_owned()),
        };
        match place(data) {
            Ok(here) if here == settings.folder => Remembered::Settings(settings),
            _ => {
                let there = settings.folder.clone();
                let (strongbox, models, certificate, certificate_key) = (None, None, None, None);
                let rest = Settings { strongbox, models, certificate, certificate_key, ..settings };
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
                "{SETTINGS} was written when this data folder lay at {}: the paths in it (strongbox, models, certificate) are left \
                 out here. Name again on the command line what is still right",
                there.display()
            )),
            Remembered::Unreadable(why) => Some(format!(
                "{SETTINGS} in the data folder cannot be read, so nothing is remembered ({}). Remove it, or start the hub with --defaults",
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
            strongbox: config
                .hub
                .strongboxes
                .first()
                .or(config.hub.strongbox.as_ref())
                .map(whole)
                .transpose()?,
            certificate: certificate.map(|given| whole(&given.chain)).transpose()?,
            certificate_key: certificate.map(|given| whole(&given.key)).transpose()?,
            read: None,
        })
    }

    /// As it is written.
    ///
    /// # Errors
    /// Where a path cannot be written down.
    pub(crate) fn text(&self) -> io::Result<String> {
        Ok(HEAD.to_owned() + &toml::to_string(self).map_err(io::Error::other)?)
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
            .strongbox
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

/// The hash by which a text is known again.
pub(crate) fn digest(text: &str) -> Digest {
    Sha256::digest(text).into()
}

/// The text of a file that anybody may have put there; `None` where there is none.
fn text_of(path: &Path) -> Result<Option<String>, String> {
    match read_without_waiting(path) {
        Ok(None) => Ok(None),
        Ok(Some(bytes)) if bytes.len() > MOST => Err("it is far too long".into()),
        Ok(Some(bytes)) => String::from_utf8(bytes).map(Some).map_err(|_| "it is no text".into()),
        Err(why) => Err(why.to_string()),
    }
}

/// Where a folder lies, without links and dots.
fn place(data: &Path) -> io::Result<PathBuf> {
    let identity = FolderIdentity::of(data).map_err(io::Error::other)?;
    Ok(identity.path().to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use porchlight_hub::HubConfig;
    use porchlight_vault::write_whole;

    use super::*;

    fn config(data: &Path) -> ServerConfig {
        let listen = "192.168.1.20:8420".parse().unwrap();
        let hub = HubConfig::of_folders(data, &[data.join("../stick")]);
        ServerConfig { listen, phones: true, ..ServerConfig::of(hub) }
    }

    fn written(data: &Path) -> Settings {
        fs::create_dir(data).unwrap();
        put(&Settings::of(&config(data)).unwrap(), data)
    }

    fn put(settings: &Settings, data: &Path) -> Settings {
        let text = settings.text().unwrap();
        write_whole(&data.join(SETTINGS), text.as_bytes()).unwrap();
        Settings { read: Some(digest(&text)), ..settings.clone() }
    }

    #[test]
    fn what_was_told_is_read_again_and_the_newest_counts() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("home");
        assert_eq!(Remembered::read(&data), Remembered::Nothing);
        let first = written(&data);
        assert_eq!(Remembered::read(&data), Remembered::Settings(first.clone()));
        let second = put(&Settings { phones: false, ..first }, &data);
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
        assert_eq!((settings.strongbox, settings.listen), (None, there.listen));
        // The one that stayed is as it was, and so is one that is reached by another way.
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&data, &link).unwrap();
        assert_eq!(Remembered::read(&link), Remembered::Settings(there));
    }

    #[test]
    fn what_cannot_be_read_is_told_and_waited_for_by_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("home");
        written(&data);
        let file = data.join(SETTINGS);
        let large = "#".repeat(1 << 20);
        let newer = "format = 3\nlisten = \"127.0.0.1:1\"\nfolder = \"/\"";
        for text in ["listen = ", newer, "mistyped = 1", &large] {
            fs::write(&file, text).unwrap();
            let read = Remembered::read(&data);
            assert!(matches!(read, Remembered::Unreadable(_)), "{text:.20}");
            assert!(read.careful().unwrap().contains("Remove it"));
        }
        fs::remove_file(&file).unwrap();
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mkfifoat(rustix::fs::CWD, &file, mode).unwrap();
        assert!(
            matches!(Remembered::read(&data), Remembered::Unreadable(why) if why.contains("it is no file"))
        );
    }
}
