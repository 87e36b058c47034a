//! From a microphone to an answer; knows no disk.

pub mod error;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod hear;
pub mod intent;
pub mod models;
pub mod pcm;
mod runtime;
pub mod skill;
pub mod speak;
pub mod wav;
