//! Where a phone finds the hub, and whom it has to trust for that.

use std::net::{IpAddr, SocketAddr};

use super::authority::{Authority, NAME};
use super::{Https, addresses};

/// The port that a browser takes when an address names none.
const USUAL: u16 = 443;

/// How the hub is served.
#[derive(Clone)]
pub(crate) struct Served {
    /// Where it was told to listen; the port is the one it has.
    listen: SocketAddr,
    https: bool,
    announced: bool,
    authority: Option<Trusted>,
}

/// The part of the household's authority that everybody may see: what a phone is asked to trust.
#[derive(Clone)]
pub(crate) struct Trusted {
    pub name: String,
    /// DER.
    pub certificate: Vec<u8>,
    pub pem: String,
}

impl Served {
    pub(crate) fn new(listen: SocketAddr, https: Option<&Https>, announced: bool) -> Served {
        let authority = https.and_then(|https| https.authority.as_deref()).map(Authority::trusted);
        Served { listen, https: https.is_some(), announced, authority }
    }

    /// Whether by HTTPS.
    pub(crate) fn https(&self) -> bool {
        self.https
    }

    /// What a phone is asked to trust; none where a certificate is given, or nothing is encrypted.
    pub(crate) fn authority(&self) -> Option<&Trusted> {
        self.authority.as_ref()
    }

    /// Whether it shows a certificate of an authority that phones trust already.
    pub(crate) fn given(&self) -> bool {
        self.https && self.authority.is_none()
    }

    /// The port that it has.
    pub(crate) fn port(&self) -> u16 {
        self.listen.port()
    }

    /// Whether others than this computer are served.
    pub(crate) fn network(&self) -> bool {
        !self.listen.ip().is_loopback()
    }

    /// The addresses that a phone at home can open, the best first. They are looked up now, since a computer's addresses change.
    pub(crate) fn addresses(&self) -> Vec<String> {
        let mut found = addresses(self.listen);
        found.retain(|address| self.network() && !address.is_loopback() && !needs_a_scope(*address));
        let name = self.announced.then(|| NAME.to_owned());
        let hosts = name.into_iter().chain(found.into_iter().map(host));
        match self.listen.port() {
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
        Served { listen: listen.parse().unwrap(), https: true, announced, authority: None }
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
