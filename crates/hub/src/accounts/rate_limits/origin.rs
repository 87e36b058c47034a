//! Where a try to get in comes from: the block of addresses that one connection can choose from, and whether the household is known
//! to come from there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

/// Bytes by which a browser is told from others of the same person.
pub const BROWSER: usize = 16;

/// The addresses that somebody with one connection can choose from: one of IPv4, a /64 of IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AddressBlock(IpAddr);

/// Where a try comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The addresses that one connection can choose from.
    pub block: AddressBlock,
    /// Whether the household is known to come from there.
    pub standing: Standing,
}

/// What speaks for somebody who tries, before they have proved anything. It opens nothing: it says whose tries are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// A browser in which this very person got in before.
    Browser([u8; BROWSER]),
    /// An address from which somebody of the household got in before.
    Address,
    /// Nothing.
    Strange,
}

impl AddressBlock {
    /// The block of an address. One of IPv4 that comes by way of IPv6 is of IPv4: else all of them would be one.
    pub fn of(address: IpAddr) -> AddressBlock {
        AddressBlock(match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => IpAddr::V6(first_bits(address, 64)),
        })
    }

    /// The block around it, of a company or a street: a /24 or a /48.
    pub(crate) fn neighbours(self) -> AddressBlock {
        AddressBlock(match self.0 {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                IpAddr::V4(Ipv4Addr::new(a, b, c, 0))
            }
            IpAddr::V6(address) => IpAddr::V6(first_bits(address, 48)),
        })
    }

    /// Whether it is of a network at home, as far as an address can say.
    pub(crate) fn is_home(self) -> bool {
        match self.0 {
            IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
            // The loopback address, as the first of its block.
            IpAddr::V6(address) => {
                address.is_unspecified() || address.is_unique_local() || address.is_unicast_link_local()
            }
        }
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        match self.0 {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        }
    }
}

fn first_bits(address: Ipv6Addr, bits: u32) -> Ipv6Addr {
    Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << (128 - bits)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(address: &str) -> AddressBlock {
        AddressBlock::of(address.parse().unwrap())
    }

    #[test]
    fn whatever_one_connection_can_choose_from_is_one_block() {
        assert_eq!(block("2001:db8:1:2::1"), block("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(block("2001:db8:1:2::1"), block("2001:db8:1:3::1"));
        assert_eq!(block("2001:db8:1:2::1").neighbours(), block("2001:db8:1:3::1").neighbours());
        assert_ne!(block("203.0.113.1"), block("203.0.113.2"));
        assert_eq!(block("203.0.113.1").neighbours(), block("203.0.113.2").neighbours());
        assert_ne!(block("203.0.113.1").neighbours(), block("203.0.114.1").neighbours());
    }

    #[test]
    fn an_address_of_ipv4_is_the_same_by_way_of_ipv6() {
        assert_eq!(block("::ffff:203.0.113.1"), block("203.0.113.1"));
        assert_ne!(block("::ffff:203.0.113.1"), block("::ffff:198.51.100.1"));
    }

    #[test]
    fn a_home_network_is_told_from_elsewhere() {
        for home in
            ["127.0.0.1", "::1", "192.168.1.20", "10.1.2.3", "::ffff:172.16.0.9", "fd00::5", "fe80::1"]
        {
            assert!(block(home).is_home(), "{home}");
        }
        for elsewhere in ["203.0.113.1", "2001:db8::1", "172.32.0.1"] {
            assert!(!block(elsewhere).is_home(), "{elsewhere}");
        }
    }
}
