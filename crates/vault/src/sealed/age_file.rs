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
use crate::id::Id;

/// The two halves of an age file. One after the other they are the file, to the byte.
pub struct AgeFile {
    /// From the version line to the end of the line that starts with `--- `.
    pub header: Zeroizing<Vec<u8>>,
    /// The salt and the encrypted chunks.
    pub payload: Vec<u8>,
    /// BLAKE3 of the payload.
    pub digest: [u8; 32],
}

/// The type of the stanza that says which recording a file is. Other age tools pass it over; the MAC of the header covers it, so
/// that nobody but a reader of the file could alter it or take it out.
const RECORDING: &str = "porchlight-recording";

/// Seals recording `id` to an audience. The plaintext is sealed where it lies if there is room behind it: 16 bytes, and 16 more for
/// each 64 KiB begun. `hub` is the hub's own key, used only where the audience includes it.
///
/// # Errors
/// When the age crate refuses the recipients, or the system has no randomness.
pub fn seal(
    id: Id,
    plaintext: Zeroizing<Vec<u8>>,
    audience: &Audience,
    hub: &Recipient,
) -> io::Result<AgeFile> {
    let witness = Witness { id, file_key: RefCell::default() };
    let recipients = std::iter::once(&witness as &dyn age::Recipient).chain(audience.recipients(hub));
    let encryptor = Encryptor::with_recipients(recipients).map_err(io::Error::other)?;
    // Nothing is written into it, so that all there is of the file is its header and the salt.
    let mut header = Zeroizing::new(Vec::with_capacity(1024));
    drop(encryptor.wrap_output(&mut *header)?);
    let unlike_age = || io::Error::other("the age crate did not write a header and a salt");
    let end = header_len(&header).ok_or_else(unlike_age)?;
    let salt = header[end..].try_into().map_err(|_| unlike_age())?;
    header.truncate(end);
    let file_key = witness.file_key.take().ok_or_else(unlike_age)?;
    let payload = stream::seal(&file_key, salt, plaintext)?;
    let digest = blake3::hash(&payload).into();
    Ok(AgeFile { header, payload, digest })
}

/// Sees the key of a file, for its payload to be sealed with; adds to its header which recording it is.
struct Witness {
    id: Id,
    file_key: RefCell<Option<Zeroizing<[u8; 16]>>>,
}

impl age::Recipient for Witness {
    fn wrap_file_key(&self, file_key: &FileKey) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        self.file_key.replace(Some(Zeroizing::new(*file_key.expose_secret())));
        let stanza = Stanza { tag: RECORDING.to_owned(), args: vec![self.id.to_string()], body: Vec::new() };
        Ok((vec![stanza], HashSet::new()))
    }
}

/// Whether a file that opened may be recording `id`. One that was sealed before files said which recording they are may be any.
pub fn may_be(file: &[u8], id: Id) -> bool {
    let header = &file[..header_len(file).unwrap_or_default()];
    let mut stanzas = header
        .split(|&byte| byte == b'\n')
        .filter_map(|line| line.strip_prefix(b"-> ")?.strip_prefix(RECORDING.as_bytes()));
    let expected = format!(" {id}");
    stanzas.all(|named| named == expected.as_bytes())
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
            let file = seal(Id::from(7), plaintext.clone(), &audience, &hub.to_public()).unwrap();
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
        let mut file =
            seal(Id::from(7), Zeroizing::new(b"words".to_vec()), &Audience::hub(), &hub.to_public()).unwrap();
        *file.payload.last_mut().unwrap() ^= 1;
        assert!(open_with(&hub, &file.header, &file.payload).is_err());
    }

    #[test]
    fn a_file_says_which_recording_it_is_and_cannot_be_made_to_say_another() {
        let hub = Identity::generate();
        let words = || Zeroizing::new(b"words".to_vec());
        let file = seal(Id::from(71), words(), &Audience::hub(), &hub.to_public()).unwrap();
        for (id, same) in [(71, true), (7, false), (711, false), (1, false)] {
            assert_eq!(may_be(&file.header, Id::from(id)), same, "{id}");
        }
        let text = String::from_utf8(file.header.to_vec()).unwrap();
        let stanza = "-> porchlight-recording 71\n\n";
        assert!(text.contains(stanza), "{text}");
        for other in ["", "-> porchlight-recording 72\n\n", &stanza.repeat(2)] {
            let altered = text.replace(stanza, other);
            assert!(open_with(&hub, altered.as_bytes(), &file.payload).is_err(), "{altered}");
        }
        // Two of them that disagree are no recording's, and neither is one with more to say.
        for other in [
            "-> porchlight-recording 71\n\n-> porchlight-recording 72\n\n",
            "-> porchlight-recording 71 x\n\n",
        ] {
            assert!(!may_be(text.replace(stanza, other).as_bytes(), Id::from(71)));
        }
        // Files of before say nothing; and what stands in a payload is no header.
        assert!(may_be(text.replace(stanza, "").as_bytes(), Id::from(72)));
        assert!(may_be(b"age-encryption.org/v1\n--- mac\n-> porchlight-recording 1\n", Id::from(72)));
    }
}
