//! What a hub does for its household: signs people in, answers, records, looks, forgets, tells. It knows no network and nobody's keys:
//! `porchlight-server` puts it before the household, and passphrases, identities and signing keys are `porchlight-client`'s.

pub mod accounts;
pub mod assistant;
pub mod attention;
mod config;
pub mod deletion;
pub mod doctor;
mod error;
pub mod events;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod household_update;
pub mod init;
pub mod intents;
mod lately;
pub mod ledger;
pub mod messages;
pub mod mirrors;
pub mod notices;
pub mod origin;
pub mod passes;
pub mod permissions;
pub mod query;
pub mod recording;
mod retention_terms;
pub mod schedule;
pub mod secrets;
pub mod seen;
pub mod serving;
pub mod shares;
mod start;
mod state;
pub mod store;
mod waiting;
pub mod witness;

/// The folder of speech models that a hub takes, where this one is named or none; none where none is whole.
pub fn models_folder(named: Option<&std::path::Path>) -> Option<std::path::PathBuf> {
    porchlight_voice::models::Models::find(named).ok().map(|models| models.folder().to_owned())
}

/// The most bytes of a WAV file that are worth sending: a longer one is refused by its header.
pub const MAX_WAV: usize = porchlight_voice::wav::MAX_BYTES + 1;

pub use config::HubConfig;
pub use error::{Error, ErrorKind, HubError};
pub use porchlight_household::{ChangeKind, text};
pub use porchlight_vault::{
    FolderIdentity, Found, Holding, NamedFolder, StrongboxChoice, household_around, in_shell, known_mirrors,
    prove, strongbox_beside,
};
pub use secrets::LISTED_MIRRORS;
pub use start::{home_in, open, read_home};
pub use state::{Changing, Home, Hub};
