//! Reading the headers of H.264 and H.265 bit by bit, as far as they go.

use std::num::NonZeroUsize;

use h264_reader::rbsp::{BitRead, BitReader, ByteReader};

/// The bits of a NAL unit behind its header, without the bytes that keep start codes out of it.
pub(crate) struct Bits<'a>(BitReader<ByteReader<&'a [u8]>>);

impl<'a> Bits<'a> {
    pub(crate) fn behind(unit: &'a [u8], header: NonZeroUsize) -> Self {
        Self(BitReader::new(ByteReader::skipping_bytes(unit, header)))
    }

    pub(crate) fn flag(&mut self) -> Option<bool> {
        self.0.read_bool("").ok()
    }

    /// At most 32 bits.
    pub(crate) fn number(&mut self, count: u32) -> Option<u32> {
        self.0.read(count, "").ok()
    }

    pub(crate) fn unsigned(&mut self) -> Option<u32> {
        self.0.read_ue("").ok()
    }

    pub(crate) fn signed(&mut self) -> Option<i32> {
        self.0.read_se("").ok()
    }

    pub(crate) fn skip(&mut self, count: u32) -> Option<()> {
        self.0.skip(count, "").ok()
    }
}
