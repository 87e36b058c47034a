//! What the end-to-end tests are told with: a [`Home`] with the real hub, a [`StandInCamera`], and ways to wait for events.
//!
//! Nothing here knows the inside of the hub: everything goes through the command line, as people and scripts use it, or through the
//! API as the app uses it ([`Page`]), with the household's keys at the member's end. What goes
//! wrong in here is a test that fails, so it panics and says what it was about.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod answer;
mod authenticator;
mod camera;
mod commands;
mod database;
mod events;
mod files;
mod flood;
mod home;
mod inviting;
mod live;
mod lying_hub;
mod member;
mod onvif;
mod page;
mod program;
mod source;
mod speech;
mod stranger;
mod wait;
mod wav;

pub use answer::{Answer, ids, number, text};
pub use authenticator::Authenticator;
pub use camera::{BadCamera, StandInCamera};
pub use events::Events;
pub use files::{copy_folder, files_below, find_bytes, mode};
pub use flood::{Beginning, Flood};
pub use home::{Home, Voice};
pub use inviting::Conversation;
pub use live::{Live, LiveUnit};
pub use lying_hub::LyingHub;
pub use member::{Member, Renewed};
pub use onvif::OnvifCamera;
pub use page::{Page, Sending, Stream};
pub use program::{has, porchlight, required, root};
pub use source::without_tests;
pub use stranger::Stranger;
pub use wait::until;
pub use wav::Wav;
