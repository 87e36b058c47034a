//! The slot in two files, `slot-1` and `slot-2`, each of two sectors with room for one root.
//!
//! ```text
//! sector, 4096 bytes: a record of the root
//! ```
//!
//! Replacing a root takes three steps, each synced before the next:
//!
//! 1. slot-1: put the new root beside the old;
//! 2. slot-2: put the new root and destroy the old;
//! 3. slot-1: destroy the old.
//!
//! Step 1 leaves slot-2 alone, and alters no sector of slot-1 that is needed; after it slot-1 has the new root, so step 2 may
//! fail in any way; after that slot-2 has it, so step 3 may. Nothing is destroyed before the new root is durable, and a root
//! that cannot be read in one file is read from the other.

use std::io;
use std::path::Path;

use zeroize::Zeroizing;

use super::{Files, Folder};
use crate::key::leaving_no_key;
use crate::record::{self, Record};
use crate::{Root, Slot};

const NAMES: [&str; 2] = ["slot-1", "slot-2"];
const SECTOR_BYTES: usize = 4096;

/// A slot in two files of one folder, readable by their owner only.
///
/// Overwriting a file in place destroys what was there for everyone who reads the file, or a copy of it made later. It does not
/// on a file system that writes copies (btrfs, ZFS, an overlay), nor against reading the chips of a flash disk, nor for an
/// image of the disk that was made before.
pub struct FileSlot {
    files: Box<dyn Files>,
}

impl FileSlot {
    /// The slot in the folder at `path`, which must exist. The files are made when the first root is put.
    ///
    /// # Errors
    /// If the folder cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> io::Result<FileSlot> {
        Ok(FileSlot { files: Box::new(Folder::open(path.as_ref())?) })
    }

    #[cfg(test)]
    pub(crate) fn over(files: Box<dyn Files>) -> FileSlot {
        FileSlot { files }
    }

    /// What is in the two sectors of a file; one that is absent is empty.
    fn sectors(&self, name: &str) -> io::Result<[Record; 2]> {
        let bytes = self.files.read(name, 0..2 * SECTOR_BYTES as u64)?.unwrap_or_default();
        let mut padded = Zeroizing::new(vec![0; 2 * SECTOR_BYTES]);
        let bytes = Zeroizing::new(bytes);
        padded[..bytes.len()].copy_from_slice(&bytes);
        let (first, second) = padded.split_at(SECTOR_BYTES);
        leaving_no_key(|| Ok([Record::decode(first, name)?, Record::decode(second, name)?]))
    }

    /// Makes the files at their full size, so that no later step has to ask the file system for room.
    fn preallocate(&self) -> io::Result<()> {
        let present = self.files.list()?;
        let mut created = false;
        for name in NAMES.iter().filter(|name| !present.iter().any(|(file, _)| file == *name)) {
            self.files.create(name, &[0; 2 * SECTOR_BYTES])?;
            created = true;
        }
        if created { self.files.sync() } else { Ok(()) }
    }
}

impl Slot for FileSlot {
    fn load(&self) -> io::Result<Vec<Root>> {
        let mut records = Vec::new();
        for name in NAMES {
            records.extend(self.sectors(name)?.map(|record| (name.to_owned(), record)));
        }
        record::whole(records)
    }

    fn replace(&self, root: &Root) -> io::Result<()> {
        self.preallocate()?;
        let [one, two] = NAMES;
        let first = self.sectors(one)?;
        let idle = if first[0].rank(root) <= first[1].rank(root) { 0 } else { 1 };
        let new = leaving_no_key(|| record::encode(root, SECTOR_BYTES));
        let empty = [0; SECTOR_BYTES];

        self.files.overwrite(one, (idle * SECTOR_BYTES) as u64, &new)?;

        let mut both = Zeroizing::new(vec![0; 2 * SECTOR_BYTES]);
        both[..SECTOR_BYTES].copy_from_slice(&new);
        self.files.overwrite(two, 0, &both)?;

        self.files.overwrite(one, ((1 - idle) * SECTOR_BYTES) as u64, &empty)
    }

    /// Whatever moment a replacement was interrupted at, a file that it had not reached, or had done with, holds a whole root.
    fn damaged(&self) -> io::Result<Vec<String>> {
        let mut damaged = Vec::new();
        for name in NAMES {
            let sectors = self.sectors(name)?;
            let has_root = sectors.iter().any(|sector| matches!(sector, Record::Whole(_)));
            if !has_root || sectors.iter().any(|sector| matches!(sector, Record::Damaged)) {
                damaged.push(name.to_owned());
            }
        }
        Ok(damaged)
    }
}
