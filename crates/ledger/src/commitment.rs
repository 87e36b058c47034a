//! Entries that can outlive what they speak of: a salted commitment and a coarse public part.
//!
//! The log cannot forget, so an entry says only what kind of thing happened in which hour. Its detail is kept
//! elsewhere, together with the salt. Whoever has both can prove that they belong to the entry ([`opens`]);
//! once they are gone, 32 random bytes stand between the entry and anyone who would guess at the detail.

use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{Error, Hash, entry_json};

/// Commits to `detail`, of which the log is to show no more than its `kind` and the hour of `at`.
///
/// Keep the salt with the detail and nowhere else.
///
/// # Errors
///
/// [`Error::Entry`] when the kind is not one to 64 of `a-z`, `0-9`, `-` and `.`; [`Error::Random`] when the
/// system gives no random bytes.
pub fn commit(kind: &str, at: Timestamp, detail: &[u8]) -> Result<(Entry, Salt), Error> {
    check_kind(kind)?;
    let salt = Salt::random()?;
    let commitment = digest(&salt, detail);
    Ok((Entry { kind: kind.to_owned(), hour: hour_of(at), commitment }, salt))
}

/// Whether `entry` commits to `detail` under `salt`.
pub fn opens(entry: &Entry, salt: &Salt, detail: &[u8]) -> bool {
    // Both sides are public once the salt is shown, so an ordinary comparison gives nothing away.
    digest(salt, detail) == entry.commitment
}

/// What the log shows of an event.
///
/// As bytes: `{"v":1,"kind":"look","hour":"2026-11-23T20:00:00Z","commitment":"BASE64"}`, in exactly this
/// form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    kind: String,
    hour: Timestamp,
    commitment: Hash,
}

impl Entry {
    /// An entry of these parts, as somebody else tells of it.
    ///
    /// # Errors
    ///
    /// [`Error::Entry`] when it could not be one.
    pub fn of(kind: &str, hour: Timestamp, commitment: Hash) -> Result<Entry, Error> {
        check_kind(kind)?;
        if hour_of(hour) != hour {
            return Err(Error::Entry("its hour is not a whole hour"));
        }
        Ok(Entry { kind: kind.to_owned(), hour, commitment })
    }

    /// What kind of thing happened.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The beginning of the hour (UTC) in which it happened.
    pub fn hour(&self) -> Timestamp {
        self.hour
    }

    /// `SHA-256(salt ‖ detail)`.
    pub fn commitment(&self) -> &Hash {
        &self.commitment
    }

    /// The bytes to append to the log.
    pub fn to_bytes(&self) -> Vec<u8> {
        Form {
            v: entry_json::VERSION,
            kind: self.kind.clone(),
            hour: self.hour,
            commitment: self.commitment.to_string(),
        }
        .to_bytes()
    }

    /// Reads an entry.
    ///
    /// # Errors
    ///
    /// [`Error::Entry`] when the bytes are not exactly such an entry; [`Error::Newer`] when a newer release
    /// wrote it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Entry, Error> {
        let form = entry_json::read(bytes, "the entry", entry_json::VERSION, Form::to_bytes)?;
        Entry::of(&form.kind, form.hour, form.commitment.parse()?)
    }
}

/// The 32 random bytes that keep a commitment from being guessed open.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Salt([u8; 32]);

impl Salt {
    /// The bytes, to be kept with the detail.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn random() -> Result<Salt, Error> {
        let mut salt = Salt([0; 32]);
        getrandom::fill(&mut salt.0).map_err(Error::Random)?;
        Ok(salt)
    }
}

