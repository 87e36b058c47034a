//! The hub's own secrets, by the names under which the strongbox holds them.
//!
//! They live under the keyring's root, so that dropping one destroys it in every copy of the data folder.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use porchlight_household::sign_in::Account;
use porchlight_household::{DeviceId, PersonId};
use porchlight_vault::{Filter, ListedUnderRoot, StrongboxChange, Vault};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::accounts::passkeys::Passkey;
use crate::error::HubError;

/// SHA-256 of a text.
pub type Digest = [u8; 32];

/// OPAQUE's server key.
const SIGN_IN: &str = "sign-in/server";
/// The key of the certificate authority, and its certificate.
const AUTHORITY: &str = "https/authority";
/// Where the strongbox has mirrors. No secret, but it must not go back.
const MIRRORS: &str = "strongbox/mirrors";
/// The mirrors that the hub was told of the last time. No secret either.
const NAMED_MIRRORS: &str = "serving/mirrors";
/// By what the file is known that says how the hub is served: the hash of the one that is there, and of the one that takes its place.
const SERVED: &str = "serving/settings";
/// The key of the sessions' MACs.
const SESSIONS: &str = "sign-in/sessions";

/// Before the id of whose account it is.
const ACCOUNT: &str = "account/";
/// Before the id of whose passkeys they are.
const PASSKEYS: &str = "passkeys/";
/// Before the id of the camera whose address it is.
const CAMERA: &str = "camera/";
/// Before the id of the camera that has privacy. No secret, but it must not go back.
const PRIVACY: &str = "privacy/";
/// Before the id of a device that is gone, and of which a hold still keeps something: what it was called. No secret, but it must go with
/// the last of that.
const GONE_DEVICE: &str = "gone-device/";

pub(crate) async fn sign_in_server(vault: &Vault) -> Result<Zeroizing<Vec<u8>>, HubError> {
    vault.secret(SIGN_IN).await.ok_or(HubError::NoHousehold)
}

/// Adds OPAQUE's server key to a change.
pub fn with_sign_in_server(change: StrongboxChange, bytes: Zeroizing<Vec<u8>>) -> StrongboxChange {
    change.put(SIGN_IN, bytes)
}

