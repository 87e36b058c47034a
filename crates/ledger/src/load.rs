//! Reading a tree's file from its beginning, around what is damaged in it.

use std::num::NonZeroU64;

use crate::frame::{self, Frames};
use crate::origin::Signers;
use crate::tree::Tree;
use crate::{Checkpoint, Error, Hash, Store};

/// Where the header of a file must end at the latest.
pub(crate) const MAX_HEADER: usize = 1024;

const HASH_BYTES: usize = 32;

/// What a tree's file holds.
pub(crate) struct Loaded {
    /// The hashes of its entries.
    pub(crate) tree: Tree,
    /// Where each entry's length lies in the file; the entry follows. Nothing for one that is damaged: its hash is known from
    /// beside the file, and is as good as the root that it leads to.
    pub(crate) places: Vec<Option<NonZeroU64>>,
    /// Where the last whole append ends.
    pub(crate) end: u64,
    /// Where the first damage lies that a whole append follows.
    pub(crate) damage: Option<u64>,
    /// Set where the hashes of what is damaged there are not known: what follows is in no tree.
    pub(crate) cut: bool,
    /// What is wrong with the header, if it cannot be read.
    pub(crate) doubt: Option<Error>,
    /// Whether the header was damaged and is right again.
    pub(crate) mended: bool,
    /// The hashes that were noted beside the file.
    noted: Vec<Hash>,
}

impl Loaded {
    /// Reads the file of tree number `number`, which must be one that `signers` began.
    ///
    /// # Errors
    ///
    /// [`Error::OtherKey`], [`Error::OtherOrigin`] by its header.
    pub(crate) fn read(store: &dyn Store, number: u32, signers: &Signers) -> Result<Loaded, Error> {
        let mut frames = Frames::new(store, number)?;
        let (start, doubt) = read_header(&mut frames, number, signers)?;
        // Without them it can be read as well, if nothing is damaged.
        let noted = store.hashes(number).unwrap_or_default();
        let noted = noted.as_chunks::<HASH_BYTES>().0.iter().map(|hash| Hash::from(*hash)).collect();
        let mut loaded = Loaded {
            tree: Tree::default(),
            places: Vec::new(),
            end: start,
            damage: None,
            cut: false,
            doubt,
            mended: false,
            noted,
        };
        loaded.read_frames(&mut frames)?;
        Ok(loaded)
    }

    fn read_frames(&mut self, frames: &mut Frames<'_>) -> Result<(), Error> {
        let mut position = self.end;
        while position < frames.length() {
            let damaged = frames.body(position)?.is_none();
            let found = if damaged { frames.next_whole(position + 1)? } else { Some(position) };
            // Nothing whole follows: damage, or an append that a crash left unfinished.
            let Some(whole) = found else { break };
            let body = frames.body(whole)?.unwrap_or_default();
            // What lay before a whole append was whole once, and may be missing without a trace where the file was cut off and
            // written on. The first entry after it tells by its hash how many entries those were.
            let first = frame::split_entry(body).map(|(entry, _)| Hash::leaf(entry));
            let between = self.noted_after().iter().position(|hash| Some(*hash) == first);
            if damaged {
                self.damage.get_or_insert(position);
                if between.is_none() {
                    self.cut = true;
                    break;
                }
            }
            self.take_noted(between.unwrap_or_default());
            self.take(body, whole);
            position = frames.end(whole)?.unwrap_or(whole);
            self.end = position;
        }
        Ok(())
    }

    /// Takes in the entries of a frame.
    fn take(&mut self, mut body: &[u8], position: u64) {
        let mut place = position + 4;
        // A whole frame has whole entries: what the checksum covers is what was written.
        while let Some((entry, rest)) = frame::split_entry(body) {
            self.tree.push(Hash::leaf(entry));
            self.places.push(NonZeroU64::new(place));
            place += (body.len() - rest.len()) as u64;
            body = rest;
        }
    }

