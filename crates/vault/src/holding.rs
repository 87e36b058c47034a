//! How far a strongbox has come.

use std::fmt;
use std::path::PathBuf;

use jiff::Timestamp;

/// How far a strongbox has come: what to know before one of two is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The strongbox.
    pub path: PathBuf,
    /// Its generation.
    pub generation: u64,
    /// How many lines the ledger had when it was used last, and when that was, as far as it says.
    pub last: Option<(u64, Timestamp)>,
}

impl fmt::Display for Holding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (generation {}", self.path.display(), self.generation)?;
        match self.last {
            Some((lines, at)) => {
                write!(f, ", {lines} lines of the ledger, last used {})", at.strftime("%Y-%m-%d %H:%M UTC"))
            }
            None => f.write_str(")"),
        }
    }
}
