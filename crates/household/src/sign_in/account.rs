//! What the hub keeps so that a person can sign in. It goes under the strongbox's root, as one secret.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::opaque::Record;
use super::{Error, TotpSecret};
use crate::PersonId;
use crate::member::{AccountKey, RecoveryKey};

/// The format that is written, and the newest that is read. Accounts of format 1 have no recovery key and no account key.
const FORMAT: u32 = 2;

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
    /// What binds changes of this account to the member, and what lets them back in with their kit. None in an account of an earlier
    /// release, until its member makes a new kit.
    pub keys: Option<AccountKeys>,
}

/// The public keys of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountKeys {
    /// What the member signs every change of this account with.
    pub account: AccountKey,
    /// The public half of the recovery secret on their kit.
    pub recovery: RecoveryKey,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keys: Option<AccountKeys>,
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
            keys: self.keys.clone(),
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
        if !(1..=FORMAT).contains(&written.format) || (written.format == 1 && written.keys.is_some()) {
            return Err(unreadable());
        }
        Ok(Self {
            person: written.person.clone(),
            record: Record::from_text(&written.record)?,
            totp: TotpSecret::from_base32(&written.totp)?,
            wrapped_identity: URL_SAFE_NO_PAD.decode(&written.wrapped_identity).map_err(|_| unreadable())?,
            keys: written.keys.clone(),
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
    use crate::{MemberKeys, RecoverySecret};

    fn account() -> Account {
        let (_, record, _) = registered("walnut ferry compass drizzle");
        let keys = AccountKeys {
            account: MemberKeys::generate().unwrap().account_key(),
            recovery: RecoverySecret::generate().unwrap().public().unwrap(),
        };
        Account {
            person: "anna".parse().unwrap(),
            record,
            totp: TotpSecret::generate().unwrap(),
            wrapped_identity: vec![7; 102],
            keys: Some(keys),
        }
    }

    #[test]
    fn an_account_is_read_back_as_it_was_written() {
        let account = account();
        let bytes = account.to_bytes().unwrap();
        let again = Account::from_bytes(&bytes).unwrap();
        assert_eq!(again.to_bytes().unwrap(), bytes);
        assert_eq!(again.keys, account.keys);
        assert!(Account::from_bytes(&bytes[1..]).is_err());
        let newer = String::from_utf8(bytes.to_vec()).unwrap().replace("\"format\":2", "\"format\":3");
        assert!(Account::from_bytes(newer.as_bytes()).is_err());
        let shown = format!("{account:?}");
        assert!(shown.contains("anna") && !shown.contains(&*account.totp.to_base32()));
    }

    #[test]
    fn an_account_of_an_earlier_release_is_read_and_has_no_keys() {
        let bytes = Account { keys: None, ..account() }.to_bytes().unwrap();
        let before = String::from_utf8(bytes.to_vec()).unwrap().replace("\"format\":2", "\"format\":1");
        let read = Account::from_bytes(before.as_bytes()).unwrap();
        assert!(read.keys.is_none() && read.person.as_str() == "anna");
        assert_eq!(read.to_bytes().unwrap(), bytes, "and is written in the present one");
    }
}
