//! People, devices, consent, sign-in, and who may do what.
//!
//! This room decides and does nothing else: it reads no file, opens no socket and has no clock. Every answer is a
//! function of the [`Household`] document, of who asks, and of an instant that is handed in.
//!
//! - [`document`] is what a household writes down; [`household`] is that, checked, and the edits a client makes before it signs the next version.
//! - [`signed`] makes sure that nobody but the right person changed it, and that its versions can be followed without being kept.
//! - [`consent`], [`speaker`], [`retention`] and [`audience`] say together whether a capture may be kept, how long,
//!   and for whose eyes. The only way to keep is a [`Permit`], and the only source of permits is [`Household::permit`].
//! - [`basis`] says of what was kept whether it still may be; [`growing_up`], whom the calendar makes a teen or an adult soon.
//! - [`circle`], [`member`] and [`sign_in`] are about keys: who holds which, and how a person gets to their own.
//! - [`invitation`] is what lets a newcomer bring keys of their own, and [`typed_code`] how its code is written.
//! - [`changes`] says what is different since the version before; [`consequences`], what a change takes along.
//! - [`rights`] says who may know of, look at and forget what, as types.
//! - [`text`] finds in what people name and say the characters that nobody sees.

mod error;
mod id;
mod names;

pub mod audience;
pub mod basis;
pub mod changes;
pub mod circle;
pub mod consent;
pub mod consequences;
pub mod document;
pub mod growing_up;
pub mod household;
pub mod invitation;
pub mod member;
pub mod policy;
pub mod retention;
pub mod rights;
pub mod sign_in;
pub mod signed;
pub mod speaker;
pub mod text;
pub mod typed_code;

#[cfg(test)]
mod example;

pub use audience::Audience;
pub use basis::{Basis, Lost};
pub use changes::{Change, ChangeKind};
pub use document::{
    Age, Agreement, BirthMonth, Circle, CircleName, Consent, Device, DeviceKind, Document, Keep, Kind,
    Person, PublicKeys, Purpose, Retention, Rule, SignerKey, Units,
};
pub use error::Error;
pub use growing_up::GrowingUp;
pub use household::{DeviceChange, Household, PersonChange};
pub use id::{DeviceId, HouseholdId, PersonId};
pub use member::{Kit, MemberKeys, RecoverySecret};
pub use names::plain_name;
pub use policy::{HeldOf, Language, Sentence};
pub use retention::{Capture, Ends, Permit, Whose};
pub use rights::{Guardian, Member, Owner, Viewer};
pub use signed::{Lineage, SignedDocument, SignedStep};
pub use speaker::Speaker;
