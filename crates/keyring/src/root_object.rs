//! The root object: where every segment lies and with which key, and the secrets. It is what the root key opens.
//!
//! Its plaintext, all numbers little-endian:
//!
//! ```text
//! next segment u64
//! segments     u64, then for each, by number:
//!              number u64 ‖ class u32 ‖ pack u64 ‖ offset u64 ‖ length u32 ‖ key 32
//! secrets      u64, then for each, by name:
//!              length of the name u8 ‖ name ‖ length of the value u32 ‖ value
//! ```
//!
//! The keyring's own [lineage](crate::lineage) lies among the secrets under a name that nobody else uses, so that releases which
//! know nothing of it read the rest and carry it along.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::codec::Reader;
use crate::key::{KEY_BYTES, Key};
use crate::lineage::Lineage;
use crate::segment::SEGMENT_IDS;

const SEGMENT_BYTES: usize = 8 + 4 + 8 + 8 + 4 + KEY_BYTES;

/// The name of the lineage among the secrets: the first of all, and no text that anybody would choose.
pub(crate) const LINEAGE: &str = "\0lineage";

/// Whether a secret may be called so. What begins as the lineage does is nobody else's name, which also keeps it first.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('\0')
}

/// The secrets by name.
pub(crate) type Secrets = BTreeMap<String, Zeroizing<Vec<u8>>>;

/// Everything a generation of the keyring knows.
#[derive(Clone, Default)]
pub(crate) struct RootObject {
    /// The number of the next segment to lease. Never goes down: a segment's number is used once.
    pub(crate) next_segment: u64,
    /// The segments that still have a key.
    pub(crate) segments: BTreeMap<u64, SealedSegment>,
    pub(crate) secrets: Secrets,
    /// The runs that led here.
    pub(crate) lineage: Lineage,
}

/// Where the state of one segment lies, and what opens it.
#[derive(Clone)]
pub(crate) struct SealedSegment {
    pub(crate) class: u32,
    /// The generation of the pack that holds it.
    pub(crate) pack: u64,
    /// Where in that pack it starts, in bytes.
    pub(crate) offset: u64,
    /// Its sealed length in bytes.
    pub(crate) length: u32,
    /// The key that seals this state and nothing else.
    pub(crate) key: Key,
}

