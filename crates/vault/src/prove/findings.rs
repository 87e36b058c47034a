//! What a search found.

use std::path::PathBuf;

use serde::Serialize;

use crate::id::Id;

/// What was searched, what was tried, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// The files that were read, to their last byte.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What could not be read, and why. Nothing is known of it.
    pub unread: Vec<(PathBuf, String)>,
    /// The marks that were looked for: one for each destroyed recording whose payload has one.
    pub marks: u64,
    /// What was found to try.
    pub tried: Tried,
    /// Files with sealed remains: the beginning of a destroyed payload is in them.
    pub remains: Vec<Remains>,
    /// Catalogs that still list destroyed recordings, as older copies do.
    pub listed: Vec<Listed>,
    /// Whole age files of destroyed recordings, exported before. Whoever holds a key of their audience opens them.
    pub exports: Vec<PathBuf>,
    /// What opened. Nothing is gone as long as this is not empty.
    pub opened: Vec<Opened>,
}

/// What was found to try.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tried {
    /// Packs of keys, of any age.
    pub packs: u64,
    /// Root keys that were tried on every pack.
    pub roots: u64,
    /// Those of them that opened a pack, by generation.
    pub generations: Vec<u64>,
    /// Every other key that came to light on the way, and was tried on every sealed header: keys of segments and secrets.
    pub keys: u64,
    /// Age identities that were tried on every export.
    pub identities: u64,
}

/// A file with sealed remains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remains {
    /// The file.
    pub path: PathBuf,
    /// Of how many recordings.
    pub recordings: u64,
}

/// A catalog that still lists destroyed recordings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// The catalog.
    pub path: PathBuf,
    /// How many of them.
    pub recordings: u64,
}

/// A destroyed recording that opened all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Opened {
    /// The recording; none where only the payload told which it is one of.
    pub recording: Option<Id>,
    /// Where its sealed header, or its export, lies.
    pub path: PathBuf,
    /// What opened it.
    pub by: OpenedBy,
}

/// What opened a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub enum OpenedBy {
    /// Keys that an old slot still gives, with the packs of its time: an older copy of a strongbox, or a mirror that has not followed.
    Strongbox {
        /// The files that hold such slots.
        slots: Vec<PathBuf>,
    },
    /// A key that lies in one of the folders.
    Key,
    /// An age identity that lies in one of the folders.
    Identity,
}

impl Findings {
    /// Whether nothing opened, and everything could be read.
    pub fn is_gone(&self) -> bool {
        self.files > 0 && self.opened.is_empty() && self.unread.is_empty()
    }
}
