//! Wires the rooms: HTTP API, events, schedules, and the client of that API.
//!
//! [`RunningHub`] is the hub itself; [`init`] makes a household, and [`set_up`] lets one be made in a browser; [`client`] is the other end of the API, where passphrases,
//! identities and signing keys live. The hub's half of this crate never sees any of those.

mod admission;
mod answered;
pub mod api;
mod attempts;
mod attention;
mod auth;
mod cameras;
mod cascade;
mod change;
pub mod client;
pub mod confinement;
mod conversations;
pub mod doctor;
mod effects;
pub mod ending;
mod error;
pub mod events;
mod failed_tries;
mod familiar;
mod forget;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod heard;
mod https;
mod hub;
pub mod init;
mod intents;
mod keeping;
mod lately;
mod ledger;
mod listener;
mod looks;
mod metrics;
mod mirrors;
mod new_account;
mod notices;
mod origin;
mod passkeys;
mod permissions;
mod proofs;
mod rate_limits;
mod say;
mod schedule;
mod secrets;
mod seen;
mod selection;
mod sentences;
pub mod set_up;
pub mod settings;
mod shares;
mod sign_in;
mod store;
mod unproven;
mod voice;
mod witness;

/// The folder of speech models that a hub takes, where this one is named or none; none where none is whole.
pub fn models_folder(named: Option<&std::path::Path>) -> Option<std::path::PathBuf> {
    porchlight_voice::models::Models::find(named).ok().map(|models| models.folder().to_owned())
}

/// The most bytes of a WAV file that are worth sending: a longer one is refused by its header.
pub const MAX_WAV: usize = porchlight_voice::wav::MAX_BYTES + 1;

pub use error::HubError;
pub use https::{GivenCertificate, HttpsError};
pub use hub::{AUTHORITY, HubConfig, RunningHub};
pub use ledger::LineKind;
pub use porchlight_household::{ChangeKind, text};
pub use porchlight_vault::{
    FolderIdentity, Found, Holding, NamedFolder, StrongboxChoice, household_around, in_shell, known_mirrors,
    prove, strongbox_beside,
};
