//! Folders of one household that are not apart from each other.

use std::fmt;
use std::path::PathBuf;

/// Two folders of one household that are not apart. Its text says which, and what that means.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misplaced {
    /// Whoever copies the data folder copies the keys.
    StrongboxInData {
        /// The strongbox or mirror.
        strongbox: PathBuf,
        /// The data folder.
        data: PathBuf,
    },
    /// What is copied lies in what never may be.
    DataInStrongbox {
        /// The data folder.
        data: PathBuf,
        /// The strongbox or mirror.
        strongbox: PathBuf,
    },
    /// A strongbox or mirror was named twice, or lies in another.
    Overlapping {
        /// One of them.
        strongbox: PathBuf,
        /// The other.
        other: PathBuf,
    },
}

impl fmt::Display for Misplaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Misplaced::StrongboxInData { strongbox, data } => write!(
                f,
                "the strongbox {} lies in the data folder {}: whoever copies that folder copies the keys, and what was \
                 forgotten comes back with them",
                strongbox.display(),
                data.display()
            ),
            Misplaced::DataInStrongbox { data, strongbox } => write!(
                f,
                "the data folder {} lies in the strongbox {}: one is to be copied, and the other never",
                data.display(),
                strongbox.display()
            ),
            Misplaced::Overlapping { strongbox, other } => write!(
                f,
                "the strongboxes {} and {} are one folder, or lie in each other: a mirror is a folder of its own, on another disk",
                strongbox.display(),
                other.display()
            ),
        }
    }
}
