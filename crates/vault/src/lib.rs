//! Seals recordings, finds them, releases them and forgets them.
//!
//! A [`Vault`] is a data folder and the strongbox beside it. What is kept ([`Vault::keep`]) is sealed to its audience before it
//! touches a disk, found by what the catalog says of it ([`Vault::list`]), released as an ordinary age file once the look is
//! in the ledger ([`Vault::look`], [`Vault::fetch`]), and forgotten in every copy at once ([`Vault::plan`], [`Vault::forget`],
//! [`Vault::expire`]). It decides nothing about who may: it is told the audience, and who asks.
//!
//! `docs/storage.md` states the invariants and the order of every write.

mod audience;
mod beside;
mod blobs;
mod catalog;
mod clock;
mod clock_anchor;
mod clock_guard;
mod database_error;
mod database_place;
mod disk;
mod error;
#[doc(hidden)]
pub mod faults;
mod file_names;
mod folder;
mod folder_identity;
mod forgotten;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod hold;
mod holding;
mod id;
mod in_place;
mod in_time;
mod last_write;
mod ledger_files;
mod mirror_state;
mod misplaced;
mod moment;
mod mounts;
mod named_folder;
mod parts;
pub mod prove;
mod query;
mod reason;
pub mod receipt;
mod reserve;
mod sealed;
mod shell;
mod slot_kind;
mod strongbox;
mod terms;
mod verbs;
mod warning;
mod watermark;

pub use audience::{Audience, Readers};
pub use beside::strongbox_beside;
pub use catalog::{Migration, MigrationError, PAGES_CACHED, migrate, whole_again};
pub use clock::{Clock, SetClock, SystemClock};
pub use clock_guard::Pause;
pub use database_error::{is_damaged, is_of_disk};
pub use database_place::DatabasePlace;
pub use disk::DiskTrouble;
pub use error::{Error, FailedDisk};
pub use folder::{read_without_waiting, write as write_whole};
pub use folder_identity::{FolderIdentity, check_apart, household_around, misplaced};
pub use forgotten::Forgotten;
pub use hold::{Held, Hold, NewHold};
pub use holding::Holding;
pub use id::Id;
pub use last_write::LastWrite;
pub use mirror_state::{Mirror, MirrorState};
pub use misplaced::Misplaced;
pub use moment::{Entry, Kept, Kind, NewMoment, NewRecording};
pub use named_folder::{Found, NamedFolder};
pub use parts::Parts;
pub use porchlight_ledger as ledger;
pub use query::{Filter, Plan, Selection, Token};
pub use reason::Reason;
pub use sealed::{AgeFile, may_be, seal};
pub use shell::in_shell;
pub use slot_kind::SlotKind;
pub use strongbox::{ListedUnderRoot, StrongboxChoice, known_mirrors, warnings_about};
pub use terms::{Basis, Ends, Owner, Purpose, Terms};
pub use verbs::{
    ClockState, Config, Ended, Ending, Expiry, Gone, KeptRequest, KnownPlaces, LedgerEntry, Line, LineProof,
    Look, NewRequest, NextLedgerKey, Opened, Opening, OwedLine, Pass, Released, StrongboxChange, Survey,
    Unreached, Vault, Why, clear_unmade, is_unmade, read_detail,
};
pub use warning::Warning;
pub use watermark::{Watermark, WatermarkFile};
