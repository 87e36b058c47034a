//! Making a household: both ends at once, since its first owner sits at the hub itself.

use std::path::PathBuf;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use porchlight_household::sign_in::opaque::{Record, Server};
use porchlight_household::sign_in::{Account, TotpSecret};
use porchlight_household::{Household, Person};
pub use porchlight_vault::SlotKind;
use porchlight_vault::{Config, Vault, strongbox_beside};
use zeroize::Zeroizing;

use crate::client::{ClientError, Enrolled, enrol};
use crate::error::HubError;
use crate::hub::HubConfig;
use crate::secrets;

/// Puts the owner's secrets away; an error is a sentence.
pub type PutAway = Box<dyn FnOnce(&Enrolled) -> Result<(), String> + Send>;

/// A household to be made.
pub struct NewHousehold {
    /// The data folder; made if it is not there, refused if it holds one.
    pub data: PathBuf,
    /// The strongbox and its mirrors; empty for the one beside the data folder.
    pub strongboxes: Vec<PathBuf>,
    /// Where the strongbox keeps its root key; its mirrors keep theirs in files.
    pub slot: SlotKind,
    /// The owner's name.
    pub owner: String,
    /// The owner's birth month, `YYYY-MM`.
    pub born: String,
    /// The owner's passphrase.
    pub passphrase: Zeroizing<String>,
    /// The IANA time zone.
    pub time_zone: String,
    /// The language, such as `en`.
    pub language: String,
    /// Puts the owner's secrets away, before anything is sealed to them.
    pub put_away: PutAway,
}

/// A household that was made.
pub struct Made {
    /// Its id.
    pub household: String,
    /// Its strongbox and its mirrors.
    pub strongboxes: Vec<PathBuf>,
}

/// Makes a household. What can be refused is refused before anything is written.
pub async fn initialise(new: NewHousehold) -> Result<Made, HubError> {
    let server = Server::generate();
    let owner = Person::new(&new.owner, new.born.parse()?)?;
    let (keys, account, enrolled) =
        enrol(&new.owner, "the household", &new.passphrase, &[&new.owner], |request| {
            Ok(server.register(owner.id.as_str(), &request)?)
        })
        .map_err(|error| match error {
            ClientError::SignIn(error) => HubError::SignIn(error),
            other => HubError::Refused(other.to_string()),
        })?;
    let id = owner.id.clone();
    let (household, signed) =
        Household::first(None, &new.time_zone, &new.language, owner, &keys, Timestamp::now())?;
    let account = Account {
        person: id.clone(),
        record: Record::from_text(&account.record)?,
        totp: TotpSecret::from_base32(&account.totp_secret)?,
        wrapped_identity: BASE64_URL_SAFE_NO_PAD
            .decode(&account.wrapped)
            .map_err(|error| HubError::Refused(error.to_string()))?,
    };
    let strongboxes = match new.strongboxes.is_empty() {
        true => vec![strongbox_beside(&new.data)],
        false => new.strongboxes.clone(),
    };
    // What is not there yet is ours to take away again, should anything fail: a household is made whole or not at all.
    let ours: Vec<PathBuf> =
        strongboxes.iter().chain([&new.data]).filter(|folder| !folder.exists()).cloned().collect();
    if let Some(orphan) = ours.iter().find(|folder| {
        folder.parent().is_some_and(|parent| !parent.as_os_str().is_empty() && !parent.is_dir())
    }) {
        return Err(HubError::Refused(format!(
            "the folder that {} should lie in is not there; make it, or attach its disk, first",
            orphan.display()
        )));
    }
    let config = Config { data: new.data, strongboxes: new.strongboxes, clock: HubConfig::system_clock() };
    let made = async {
        let vault = Vault::create_with(config, household.id.as_str(), new.slot).await?;
        (new.put_away)(&enrolled).map_err(HubError::Refused)?;
        secrets::put_sign_in_server(&vault, &server.to_bytes()).await?;
        secrets::put_account(&vault, &id, &account).await?;
        vault.replace_household(household.version, &signed.to_bytes()?).await?;
        vault.close().await?;
        Ok(Made { household: household.id.to_string(), strongboxes })
    }
    .await;
    if made.is_err() {
        for folder in ours {
            // Best effort: the error that is returned is the one that matters.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
    made
}