impl RootObject {
    pub(crate) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.encoded_length()));
        bytes.extend_from_slice(&self.next_segment.to_le_bytes());
        bytes.extend_from_slice(&(self.segments.len() as u64).to_le_bytes());
        for (number, segment) in &self.segments {
            bytes.extend_from_slice(&number.to_le_bytes());
            bytes.extend_from_slice(&segment.class.to_le_bytes());
            bytes.extend_from_slice(&segment.pack.to_le_bytes());
            bytes.extend_from_slice(&segment.offset.to_le_bytes());
            bytes.extend_from_slice(&segment.length.to_le_bytes());
            bytes.extend_from_slice(segment.key.bytes());
        }
        let lineage = (!self.lineage.is_empty()).then(|| Zeroizing::new(self.lineage.encode()));
        let count = self.secrets.len() + usize::from(lineage.is_some());
        bytes.extend_from_slice(&(count as u64).to_le_bytes());
        let lineage = lineage.as_ref().map(|lineage| (LINEAGE, lineage));
        let secrets = self.secrets.iter().map(|(name, value)| (name.as_str(), value));
        for (name, value) in lineage.into_iter().chain(secrets) {
            // `Change` lets in no longer name or value than these numbers can say.
            bytes.push(name.len() as u8);
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(&(value.len() as u32).to_le_bytes());
            bytes.extend_from_slice(value);
        }
        bytes
    }

    /// Reads what [`encode`](RootObject::encode) wrote; `None` for anything else: numbers and names ascend, and no segment is
    /// there that was never leased, so that whatever is read is written again as the same bytes.
    pub(crate) fn decode(bytes: &[u8]) -> Option<RootObject> {
        let mut reader = Reader::new(bytes);
        let next_segment = reader.u64().filter(|next| *next <= u64::MAX / SEGMENT_IDS)?;
        let mut object = RootObject { next_segment, ..RootObject::default() };
        for _ in 0..reader.u64()? {
            let number = reader.u64()?;
            let follows = object.segments.last_key_value().is_none_or(|(last, _)| *last < number);
            if !follows || number >= next_segment {
                return None;
            }
            let segment = SealedSegment {
                class: reader.u32()?,
                pack: reader.u64()?,
                offset: reader.u64()?,
                length: reader.u32()?,
                key: reader.key()?,
            };
            object.segments.insert(number, segment);
        }
        for _ in 0..reader.u64()? {
            let length = reader.u8()?;
            let name = str::from_utf8(reader.bytes(length.into())?).ok()?.to_owned();
            let length = reader.u32()?;
            let value = Zeroizing::new(reader.bytes(length as usize)?.to_vec());
            let follows = object.secrets.last_key_value().is_none_or(|(last, _)| *last < name);
            if !follows || !is_name(&name) && name != LINEAGE {
                return None;
            }
            object.secrets.insert(name, value);
        }
        if let Some(lineage) = object.secrets.remove(LINEAGE) {
            object.lineage = Lineage::decode(&lineage)?;
        }
        reader.is_done().then_some(object)
    }

    /// What the first 16 bytes of a plaintext of this length must say to be worth decoding, whatever follows: no more
    /// segments than there is room for. Of random bytes fewer than one in 2^32 pass.
    pub(crate) fn may_begin(first: &[u8; 16], length: usize) -> bool {
        let mut reader = Reader::new(first);
        let segments = reader.u64().and_then(|_next| reader.u64());
        segments.is_some_and(|count| count <= (length / SEGMENT_BYTES) as u64)
    }

    /// The exact length of the encoding, so that its buffer never grows and leaves a copy behind.
    fn encoded_length(&self) -> usize {
        let secrets: usize = self.secrets.iter().map(|(name, value)| 1 + name.len() + 4 + value.len()).sum();
        let lineage = match self.lineage.is_empty() {
            true => 0,
            false => 1 + LINEAGE.len() + 4 + self.lineage.encode().len(),
        };
        8 + 8 + self.segments.len() * SEGMENT_BYTES + 8 + lineage + secrets
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_wrote_and_nothing_shorter_or_longer() {
        let key = Key::copy_from(&[3; KEY_BYTES]);
        let segment = SealedSegment { class: 30, pack: 4, offset: 36, length: 51, key };
        let object = RootObject {
            next_segment: 9,
            segments: BTreeMap::from([(7, segment.clone()), (8, segment)]),
            secrets: BTreeMap::from([("identity".to_owned(), Zeroizing::new(vec![1, 2, 3]))]),
            lineage: Lineage::decode(&[5; 16]).unwrap(),
        };
        let bytes = object.encode();
        assert_eq!(bytes.len(), object.encoded_length());
        assert_eq!(RootObject::decode(&bytes).unwrap().encode(), bytes);
        let first = bytes.first_chunk().unwrap();
        assert!(RootObject::may_begin(first, bytes.len()));
        assert!(!RootObject::may_begin(first, 2 * SEGMENT_BYTES - 1), "no room for two segments");
        for length in 0..bytes.len() {
            assert!(RootObject::decode(&bytes[..length]).is_none(), "{length} bytes");
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        assert!(RootObject::decode(&longer).is_none());
    }

    #[test]
    fn refuses_segments_that_were_never_leased_or_are_out_of_order() {
        let object = |next: u64, numbers: &[u64]| {
            let mut bytes = [next.to_le_bytes(), (numbers.len() as u64).to_le_bytes()].concat();
            for number in numbers {
                bytes.extend(number.to_le_bytes());
                bytes.extend([0; SEGMENT_BYTES - 8]);
            }
            bytes.extend([0; 8]);
            RootObject::decode(&bytes)
        };
        assert!(object(3, &[0, 2]).is_some());
        for (next, numbers) in [(3, [0, 3]), (3, [2, 1]), (3, [1, 1]), (u64::MAX, [0, 1 << 48])] {
            assert!(object(next, &numbers).is_none(), "{numbers:?} of {next}");
        }
    }

    #[test]
    fn refuses_secrets_that_are_out_of_order() {
        let object = |names: [u8; 2]| {
            let mut bytes = vec![0; 16];
            bytes.extend(2u64.to_le_bytes());
            names.iter().for_each(|name| bytes.extend([1, *name, 0, 0, 0, 0]));
            RootObject::decode(&bytes)
        };
        assert!(object(*b"ab").is_some());
        assert!(object(*b"ba").is_none() && object(*b"aa").is_none());
        assert!(object(*b"\0a").is_none(), "that name is the keyring's own");
    }
}
