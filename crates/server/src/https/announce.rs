//! Being found at home: `porchlight.local`, by multicast DNS (RFC 6762) and service discovery (RFC 6763).

use mdns_sd::{IfKind, ServiceDaemon, ServiceInfo};
use tracing::warn;

use super::authority::NAME;

/// The kind of service.
const KIND: &str = "_https._tcp.local.";

/// Announces the hub until it is dropped.
pub(crate) struct Announced(ServiceDaemon);

impl Announced {
    /// Answers to the hub's name on every network that the computer is in. Where that is not possible the hub is reached by its
    /// address, so it is said and no more.
    pub(crate) fn at(port: u16) -> Option<Announced> {
        Announced::within(port, IfKind::All)
            .inspect_err(
                |why| warn!(target: "porchlight", "{NAME} is not announced ({why}); use the hub's address"),
            )
            .ok()
    }

    /// Answers on these interfaces alone.
    fn within(port: u16, interfaces: IfKind) -> Result<Announced, mdns_sd::Error> {
        let daemon = ServiceDaemon::new()?;
        daemon.disable_interface(IfKind::All)?;
        daemon.enable_interface(interfaces)?;
        let host = format!("{NAME}.");
        let info = ServiceInfo::new(KIND, "Porchlight", &host, "", port, &[("path", "/")][..])?;
        daemon.register(info.enable_addr_auto())?;
        Ok(Announced(daemon))
    }
}

impl Drop for Announced {
    fn drop(&mut self) {
        // It says goodbye to the network; that nobody may hear it is no loss.
        let _ = self.0.shutdown();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mdns_sd::HostnameResolutionEvent;

    use super::*;

    #[test]
    fn the_hub_answers_to_its_name() {
        let _announced = Announced::within(8420, IfKind::LoopbackV4).unwrap();
        let phone = ServiceDaemon::new().unwrap();
        phone.disable_interface(IfKind::All).unwrap();
        phone.enable_interface(IfKind::LoopbackV4).unwrap();
        let heard = phone.resolve_hostname(&format!("{NAME}."), Some(30_000)).unwrap();
        let found = loop {
            match heard.recv_timeout(Duration::from_secs(30)).unwrap() {
                HostnameResolutionEvent::AddressesFound(_, found) => break found,
                HostnameResolutionEvent::SearchTimeout(_) => panic!("nobody answers to {NAME}"),
                _ => {}
            }
        };
        assert!(found.iter().all(|address| address.to_ip_addr().is_loopback()), "{found:?}");
        phone.shutdown().unwrap();
    }
}
