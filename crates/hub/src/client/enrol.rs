//! Keys and an account for somebody who is to sign in: made where they type their passphrase, never at the hub.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use porchlight_household::MemberKeys;
use porchlight_household::member::wrapping_key;
use porchlight_household::sign_in::opaque::Registration;
use porchlight_household::sign_in::{TotpSecret, passphrase};
use zeroize::Zeroizing;

use super::ClientError;
use crate::api::types::NewAccount;

/// Somebody to add to the household.
pub struct NewPerson {
    /// Their name.
    pub name: String,
    /// Their birth month, `YYYY-MM`.
    pub born: String,
    /// The names of their guardians.
    pub guardians: Vec<String>,
    /// Their passphrase, if they are to sign in.
    pub passphrase: Option<Zeroizing<String>>,
}

/// What somebody who can now sign in has to put away. Each is wiped when dropped.
pub struct Enrolled {
    /// The recovery kit: an age identity file with plain words around it.
    pub recovery_kit: Zeroizing<String>,
    /// The secret for their authenticator app, base32.
    pub totp_secret: Zeroizing<String>,
    /// The same as an `otpauth://` URL.
    pub totp_url: Zeroizing<String>,
}

/// Makes keys and an account. `register` carries the OPAQUE request to the hub's half and brings back its answer.
pub(crate) fn enrol(
    name: &str,
    household: &str,
    phrase: &str,
    known_words: &[&str],
    register: impl FnOnce(String) -> Result<String, ClientError>,
) -> Result<(MemberKeys, NewAccount, Enrolled), ClientError> {
    passphrase::check(phrase, known_words)?;
    let keys = MemberKeys::generate()?;
    let (registration, request) = Registration::start(phrase)?;
    let registered = registration.finish(&register(request)?)?;
    let wrapped = keys.wrap(&*wrapping_key(&registered.export_key)?)?;
    let totp = TotpSecret::generate()?;
    let account = NewAccount {
        record: registered.record,
        totp_secret: totp.to_base32().to_string(),
        wrapped: BASE64_URL_SAFE_NO_PAD.encode(wrapped),
    };
    let enrolled = Enrolled {
        recovery_kit: Zeroizing::new(keys.recovery_kit(name, household)),
        totp_secret: totp.to_base32(),
        totp_url: totp.url(household, name)?,
    };
    Ok((keys, account, enrolled))
}
