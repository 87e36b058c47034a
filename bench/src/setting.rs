//! Where things are, and how long to measure.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// Where the programs lie, where there is room to work, and how long a leg takes.
pub(crate) struct Setting {
    /// The checkout.
    pub(crate) root: PathBuf,
    /// The release build of `porchlight`.
    pub(crate) porchlight: PathBuf,
    /// This program, which does the inner work of some benchmarks.
    pub(crate) myself: PathBuf,
    /// A folder beside the build, on a real disk: /tmp may lie in memory, where an fsync costs nothing.
    pub(crate) scratch: PathBuf,
    /// How long one leg of recording takes.
    pub(crate) leg: Duration,
    /// How long four cameras are recorded to see what becomes of the memory: two runs of retention in each half.
    pub(crate) soak: Duration,
    /// How many legs each side has.
    pub(crate) legs: usize,
    /// How many times each small thing is done.
    pub(crate) times: usize,
    /// How many recordings there are, where that is what matters; the largest is the last.
    pub(crate) sizes: &'static [u64],
}

impl Setting {
    /// Finds the programs, and says what is missing.
    pub(crate) fn find(quick: bool) -> Result<Setting> {
        if cfg!(debug_assertions) {
            bail!(
                "this is a debug build, whose figures mean nothing: cargo run --release --package porchlight-bench"
            );
        }
        let myself = std::env::current_exe().context("cannot find this program")?;
        let folder = myself.parent().unwrap_or(Path::new("."));
        let porchlight = folder.join("porchlight");
        if !porchlight.exists() {
            bail!("{} is not there: cargo build --release --package porchlight", porchlight.display());
        }
        for program in ["ffmpeg", "espeak-ng"] {
            if Command::new(program).arg("-version").output().is_err() {
                bail!("{program} is not installed: scripts/install run camera bench");
            }
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_owned();
        let scratch = folder.parent().unwrap_or(folder).join("bench");
        std::fs::create_dir_all(&scratch).with_context(|| format!("cannot make {}", scratch.display()))?;
        let (leg, legs, times) = if quick { (20, 1, 20) } else { (60, 3, 100) };
        let soak = Duration::from_secs(if quick { 3 * 60 } else { 44 * 60 });
        let sizes: &[u64] =
            if quick { &[10_000, 1_000_000] } else { &[10_000, 100_000, 1_000_000, 10_000_000] };
        Ok(Setting {
            root,
            porchlight,
            myself,
            scratch,
            leg: Duration::from_secs(leg),
            soak,
            legs,
            times,
            sizes,
        })
    }

    /// A new folder to work in, removed when it is dropped.
    pub(crate) fn folder(&self, name: &str) -> Result<tempfile::TempDir> {
        let prefix = format!("{name}-");
        tempfile::Builder::new()
            .prefix(&prefix)
            .tempdir_in(&self.scratch)
            .context("cannot make a folder to work in")
    }

    /// Material for tests that lies beside the checkout, where it is there.
    pub(crate) fn beside(&self, path: &str) -> Option<PathBuf> {
        let found = self.root.parent()?.join("shared/data").join(path);
        found.exists().then_some(found)
    }
}
