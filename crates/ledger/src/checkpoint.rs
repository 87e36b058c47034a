//! Checkpoints: a log's size and root under its name (C2SP tlog-checkpoint).

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::SigningKey;

use crate::note::{self, Verifier};
use crate::{Error, Hash};

/// What a log claims to be: so many entries, with this root.
///
/// Written as three lines, each ending in a newline. By itself it proves nothing; signed, it binds the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the tree that it speaks of.
    pub origin: String,
    /// The number of entries.
    pub size: u64,
    /// The root of the tree of these entries.
    pub root: Hash,
}

impl Checkpoint {
    /// The signed note of this checkpoint; the key's name is the origin.
    ///
    /// # Errors
    ///
    /// [`Error::BadName`] when the origin cannot be the name of a key.
    pub fn sign(&self, key: &SigningKey) -> Result<String, Error> {
        note::sign(&self.to_string(), &self.origin, key)
    }

    /// Reads a signed checkpoint, which must bear the verifier's signature and the verifier's name as its
    /// origin.
    ///
    /// # Errors
    ///
    /// [`Error::Note`], [`Error::NotSigned`] and [`Error::Signature`] as [`note::verify`] has them;
    /// [`Error::Checkpoint`] when its text is not a checkpoint; [`Error::OtherOrigin`] when it speaks of
    /// another tree.
    pub fn verify(note: &str, verifier: &Verifier) -> Result<Checkpoint, Error> {
        let checkpoint: Checkpoint = note::verify(note, verifier)?.parse()?;
        if checkpoint.origin != verifier.name() {
            return Err(Error::OtherOrigin {
                what: "the checkpoint",
                found: checkpoint.origin,
                expected: verifier.name().to_owned(),
            });
        }
        Ok(checkpoint)
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, self.root)
    }
}

impl FromStr for Checkpoint {
    type Err = Error;

    /// Reads the text of a checkpoint. Extension lines below the three are allowed, and ignored.
    ///
    /// # Errors
    ///
    /// [`Error::Checkpoint`] when it is not one.
    fn from_str(text: &str) -> Result<Checkpoint, Error> {
        let text = text.strip_suffix('\n').ok_or(Error::Checkpoint("it does not end with a newline"))?;
        let mut lines = text.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(Error::Checkpoint("it has fewer than three lines"));
        };
        if origin.is_empty() || lines.any(str::is_empty) {
            return Err(Error::Checkpoint("one of its lines is empty"));
        }
        let number: u64 = size.parse().map_err(|_| Error::Checkpoint("its size is not a number"))?;
        if number.to_string() != size {
            return Err(Error::Checkpoint("its size is not written plainly"));
        }
        let root = root.parse().map_err(|_| Error::Checkpoint("its root is not a hash in base64"))?;
        Ok(Checkpoint { origin: origin.to_owned(), size: number, root })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    #[test]
    fn text_and_back() {
        let checkpoint = Checkpoint { origin: "example.org/log".into(), size: 0, root: Hash::empty() };
        assert_eq!(checkpoint.to_string(), format!("example.org/log\n0\n{ROOT}\n"));
        assert_eq!(checkpoint.to_string().parse::<Checkpoint>().unwrap(), checkpoint);
        let extended = format!("{checkpoint}an extension\n");
        assert_eq!(extended.parse::<Checkpoint>().unwrap(), checkpoint);
    }

    #[test]
    fn what_is_not_a_checkpoint_is_refused() {
        for text in [
            String::new(),
            "\n".into(),
            "log\n1\n".into(),
            format!("log\n1\n{ROOT}"),
            format!("\n1\n{ROOT}\n"),
            format!("log\n01\n{ROOT}\n"),
            format!("log\n+1\n{ROOT}\n"),
            format!("log\n-1\n{ROOT}\n"),
            format!("log\n99999999999999999999\n{ROOT}\n"),
            format!("log\n1\n{}\n", &ROOT[4..]),
            format!("log\n1\n{ROOT}\n\n"),
        ] {
            assert!(matches!(text.parse::<Checkpoint>(), Err(Error::Checkpoint(_))), "{text:?}");
        }
    }

    #[test]
    fn the_origin_must_be_the_name_of_the_key() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let text = format!("log/a\n0\n{ROOT}\n");
        let note = note::sign(&text, "log/b", &key).unwrap();
        let verifier = Verifier::new("log/b", key.verifying_key()).unwrap();
        assert!(matches!(Checkpoint::verify(&note, &verifier), Err(Error::OtherOrigin { .. })));
    }
}
