//! Opening a recording with a member's own key.

use std::io::Read;

use porchlight_household::{Kit, MemberKeys};
use porchlight_vault::may_be;
use zeroize::Zeroizing;

use crate::ClientError;

/// Opens an age file with the identity in `identity`: a recovery kit, or any age X25519 identity file.
pub fn open_age_file(sealed: &[u8], identity: &str) -> Result<Zeroizing<Vec<u8>>, ClientError> {
    let kit = Kit::read(identity)?;
    open_with(sealed, &kit.keys)
}

/// Opens what a hub handed out as recording `id`.
///
/// # Errors
/// [`ClientError::OtherRecording`] when it is another one; [`ClientError::CannotOpen`].
pub(crate) fn open_recording(
    id: u64,
    sealed: &[u8],
    keys: &MemberKeys,
) -> Result<Zeroizing<Vec<u8>>, ClientError> {
    // Opening it checks the header, so that what the header says was said by whoever sealed the recording.
    let plain = open_with(sealed, keys)?;
    if may_be(sealed, id.into()) { Ok(plain) } else { Err(ClientError::OtherRecording) }
}

fn open_with(sealed: &[u8], keys: &MemberKeys) -> Result<Zeroizing<Vec<u8>>, ClientError> {
    let cannot = |error: &dyn std::fmt::Display| ClientError::CannotOpen(error.to_string());
    let file = age::Decryptor::new(sealed).map_err(|error| cannot(&error))?;
    let mut reader = file
        .decrypt(std::iter::once(keys.identity() as &dyn age::Identity))
        .map_err(|error| cannot(&error))?;
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
    reader.read_to_end(&mut plain).map_err(|error| cannot(&error))?;
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use porchlight_vault::{Audience, seal};

    use super::*;

    #[test]
    fn a_swapped_recording_is_refused_and_one_of_before_is_opened() {
        let keys = MemberKeys::generate().unwrap();
        let reader = keys.identity().to_public();
        let audience = Audience::people([reader.to_string()]).unwrap();
        let sealed = |id: u64| {
            let file = seal(id.into(), Zeroizing::new(b"words".to_vec()), &audience, &reader).unwrap();
            [file.header.as_slice(), &file.payload].concat()
        };
        assert_eq!(*open_recording(12, &sealed(12), &keys).unwrap(), b"words");
        for other in [1, 2, 120] {
            let refused = open_recording(12, &sealed(other), &keys);
            assert!(matches!(refused, Err(ClientError::OtherRecording)), "{other}");
        }
        let before = age::encrypt(&reader, b"words").unwrap();
        assert_eq!(*open_recording(12, &before, &keys).unwrap(), b"words");
    }
}
