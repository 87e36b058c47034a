//! Where a hub is served and how, and why it cannot be.

use std::net::SocketAddr;

use porchlight_hub::{HubConfig, HubError};

use crate::confinement::Confinement;
use crate::https::{GivenCertificate, HttpsError};

/// A hub, and where it is served.
#[derive(Clone)]
pub struct ServerConfig {
    /// The hub itself.
    pub hub: HubConfig,
    /// The address to listen on; port 0 for any free one. A loopback address is served plain, every other one by HTTPS alone.
    pub listen: SocketAddr,
    /// Serve a loopback address by HTTPS too.
    pub https: bool,
    /// Serve the home's network beside a loopback address: at the same port, by HTTPS alone.
    pub phones: bool,
    /// Where numbers for a monitor are served, on this computer alone.
    pub metrics: Option<SocketAddr>,
    /// A certificate to use in the place of one of the household's own authority.
    pub certificate: Option<GivenCertificate>,
    /// Answer to `porchlight.local` where a network is served.
    pub announce: bool,
    /// Leave out what was remembered, even where it cannot be read, and remember this in its place.
    pub anew: bool,
    /// Whether this process is kept from what is not the hub's.
    pub confinement: Confinement,
}

impl ServerConfig {
    /// This hub on this computer alone, and all else as it is by itself.
    #[cfg(test)]
    pub(crate) fn of(hub: HubConfig) -> ServerConfig {
        ServerConfig {
            hub,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            https: false,
            phones: false,
            metrics: None,
            certificate: None,
            announce: false,
            anew: false,
            confinement: Confinement::None("nobody asked for it".to_owned()),
        }
    }
}

/// Why a hub cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The hub itself does not start.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// The address is taken or not ours.
    #[error(
        "cannot listen on {address} ({source}); is another hub running there, or has this computer another address by now? choose another with --listen (what was told last is remembered, in settings.toml in the data folder)"
    )]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// A network cannot be served encrypted, so it is not served.
    #[error("cannot serve a network: {0}")]
    Https(#[from] HttpsError),
    /// How the hub serves could not be remembered.
    #[error("how this hub serves could not be remembered for its next start: {0}")]
    Forgetful(String),
    /// What is about to change could not be told in the ledger, so it was not done.
    #[error("it cannot be written into the ledger, so it was not done: {0}")]
    Untold(String),
    /// The system gives no randomness.
    #[error("the system gives no randomness ({0}); nothing can be sealed without it")]
    Randomness(#[from] getrandom::Error),
}

impl ServeError {
    /// A stable word for programs; empty where there is none.
    pub fn code(&self) -> String {
        match self {
            ServeError::Hub(error) => error.code(),
            _ => String::new(),
        }
    }
}
