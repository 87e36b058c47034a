//! The entries that this crate writes itself are lines of JSON in exactly one form, so that whoever reads one
//! and writes it again gets the same hash.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::Error;

/// The version of every entry form here, unless the form says otherwise.
pub(crate) const VERSION: u64 = 1;

/// Reads an entry of the form `T`, whose own writer is `write`, and of which versions up to `known` were ever written.
///
/// `what` names the form in errors. Refused: a newer version, anything that is not `T`, and any other
/// spelling of it.
pub(crate) fn read<T, F>(bytes: &[u8], what: &'static str, known: u64, write: F) -> Result<T, Error>
where
    T: DeserializeOwned,
    F: FnOnce(&T) -> Vec<u8>,
{
    #[derive(Deserialize)]
    struct Version {
        v: u64,
    }
    let Version { v } =
        serde_json::from_slice(bytes).map_err(|_| Error::Entry("it is not JSON with a version \"v\""))?;
    if v > known {
        return Err(Error::Newer { what, found: v, known });
    }
    if v == 0 {
        return Err(Error::Entry("its version is none that was ever written"));
    }
    // The parser's own message may quote the entry, so it is not passed on.
    let entry = serde_json::from_slice(bytes)
        .map_err(|_| Error::Entry("a field is missing, unknown or malformed"))?;
    if write(&entry) != bytes {
        return Err(Error::Entry("it is not written in the canonical form"));
    }
    Ok(entry)
}

/// `text` as a JSON string with its quotes.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
