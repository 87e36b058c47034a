//! Sealing at the door: plaintext becomes an age file, and the file's header is sealed once more.
//!
//! Without the leaves there is no header, and without the header the payload is noise.

mod age_file;
mod header;
mod stream;

#[cfg(feature = "fuzzing")]
pub use age_file::header_len;
pub(crate) use age_file::open_with;
pub use age_file::{AgeFile, may_be, seal};
pub(crate) use header::{Binding, SealedHeader};
