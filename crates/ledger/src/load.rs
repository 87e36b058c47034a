//! Reading a tree's file from its beginning.

use crate::frame::{self, Frames};
use crate::origin::Signers;
use crate::tree::Tree;
use crate::{Checkpoint, Error, Hash, Store};

/// Where the header of a file must end at the latest.
const MAX_HEADER: usize = 1024;

/// What a tree's file holds.
pub(crate) struct Loaded {
    /// The hashes of its entries.
    pub(crate) tree: Tree,
    /// Where each entry's length lies in the file; the entry follows.
    pub(crate) places: Vec<u64>,
    /// Where the last whole append ends. What the file holds after it is an append that a crash left
    /// unfinished.
    pub(crate) end: u64,
}

impl Loaded {
    /// Reads the file of tree number `number`, which must be one that `signers` began.
    ///
    /// # Errors
    ///
    /// [`Error::NotALedger`], [`Error::Newer`], [`Error::OtherKey`], [`Error::OtherOrigin`] by its header;
    /// [`Error::Damaged`] when an append in the middle is not as it was written.
    pub(crate) fn read(store: &dyn Store, number: u32, signers: &Signers) -> Result<Loaded, Error> {
        let mut frames = Frames::new(store, number)?;
        let (found, mut end) = frame::read_header(frames.bytes(0, MAX_HEADER)?, number)?;
        signers.check_owner(&found, number)?;
        let (mut tree, mut places) = (Tree::default(), Vec::new());
        while let Some(mut body) = frames.body(end)? {
            let mut place = end + 4;
            while !body.is_empty() {
                let (entry, rest) =
                    frame::split_entry(body).ok_or(Error::Damaged { tree: number, at: place })?;
                tree.push(Hash::leaf(entry));
                places.push(place);
                place += (body.len() - rest.len()) as u64;
                body = rest;
            }
            end = frames.end(end)?.unwrap_or(end);
        }
        check_tail(&mut frames, number, end)?;
        Ok(Loaded { tree, places, end })
    }

    /// The number of entries.
    pub(crate) fn size(&self) -> u64 {
        self.tree.size()
    }

    /// The checkpoint of all entries, under the name `origin`.
    pub(crate) fn checkpoint(&self, origin: &str) -> Checkpoint {
        Checkpoint { origin: origin.to_owned(), size: self.size(), root: self.tree.root() }
    }
}

/// Whether the bytes after the last whole append can be an unfinished one. They cannot when another whole one
/// follows: then a part of the file was damaged later, and cutting it off would lose what comes after.
fn check_tail(frames: &mut Frames<'_>, tree: u32, end: u64) -> Result<(), Error> {
    if end < frames.length()
        && let Some(next) = frames.end(end)?
        && frames.body(next)?.is_some()
    {
        return Err(Error::Damaged { tree, at: end });
    }
    Ok(())
}
