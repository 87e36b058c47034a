//! Durable writes that a test makes fail. In a program that people run this is nothing.
//!
//! Whoever makes something durable, in the vault and in the hub above it, asks [`write`] first and names the folder. With the feature
//! `faults` a test says which of the writes below a folder fails, and whether it was the last one: as if the process were killed there.

#[cfg(not(feature = "faults"))]
use std::{io, path::Path};

/// A durable write below this path is about to be made.
///
/// # Errors
/// Only where a test wants it.
#[cfg(not(feature = "faults"))]
#[inline]
pub fn write(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(feature = "faults")]
pub use injected::{Fault, Faults, write};

#[cfg(feature = "faults")]
mod injected {
    use std::collections::BTreeMap;
    use std::io;
    use std::path::{Path, PathBuf};
    use std::sync::{Mutex, MutexGuard, PoisonError};

    static PLANS: Mutex<BTreeMap<PathBuf, Plan>> = Mutex::new(BTreeMap::new());

    /// What happens at the chosen write.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Fault {
        /// It is not made, nor is any after it.
        Killed,
        /// It alone is not made.
        Fails(io::ErrorKind),
    }

    #[derive(Default)]
    struct Plan {
        /// The writes since the plan was made.
        writes: usize,
        fault: Option<(usize, Fault)>,
    }

    /// The faults of the writes below one folder; none any more when this is dropped.
    pub struct Faults(PathBuf);

    impl Faults {
        /// Counts the writes below a folder from now on.
        pub fn below(folder: &Path) -> Faults {
            plans().insert(folder.to_owned(), Plan::default());
            Faults(folder.to_owned())
        }

        /// Counts anew, and has the write after so many others fail.
        pub fn after(&self, writes: usize, fault: Fault) {
            plans().insert(self.0.clone(), Plan { writes: 0, fault: Some((writes, fault)) });
        }

        /// Counts anew, and lets every write be made.
        pub fn none(&self) {
            plans().insert(self.0.clone(), Plan::default());
        }

        /// The writes that were asked for since it was counted anew.
        pub fn writes(&self) -> usize {
            plans().get(&self.0).map_or(0, |plan| plan.writes)
        }
    }

    impl Drop for Faults {
        fn drop(&mut self) {
            plans().remove(&self.0);
        }
    }

    /// A durable write below this path is about to be made.
    ///
    /// # Errors
    /// Where a test wants it.
    pub fn write(path: &Path) -> io::Result<()> {
        let mut plans = plans();
        let Some((_, plan)) = plans.iter_mut().find(|(folder, _)| path.starts_with(folder)) else {
            return Ok(());
        };
        plan.writes += 1;
        match plan.fault {
            Some((at, Fault::Fails(kind))) if plan.writes == at + 1 => Err(io::Error::new(kind, "a fault")),
            Some((at, Fault::Killed)) if plan.writes > at => Err(io::Error::other("killed")),
            _ => Ok(()),
        }
    }

    fn plans() -> MutexGuard<'static, BTreeMap<PathBuf, Plan>> {
        PLANS.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