/// Whether there has been a hub here whose sessions were authenticated.
pub(crate) async fn has_session_key(vault: &Vault) -> bool {
    vault.secret(SESSIONS).await.is_some()
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
pub async fn authority(vault: &Vault) -> Option<Zeroizing<Vec<u8>>> {
    vault.secret(AUTHORITY).await
}

/// Adds the certificate authority to a change.
pub(crate) fn with_authority(change: StrongboxChange, bytes: &[u8]) -> StrongboxChange {
    change.put(AUTHORITY, Zeroizing::new(bytes.to_vec()))
}

/// Puts the certificate authority in the place of the one before.
pub async fn put_authority(vault: &Vault, bytes: &[u8]) -> Result<(), porchlight_vault::Error> {
    vault.put_secret(AUTHORITY, bytes).await
}

/// The mirrors that the household was made with.
pub(crate) async fn mirrors(vault: &Vault) -> Result<Vec<PathBuf>, HubError> {
    let Some(bytes) = vault.secret(MIRRORS).await else { return Ok(Vec::new()) };
    serde_json::from_slice(&bytes).map_err(|_| HubError::Damaged("the list of the strongbox's mirrors"))
}

/// The mirrors that were named the last time.
pub(crate) async fn named_mirrors(vault: &Vault) -> Result<Vec<PathBuf>, HubError> {
    let Some(bytes) = vault.secret(NAMED_MIRRORS).await else { return Ok(Vec::new()) };
    serde_json::from_slice(&bytes).map_err(|_| HubError::Damaged("the list of mirrors that were named"))
}

/// Puts those in the place of the ones before.
pub(crate) async fn put_named_mirrors(vault: &Vault, mirrors: &[PathBuf]) -> Result<(), HubError> {
    let bytes = serde_json::to_vec(mirrors).map_err(|_| HubError::Damaged("the name of a mirror"))?;
    Ok(vault.put_secret(NAMED_MIRRORS, &bytes).await?)
}

/// The hashes of what says how the hub is served.
pub(crate) async fn served(vault: &Vault) -> Vec<Digest> {
    let bytes = vault.secret(SERVED).await.unwrap_or_default();
    bytes.chunks_exact(size_of::<Digest>()).filter_map(|digest| digest.try_into().ok()).collect()
}

/// Puts those in the place of the ones before.
pub(crate) async fn put_served(vault: &Vault, digests: &[Digest]) -> Result<(), HubError> {
    Ok(vault.put_secret(SERVED, digests.as_flattened()).await?)
}

/// For whoever looks for every strongbox of a household that cannot be opened any more: where those lists are, and how they are read. One
/// that cannot be read lists nothing.
pub const LISTED_MIRRORS: ListedUnderRoot = ListedUnderRoot {
    made_with: MIRRORS,
    named: NAMED_MIRRORS,
    read: |bytes| serde_json::from_slice(bytes).unwrap_or_default(),
};

/// Adds the list of the mirrors to a change.
pub(crate) fn with_mirrors(
    change: StrongboxChange,
    mirrors: &[PathBuf],
) -> Result<StrongboxChange, HubError> {
    let bytes = serde_json::to_vec(mirrors).map_err(|_| HubError::Damaged("the name of a mirror"))?;
    Ok(change.put(MIRRORS, Zeroizing::new(bytes)))
}

/// A person's account; none of somebody who cannot sign in.
pub async fn account(vault: &Vault, person: &PersonId) -> Result<Option<Account>, HubError> {
    match vault.secret(&account_name(person)).await {
        Some(bytes) => Ok(Some(Account::from_bytes(&bytes)?)),
        None => Ok(None),
    }
}

/// Adds an account to a change.
pub fn with_account(change: StrongboxChange, account: &Account) -> Result<StrongboxChange, HubError> {
    Ok(change.put(account_name(&account.person), account.to_bytes()?))
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
pub async fn passkeys(vault: &Vault, person: &PersonId) -> Result<Vec<Passkey>, HubError> {
    let Some(bytes) = vault.secret(&passkeys_name(person)).await else { return Ok(Vec::new()) };
    match serde_json::from_slice::<Written<Vec<Passkey>>>(&bytes) {
        Ok(written) if written.format == PASSKEYS_FORMAT => Ok(written.passkeys),
        _ => Err(HubError::Damaged("a list of passkeys")),
    }
}

/// Puts a person's passkeys in the place of those before, as part of a change.
pub fn with_passkeys(
    change: StrongboxChange,
    person: &PersonId,
    passkeys: &[Passkey],
) -> Result<StrongboxChange, HubError> {
    if passkeys.is_empty() {
        return Ok(change.remove(passkeys_name(person)));
    }
    // Room for all of it at once: a vector that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(64 << 10));
    serde_json::to_writer(&mut *bytes, &Written { format: PASSKEYS_FORMAT, passkeys })
        .map_err(|_| HubError::Damaged("a passkey"))?;
    Ok(change.put(passkeys_name(person), bytes))
}

/// A camera's whole address, user and password included.
pub(crate) async fn camera_address(vault: &Vault, device: &DeviceId) -> Option<Zeroizing<String>> {
    let bytes = vault.secret(&camera_name(device)).await?;
    std::str::from_utf8(&bytes).ok().map(|address| Zeroizing::new(address.to_owned()))
}

/// Adds a camera's address to a change.
pub fn with_camera_address(change: StrongboxChange, device: &DeviceId, address: &str) -> StrongboxChange {
    change.put(camera_name(device), Zeroizing::new(address.as_bytes().to_vec()))
}

/// That a camera has privacy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Privacy {
    /// Since when.
    pub(crate) since: Timestamp,
    /// Who switched it on; none where only a newer release knows.
    pub(crate) by: Option<PersonId>,
}

/// Whether a camera has privacy, since when and by whom. What cannot be read is not called off.
pub(crate) async fn privacy(vault: &Vault, camera: &DeviceId) -> Option<Privacy> {
    let bytes = vault.secret(&privacy_name(camera)).await?;
    let unknown = Privacy { since: Timestamp::UNIX_EPOCH, by: None };
    Some(serde_json::from_slice(&bytes).unwrap_or(unknown))
}

/// Adds to a change that a camera has privacy from then on.
pub(crate) fn with_privacy(
    change: StrongboxChange,
    camera: &DeviceId,
    privacy: &Privacy,
) -> Result<StrongboxChange, HubError> {
    let bytes = serde_json::to_vec(privacy).map_err(|_| HubError::Damaged("that a camera has privacy"))?;
    Ok(change.put(privacy_name(camera), Zeroizing::new(bytes)))
}

/// Adds to a change that it has not.
pub(crate) fn without_privacy(change: StrongboxChange, camera: &DeviceId) -> StrongboxChange {
    change.remove(privacy_name(camera))
}

/// Adds what a device was called that goes.
pub(crate) fn with_gone_device(change: StrongboxChange, device: &DeviceId, name: &str) -> StrongboxChange {
    change.put(format!("{GONE_DEVICE}{device}"), Zeroizing::new(name.as_bytes().to_vec()))
}

/// What devices were called that are gone, by their ids.
pub(crate) async fn gone_devices(vault: &Vault) -> BTreeMap<String, String> {
    let mut gone = BTreeMap::new();
    for name in vault.secret_names(GONE_DEVICE).await {
        let Some(bytes) = vault.secret(&name).await else { continue };
        if let Ok(called) = std::str::from_utf8(&bytes) {
            gone.insert(name[GONE_DEVICE.len()..].to_owned(), called.to_owned());
        }
    }
    gone
}

/// The names of the secrets that say what devices were called of which nothing is kept any more.
pub(crate) async fn of_forgotten_devices(vault: &Vault) -> Result<Vec<String>, porchlight_vault::Error> {
    let mut forgotten = Vec::new();
    for name in vault.secret_names(GONE_DEVICE).await {
        let devices = vec![name[GONE_DEVICE.len()..].to_owned()];
        let kept = vault.list(&Filter { devices, limit: Some(1), ..Filter::default() }).await?;
        if kept.is_empty() {
            forgotten.push(name);
        }
    }
    Ok(forgotten)
}

/// The names of the secrets of people and devices that are none of these.
pub(crate) async fn of_others(vault: &Vault, people: &[&str], devices: &[&str]) -> Vec<String> {
    let mut others = Vec::new();
    for (prefix, known) in [(ACCOUNT, people), (PASSKEYS, people), (CAMERA, devices), (PRIVACY, devices)] {
        let names = vault.secret_names(prefix).await;
        others.extend(names.into_iter().filter(|name| !known.contains(&&name[prefix.len()..])));
    }
    others
}

fn account_name(person: &PersonId) -> String {
    format!("{ACCOUNT}{person}")
}

fn passkeys_name(person: &PersonId) -> String {
    format!("{PASSKEYS}{person}")
}

fn camera_name(device: &DeviceId) -> String {
    format!("{CAMERA}{device}")
}

fn privacy_name(camera: &DeviceId) -> String {
    format!("{PRIVACY}{camera}")
}
