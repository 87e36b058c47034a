//! What the clock of whoever asks shows, and whether they ask from another machine: what runs beside the hub shows the hub's own clock.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use jiff::Timestamp;
use porchlight_household::Viewer;
use porchlight_hub::Hub;
use porchlight_protocol::TIME;

/// Hears what the clock of whoever asks shows, where that is evidence.
pub(crate) async fn hear(hub: &Hub, viewer: &Viewer, parts: &Parts) {
    let Some(ConnectInfo(from)) = parts.extensions.get::<ConnectInfo<SocketAddr>>() else { return };
    let Some(theirs) = shown(parts) else { return };
    if !is_here(from.ip()) {
        porchlight_hub::witness::hear(hub, viewer, theirs).await;
    }
}

fn shown(parts: &Parts) -> Option<Timestamp> {
    let text = parts.headers.get(TIME)?.to_str().ok()?;
    Timestamp::from_millisecond(text.parse().ok()?).ok()
}

/// Whether an address is of the machine that the hub runs on.
fn is_here(address: IpAddr) -> bool {
    let address = address.to_canonical();
    address.is_loopback()
        // Where the machine's own addresses cannot be told, nobody is taken for somebody else.
        || if_addrs::get_if_addrs().map_or(true, |own| own.iter().any(|own| own.ip() == address))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn what_runs_beside_the_hub_says_nothing_of_its_clock() {
        for here in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "127.8.8.8"] {
            assert!(is_here(here.parse().unwrap()), "{here}");
        }
        for own in if_addrs::get_if_addrs().unwrap() {
            assert!(is_here(own.ip()), "{}", own.ip());
        }
        assert!(!is_here("192.0.2.7".parse().unwrap()));
    }

    #[test]
    fn a_clock_is_read_as_it_is_sent_and_nothing_else_is() {
        let read = |text: &str| {
            let request = Request::builder().header(TIME, text).body(()).unwrap();
            shown(&request.into_parts().0)
        };
        assert_eq!(read("1800000000123").unwrap().as_millisecond(), 1_800_000_000_123);
        for wrong in ["", "now", "1e9", "99999999999999999999", "9223372036854775807", "2026-11-29T10:00:00Z"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(shown(&Request::new(()).into_parts().0), None);
    }
}
