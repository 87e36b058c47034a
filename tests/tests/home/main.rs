//! Porchlight from the outside: each test is a household's story, told through the command line to the real hub.
#![allow(clippy::unwrap_used)]

mod bad_folders;
mod bad_sound;
mod bad_words;
mod browser;
mod camera;
mod camera_trouble;
mod clock;
mod consent;
mod copies;
mod corrections;
mod crash;
mod described;
mod forensics;
mod forgetting;
mod forgetting_by_voice;
mod guesses;
mod holds;
mod household;
mod looking;
mod matrix;
mod network;
mod open_session;
mod passkeys;
mod passphrase;
mod receipts;
mod recovery;
mod reminders;
mod sessions;
mod set_up;
mod sign_in;
mod step_up;
mod timers;
mod voice;
mod writing;
