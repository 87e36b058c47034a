//! One signing key taking over from another, signed by both.
//!
//! The note lies in the log as an entry, for all to see; whoever trusts the older key follows it to the newer one. Its text:
//!
//! ```text
//! porchlight-ledger succession 1
//! ORIGIN+ID+KEY               the key until then
//! ORIGIN+ID+KEY               the key from then on
//! ```

use ed25519_dalek::SigningKey;
use serde::Deserialize;

use crate::note::{self, Verifier};
use crate::{Error, entry_json};

const FIRST_LINE: &str = "porchlight-ledger succession 1";
const KIND: &str = "succession";

/// That one key takes over from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Succession {
    /// The key until then.
    pub old: Verifier,
    /// The key from then on. It has the same name.
    pub new: Verifier,
    /// The note that says so, signed by both.
    pub note: String,
}

impl Succession {
    /// Signs that `new` takes over from `old` in the log named `origin`.
    ///
    /// # Errors
    ///
    /// [`Error::BadName`] when the origin cannot be the name of a key.
    pub fn sign(origin: &str, old: &SigningKey, new: &SigningKey) -> Result<Succession, Error> {
        let verifiers =
            (Verifier::new(origin, old.verifying_key())?, Verifier::new(origin, new.verifying_key())?);
        let text = text(&verifiers.0, &verifiers.1);
        let mut note = note::sign(&text, origin, old)?;
        let second = note::sign(&text, origin, new)?;
        // Both begin with the text and a blank line; what is left of the second is its signature.
        note.push_str(&second[text.len() + 1..]);
        Ok(Succession { old: verifiers.0, new: verifiers.1, note })
    }

    /// Reads such a note and checks both signatures.
    ///
    /// # Errors
    ///
    /// [`Error::Succession`] when it is not exactly such a note; [`Error::NotSigned`] and [`Error::Signature`] when one of the
    /// keys has not signed it.
    pub fn verify(note: &str) -> Result<Succession, Error> {
        let bad = Error::Succession;
        let mut lines = note.split('\n');
        if lines.next() != Some(FIRST_LINE) {
            return Err(bad("it does not begin like one"));
        }
        let (Some(old), Some(new)) = (lines.next(), lines.next()) else {
            return Err(bad("it does not name two keys"));
        };
        let (old, new): (Verifier, Verifier) = (old.parse()?, new.parse()?);
        if old.name() != new.name() {
            return Err(bad("its keys have different names"));
        }
        let text = text(&old, &new);
        for verifier in [&old, &new] {
            if note::verify(note, verifier)? != text {
                return Err(bad("it says more than it should"));
            }
        }
        if note.lines().count() != 6 {
            return Err(bad("it has other signatures than those of its two keys"));
        }
        Ok(Succession { old, new, note: note.to_owned() })
    }

    /// The bytes of the entry: `{"v":1,"kind":"succession","note":"SIGNED NOTE"}`.
    pub fn to_bytes(&self) -> Vec<u8> {
        Form { v: entry_json::VERSION, kind: KIND.to_owned(), note: self.note.clone() }.to_bytes()
    }

    /// Reads such an entry and checks its note.
    ///
    /// # Errors
    ///
    /// [`Error::Entry`] when the bytes are not exactly such an entry; [`Error::Newer`] when a newer release wrote it; those of
    /// [`Succession::verify`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Succession, Error> {
        let form = entry_json::read(bytes, "the entry", entry_json::VERSION, Form::to_bytes)?;
        if form.kind != KIND {
            return Err(Error::Entry("it is of another kind"));
        }
        Succession::verify(&form.note)
    }
}

/// The key that `trusted` has become by these notes, in the order in which they were signed. Those from before it count for
/// nothing.
///
/// # Errors
///
/// Those of [`Succession::verify`], for any of them.
pub fn follow(trusted: &Verifier, successions: &[String]) -> Result<Verifier, Error> {
    let mut key = trusted.clone();
    for note in successions {
        let succession = Succession::verify(note)?;
        if succession.old == key {
            key = succession.new;
        }
    }
    Ok(key)
}

fn text(old: &Verifier, new: &Verifier) -> String {
    format!("{FIRST_LINE}\n{old}\n{new}\n")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    v: u64,
    kind: String,
    note: String,
}

impl Form {
    fn to_bytes(&self) -> Vec<u8> {
        use entry_json::quoted;
        let (v, kind, note) = (self.v, quoted(&self.kind), quoted(&self.note));
        format!(r#"{{"v":{v},"kind":{kind},"note":{note}}}"#).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn verifier(seed: u8) -> Verifier {
        Verifier::new("log", key(seed).verifying_key()).unwrap()
    }

    #[test]
    fn a_chain_leads_from_any_of_its_keys_to_the_last() {
        let notes: Vec<String> =
            (1..4).map(|n| Succession::sign("log", &key(n), &key(n + 1)).unwrap().note).collect();
        for seed in 1..=4 {
            assert_eq!(follow(&verifier(seed), &notes).unwrap(), verifier(4));
        }
        assert_eq!(
            follow(&verifier(9), &notes).unwrap(),
            verifier(9),
            "a stranger's key becomes nothing else"
        );
        let entry = Succession::verify(&notes[0]).unwrap();
        assert_eq!(Succession::from_bytes(&entry.to_bytes()).unwrap(), entry);
    }

    #[test]
    fn a_note_without_both_signatures_is_refused() {
        let good = Succession::sign("log", &key(1), &key(2)).unwrap().note;
        let lines: Vec<&str> = good.lines().collect();
        let without = |at: usize| {
            let mut lines = lines.clone();
            lines.remove(at);
            lines.join("\n") + "\n"
        };
        for bad in [without(4), without(5), format!("{good}{}\n", lines[5]), good.replace("log", "lot")] {
            assert!(Succession::verify(&bad).is_err(), "{bad}");
        }
        for at in 0..good.len() {
            let mut bytes = good.clone().into_bytes();
            bytes[at] ^= 1;
            if let Ok(changed) = String::from_utf8(bytes) {
                assert!(Succession::verify(&changed).is_err(), "byte {at}");
            }
        }
        // Whoever has only the new key cannot take over.
        let thief = Succession::sign("log", &key(3), &key(2)).unwrap();
        assert_eq!(follow(&verifier(1), &[thief.note]).unwrap(), verifier(1));
    }
}
