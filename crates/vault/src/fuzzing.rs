//! Lets the fuzz targets reach parsers of stored bytes that the vault keeps to itself. Only with the feature `fuzzing`.

use std::path::Path;

use porchlight_keyring::Leaf;

use crate::error::Error;
use crate::folder::Mark;
use crate::id::Id;
use crate::sealed::{Binding, SealedHeader};

pub use crate::sealed::header_len;

/// What a sealed header is bound to.
#[derive(Clone, Copy)]
pub struct Bound<'a> {
    /// The id of its recording.
    pub id: u64,
    /// The ids of its sources, ascending.
    pub sources: &'a [u64],
    /// The payload of its age file.
    pub payload: &'a [u8],
    /// What the catalog says of the recording.
    pub facts: &'a [&'a [u8]],
}

impl Bound<'_> {
    /// Seals an age header; `None` when the system has no randomness.
    pub fn seal(&self, header: &[u8], leaves: &[Leaf]) -> Option<Vec<u8>> {
        SealedHeader::seal(header, leaves, &self.binding()).map(|sealed| sealed.0)
    }

    /// The age header, where the seal and the payload's hash are right.
    pub fn open(&self, sealed: &[u8], leaves: &[Leaf]) -> Option<Vec<u8>> {
        let sealed = SealedHeader(sealed.to_vec());
        let header = sealed.open(leaves, &self.binding())?;
        sealed.binds(self.payload, &self.digest()).then(|| header.to_vec())
    }

    fn binding(&self) -> Binding {
        let sources: Vec<Id> = self.sources.iter().copied().map(Id::from).collect();
        Binding::new(Id::from(self.id), &sources, &self.digest(), self.facts)
    }

    fn digest(&self) -> [u8; 32] {
        blake3::hash(self.payload).into()
    }
}

/// The household in the mark of a folder, and what is read once it was written again beside it.
///
/// # Errors
/// When it is no mark, or one of a newer release.
pub fn mark(path: &Path) -> Result<Option<(String, String)>, Error> {
    let Some(mark) = Mark::read(path)? else { return Ok(None) };
    let copy = path.with_extension("copy");
    mark.write(&copy)?;
    Ok(Mark::read(&copy)?.map(|again| (mark.household, again.household)))
}
