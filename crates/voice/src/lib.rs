//! From a microphone to an answer; knows no disk.

pub mod intent;
