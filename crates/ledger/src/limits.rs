//! How long what is appended may be.

/// The longest entry in bytes: its length is a `u16` in an entry bundle.
pub const MAX_ENTRY: usize = u16::MAX as usize;

/// The longest body of a frame in bytes.
pub(crate) const MAX_BODY: usize = 16 * 1024 * 1024;
