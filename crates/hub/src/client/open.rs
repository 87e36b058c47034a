//! Opening a recording with a member's own key.

use std::io::Read;

use porchlight_household::MemberKeys;
use zeroize::Zeroizing;

use super::ClientError;

/// Opens an age file with the identity in `identity`: a recovery kit, or any age X25519 identity file.
pub fn open_age_file(sealed: &[u8], identity: &str) -> Result<Zeroizing<Vec<u8>>, ClientError> {
    let keys = MemberKeys::from_kit(identity)?;
    open_with(sealed, &keys)
}

pub(super) fn open_with(sealed: &[u8], keys: &MemberKeys) -> Result<Zeroizing<Vec<u8>>, ClientError> {
    let cannot = |error: &dyn std::fmt::Display| ClientError::CannotOpen(error.to_string());
    let file = age::Decryptor::new(sealed).map_err(|error| cannot(&error))?;
    let mut reader = file
        .decrypt(std::iter::once(keys.identity() as &dyn age::Identity))
        .map_err(|error| cannot(&error))?;
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
    reader.read_to_end(&mut plain).map_err(|error| cannot(&error))?;
    Ok(plain)
}
