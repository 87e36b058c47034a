//! Whether the hub's own process is kept from what is not its own, as whoever started it found out.

use std::fmt;
use std::path::{Path, PathBuf};

/// How far the kernel keeps this process from files that are none of the hub's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confinement {
    /// It reads and writes these folders, and reads what belongs to the system.
    Whole(Reach),
    /// The same, as far as an older kernel can.
    Partly(Reach),
    /// It is not, and why.
    None(String),
}

/// What a confined hub reaches beside what belongs to the system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// The folders that it writes to: its own, and those around its mirrors.
    pub writes: Vec<PathBuf>,
    /// The folders that it only reads: its models, and where a certificate lies that was brought along.
    pub reads: Vec<PathBuf>,
}

impl fmt::Display for Confinement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Confinement::Whole(reach) => {
                write!(
                    f,
                    "the kernel (Landlock) lets the hub {reach}; files alone are kept from it, not sockets"
                )
            }
            Confinement::Partly(reach) => {
                write!(
                    f,
                    "the kernel (Landlock) lets the hub {reach}, though not in everything that newer kernels can"
                )
            }
            Confinement::None(why) => write!(f, "the hub can reach whatever its user can: {why}"),
        }
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |folders: &[PathBuf]| {
            folders.iter().map(|folder| Path::display(folder).to_string()).collect::<Vec<_>>().join(", ")
        };
        write!(f, "write to {} alone, and read nothing else but them", listed(&self.writes))?;
        match self.reads.is_empty() {
            true => f.write_str(" and what is the system's"),
            false => write!(f, ", {} and what is the system's", listed(&self.reads)),
        }
    }
}
