//! An [age](https://age-encryption.org/v1) file, cut where its header ends.

use std::io::{self, Read, Write};

use age::x25519::{Identity, Recipient};
use age::{Decryptor, Encryptor};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::audience::Audience;

/// The two halves of an age file. One after the other they are the file, to the byte.
pub(crate) struct AgeFile {
    /// From the version line to the end of the line that starts with `--- `.
    pub(crate) header: Zeroizing<Vec<u8>>,
    /// The nonce and the encrypted chunks.
    pub(crate) payload: Vec<u8>,
    /// SHA-256 of the payload.
    pub(crate) digest: [u8; 32],
}

/// Seals to an audience. `hub` is the hub's own key, used only where the audience includes it.
pub(crate) fn seal(plaintext: &[u8], audience: &Audience, hub: &Recipient) -> io::Result<AgeFile> {
    let encryptor = Encryptor::with_recipients(audience.recipients(hub)).map_err(io::Error::other)?;
    let mut writer = encryptor.wrap_output(Vec::with_capacity(plaintext.len() + 1024))?;
    writer.write_all(plaintext)?;
    let mut header = Zeroizing::new(writer.finish()?);
    let cut = header_len(&header).ok_or_else(|| io::Error::other("the age file has no end of its header"))?;
    let payload = header.split_off(cut);
    let digest = Sha256::digest(&payload).into();
    Ok(AgeFile { header, payload, digest })
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
fn header_len(file: &[u8]) -> Option<usize> {
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
        for size in [0, 1, 64 * 1024, 64 * 1024 + 1, 200_000] {
            let plaintext = vec![b'-'; size];
            let file = seal(&plaintext, &audience, &hub.to_public()).unwrap();
            lengths.insert(file.header.len());
            assert!(file.header.starts_with(b"age-encryption.org/v1\n") && file.header.ends_with(b"\n"));
            for reader in [&ann, &ben] {
                let opened = open_with(reader, &file.header, &file.payload).unwrap().unwrap();
                assert_eq!(*opened, plaintext);
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
        let mut file = seal(b"words", &Audience::hub(), &hub.to_public()).unwrap();
        *file.payload.last_mut().unwrap() ^= 1;
        assert!(open_with(&hub, &file.header, &file.payload).is_err());
    }
}