impl From<[u8; 32]> for Salt {
    fn from(bytes: [u8; 32]) -> Salt {
        Salt(bytes)
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(32 bytes)")
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    v: u64,
    kind: String,
    hour: Timestamp,
    commitment: String,
}

impl Form {
    fn to_bytes(&self) -> Vec<u8> {
        use entry_json::quoted;
        let (v, kind, hour, commitment) = (self.v, quoted(&self.kind), self.hour, quoted(&self.commitment));
        format!(r#"{{"v":{v},"kind":{kind},"hour":"{hour}","commitment":{commitment}}}"#).into_bytes()
    }
}

/// The salt has a fixed length, so no other salt and detail run together to the same bytes.
fn digest(salt: &Salt, detail: &[u8]) -> Hash {
    let digest: [u8; 32] = Sha256::new().chain_update(salt.0).chain_update(detail).finalize().into();
    Hash::from(digest)
}

/// Down to the hour, before 1970 too.
fn hour_of(at: Timestamp) -> Timestamp {
    // `as_second` rounds towards zero, so a fraction before 1970 must be taken off first.
    let second = at.as_second() - i64::from(at.subsec_nanosecond() < 0);
    // The earliest timestamp lies in a broken hour; it stays as it is.
    Timestamp::from_second(second.div_euclid(3600) * 3600).unwrap_or(Timestamp::MIN)
}

fn check_kind(kind: &str) -> Result<(), Error> {
    let plain = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
    if kind.is_empty() || kind.len() > 64 || !kind.bytes().all(plain) {
        return Err(Error::Entry("its kind is not one to 64 of a-z, 0-9, '-' and '.'"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn only_the_right_salt_and_detail_open_a_commitment() {
        let (entry, salt) = commit("look", at("2026-11-23T20:59:59.9Z"), b"Ann looked at 7").unwrap();
        assert!(opens(&entry, &salt, b"Ann looked at 7"));
        assert!(!opens(&entry, &salt, b"Ann looked at 8"));
        let mut other = *salt.as_bytes();
        other[31] ^= 1;
        assert!(!opens(&entry, &Salt::from(other), b"Ann looked at 7"));
        let (again, _) = commit("look", at("2026-11-23T20:59:59.9Z"), b"Ann looked at 7").unwrap();
        assert_ne!(again, entry, "the same detail twice must not be seen to be the same");
    }

    #[test]
    fn an_entry_shows_the_hour_only() {
        for (moment, hour) in [
            ("2026-11-23T20:59:59.999999999Z", "2026-11-23T20:00:00Z"),
            ("2026-11-23T20:00:00Z", "2026-11-23T20:00:00Z"),
            ("1969-12-31T23:59:59.5Z", "1969-12-31T23:00:00Z"),
            ("1969-12-31T22:59:59Z", "1969-12-31T22:00:00Z"),
        ] {
            let (entry, _) = commit("look", at(moment), b"").unwrap();
            assert_eq!(entry.hour(), at(hour), "{moment}");
        }
    }

    #[test]
    fn the_bytes_are_fixed() {
        let entry = Entry {
            kind: "look".into(),
            hour: at("2026-11-23T20:00:00Z"),
            commitment: digest(&Salt::from([0; 32]), b"detail"),
        };
        let bytes = br#"{"v":1,"kind":"look","hour":"2026-11-23T20:00:00Z","commitment":"fU3ZUPuoRATN3SHRuP2m4qiXFIjAOEpuiM0IaFuzwCM="}"#;
        assert_eq!(String::from_utf8_lossy(&entry.to_bytes()), String::from_utf8_lossy(bytes));
        assert_eq!(Entry::from_bytes(bytes).unwrap(), entry);
    }

    #[test]
    fn any_other_form_is_refused() {
        let (entry, _) = commit("look", at("2026-11-23T20:00:00Z"), b"").unwrap();
        let good = String::from_utf8(entry.to_bytes()).unwrap();
        for bad in [
            String::new(),
            "7".into(),
            format!(" {good}"),
            good.replace("look", "Look"),
            good.replace("look", ""),
            good.replace("look", &"k".repeat(65)),
            good.replace("20:00:00Z", "20:30:00Z"),
            good.replace("20:00:00Z", "20:00:00.0Z"),
            good.replace("\"v\":1", "\"v\":0001"),
            good.replace("}", ",\"name\":\"Ann\"}"),
        ] {
            assert!(matches!(Entry::from_bytes(bad.as_bytes()), Err(Error::Entry(_))), "{bad}");
        }
        let newer = good.replace("\"v\":1", "\"v\":2");
        assert!(matches!(Entry::from_bytes(newer.as_bytes()), Err(Error::Newer { found: 2, .. })));
        assert!(matches!(commit("Two words", Timestamp::UNIX_EPOCH, b""), Err(Error::Entry(_))));
    }

    #[test]
    fn a_salt_is_not_shown() {
        assert_eq!(format!("{:?}", Salt::from([1; 32])), "Salt(32 bytes)");
    }
}
