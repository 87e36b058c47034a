//! Seals recordings, finds them, releases them and forgets them.
//!
//! A [`Vault`] is a data folder and the strongbox beside it. What is kept ([`Vault::keep`]) is sealed to its audience before it
//! touches a disk, found by what the catalog says of it ([`Vault::list`]), released as an ordinary age file once the look is
//! in the ledger ([`Vault::release`]), and forgotten in every copy at once ([`Vault::plan`], [`Vault::forget`],
//! [`Vault::expire`]). It decides nothing about who may: it is told the audience, and who asks.
//!
//! `docs/storage.md` states the invariants and the order of every write.

mod audience;
mod blobs;
mod catalog;
mod choose;
mod clock;
mod database_place;
mod disk;
mod error;
#[doc(hidden)]
pub mod faults;
mod folder;
mod folder_identity;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod id;
mod in_place;
mod keeping;
mod last_write;
mod ledger_files;
mod moment;
mod mounts;
mod named_folder;
mod parts;
pub mod prove;
pub mod receipt;
mod reserve;
mod sealed;
mod shell;
mod strongbox;
mod trust;
mod vault;

pub use audience::{Audience, Readers};
pub use catalog::{MigrationError, PAGES_CACHED, is_damaged, migrate, whole_again};
pub use choose::{Filter, Plan, Selection, Token};
pub use clock::{Clock, SetClock, SystemClock};
pub use database_place::DatabasePlace;
pub use disk::{DiskTrouble, is_of_disk};
pub use error::{Error, FailedDisk};
pub use folder_identity::{
    FolderIdentity, Misplaced, check_apart, household_around, misplaced, strongbox_beside,
};
pub use id::Id;
pub use keeping::{Basis, Ends, Keeping, Owner, Purpose};
pub use last_write::LastWrite;
pub use moment::{Entry, Kept, Kind, NewMoment, NewRecording};
pub use named_folder::{Found, NamedFolder};
pub use parts::Parts;
pub use porchlight_ledger as ledger;
pub use sealed::{AgeFile, may_be, seal};
pub use shell::in_shell;
pub use strongbox::{
    Holding, Mirror, SlotKind, StrongboxChoice, Warning, Watermark, WatermarkFile, known_mirrors,
    warnings_about,
};
pub use trust::Pause;
pub use vault::{
    ClockState, Config, Ended, Ending, Expiry, Forgotten, Gone, Held, Hold, KeptRequest, Line, LineProof,
    Look, Looked, MirrorState, NewHold, NewRequest, NextLedgerKey, Opening, OwedLine, Pass, Reason, Released,
    StrongboxChange, Survey, Told, Unreached, Vault, Why, clear_unmade, is_unmade, read_detail,
};
