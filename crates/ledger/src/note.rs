//! Signed notes: text with Ed25519 signatures beneath it (C2SP signed-note).
//!
//! ```text
//! the text, of any number of lines
//!
//! — KEY-NAME base64(key id ‖ signature)
//! ```

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::Error;

/// The signature type of plain Ed25519 signatures over the text.
const ED25519: u8 = 1;

/// The longest note that is read, in bytes. A checkpoint with sixteen witnesses has about 2,000.
const MAX_NOTE: usize = 64 * 1024;

/// Signs `text`, which ends with a newline, with a key of the name `name`.
///
/// # Errors
///
/// [`Error::BadName`], or [`Error::Note`] when the text does not end with a newline or holds other control
/// characters.
pub fn sign(text: &str, name: &str, key: &SigningKey) -> Result<String, Error> {
    check_text(text)?;
    let verifier = Verifier::new(name, key.verifying_key())?;
    let mut signature = verifier.key_id().to_vec();
    signature.extend_from_slice(&key.sign(text.as_bytes()).to_bytes());
    Ok(format!("{text}\n— {name} {}\n", STANDARD.encode(signature)))
}

/// Checks a signed note and returns its text, which must not be used otherwise.
///
/// Signatures by other keys, such as those of witnesses, are ignored.
///
/// # Errors
///
/// [`Error::Note`] when it is not a signed note; [`Error::NotSigned`] when the verifier has not signed it;
/// [`Error::Signature`] when its signature is bad.
pub fn verify<'a>(note: &'a str, verifier: &Verifier) -> Result<&'a str, Error> {
    if note.len() > MAX_NOTE {
        return Err(Error::Note("it is longer than 64 KiB"));
    }
    let (text, signatures) = split(note)?;
    check_text(text)?;
    let bad = |why| Error::Signature { name: verifier.name.clone(), why };
    let mut signed = false;
    // By newlines alone: a carriage return before one would be a byte that nobody signed.
    for line in signatures.split_terminator('\n') {
        let (name, signature) = line
            .strip_prefix("— ")
            .and_then(|rest| rest.split_once(' '))
            .ok_or(Error::Note("a signature line is not of the form '— NAME SIGNATURE'"))?;
        let signature =
            STANDARD.decode(signature).map_err(|_| Error::Note("a signature is not standard base64"))?;
        let (id, signature) =
            signature.split_first_chunk::<4>().ok_or(Error::Note("a signature has no key id"))?;
        if name != verifier.name || *id != verifier.key_id() {
            continue;
        }
        let signature = Signature::from_slice(signature).map_err(|_| bad("it has not 64 bytes"))?;
        verifier
            .key
            .verify_strict(text.as_bytes(), &signature)
            .map_err(|_| bad("it does not fit the text"))?;
        signed = true;
    }
    if signed { Ok(text) } else { Err(Error::NotSigned { name: verifier.name.clone() }) }
}

/// A public key and its name: what a client must know to trust a note.
///
/// Written as `NAME+ID+KEY`, the form that other verifiers of signed notes take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    key: VerifyingKey,
}

impl Verifier {
    /// The verifier of what `key` signs under `name`.
    ///
    /// # Errors
    ///
    /// [`Error::BadName`] when the name is empty or holds a space or a plus sign.
    pub fn new(name: &str, key: VerifyingKey) -> Result<Verifier, Error> {
        check_name(name).map_err(|why| Error::BadName { name: name.to_owned(), why })?;
        Ok(Verifier { name: name.to_owned(), key })
    }

    /// The name of the key.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public key.
    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// The first four bytes of `SHA-256(name ‖ '\n' ‖ 0x01 ‖ public key)`: enough to find the signature, not
    /// to trust it.
    pub fn key_id(&self) -> [u8; 4] {
        let digest = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', ED25519])
            .chain_update(self.key.as_bytes())
            .finalize();
        let mut id = [0; 4];
        id.copy_from_slice(&digest[..4]);
        id
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ED25519];
        key.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{:08x}+{}", self.name, u32::from_be_bytes(self.key_id()), STANDARD.encode(key))
    }
}

impl FromStr for Verifier {
    type Err = Error;

    /// # Errors
    ///
    /// [`Error::VerifierKey`] when the text is not of the form `NAME+ID+KEY`, or its id is not that of its
    /// key.
    fn from_str(text: &str) -> Result<Verifier, Error> {
        // The base64 of the key may hold plus signs itself; a name and an id cannot.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Error::VerifierKey("it has not three parts"));
        };
        let key = STANDARD.decode(key).map_err(|_| Error::VerifierKey("its key is not standard base64"))?;
        let Some((&ED25519, key)) = key.split_first() else {
            return Err(Error::VerifierKey("its key is not an Ed25519 key"));
        };
        let key: &[u8; 32] = key.try_into().map_err(|_| Error::VerifierKey("its key has not 32 bytes"))?;
        let key = VerifyingKey::from_bytes(key).map_err(|_| Error::VerifierKey("its key is not a point"))?;
        let verifier = Verifier::new(name, key)?;
        if id != format!("{:08x}", u32::from_be_bytes(verifier.key_id())) {
            return Err(Error::VerifierKey("its id is not that of its name and key"));
        }
        Ok(verifier)
    }
}

