//! The recovery secret, which is on a kit alone, and the key that answers with it.

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32, Hrp};
use ed25519_dalek::{Signer, SigningKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::keys::derived;
use super::signing::{Recovered, signature_text};
use crate::{Error, SignerKey};

/// What stands before every recovery secret as it is written, in capitals, as an identity's own beginning does.
const HRP: &str = "PORCHLIGHT-RECOVERY-";
/// Bytes of a recovery secret.
const LENGTH: usize = 16;
/// HKDF info of the key that answers a hub's challenge.
const RECOVERY: &[u8] = b"porchlight recovery key v1";

/// What a member proves at the hub to get back in, when everything else is lost. It vanishes from memory on drop.
pub struct RecoverySecret(Zeroizing<[u8; LENGTH]>);

/// The public half of a recovery secret, which lies with the account. It checks answers to a hub's challenge, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecoveryKey(SignerKey);

impl RecoverySecret {
    /// A fresh one.
    ///
    /// # Errors
    /// Only when this computer gives no random numbers.
    pub fn generate() -> Result<Self, Error> {
        let mut secret = Zeroizing::new([0; LENGTH]);
        getrandom::fill(secret.as_mut_slice()).map_err(|_| Error::NoRandomness)?;
        Ok(Self(secret))
    }

    /// Reads one as it is written: Bech32, whose checksum finds a letter that was misread.
    ///
    /// # Errors
    /// [`Error::NotARecoverySecret`].
    pub fn from_text(text: &str) -> Result<Self, Error> {
        let written = CheckedHrpstring::new::<Bech32>(text).map_err(|_| Error::NotARecoverySecret)?;
        let bytes = Zeroizing::new(written.byte_iter().collect::<Vec<u8>>());
        let bytes = <[u8; LENGTH]>::try_from(bytes.as_slice()).map_err(|_| Error::NotARecoverySecret)?;
        let read = Self(Zeroizing::new(bytes));
        // One secret has one spelling.
        if *read.to_text()? == text { Ok(read) } else { Err(Error::NotARecoverySecret) }
    }

    /// As it is written: `PORCHLIGHT-RECOVERY-1` and thirty-two letters and numbers more.
    ///
    /// # Errors
    /// Never in practice: it is far shorter than Bech32 can write.
    pub fn to_text(&self) -> Result<Zeroizing<String>, Error> {
        let text = bech32::encode_upper::<Bech32>(hrp()?, self.0.as_slice());
        text.map(Zeroizing::new).map_err(|_| Error::NotARecoverySecret)
    }

    /// Its public half, for the account.
    ///
    /// # Errors
    /// Never in practice: 32 bytes is far below what HKDF can give.
    pub fn public(&self) -> Result<RecoveryKey, Error> {
        Ok(RecoveryKey(SignerKey::from(self.key()?.verifying_key())))
    }

    /// Answers a hub's challenge with the account that is to take the place of the old one: base64url.
    ///
    /// # Errors
    /// Never in practice: 32 bytes is far below what HKDF can give.
    pub fn answer(&self, recovered: &Recovered<'_>) -> Result<String, Error> {
        Ok(signature_text(&self.key()?.sign(&recovered.bytes())))
    }

    fn key(&self) -> Result<SigningKey, Error> {
        Ok(SigningKey::from_bytes(&*derived(self.0.as_slice(), RECOVERY)?))
    }
}

impl RecoveryKey {
    /// As the account's own statements name it.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.verifying_key().as_bytes()
    }

    pub(super) fn signer_key(&self) -> &SignerKey {
        &self.0
    }
}

fn hrp() -> Result<Hrp, Error> {
    Hrp::parse(HRP).map_err(|_| Error::NotARecoverySecret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_secret_is_pinned_to_its_spelling() {
        // Made without this code, so that another client writes and derives the same.
        let text = "PORCHLIGHT-RECOVERY-1QQQSYQCYQ5RQWZQFPG9SCRGWPU3UR69Y";
        let secret = RecoverySecret::from_text(text).unwrap();
        assert_eq!(secret.0.as_slice(), (0..16).collect::<Vec<u8>>());
        assert_eq!(*secret.to_text().unwrap(), text);
    }
}
