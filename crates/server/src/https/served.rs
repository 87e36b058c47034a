//! Where a phone finds the hub, and whom it has to trust for that.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use super::authority::{Authority, NAME, Trusted};
use super::{Https, addresses};

/// The port that a browser takes when an address names none.
const USUAL: u16 = 443;

/// How the hub is served, as everybody who holds it sees it: phones may be let in later.
#[derive(Clone)]
pub(crate) struct Served(Arc<RwLock<Now>>);

/// How it is served now.
struct Now {
    /// Where it was told to listen; the port is the one it has.
    listen: SocketAddr,
    https: bool,
    announced: bool,
    authority: Option<Trusted>,
}

impl Now {
    fn new(listen: SocketAddr, https: Option<&Https>, announced: bool) -> Now {
        let authority = https.and_then(|https| https.authority.as_deref()).map(Authority::trusted);
        Now { listen, https: https.is_some(), announced, authority }
    }
}

impl Served {
    pub(crate) fn new(listen: SocketAddr, https: Option<&Https>, announced: bool) -> Served {
        Served(Arc::new(RwLock::new(Now::new(listen, https, announced))))
    }

    fn now(&self) -> RwLockReadGuard<'_, Now> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on others are served too.
    pub(crate) fn widen(&self, listen: SocketAddr, https: &Https, announced: bool) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Now::new(listen, Some(https), announced);
    }

    /// What a phone is asked to trust; none where a certificate is given, or nothing is encrypted.
    pub(crate) fn authority(&self) -> Option<Trusted> {
        self.now().authority.clone()
    }

    /// Whether it shows a certificate of an authority that phones trust already.
    pub(crate) fn given(&self) -> bool {
        let now = self.now();
        now.https && now.authority.is_none()
    }

    /// The port that it has.
    pub(crate) fn port(&self) -> u16 {
        self.now().listen.port()
    }

    /// Whether others than this computer are served.
    pub(crate) fn network(&self) -> bool {
        !self.now().listen.ip().is_loopback()
    }

    /// The addresses that a phone at home can open, the best first. They are looked up now, since a computer's addresses change.
    pub(crate) fn addresses(&self) -> Vec<String> {
        let network = self.network();
        let now = self.now();
        let mut found = addresses(now.listen);
        found.retain(|address| network && !address.is_loopback() && !needs_a_scope(*address));
        let name = now.announced.then(|| NAME.to_owned());
        let hosts = name.into_iter().chain(found.into_iter().map(host));
        match now.listen.port() {
            USUAL => hosts.map(|host| format!("https://{host}")).collect(),
            port => hosts.map(|host| format!("https://{host}:{port}")).collect(),
        }
    }
}

/// An address that means something on one network card only, which no browser can be told.
fn needs_a_scope(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(v6) if v6.is_unicast_link_local())
}

/// An address as a URL has it.
fn host(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(listen: &str, announced: bool) -> Served {
        let now = Now { listen: listen.parse().unwrap(), https: true, announced, authority: None };
        Served(Arc::new(RwLock::new(now)))
    }

    #[test]
    fn a_phone_is_sent_to_addresses_that_it_can_open() {
        let named = served("192.168.1.20:8420", true);
        assert_eq!(named.addresses(), ["https://porchlight.local:8420", "https://192.168.1.20:8420"]);
        assert_eq!(served("192.168.1.20:443", false).addresses(), ["https://192.168.1.20"]);
        assert_eq!(served("[fd00::20]:8420", false).addresses(), ["https://[fd00::20]:8420"]);
        for nowhere in ["127.0.0.1:8420", "[::1]:8420", "[fe80::1]:8420"] {
            assert!(served(nowhere, false).addresses().is_empty(), "{nowhere}");
        }
    }
}
