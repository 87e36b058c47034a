//! What goes between a hub and its members: the bodies of the HTTP API, the events, and the messages with their codes, shared by the
//! hub, its clients and the OpenAPI document.
//!
//! People and devices appear by their names, as a household speaks of them; recordings and moments by their ids.
//! Every instant is RFC 3339 in UTC.

mod account;
mod adding;
mod amount;
mod asking;
mod attention;
pub mod events;
mod forgetting;
mod household;
mod hub;
mod invitations;
mod line_kind;
mod listing;
mod live;
mod looks;
mod message;
mod passkeys;
mod recordings;
mod request;
mod set_up;
mod sign_in;
mod stretch;
mod talk;

pub use account::*;
pub use adding::*;
pub use amount::{Amount, FILM, FilmOf, OthersOf, SaidBy, length};
pub use asking::*;
pub use attention::*;
pub use forgetting::*;
pub use household::*;
pub use hub::*;
pub use invitations::*;
pub use line_kind::LineKind;
pub use listing::Listing;
pub use live::*;
pub use looks::*;
pub use message::{CODES, Message};
pub use passkeys::*;
pub use recordings::*;
pub use request::{TIME, query};
pub use set_up::*;
pub use sign_in::*;
pub use stretch::{Gap, Stretch, follows, stretches};
pub use talk::*;
