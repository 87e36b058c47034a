//! Accounts as clients make them. The hub can open none of it, so it takes nothing that the member's own account key does not state.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use porchlight_household::member::{AccountStatement, Recovered, WRAPPED};
use porchlight_household::sign_in::opaque::Record;
use porchlight_household::sign_in::{Account, AccountKeys, Error as SignInError, TotpSecret};
use porchlight_household::{Household, PersonId, SignerKey};
use porchlight_protocol::{NewAccount, NewKit, NewPassphrase, RenewedAccount};

/// The account of somebody who comes into the household, as they are in its document.
pub fn read_account(home: &Household, person: &PersonId, new: &NewAccount) -> Result<Account, SignInError> {
    let signer = home.person(person).ok().and_then(|person| person.keys.as_ref()).map(|keys| &keys.signer);
    read_account_of(person, signer, new)
}

/// The account of somebody who signs with this key.
pub fn read_account_of(
    person: &PersonId,
    signer: Option<&SignerKey>,
    new: &NewAccount,
) -> Result<Account, SignInError> {
    let vouched = signer.is_some_and(|signer| new.account_key.is_vouched_for(signer, &new.vouched));
    let statement = AccountStatement::Enrolled {
        person: person.as_str(),
        record: &new.record,
        wrapped: &new.wrapped,
        recovery: &new.recovery_key,
    };
    if !vouched || !new.account_key.states(&statement, &new.signature) {
        return Err(SignInError::NotTheirOwn);
    }
    let keys = AccountKeys { account: new.account_key.clone(), recovery: new.recovery_key.clone() };
    Ok(Account {
        person: person.clone(),
        record: Record::from_text(&new.record)?,
        totp: TotpSecret::from_base32(&new.totp_secret)?,
        wrapped_identity: read_wrapped(&new.wrapped)?,
        keys: Some(keys),
    })
}

/// What of an account takes the place of the old in answer to a challenge.
pub fn recovered<'a>(challenge: &'a str, account: &'a RenewedAccount) -> Recovered<'a> {
    let RenewedAccount { record, totp_secret, wrapped, .. } = account;
    Recovered { challenge, record, totp_secret, wrapped }
}

/// The account of somebody who came back. The kit stays as good as it was.
pub fn recover_account(old: &Account, challenge: &str, new: &RenewedAccount) -> Result<Account, SignInError> {
    let keys = old.keys.as_ref().ok_or(SignInError::NotThisKit)?;
    let statement = AccountStatement::Recovered(recovered(challenge, new));
    if !keys.account.states(&statement, &new.signature) {
        return Err(SignInError::NotTheirOwn);
    }
    Ok(Account {
        record: Record::from_text(&new.record)?,
        totp: TotpSecret::from_base32(&new.totp_secret)?,
        wrapped_identity: read_wrapped(&new.wrapped)?,
        ..old.clone()
    })
}

/// The account with another passphrase.
pub fn change_passphrase(
    old: &Account,
    keys: &AccountKeys,
    new: &NewPassphrase,
) -> Result<Account, SignInError> {
    let NewPassphrase { proof, record, wrapped, signature } = new;
    if !keys.account.states(&AccountStatement::Passphrase { proof, record, wrapped }, signature) {
        return Err(SignInError::NotTheirOwn);
    }
    Ok(Account {
        record: Record::from_text(record)?,
        wrapped_identity: read_wrapped(wrapped)?,
        ..old.clone()
    })
}

/// The account with another kit. One of an earlier release gets its account key with it, for which the key in the household document
/// vouches.
pub fn change_kit(old: &Account, home: &Household, new: &NewKit) -> Result<Account, SignInError> {
    let signer =
        home.person(&old.person).ok().and_then(|person| person.keys.as_ref()).map(|keys| &keys.signer);
    let vouched = signer.is_some_and(|signer| new.account_key.is_vouched_for(signer, &new.vouched));
    let same = old.keys.as_ref().is_none_or(|keys| keys.account == new.account_key);
    let statement = AccountStatement::Kit { proof: &new.proof, recovery: &new.recovery_key };
    if !vouched || !same || !new.account_key.states(&statement, &new.signature) {
        return Err(SignInError::NotTheirOwn);
    }
    let keys = AccountKeys { account: new.account_key.clone(), recovery: new.recovery_key.clone() };
    Ok(Account { keys: Some(keys), ..old.clone() })
}

/// A wrapped identity as a client sent it.
pub fn read_wrapped(wrapped: &str) -> Result<Vec<u8>, SignInError> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(wrapped).ok();
    bytes.filter(|bytes| bytes.len() == WRAPPED).ok_or(SignInError::Unreadable("wrapped identity"))
}
