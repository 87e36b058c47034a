//! A pack: the one file that a commit writes, holding the segments that changed and the root object.
//!
//! ```text
//! magic "PKEYPACK" ‖ version u32 ‖ generation u64 ‖ root object's offset u64 ‖ its length u64
//! segment, sealed with its own single-use key; associated data "segment" ‖ number u64 ‖ generation u64
//! …
//! root object, sealed with the root key; associated data: the 36 bytes at the top
//! ```
//!
//! A pack is written once under a name that says its generation and never altered. It holds no key that opens anything: the
//! segments' keys are in the root object, and the root key is in the slot.

use std::collections::BTreeMap;
use std::ops::Range;

use zeroize::Zeroizing;

use crate::Error;
use crate::codec::Reader;
use crate::key::Key;
use crate::root_object::{RootObject, SealedSegment};
use crate::seal::{self, TAG_BYTES};
use crate::segment::SEGMENT_IDS;
use crate::slot::Root;
use crate::store::Store;
use crate::tree::Tree;

const MAGIC: &[u8; 8] = b"PKEYPACK";
const VERSION: u32 = 1;
const HEADER_BYTES: usize = 8 + 4 + 8 + 8 + 8;

/// The name of the pack of a generation.
pub(crate) fn name(generation: u64) -> String {
    format!("pack-{generation}")
}

/// The generation that a pack's name says, or `None` if it is no pack's name.
pub(crate) fn generation(file: &str) -> Option<u64> {
    let generation = file.strip_prefix("pack-")?.parse().ok()?;
    (name(generation) == file).then_some(generation)
}

/// Gathers what one commit writes.
pub(crate) struct Builder {
    generation: u64,
    bytes: Vec<u8>,
}

impl Builder {
    pub(crate) fn new(generation: u64) -> Builder {
        Builder { generation, bytes: vec![0; HEADER_BYTES] }
    }

    /// Seals a segment's state (see [`Tree::encode`]) under a fresh key.
    pub(crate) fn add(
        &mut self,
        number: u64,
        class: u32,
        state: Zeroizing<Vec<u8>>,
    ) -> Result<SealedSegment, Error> {
        let key = Key::random()?;
        let sealed = seal::seal(&key, &segment_aad(number, self.generation), state)?;
        let segment = SealedSegment {
            class,
            pack: self.generation,
            offset: self.bytes.len() as u64,
            length: u32::try_from(sealed.len()).map_err(|_| Error::TooLarge)?,
            key,
        };
        self.bytes.extend_from_slice(&sealed);
        Ok(segment)
    }

    /// The finished file, with the root object sealed under the root's key.
    pub(crate) fn finish(mut self, root: &Root, object: &RootObject) -> Result<Vec<u8>, Error> {
        let plain = object.encode();
        let header = Header {
            generation: self.generation,
            offset: self.bytes.len() as u64,
            length: (plain.len() + TAG_BYTES) as u64,
        };
        let header = header.encode();
        self.bytes[..HEADER_BYTES].copy_from_slice(&header);
        self.bytes.extend_from_slice(&seal::seal(root.secret(), &header, plain)?);
        Ok(self.bytes)
    }
}

/// Reads the root object that `root` opens. `Ok(None)` if its pack is absent or does not open;
/// an error if that could not be found out.
pub(crate) fn read_root_object(store: &dyn Store, root: &Root) -> Result<Option<RootObject>, Error> {
    let name = name(root.generation());
    let read = |range| store.read(&name, range).map_err(|error| Error::store(format!("read {name}"), error));
    let Some(top) = read(0..HEADER_BYTES as u64)? else { return Ok(None) };
    let Some(header) = Header::decode(&top, &name)? else { return Ok(None) };
    let Some(end) = header.offset.checked_add(header.length) else { return Ok(None) };
    let Some(sealed) = read(header.offset..end)? else { return Ok(None) };
    Ok(open_root_object(root.secret(), &top, sealed))
}

/// Opens a sealed root object; `top` is the 36 bytes at the top of its pack.
fn open_root_object(key: &Key, top: &[u8], sealed: Vec<u8>) -> Option<RootObject> {
    seal::open(key, top, sealed).and_then(|plain| RootObject::decode(&plain))
}

/// Reads the state of a segment.
pub(crate) fn read_tree(store: &dyn Store, number: u64, segment: &SealedSegment) -> Result<Tree, Error> {
    let state = read_segment(store, number, segment)?;
    Tree::decode(&state).ok_or_else(|| damaged(number, segment, "its state makes no sense"))
}

