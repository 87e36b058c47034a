//! Whether the hub's own process is kept from what is not its own, as whoever started it found out.

use std::fmt;

/// How far the kernel keeps this process from files that are none of the hub's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confinement {
    /// It reads and writes its own folders, and reads what belongs to the system.
    Whole,
    /// The same, as far as an older kernel can.
    Partly,
    /// It is not, and why.
    None(String),
}

impl fmt::Display for Confinement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Confinement::Whole => f.write_str(
                "the kernel (Landlock) lets the hub write to its own folders alone, and read nothing else but them and the system's",
            ),
            Confinement::Partly => f.write_str(
                "the kernel (Landlock) keeps the hub to its own folders and the system's, though not in everything that newer kernels can",
            ),
            Confinement::None(why) => write!(f, "the hub can reach whatever its user can: {why}"),
        }
    }
}
