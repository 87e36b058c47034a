//! How large a segment is.

/// The height of a whole segment: the levels between its seed and its leaves.
pub(crate) const HEIGHT: u8 = 16;

/// How many ids a segment has.
pub(crate) const SEGMENT_IDS: u64 = 1 << HEIGHT;
