//! A root as it lies in a slot.
//!
//! ```text
//! magic "PKEYSLOT" ‖ version u32 ‖ root 56 ‖ zeros ‖ SHA-256 of all before it, 32
//! ```
//!
//! Where there is none, all is zeros. The checksum comes last in every format version, so that a newer version is told from rot.

use std::io;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::Root;
use crate::codec::Reader;
use crate::slot::ROOT_BYTES;

const MAGIC: &[u8; 8] = b"PKEYSLOT";
const VERSION: u32 = 1;
const CHECKSUM_BYTES: usize = 32;

/// The shortest record.
#[cfg(feature = "tpm")]
pub(crate) const RECORD_BYTES: usize = 8 + 4 + ROOT_BYTES + CHECKSUM_BYTES;

/// What lies where a record may lie.
pub(crate) enum Record {
    Empty,
    Whole(Root),
    Damaged,
}

impl Record {
    /// Reads a record as long as `bytes`, which lies under this name.
    pub(crate) fn decode(bytes: &[u8], name: &str) -> io::Result<Record> {
        if bytes.iter().all(|byte| *byte == 0) {
            return Ok(Record::Empty);
        }
        let Some((content, checksum)) = bytes.split_last_chunk::<CHECKSUM_BYTES>() else {
            return Ok(Record::Damaged);
        };
        let mut reader = Reader::new(content);
        if reader.array() != Some(MAGIC) || Sha256::digest(content).as_slice() != checksum {
            return Ok(Record::Damaged);
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
        Ok(reader.bytes(ROOT_BYTES).and_then(Root::from_bytes).map_or(Record::Damaged, Record::Whole))
    }

    /// How much this is worth keeping while `new` is put beside it: least where `new` lies already (putting it there
    /// again changes nothing), most where the newest other root lies.
    pub(crate) fn rank(&self, new: &Root) -> (u8, u64) {
        match self {
            Record::Whole(root) if root == new => (0, 0),
            Record::Empty => (1, 0),
            Record::Damaged => (2, 0),
            Record::Whole(root) => (3, root.generation()),
        }
    }
}

/// The record of a root, filled up with zeros to a length.
pub(crate) fn encode(root: &Root, length: usize) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(length));
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&root.to_bytes());
    bytes.resize(length - CHECKSUM_BYTES, 0);
    let checksum = Sha256::digest(&*bytes);
    bytes.extend_from_slice(&checksum);
    bytes
}

/// The distinct roots of whole records, each given with the name of where it lies. An error if there is something, but none
/// of it whole.
pub(crate) fn whole(records: Vec<(String, Record)>) -> io::Result<Vec<Root>> {
    let mut roots: Vec<Root> = Vec::new();
    let mut damaged = Vec::new();
    for (name, record) in records {
        match record {
            Record::Whole(root) if roots.contains(&root) => {}
            Record::Whole(root) => roots.push(root),
            Record::Damaged => damaged.push(name),
            Record::Empty => {}
        }
    }
    if roots.is_empty() && !damaged.is_empty() {
        damaged.dedup();
        let what = format!("no whole root key is left: {} damaged", damaged.join(" and "));
        return Err(io::Error::new(io::ErrorKind::InvalidData, what));
    }
    Ok(roots)
}
