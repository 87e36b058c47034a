//! The slot in two files, `slot-1` and `slot-2`, each of two sectors with room for one root.
//!
//! ```text
//! sector, 4096 bytes: magic "PKEYSLOT" ‖ version u32 ‖ root 56 ‖ zeros ‖ SHA-256 of all before it, 32
//! ```
//!
//! An empty sector is all zeros. The checksum is where it is in every format version, so that a newer version is told from rot.
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

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{Files, Folder};
use crate::codec::Reader;
use crate::key::leaving_no_key;
use crate::slot::ROOT_BYTES;
use crate::{Root, Slot};

const NAMES: [&str; 2] = ["slot-1", "slot-2"];
const SECTOR_BYTES: usize = 4096;
const CHECKSUM_AT: usize = SECTOR_BYTES - 32;
const MAGIC: &[u8; 8] = b"PKEYSLOT";
const VERSION: u32 = 1;

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
    fn sectors(&self, name: &str) -> io::Result<[Sector; 2]> {
        let bytes = self.files.read(name, 0..2 * SECTOR_BYTES as u64)?.unwrap_or_default();
        let mut padded = Zeroizing::new(vec![0; 2 * SECTOR_BYTES]);
        let bytes = Zeroizing::new(bytes);
        padded[..bytes.len()].copy_from_slice(&bytes);
        let (first, second) = padded.split_at(SECTOR_BYTES);
        leaving_no_key(|| Ok([Sector::decode(first, name)?, Sector::decode(second, name)?]))
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
        let mut roots: Vec<Root> = Vec::new();
        let mut damaged = Vec::new();
        for name in NAMES {
            for sector in self.sectors(name)? {
                match sector {
                    Sector::Whole(root) if roots.contains(&root) => {}
                    Sector::Whole(root) => roots.push(root),
                    Sector::Damaged => damaged.push(name),
                    Sector::Empty => {}
                }
            }
        }
        if roots.is_empty() && !damaged.is_empty() {
            damaged.dedup();
            let what = format!("no whole root key is left: {} damaged", damaged.join(" and "));
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        Ok(roots)
    }

    fn replace(&self, root: &Root) -> io::Result<()> {
        self.preallocate()?;
        let [one, two] = NAMES;
        let first = self.sectors(one)?;
        let idle = if first[0].rank(root) <= first[1].rank(root) { 0 } else { 1 };
        let new = leaving_no_key(|| encode(root));
        let empty = [0; SECTOR_BYTES];

        self.files.overwrite(one, (idle * SECTOR_BYTES) as u64, &new)?;

        let mut both = Zeroizing::new(vec![0; 2 * SECTOR_BYTES]);
        both[..SECTOR_BYTES].copy_from_slice(&new);
        self.files.overwrite(two, 0, &both)?;

        self.files.overwrite(one, ((1 - idle) * SECTOR_BYTES) as u64, &empty)
    }
}

enum Sector {
    Empty,
    Whole(Root),
    Damaged,
}

impl Sector {
    fn decode(bytes: &[u8], name: &str) -> io::Result<Sector> {
        if bytes.iter().all(|byte| *byte == 0) {
            return Ok(Sector::Empty);
        }
        let (content, checksum) = bytes.split_at(CHECKSUM_AT);
        let mut reader = Reader::new(content);
        if reader.array() != Some(MAGIC) || Sha256::digest(content).as_slice() != checksum {
            return Ok(Sector::Damaged);
        }
        match reader.u32() {
            Some(VERSION) => {}
            version => {
                let version = version.unwrap_or_default();
                let what = format!(
                    "{name} has format version {version}, this program reads up to {VERSION}; use a newer program"
                );
                return Err(io::Error::new(io::ErrorKind::Unsupported, what));
            }
        }
        Ok(reader.bytes(ROOT_BYTES).and_then(Root::from_bytes).map_or(Sector::Damaged, Sector::Whole))
    }

    /// How much this sector is worth keeping while `new` is put beside it: least where `new` lies already (putting it there
    /// again changes nothing), most where the newest other root lies.
    fn rank(&self, new: &Root) -> (u8, u64) {
        match self {
            Sector::Whole(root) if root == new => (0, 0),
            Sector::Empty => (1, 0),
            Sector::Damaged => (2, 0),
            Sector::Whole(root) => (3, root.generation()),
        }
    }
}

fn encode(root: &Root) -> Zeroizing<Vec<u8>> {
    let mut sector = Zeroizing::new(vec![0; SECTOR_BYTES]);
    sector[..8].copy_from_slice(MAGIC);
    sector[8..12].copy_from_slice(&VERSION.to_le_bytes());
    sector[12..12 + ROOT_BYTES].copy_from_slice(root.to_bytes().as_slice());
    let checksum = Sha256::digest(&sector[..CHECKSUM_AT]);
    sector[CHECKSUM_AT..].copy_from_slice(&checksum);
    sector
}
