//! Making a household: on the command line at the hub itself, by [`Founding`]; in a browser by [`crate::set_up`]. Its owner's keys are made
//! at the owner's end.

use std::path::PathBuf;

use porchlight_household::sign_in::opaque::Server;
use porchlight_household::sign_in::{Account, Error as SignInError};
use porchlight_household::{Household, Lineage, PersonId, SignedDocument};
use porchlight_protocol::NewAccount;
pub use porchlight_vault::SlotKind;
use porchlight_vault::{Config, StrongboxChange, Vault, check_apart, clear_unmade, faults, strongbox_beside};
use tracing::warn;

use crate::accounts::new_account::read_account;
use crate::config::HubConfig;
use crate::error::HubError;
use crate::{mirrors, secrets};

/// A household that was made.
pub struct Made {
    /// Its id.
    pub household: String,
    /// Its strongbox and its mirrors.
    pub strongboxes: Vec<PathBuf>,
}

/// A household that is about to be made, and the hub's half of its owner's account.
pub struct Founding {
    server: Server,
    folders: Folders,
}

impl Founding {
    /// In these folders, which are refused before anything is written; no strongbox for the one beside the data folder, the first else, and
    /// its mirrors.
    pub fn new(data: PathBuf, strongboxes: Vec<PathBuf>) -> Result<Founding, HubError> {
        let folders = Folders { data, strongboxes };
        folders.check()?;
        Ok(Founding { server: Server::generate(), folders })
    }

    /// The hub's half of the owner's account.
    pub fn register(&self, owner: &PersonId, request: &str) -> Result<String, SignInError> {
        self.server.register(owner.as_str(), request)
    }

    /// Makes it, whole or not at all. The strongbox keeps its root key in `slot`, its mirrors keep theirs in files. `put_away` puts the
    /// owner's secrets away before anything is sealed to them; its error is a sentence.
    pub async fn make(
        self,
        slot: SlotKind,
        signed: &SignedDocument,
        account: &NewAccount,
        put_away: impl FnOnce() -> Result<(), String>,
    ) -> Result<Made, HubError> {
        let household = signed.verify_first(HubConfig::system_clock().now())?;
        let account = read_account(&household, &signed.signer, account)?;
        let new = Making {
            server: &self.server,
            household: &household,
            signed,
            account: &account,
            authority: None,
        };
        make(&self.folders, slot, new, put_away).await
    }
}

/// Where a household is to lie.
pub struct Folders {
    /// The data folder.
    pub data: PathBuf,
    /// The strongbox and its mirrors; empty for the one beside the data folder.
    pub strongboxes: Vec<PathBuf>,
}

/// What a household is made of, however it came to the hub.
pub struct Making<'a> {
    /// OPAQUE's server.
    pub server: &'a Server,
    /// The household.
    pub household: &'a Household,
    /// Its document, signed.
    pub signed: &'a SignedDocument,
    /// The owner's account.
    pub account: &'a Account,
    /// The certificate authority that its browsers know already.
    pub authority: Option<&'a [u8]>,
}

impl Folders {
    fn strongboxes(&self) -> Vec<PathBuf> {
        match self.strongboxes.is_empty() {
            true => vec![strongbox_beside(&self.data)],
            false => self.strongboxes.clone(),
        }
    }

    /// Those that are not there yet.
    fn new_ones(&self) -> Vec<PathBuf> {
        let all = self.strongboxes().into_iter().chain([self.data.clone()]);
        all.filter(|folder| !folder.exists()).collect()
    }

    /// Refuses folders that are not apart from each other, and one whose disk may not be there: it would be made on another one.
    pub fn check(&self) -> Result<(), HubError> {
        check_apart(&self.data, &self.strongboxes())?;
        let folders = self.new_ones();
        let orphan = folders.iter().find(|folder| {
            folder.parent().is_some_and(|parent| !parent.as_os_str().is_empty() && !parent.is_dir())
        });
        match orphan {
            None => Ok(()),
            Some(orphan) => Err(HubError::Refused(format!(
                "the folder that {} should lie in is not there; make it, or attach its disk, first",
                orphan.display()
            ))),
        }
    }
}

/// All that a household's strongbox holds at first, in one commit: the household is made with it, or it is not.
fn first_commit(new: &Making<'_>, strongboxes: &[PathBuf]) -> Result<StrongboxChange, HubError> {
    let document = Lineage::begin(new.signed.clone()).to_bytes()?;
    let change = StrongboxChange::default().household(new.household.version, document);
    let change = secrets::with_sign_in_server(change, new.server.to_bytes());
    let change = secrets::with_account(change, new.account)?;
    let change = match new.authority {
        Some(authority) => secrets::with_authority(change, authority),
        None => change,
    };
    mirrors::remember(change, strongboxes)
}

/// Makes the folders and puts everything in its place, whole or not at all. `put_away` comes before anything is sealed to the owner.
pub async fn make(
    folders: &Folders,
    slot: SlotKind,
    new: Making<'_>,
    put_away: impl FnOnce() -> Result<(), String>,
) -> Result<Made, HubError> {
    // One that was cut off before is no household.
    clear_unmade(&folders.data)?;
    // What is not there yet is ours to take away again, should anything fail.
    let ours = folders.new_ones();
    folders.check()?;
    let strongboxes = folders.strongboxes();
    let config = Config {
        data: folders.data.clone(),
        strongboxes: strongboxes.clone(),
        clock: HubConfig::system_clock(),
    };
    let made = async {
        let vault = Vault::begin(config, new.household.id.as_str(), slot).await?;
        put_away().map_err(HubError::Refused)?;
        vault.change(first_commit(&new, &strongboxes)?).await?;
        vault.is_made().await?;
        // It is made, whatever becomes of this: a vault that was not closed is looked over by the next start.
        if let Err(why) = vault.close().await {
            warn!(target: "porchlight", "the new vault was not closed cleanly: {why}");
        }
        Ok(Made { household: new.household.id.to_string(), strongboxes })
    }
    .await;
    // Best effort: the error that is returned is the one that matters, and what stays is cleared away by whoever tries again.
    if made.is_err() && faults::write(&folders.data).is_ok() {
        let _ = clear_unmade(&folders.data);
        for folder in ours {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
    made
}
