//! What the log's keeper says of an entry later: signed, and not in the log.
//!
//! An entry says what happened; some of what follows (a copy that could be reached only later) is known when the entry stands
//! already. The keeper then signs a note that names the entry:
//!
//! ```text
//! ORIGIN
//! addendum HASH               of the entry
//! one line of text
//! ```
//!
//! Its second line is never a number, so no addendum is a checkpoint.

use ed25519_dalek::SigningKey;

use crate::note::{self, Verifier};
use crate::{Error, Hash};

/// Signs an addendum to an entry.
///
/// # Errors
///
/// [`Error::Addendum`] when the text is not one line; [`Error::BadName`].
pub(crate) fn sign(origin: &str, key: &SigningKey, entry: &[u8], text: &str) -> Result<String, Error> {
    if text.is_empty() || text.contains(char::is_control) {
        return Err(Error::Addendum("its text is not one line"));
    }
    note::sign(&format!("{}{text}\n", head(origin, entry)), origin, key)
}

/// Checks an addendum to an entry and gives its text.
///
/// # Errors
///
/// Those of [`note::verify`]; [`Error::Addendum`] when it speaks of another entry, or is signed by others besides.
pub fn verify<'a>(note: &'a str, entry: &[u8], verifier: &Verifier) -> Result<&'a str, Error> {
    let text = note::verify(note, verifier)?;
    let said = text.strip_prefix(&head(verifier.name(), entry)).and_then(|said| said.strip_suffix('\n'));
    let said = said.ok_or(Error::Addendum("it speaks of another entry"))?;
    // Nothing would check another's signature, so that nothing else may stand here.
    if said.contains('\n') || note.lines().count() != 5 {
        return Err(Error::Addendum("it is more than one line and one signature"));
    }
    Ok(said)
}

fn head(origin: &str, entry: &[u8]) -> String {
    format!("{origin}\naddendum {}\n", Hash::leaf(entry))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Checkpoint;

    #[test]
    fn it_belongs_to_one_entry_of_one_log() {
        let key = SigningKey::from_bytes(&[1; 32]);
        let verifier = Verifier::new("log", key.verifying_key()).unwrap();
        let note = sign("log", &key, b"entry", "all is well").unwrap();
        assert_eq!(verify(&note, b"entry", &verifier).unwrap(), "all is well");
        assert!(matches!(verify(&note, b"other", &verifier), Err(Error::Addendum(_))));
        let other = Verifier::new("lot", key.verifying_key()).unwrap();
        assert!(verify(&note, b"entry", &other).is_err());
        assert!(Checkpoint::verify(&note, &verifier).is_err(), "and is no checkpoint");
        assert!(sign("log", &key, b"entry", "two\nlines").is_err());
        let checkpoint = Checkpoint { origin: "log".into(), size: 1, root: Hash::leaf(b"entry") };
        assert!(verify(&checkpoint.sign(&key).unwrap(), b"entry", &verifier).is_err());
    }
}
