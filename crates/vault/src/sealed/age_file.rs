//! An [age](https://age-encryption.org/v1) file, cut where its header ends.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io::{self, Read};

use age::x25519::{Identity, Recipient};
use age::{Decryptor, EncryptError, Encryptor};
use age_core::format::{FileKey, Stanza};
use age_core::secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::stream;
use crate::audience::Audience;

/// The two halves of an age file. One after the other they are the file, to the byte.
pub struct AgeFile {
    /// From the version line to the end of the line that starts with `--- `.
    pub header: Zeroizing<Vec<u8>>,
    /// The salt and the encrypted chunks.
    pub payload: Vec<u8>,
    /// BLAKE3 of the payload.
    pub digest: [u8; 32],
}

/// Seals to an audience. The plaintext is sealed where it lies if there is room behind it: 16 bytes, and 16 more for each 64 KiB
/// begun. `hub` is the hub's own key, used only where the audience includes it.
///
/// # Errors
/// When the age crate refuses the recipients, or the system has no randomness.
pub fn seal(plaintext: Zeroizing<Vec<u8>>, audience: &Audience, hub: &Recipient) -> io::Result<AgeFile> {
    let witness = Witness::default();
    let recipients = std::iter::once(&witness as &dyn age::Recipient).chain(audience.recipients(hub));
    let encryptor = Encryptor::with_recipients(recipients).map_err(io::Error::other)?;
    // Nothing is written into it, so that all there is of the file is its header and the salt.
    let mut header = Zeroizing::new(Vec::with_capacity(1024));
    drop(encryptor.wrap_output(&mut *header)?);
    let unlike_age = || io::Error::other("the age crate did not write a header and a salt");
    let end = header_len(&header).ok_or_else(unlike_age)?;
    let salt = header[end..].try_into().map_err(|_| unlike_age())?;
    header.truncate(end);
    let file_key = witness.0.take().ok_or_else(unlike_age)?;
    let payload = stream::seal(&file_key, salt, plaintext)?;
    let digest = blake3::hash(&payload).into();
    Ok(AgeFile { header, payload, digest })
}

/// Sees the key of a file, for its payload to be sealed with; adds nothing to its header.
#[derive(Default)]
struct Witness(RefCell<Option<Zeroizing<[u8; 16]>>>);

impl age::Recipient for Witness {
    fn wrap_file_key(&self, file_key: &FileKey) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        self.0.replace(Some(Zeroizing::new(*file_key.expose_secret())));
        Ok((Vec::new(), HashSet::new()))
    }
}

/// Opens a file with an identity; `None` when it is not sealed to it.
pub(crate) fn open_with(
    identity: &Identity,
    header: &[u8],
    payload: &[u8],
) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let decryptor = Decryptor::new_buffered(header.chain(payload)).map_err(io::Error::other)?;
    let mut reader = match decryptor.decrypt(std::iter::once(identity as &dyn age::Identity)) {
        Ok(reader) => reader,
        Err(age::DecryptError::NoMatchingKeys) => return Ok(None),
        Err(why) => return Err(io::Error::other(why)),
    };
    // The plaintext is never longer than the payload, so this never grows and leaves a copy behind.
    let mut plaintext = Zeroizing::new(Vec::with_capacity(payload.len() + 1));
    reader.read_to_end(&mut plaintext)?;
    Ok(Some(plaintext))
}

/// The length of the header: its lines up to and with the one that starts with `--- `.
///
/// The stanzas before it are lines of text (`-> …` and base64), of any number and length: age adds random ones.
#[cfg_attr(
    not(feature = "fuzzing"),
    allow(unreachable_pub, reason = "only the fuzz targets reach it from outside")
)]
pub fn header_len(file: &[u8]) -> Option<usize> {
    let mut length = 0;
    for line in file.split_inclusive(|&byte| byte == b'\n') {
        length += line.len();
        if line.starts_with(b"--- ") {
            return line.ends_with(b"\n").then_some(length);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_cut_at_the_end_of_the_header_whatever_its_length() {
        let (ann, ben, hub) = (Identity::generate(), Identity::generate(), Identity::generate());
        let audience = Audience::people([ann.to_public().to_string(), ben.to_public().to_string()]).unwrap();
        let mut lengths = std::collections::BTreeSet::new();
        for size in [0, 1, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 2 * 64 * 1024, 200_000] {
            let plaintext = Zeroizing::new(vec![b'-'; size]);
            let file = seal(plaintext.clone(), &audience, &hub.to_public()).unwrap();
            lengths.insert(file.header.len());
            assert!(file.header.starts_with(b"age-encryption.org/v1\n") && file.header.ends_with(b"\n"));
            for reader in [&ann, &ben] {
                let opened = open_with(reader, &file.header, &file.payload).unwrap().unwrap();
                assert_eq!(opened, plaintext);
            }
            assert!(open_with(&hub, &file.header, &file.payload).unwrap().is_none());
        }
        assert!(!lengths.is_empty());
    }

    #[test]
    fn only_a_whole_last_line_ends_a_header() {
        assert_eq!(
            header_len(b"age-encryption.org/v1\n-> X25519 a\nbody\n--- mac\npayload\n--- not"),
            Some(47)
        );
        assert_eq!(header_len(b"age-encryption.org/v1\n--- mac"), None);
        assert_eq!(header_len(b"age-encryption.org/v1\n---\n ---x\n"), None);
    }

    #[test]
    fn an_altered_payload_does_not_open() {
        let hub = Identity::generate();
        let mut file = seal(Zeroizing::new(b"words".to_vec()), &Audience::hub(), &hub.to_public()).unwrap();
        *file.payload.last_mut().unwrap() ^= 1;
        assert!(open_with(&hub, &file.header, &file.payload).is_err());
    }
}
