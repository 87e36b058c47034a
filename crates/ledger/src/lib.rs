//! An append-only Merkle log with signed checkpoints.
//!
//! A [`Ledger`] keeps *entries*, which are opaque bytes to it, in the order in which they came. After every
//! append it signs a *checkpoint*: how many entries there are and the one hash that stands for all of them.
//! Whoever remembers a checkpoint can have it proven that an entry is in the log ([`Ledger::inclusion`]) and
//! that nothing was rewritten since ([`Ledger::consistency`]).
//!
//! The formats are published ones, so that programs that share no code with this crate can check a ledger
//! (`tests/verify.py` is such a program):
//!
//! - hashes and proofs: RFC 6962 section 2.1, with the verification algorithms of RFC 9162 section 2.1
//!   ([`proof`]);
//! - checkpoints: C2SP tlog-checkpoint, signed as C2SP signed-note with Ed25519 ([`Checkpoint`], [`note`]);
//! - what is served: C2SP tlog-tiles ([`TilePath`], [`Ledger::write_tiles`]).
//!
//! An append-only log cannot forget. What should be forgettable stays out of it: [`commitment`] makes entries
//! that say only what kind of thing happened in which hour, and commit to a detail that is kept, and
//! forgotten, elsewhere.
//!
//! # Going back
//!
//! The files of a ledger may be replaced by an older copy of themselves. The caller therefore *pins* the
//! newest checkpoint where nothing goes back, after every append and before showing it to anyone, and gives
//! it to [`Ledger::open`]. A ledger that lacks entries which the pinned checkpoint covers must never sign
//! under the same name again, for it would contradict itself. It starts a new *tree*, with an origin of its
//! own (`ORIGIN/tree-2`), whose first entry holds the pinned checkpoint and says why ([`Continuation`]). The older tree
//! stays beside it.

pub mod addendum;
mod audit;
mod checkpoint;
pub mod commitment;
mod continuation;
mod entry_json;
mod error;
mod frame;
mod hash;
mod ledger;
mod limits;
mod load;
mod log_proof;
pub mod note;
mod opening;
mod origin;
pub mod proof;
mod receipt;
mod store;
mod succession;
mod tiles;
mod tree;

pub use audit::{Audit, entries_of_bundle};
pub use checkpoint::Checkpoint;
pub use continuation::{Because, Continuation};
pub use ed25519_dalek::{SigningKey, VerifyingKey};
pub use error::Error;
pub use hash::Hash;
pub use ledger::{Appended, Ledger};
pub use limits::MAX_ENTRY;
pub use log_proof::LogProof;
pub use opening::{Opening, is_named};
pub use origin::Signers;
pub use receipt::{Receipt, Verified};
pub use store::{FolderStore, Store};
pub use succession::{Succession, follow};
pub use tiles::{TILE_WIDTH, TilePath};