/// Reads the encoded state of a segment.
pub(crate) fn read_segment(
    store: &dyn Store,
    number: u64,
    segment: &SealedSegment,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let name = name(segment.pack);
    let range = segment.offset..segment.offset.saturating_add(segment.length.into());
    let sealed = store.read(&name, range).map_err(|error| Error::store(format!("read {name}"), error))?;
    let sealed = sealed.ok_or_else(|| damaged(number, segment, "the pack is missing"))?;
    if sealed.len() != segment.length as usize {
        return Err(damaged(number, segment, "the pack is cut short"));
    }
    open_segment(number, segment, sealed).ok_or_else(|| damaged(number, segment, "its bytes have changed"))
}

fn open_segment(number: u64, segment: &SealedSegment, sealed: Vec<u8>) -> Option<Zeroizing<Vec<u8>>> {
    seal::open(&segment.key, &segment_aad(number, segment.pack), sealed)
}

/// The bytes of a pack that was found somewhere, of whatever age and under whatever name.
pub(crate) struct Found {
    pub(crate) generation: u64,
    bytes: Vec<u8>,
    /// Where the sealed root object lies; empty if the pack was cut short before its end.
    root_object: Range<usize>,
}

impl Found {
    /// `None` if this does not begin like a pack of a version that is known.
    pub(crate) fn new(bytes: Vec<u8>) -> Option<Found> {
        let header = Header::decode(bytes.get(..HEADER_BYTES)?, "").ok()??;
        let start = usize::try_from(header.offset).ok()?;
        let end = start.checked_add(usize::try_from(header.length).ok()?)?;
        let root_object = if end <= bytes.len() { start..end } else { 0..0 };
        Some(Found { generation: header.generation, bytes, root_object })
    }

    /// The sealed root object.
    pub(crate) fn root_object(&self) -> &[u8] {
        &self.bytes[self.root_object.clone()]
    }

    pub(crate) fn open_root_object(&self, key: &Key) -> Option<RootObject> {
        open_root_object(key, &self.bytes[..HEADER_BYTES], self.root_object().to_vec())
    }

    pub(crate) fn open_tree(&self, number: u64, segment: &SealedSegment) -> Option<Tree> {
        let start = usize::try_from(segment.offset).ok()?;
        let sealed = self.bytes.get(start..start.checked_add(segment.length as usize)?)?;
        Tree::decode(&open_segment(number, segment, sealed.to_vec())?)
    }
}

impl PartialEq for Found {
    fn eq(&self, other: &Found) -> bool {
        self.bytes == other.bytes
    }
}

fn damaged(number: u64, segment: &SealedSegment, why: &'static str) -> Error {
    Error::SegmentDamaged { pack: name(segment.pack), first: number * SEGMENT_IDS, why }
}

fn segment_aad(number: u64, generation: u64) -> [u8; 23] {
    let mut aad = *b"segment                ";
    aad[7..15].copy_from_slice(&number.to_le_bytes());
    aad[15..].copy_from_slice(&generation.to_le_bytes());
    aad
}

struct Header {
    generation: u64,
    offset: u64,
    length: u64,
}

impl Header {
    fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..20].copy_from_slice(&self.generation.to_le_bytes());
        bytes[20..28].copy_from_slice(&self.offset.to_le_bytes());
        bytes[28..].copy_from_slice(&self.length.to_le_bytes());
        bytes
    }

    /// `Ok(None)` if this is not the top of a pack.
    fn decode(bytes: &[u8], name: &str) -> Result<Option<Header>, Error> {
        let mut reader = Reader::new(bytes);
        if reader.array() != Some(MAGIC) {
            return Ok(None);
        }
        match reader.u32() {
            Some(VERSION) => {}
            Some(version) => return Err(Error::TooNew { name: name.to_owned(), version, newest: VERSION }),
            None => return Ok(None),
        }
        let fields = (reader.u64(), reader.u64(), reader.u64());
        let (Some(generation), Some(offset), Some(length)) = fields else { return Ok(None) };
        Ok(Some(Header { generation, offset, length }))
    }
}

/// The packs in a store by generation, with their lengths in bytes.
pub(crate) fn list(store: &dyn Store) -> Result<BTreeMap<u64, u64>, Error> {
    let files = store.list().map_err(|error| Error::store("list its packs", error))?;
    Ok(files.into_iter().filter_map(|(name, length)| Some((generation(&name)?, length))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_spelling_names_a_pack() {
        assert_eq!(generation(&name(17)), Some(17));
        assert_eq!(generation(&name(u64::MAX)), Some(u64::MAX));
        for other in ["pack-", "pack-017", "pack-+1", "pack-1.tmp", "slot-1", "pack-18446744073709551616"] {
            assert_eq!(generation(other), None, "{other}");
        }
    }
}
