//! Porchlight from the outside: each test is a household's story, told through the command line to the real hub.
#![allow(clippy::unwrap_used)]

mod bad_folders;
mod bad_sound;
mod bad_words;
mod browser;
mod camera;
mod camera_trouble;
mod consent;
mod copies;
mod crash;
mod forensics;
mod forgetting;
mod holds;
mod household;
mod looking;
mod network;
mod receipts;
mod sessions;
mod sign_in;
mod timers;
mod voice;
