//! Feeds every parser of outside or stored bytes with bytes that nobody meant.
//!
//! A [`Target`] is a function of some bytes that panics when a property does not hold: what is read is written again as the
//! same bytes, what opens was sealed, what verifies was signed, what was punctured is gone. libFuzzer drives it for long
//! (`make fuzz`), a test for a moment with [`mutate`] (`make test`).

mod input;
mod memory;
pub mod mutate;
mod targets;

use std::path::PathBuf;

/// One parser, or several that share their bytes.
pub struct Target {
    /// What `PORCHLIGHT_FUZZ` and the folders of seeds and regressions call it.
    pub name: &'static str,
    /// Panics when a property does not hold for these bytes.
    pub run: fn(&[u8]),
    /// Bytes to begin with, made by the code that is under test.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

impl Target {
    /// The bytes that once broke it, from `regressions/NAME`, each with the name of its file.
    ///
    /// # Errors
    /// When the folder is there and cannot be read.
    pub fn regressions(&self) -> std::io::Result<Vec<(String, Vec<u8>)>> {
        let folder = folder().join("regressions").join(self.name);
        if !folder.exists() {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for file in std::fs::read_dir(folder)? {
            let file = file?;
            found.push((file.file_name().to_string_lossy().into_owned(), std::fs::read(file.path())?));
        }
        found.sort();
        Ok(found)
    }
}

/// Every target.
pub fn targets() -> impl Iterator<Item = &'static Target> {
    targets::ALL.iter().copied().flatten()
}

/// The target of a name.
pub fn target(name: &str) -> Option<&'static Target> {
    targets().find(|target| target.name == name)
}

/// Where this package lies.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
