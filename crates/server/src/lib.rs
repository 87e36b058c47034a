//! Serves a hub: HTTP and HTTPS under the household's own authority, by name at home, with the app's files; and lets a household be made in
//! a browser.
//!
//! [`RunningHub`] is a hub that serves; [`set_up`] waits for a household. Here alone a kind of refusal is an HTTP status, and a
//! connection an address.

pub mod api;
mod config;
pub mod confinement;
pub mod doctor;
pub mod ending;
mod extract;
mod https;
mod listener;
mod making;
mod metrics;
mod server;
pub mod set_up;
pub mod settings;
mod site;
mod witness;

pub use config::{ServeError, ServerConfig};
pub use https::{GivenCertificate, HttpsError};
pub use server::RunningHub;
pub use site::AUTHORITY;
