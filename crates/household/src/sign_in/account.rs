//! What the hub keeps so that a person can sign in. It goes under the strongbox's root, as one secret.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::opaque::Record;
use super::{Error, TotpSecret};
use crate::PersonId;

/// The format that is written, and the newest that is read.
const FORMAT: u32 = 1;

/// One person's account. Never shows its parts in `Debug`.
#[derive(Clone)]
pub struct Account {
    /// Whose.
    pub person: PersonId,
    /// The OPAQUE record: proves a passphrase, does not hold it.
    pub record: Record,
    /// The secret shared with their authenticator.
    pub totp: TotpSecret,
    /// The member's identity, wrapped under a key that only their passphrase yields.
    pub wrapped_identity: Vec<u8>,
}

/// How an account is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: u32,
    person: PersonId,
    record: String,
    totp: String,
    wrapped_identity: String,
}

impl Drop for Written {
    fn drop(&mut self) {
        self.record.zeroize();
        self.totp.zeroize();
        self.wrapped_identity.zeroize();
    }
}

impl Account {
    /// The account as bytes.
    ///
    /// # Errors
    /// Only when it cannot be written as JSON.
    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let written = Written {
            format: FORMAT,
            person: self.person.clone(),
            record: self.record.to_text(),
            totp: self.totp.to_base32().to_string(),
            wrapped_identity: URL_SAFE_NO_PAD.encode(&self.wrapped_identity),
        };
        // Room for all of it at once: a vector that grows leaves copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
        serde_json::to_writer(&mut *bytes, &written).map_err(|_| Error::Unreadable("account"))?;
        Ok(bytes)
    }

    /// Reads an account.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when it is not one, or of a newer format.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let unreadable = || Error::Unreadable("account");
        let written: Written = serde_json::from_slice(bytes).map_err(|_| unreadable())?;
        if written.format != FORMAT {
            return Err(unreadable());
        }
        Ok(Self {
            person: written.person.clone(),
            record: Record::from_text(&written.record)?,
            totp: TotpSecret::from_base32(&written.totp)?,
            wrapped_identity: URL_SAFE_NO_PAD.decode(&written.wrapped_identity).map_err(|_| unreadable())?,
        })
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("person", &self.person).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign_in::opaque::tests::registered;

    #[test]
    fn an_account_is_read_back_as_it_was_written() {
        let (_, record, _) = registered("walnut ferry compass drizzle");
        let account = Account {
            person: "anna".parse().unwrap(),
            record,
            totp: TotpSecret::generate().unwrap(),
            wrapped_identity: vec![7; 102],
        };
        let bytes = account.to_bytes().unwrap();
        let again = Account::from_bytes(&bytes).unwrap();
        assert_eq!(again.to_bytes().unwrap(), bytes);
        assert!(Account::from_bytes(&bytes[1..]).is_err());
        let newer = String::from_utf8(bytes.to_vec()).unwrap().replace("\"format\":1", "\"format\":2");
        assert!(Account::from_bytes(newer.as_bytes()).is_err());
        let shown = format!("{account:?}");
        assert!(shown.contains("anna") && !shown.contains(&*account.totp.to_base32()));
    }
}
