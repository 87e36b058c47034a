//! The hub's own secrets, by the names under which the strongbox holds them.
//!
//! They live under the keyring's root, so that dropping one destroys it in every copy of the data folder.

use std::path::PathBuf;

use porchlight_household::sign_in::Account;
use porchlight_household::{DeviceId, PersonId};
use porchlight_vault::Vault;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::HubError;
use crate::passkeys::Passkey;

/// OPAQUE's server key.
const SIGN_IN: &str = "sign-in/server";
/// The key of the certificate authority, and its certificate.
const AUTHORITY: &str = "https/authority";
/// Where the strongbox has mirrors. No secret, but it must not go back.
const MIRRORS: &str = "strongbox/mirrors";
/// The key of the sessions' MACs.
const SESSIONS: &str = "sign-in/sessions";

pub(crate) async fn sign_in_server(vault: &Vault) -> Result<Zeroizing<Vec<u8>>, HubError> {
    vault.secret(SIGN_IN).await.ok_or(HubError::NoHousehold)
}

pub(crate) async fn put_sign_in_server(vault: &Vault, bytes: &[u8]) -> Result<(), HubError> {
    Ok(vault.put_secret(SIGN_IN, bytes).await?)
}

/// What sessions are authenticated with; made when there is none.
pub(crate) async fn session_key(vault: &Vault) -> Result<Zeroizing<Vec<u8>>, HubError> {
    if let Some(key) = vault.secret(SESSIONS).await {
        return Ok(key);
    }
    let mut key = Zeroizing::new(vec![0; 32]);
    getrandom::fill(&mut key)?;
    vault.put_secret(SESSIONS, &key).await?;
    Ok(key)
}

/// The household's certificate authority.
pub(crate) async fn authority(vault: &Vault) -> Option<Zeroizing<Vec<u8>>> {
    vault.secret(AUTHORITY).await
}

pub(crate) async fn put_authority(vault: &Vault, bytes: &[u8]) -> Result<(), porchlight_vault::Error> {
    vault.put_secret(AUTHORITY, bytes).await
}

/// The mirrors that the household was made with.
pub(crate) async fn mirrors(vault: &Vault) -> Result<Vec<PathBuf>, HubError> {
    let Some(bytes) = vault.secret(MIRRORS).await else { return Ok(Vec::new()) };
    serde_json::from_slice(&bytes).map_err(|_| HubError::Damaged("the list of the strongbox's mirrors"))
}

pub(crate) async fn put_mirrors(vault: &Vault, mirrors: &[PathBuf]) -> Result<(), HubError> {
    let bytes = serde_json::to_vec(mirrors).map_err(|_| HubError::Damaged("the name of a mirror"))?;
    Ok(vault.put_secret(MIRRORS, &bytes).await?)
}

pub(crate) async fn account(vault: &Vault, person: &PersonId) -> Result<Option<Account>, HubError> {
    match vault.secret(&account_name(person)).await {
        Some(bytes) => Ok(Some(Account::from_bytes(&bytes)?)),
        None => Ok(None),
    }
}

pub(crate) async fn put_account(vault: &Vault, person: &PersonId, account: &Account) -> Result<(), HubError> {
    Ok(vault.put_secret(&account_name(person), &account.to_bytes()?).await?)
}

pub(crate) async fn forget_account(vault: &Vault, person: &PersonId) -> Result<(), HubError> {
    Ok(vault.forget_secret(&account_name(person)).await?)
}

/// How a person's passkeys are written, and the newest format that is read.
const PASSKEYS_FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<T> {
    format: u32,
    passkeys: T,
}

/// A person's passkeys, oldest first.
pub(crate) async fn passkeys(vault: &Vault, person: &PersonId) -> Result<Vec<Passkey>, HubError> {
    let Some(bytes) = vault.secret(&passkeys_name(person)).await else { return Ok(Vec::new()) };
    match serde_json::from_slice::<Written<Vec<Passkey>>>(&bytes) {
        Ok(written) if written.format == PASSKEYS_FORMAT => Ok(written.passkeys),
        _ => Err(HubError::Damaged("a list of passkeys")),
    }
}

pub(crate) async fn put_passkeys(
    vault: &Vault,
    person: &PersonId,
    passkeys: &[Passkey],
) -> Result<(), HubError> {
    if passkeys.is_empty() {
        return forget_passkeys(vault, person).await;
    }
    // Room for all of it at once: a vector that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(64 << 10));
    serde_json::to_writer(&mut *bytes, &Written { format: PASSKEYS_FORMAT, passkeys })
        .map_err(|_| HubError::Damaged("a passkey"))?;
    Ok(vault.put_secret(&passkeys_name(person), &bytes).await?)
}

pub(crate) async fn forget_passkeys(vault: &Vault, person: &PersonId) -> Result<(), HubError> {
    Ok(vault.forget_secret(&passkeys_name(person)).await?)
}

/// A camera's whole address, user and password included.
pub(crate) async fn camera_address(vault: &Vault, device: &DeviceId) -> Option<Zeroizing<String>> {
    let bytes = vault.secret(&camera_name(device)).await?;
    std::str::from_utf8(&bytes).ok().map(|address| Zeroizing::new(address.to_owned()))
}

pub(crate) async fn put_camera_address(
    vault: &Vault,
    device: &DeviceId,
    address: &str,
) -> Result<(), HubError> {
    Ok(vault.put_secret(&camera_name(device), address.as_bytes()).await?)
}

pub(crate) async fn forget_camera_address(vault: &Vault, device: &DeviceId) -> Result<(), HubError> {
    Ok(vault.forget_secret(&camera_name(device)).await?)
}

fn account_name(person: &PersonId) -> String {
    format!("account/{person}")
}

fn passkeys_name(person: &PersonId) -> String {
    format!("passkeys/{person}")
}

fn camera_name(device: &DeviceId) -> String {
    format!("camera/{device}")
}
