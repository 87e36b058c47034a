//! What codecs say of themselves, as far as a file must repeat it: the parameters of pictures and of sound.

pub(crate) mod aac;
mod bits;
pub(crate) mod decoder_setup;
pub(crate) mod flac;
pub(crate) mod g711;
pub(crate) mod h264;
pub(crate) mod h265;
pub(crate) mod opus;
mod sample_entry;
