//! Marks on what waits in a database until it is acted on: that it is as this household's hub wrote it down.
//!
//! Whoever can write to the data folder can change its rows. Of what is kept the keys tell, when it is opened; but a line that is owed would
//! be signed as it lies there, whoever put it there. So it is marked, under a key that follows from the strongbox's own identity
//! (HKDF-SHA256, RFC 5869; HMAC-SHA256, RFC 2104), and one that is not is told to nobody.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// What the key is for.
const CONTEXT: &[u8] = b"porchlight marks 1";
/// How long a mark is, in bytes.
const LENGTH: usize = 32;
/// What a line that is owed is marked as.
pub(super) const OWED_LINE: &str = "owed line";

/// What marks are made and known by.
pub(super) struct Marks(Zeroizing<[u8; LENGTH]>);

impl Marks {
    /// Of the strongbox with this identity.
    pub(super) fn of(identity: &[u8]) -> Marks {
        let mut key = Zeroizing::new([0; LENGTH]);
        // It is asked for as many bytes as a hash has, which is never too many.
        let _ = Hkdf::<Sha256>::new(None, identity).expand(CONTEXT, &mut *key);
        Marks(key)
    }

    /// Bytes with their mark before them. `what` they are is part of it: one thing stands for no other.
    pub(super) fn mark(&self, what: &str, bytes: &[u8]) -> Vec<u8> {
        let mut marked = self.mac(what, bytes).finalize().into_bytes().to_vec();
        marked.extend_from_slice(bytes);
        marked
    }

    /// The bytes, where they are as they were marked.
    pub(super) fn read<'a>(&self, what: &str, marked: &'a [u8]) -> Option<&'a [u8]> {
        let (mark, bytes) = marked.split_at_checked(LENGTH)?;
        self.mac(what, bytes).verify_slice(mark).is_ok().then_some(bytes)
    }

    #[allow(clippy::expect_used)]
    fn mac(&self, what: &str, bytes: &[u8]) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(&*self.0).expect("any key will do");
        mac.chain_update(what).chain_update([0]).chain_update(bytes)
    }
}

/// Marked text as text: its mark in hex, and then itself.
pub(super) fn in_text(marked: &[u8]) -> String {
    let (mark, bytes) = marked.split_at(LENGTH.min(marked.len()));
    hex::encode(mark) + &String::from_utf8_lossy(bytes)
}

/// What [`in_text`] wrote.
pub(super) fn of_text(text: &str) -> Option<Vec<u8>> {
    let (mark, text) = text.split_at_checked(2 * LENGTH)?;
    let mut marked = hex::decode(mark).ok()?;
    marked.extend_from_slice(text.as_bytes());
    Some(marked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_changed_or_is_of_another_household_or_kind_is_not_read() {
        let (ours, theirs) = (Marks::of(b"ours"), Marks::of(b"theirs"));
        let marked = ours.mark(OWED_LINE, b"a line");
        assert_eq!(ours.read(OWED_LINE, &marked), Some(&b"a line"[..]));
        assert_eq!(theirs.read(OWED_LINE, &marked), None);
        assert_eq!(ours.read("another thing", &marked), None);
        for at in 0..marked.len() {
            let mut changed = marked.clone();
            changed[at] ^= 1;
            assert_eq!(ours.read(OWED_LINE, &changed), None, "{at}");
            assert_eq!(ours.read(OWED_LINE, &marked[..at]), None, "{at}");
        }
        assert_eq!(of_text(&in_text(&marked)).unwrap(), marked);
        assert_eq!(of_text("{\"v\":1}"), None);
        assert_eq!(of_text(&"é".repeat(40)), None);
    }
}
