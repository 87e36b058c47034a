//! What comes in RTP packets (RFC 3550): pictures and sound, put together again.

pub(crate) mod aac;
pub(crate) mod h264;
pub(crate) mod h265;
pub(crate) mod packet;
pub(crate) mod picture;
pub(crate) mod reception;
pub(crate) mod sound;
mod speed;
mod ticks;
pub(crate) mod video;