    /// Takes in entries that are damaged, by the hashes that were noted.
    fn take_noted(&mut self, count: usize) {
        for at in self.places.len()..self.places.len() + count {
            self.tree.push(self.noted[at]);
            self.places.push(None);
        }
    }

    fn noted_after(&self) -> &[Hash] {
        self.noted.get(self.places.len()..).unwrap_or_default()
    }

    /// Takes in, by the noted hashes, entries that a checkpoint covers and that are damaged or missing at the end of a file of
    /// so many bytes. Whether that leads to its root.
    pub(crate) fn complete(&mut self, pinned: &Checkpoint, length: u64) -> bool {
        let missing = usize::try_from(pinned.size.saturating_sub(self.size())).unwrap_or(usize::MAX);
        if self.cut || self.noted_after().len() < missing {
            return false;
        }
        let (size, end) = (self.places.len(), self.end);
        self.take_noted(missing);
        // What is damaged stays where it is, and what comes next is written behind it.
        self.end = self.end.max(length);
        let holds = self.tree.root_at(pinned.size).is_ok_and(|root| root == pinned.root);
        if !holds {
            self.tree.truncate(size);
            self.places.truncate(size);
            self.end = end;
        }
        holds
    }

    /// How many entries there were at least: those that can be read, and those whose hashes were noted.
    pub(crate) fn known(&self) -> u64 {
        self.size().max(self.noted.len() as u64)
    }

    /// Refuses what a newer release may have written: it may mean something else than it seems to.
    pub(crate) fn refuse_newer(&mut self) -> Result<(), Error> {
        self.doubt.take_if(|doubt| matches!(doubt, Error::Newer { .. })).map_or(Ok(()), Err)
    }

    /// The number of entries.
    pub(crate) fn size(&self) -> u64 {
        self.tree.size()
    }

    /// The entries that are damaged.
    pub(crate) fn damaged(&self) -> impl Iterator<Item = u64> {
        self.places.iter().zip(0..).filter_map(|(place, index)| place.is_none().then_some(index))
    }

    /// The checkpoint of all entries before the first that is damaged, under the name `origin`: what can still be read, and checked.
    pub(crate) fn readable(&self, origin: &str) -> Result<Checkpoint, Error> {
        let size = self.damaged().next().unwrap_or(self.size());
        Ok(Checkpoint { origin: origin.to_owned(), size, root: self.tree.root_at(size)? })
    }

    /// The checkpoint of all entries, under the name `origin`.
    pub(crate) fn checkpoint(&self, origin: &str) -> Checkpoint {
        Checkpoint { origin: origin.to_owned(), size: self.size(), root: self.tree.root() }
    }

    /// The hashes that are to be noted, from the first that is not: the byte from which on they lie, and them.
    pub(crate) fn to_note(&self) -> Option<(u64, Vec<u8>)> {
        let leaves = || (0..self.size()).filter_map(|index| self.tree.leaf(index));
        let same = leaves().zip(&self.noted).take_while(|(leaf, noted)| leaf == *noted).count();
        if same == self.places.len() && same == self.noted.len() {
            return None;
        }
        let bytes = leaves().skip(same).flat_map(|leaf| *leaf.as_bytes()).collect();
        Some(((same * HASH_BYTES) as u64, bytes))
    }
}

/// Where the first frame begins. A header that cannot be read says nothing of what follows it: what is wrong is told beside, and
/// whether the entries are this ledger's, the pinned root says.
fn read_header(
    frames: &mut Frames<'_>,
    number: u32,
    signers: &Signers,
) -> Result<(u64, Option<Error>), Error> {
    let doubt = match frame::read_header(frames.bytes(0, MAX_HEADER)?, number) {
        // The key's id is a checksum of it and its name: what can be read was written so.
        Ok((found, start)) => return signers.check_owner(&found, number).map(|()| (start, None)),
        // What a newer release wrote, or a digit that rotted.
        Err(doubt @ (Error::NotALedger { .. } | Error::Newer { .. })) => doubt,
        Err(other) => return Err(other),
    };
    Ok((frame::header(&signers.verifier(number)?).len() as u64, Some(doubt)))
}
