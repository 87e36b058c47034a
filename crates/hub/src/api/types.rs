//! What goes over the wire: the bodies of the HTTP API, shared by the hub, its client and the OpenAPI document.
//!
//! People and devices appear by their names, as a household speaks of them; recordings and moments by their ids.
//! Every instant is RFC 3339 in UTC.

mod account;
mod asking;
mod attention;
mod forgetting;
mod household;
mod hub;
mod listing;
mod looks;
mod passkeys;
mod recordings;
mod sentence;
mod set_up;
mod sign_in;
mod talk;

pub use account::*;
pub use asking::*;
pub use attention::*;
pub use forgetting::*;
pub use household::*;
pub use hub::*;
pub use listing::Listing;
pub use looks::*;
pub use passkeys::*;
pub use recordings::*;
pub use sentence::{CODES, Sentence};
pub use set_up::*;
pub use sign_in::*;
pub use talk::*;