/// The text of a note, with its last newline, and its signature lines.
fn split(note: &str) -> Result<(&str, &str), Error> {
    let blank = note.rfind("\n\n").ok_or(Error::Note("there is no blank line above the signatures"))?;
    let (text, signatures) = (&note[..=blank], &note[blank + 2..]);
    if signatures.is_empty() || !signatures.ends_with('\n') {
        return Err(Error::Note("it does not end with a signature line and a newline"));
    }
    Ok((text, signatures))
}

/// Whether a signed note can carry `name` as the name of a key.
pub(crate) fn check_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("it is empty");
    }
    if name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+') {
        return Err("it contains a space, a control character or a plus sign");
    }
    Ok(())
}

fn check_text(text: &str) -> Result<(), Error> {
    if !text.ends_with('\n') {
        return Err(Error::Note("its text does not end with a newline"));
    }
    if text.contains(|c: char| c < ' ' && c != '\n') {
        return Err(Error::Note("its text holds a control character"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Go package golang.org/x/mod/sumdb/note, made by another implementation.
    const NEUMANN: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NEUMANN_SECRET: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const NEUMANN_NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\
        \n\
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6Ryy\
        BwJnAM=\n";

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn verifier(name: &str, seed: u8) -> Verifier {
        Verifier::new(name, key(seed).verifying_key()).unwrap()
    }

    #[test]
    fn a_note_made_elsewhere_verifies_and_is_made_alike() {
        let verifier: Verifier = NEUMANN.parse().unwrap();
        assert_eq!(verifier.to_string(), NEUMANN);
        let text = verify(NEUMANN_NOTE, &verifier).unwrap();
        let secret = STANDARD.decode(NEUMANN_SECRET).unwrap();
        let key = SigningKey::from_bytes(secret[1..].try_into().unwrap());
        assert_eq!(sign(text, "PeterNeumann", &key).unwrap(), NEUMANN_NOTE);
    }

    #[test]
    fn a_changed_byte_is_never_accepted() {
        let note = sign("one\n\ntwo\n", "example.org/log", &key(1)).unwrap();
        let verifier = verifier("example.org/log", 1);
        assert_eq!(verify(&note, &verifier).unwrap(), "one\n\ntwo\n");
        for at in 0..note.len() {
            for bit in 0..8 {
                let mut bytes = note.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                if let Ok(changed) = String::from_utf8(bytes) {
                    assert!(verify(&changed, &verifier).is_err(), "byte {at} bit {bit}");
                }
            }
        }
    }

    #[test]
    fn no_byte_is_added_to_a_note_either() {
        let note = sign("text\n", "log", &key(1)).unwrap();
        let witness = sign("text\n", "witness", &key(2)).unwrap();
        let both = format!("{note}{}", witness.strip_prefix("text\n\n").unwrap());
        let verifier = verifier("log", 1);
        for added in ["\r", "\n", " ", "\t", "\u{feff}", "\u{2028}", "\0"] {
            for at in (0..=note.len()).filter(|at| note.is_char_boundary(*at)) {
                let mut changed = note.clone();
                changed.insert_str(at, added);
                assert!(verify(&changed, &verifier).is_err(), "{added:?} at {at}");
            }
            // Nor to the line of a witness, whose signature is passed over.
            assert!(verify(&both.replace('\n', &format!("{added}\n")), &verifier).is_err(), "{added:?}");
        }
        let last = format!("{}\r\n", both.trim_end());
        assert!(
            matches!(verify(&last, &verifier), Err(Error::Note(_))),
            "a carriage return in a signature line"
        );
    }

    #[test]
    fn signatures_of_others_are_ignored_but_do_not_help() {
        let note = sign("text\n", "log", &key(1)).unwrap();
        let witness = sign("text\n", "witness", &key(2)).unwrap();
        let both = format!("{note}{}", witness.strip_prefix("text\n\n").unwrap());
        assert_eq!(verify(&both, &verifier("log", 1)).unwrap(), "text\n");
        assert_eq!(verify(&both, &verifier("witness", 2)).unwrap(), "text\n");
        for stranger in [verifier("log", 2), verifier("witness", 1), verifier("else", 3)] {
            assert!(matches!(verify(&both, &stranger), Err(Error::NotSigned { .. })));
        }
    }

    #[test]
    fn what_is_not_a_note_is_refused() {
        let verifier = verifier("log", 1);
        let long = "x".repeat(MAX_NOTE + 1);
        for note in [
            "",
            "\n\n",
            "text\n",
            "text\n\n",
            "text\n\n— log",
            "text\n\n- log AAAA\n",
            "text\n\n— log !\n",
            "text\n\n\n",
            &long,
        ] {
            assert!(matches!(verify(note, &verifier), Err(Error::Note(_))), "{note:.20?}");
        }
        assert!(matches!(sign("no newline", "log", &key(1)), Err(Error::Note(_))));
        assert!(matches!(sign("bell\u{7}\n", "log", &key(1)), Err(Error::Note(_))));
        assert!(matches!(sign("text\n", "two words", &key(1)), Err(Error::BadName { .. })));
    }

    #[test]
    fn a_verifier_key_with_another_id_is_refused() {
        for text in [
            "",
            "a+b",
            "log+00000000+AA==",
            &NEUMANN.replace("c74f20a3", "c74f20a4"),
            &NEUMANN.replace("Peter", "Petra"),
        ] {
            assert!(matches!(text.parse::<Verifier>(), Err(Error::VerifierKey(_))), "{text}");
        }
    }
}
