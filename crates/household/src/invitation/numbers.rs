//! The numbers that two people compare, and the nonce on which they hang.
//!
//! Four numbers are soon found again by whoever can try keys of their own until they come out. So the owner's client says beforehand, by a
//! *commitment* that its greeting covers, which nonce it will give, and gives it only when it has taken an answer, in the place of which
//! it never takes another. Whoever is between the two has by then settled what each of them is sent, and has had one try.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{is_mac, text};
use crate::Error;
use crate::member::parts;

const COMMITMENT: &[u8] = b"porchlight invitation v1 commitment\0";

/// What nobody but the owner's client knows before it has taken an answer: 32 random bytes, as text. Never shown in `Debug`.
pub struct Nonce(Zeroizing<String>);

impl Nonce {
    /// A new one, for one invitation.
    ///
    /// # Errors
    /// Only when this computer gives no random numbers.
    pub fn generate() -> Result<Nonce, Error> {
        let mut random = Zeroizing::new([0; 32]);
        getrandom::fill(random.as_mut_slice()).map_err(|_| Error::NoRandomness)?;
        Ok(Nonce(Zeroizing::new(URL_SAFE_NO_PAD.encode(random.as_slice()))))
    }

    /// The one that was given, where it is the one that was promised.
    pub fn given(nonce: &str, commitment: &str) -> Option<Nonce> {
        let nonce = Nonce(Zeroizing::new(nonce.to_owned()));
        (is_mac(nonce.text()) && nonce.commitment() == commitment).then_some(nonce)
    }

    /// By which it is promised, and from which it does not follow.
    pub fn commitment(&self) -> String {
        text(&Sha256::digest(parts(COMMITMENT, &[self.0.as_bytes()])))
    }

    /// As it is sent: base64url without padding.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nonce").finish_non_exhaustive()
    }
}

/// Four numbers of three digits, which two people compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers([u16; 4]);

impl Numbers {
    /// Of the first bytes of what only the two clients can make.
    pub(super) fn of(mac: &[u8; 32]) -> Numbers {
        Numbers([0, 2, 4, 6].map(|at| u16::from_be_bytes([mac[at], mac[at + 1]]) % 1000))
    }

    /// Each with its three digits.
    pub fn each(&self) -> [String; 4] {
        self.0.map(|number| format!("{number:03}"))
    }
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.each().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_taken_only_where_it_is_the_one_that_was_promised() {
        let [nonce, other] = [(), ()].map(|()| Nonce::generate().unwrap());
        let commitment = nonce.commitment();
        assert!(is_mac(&commitment) && is_mac(nonce.text()));
        assert_eq!(Nonce::given(nonce.text(), &commitment).unwrap().text(), nonce.text());
        let longer = format!("{}A", nonce.text());
        for false_one in [other.text(), &commitment, &longer, &nonce.text()[1..], ""] {
            assert!(Nonce::given(false_one, &commitment).is_none(), "{false_one}");
        }
        // What is no nonce is promised by nobody, whatever follows from it.
        let none = Nonce(Zeroizing::new("short".to_owned()));
        assert!(Nonce::given(none.text(), &none.commitment()).is_none());
        assert!(!format!("{nonce:?}").contains(nonce.text()));
    }
}
