//! Keys and an account for somebody who is to sign in: made where they type their passphrase, never at the hub.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use porchlight_household::member::{AccountStatement, Kit, MemberKeys, RecoverySecret, wrapping_key};
use porchlight_household::sign_in::opaque::Registration;
use porchlight_household::sign_in::{TotpSecret, passphrase};
use porchlight_protocol::NewAccount;
use zeroize::Zeroizing;

use crate::ClientError;

/// What somebody who can now sign in has to put away. Each is wiped when dropped.
pub struct Enrolled {
    /// The recovery kit: an age identity file with plain words around it, and a recovery secret for `age` to pass over.
    pub recovery_kit: Zeroizing<String>,
    /// The secret for their authenticator app, base32.
    pub totp_secret: Zeroizing<String>,
    /// The same as an `otpauth://` URL.
    pub totp_url: Zeroizing<String>,
}

/// Makes keys and an account for `person`, which is the id. `register` carries the OPAQUE request to the hub's half and brings back its
/// answer.
pub fn enrol(
    person: &str,
    name: &str,
    household: &str,
    phrase: &str,
    known_words: &[&str],
    register: impl FnOnce(String) -> Result<String, ClientError>,
) -> Result<(MemberKeys, NewAccount, Enrolled), ClientError> {
    passphrase::check(phrase, known_words)?;
    let (keys, recovery) = (MemberKeys::generate()?, RecoverySecret::generate()?);
    let (registration, request) = Registration::start(phrase)?;
    let registered = registration.finish(&register(request)?)?;
    let wrapped = wrap(&keys, &registered.export_key)?;
    let recovery_key = recovery.public()?;
    let record = registered.record;
    let statement =
        AccountStatement::Enrolled { person, record: &record, wrapped: &wrapped, recovery: &recovery_key };
    let signature = keys.state(&statement);
    let totp = TotpSecret::generate()?;
    let account = NewAccount {
        record,
        totp_secret: totp.to_base32().to_string(),
        wrapped,
        account_key: keys.account_key(),
        vouched: keys.vouch(),
        recovery_key,
        signature,
    };
    let enrolled = Enrolled {
        recovery_kit: Kit::text(&keys, &recovery, name, household)?,
        totp_secret: totp.to_base32(),
        totp_url: totp.url(household, name)?,
    };
    Ok((keys, account, enrolled))
}

/// An identity, wrapped for the hub to keep. The hub cannot open it, so whether it opens is found out here.
fn wrap(keys: &MemberKeys, export_key: &[u8]) -> Result<String, ClientError> {
    let key = wrapping_key(export_key)?;
    let wrapped = keys.wrap(&key)?;
    if MemberKeys::unwrap(&wrapped, &key)?.public() != keys.public() {
        return Err(porchlight_household::Error::CannotWrap.into());
    }
    Ok(BASE64_URL_SAFE_NO_PAD.encode(wrapped))
}
