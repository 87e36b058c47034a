//! The other end of the hub's API: what a member's own computer does, and the hub must not. Neither the hub nor its server links this
//! crate, so that they could not if they would.
//!
//! Passphrases are proved here and never sent. Identities are unwrapped here, the household document is checked and signed here,
//! and recordings are opened here.

mod cameras;
mod consents;
mod enrol;
mod error;
mod found;
mod household;
mod http;
mod inviting;
mod joining;
mod ledger;
mod losing;
mod member;
mod microphone;
mod open;
mod opener;
mod patience;
mod proving;
mod seen;
mod session;

pub use consents::{GoesWith, Granted, TakingBack};
pub use enrol::{Enrolled, enrol};
pub use error::ClientError;
pub use found::{Founded, found};
pub use household::{NewDevice, NewPerson, PersonDetails};
pub use inviting::{Answer, Inviting, Progress, Watching};
pub use joining::{Joined, Joining};
pub use ledger::{LedgerCheck, LedgerLine, Lost};
pub use losing::Removal;
pub use member::{EventStream, Member};
pub use microphone::Microphone;
pub use open::open_age_file;
pub use opener::{Opener, Sealing};
pub use porchlight_camera::{Clip, NoFit};
pub use porchlight_household::DeviceChange;
pub use porchlight_household::invitation::{Code, Numbers};
pub use porchlight_protocol::AnswerState;
pub use porchlight_vault::ledger::note::Verifier;
pub use porchlight_vault::ledger::{Because, Receipt};
pub use porchlight_vault::receipt::{Deletion, DeletionReceipt, Outcome};
pub use proving::Answers;
pub use seen::{Seen, SeenLedger};
pub use session::{Codes, Session, SignedInAs, sign_in};
