//! Making a household: on the command line both ends at once, since its first owner sits at the hub itself; in a browser its folders
//! alone ([`crate::set_up`]).

use std::path::PathBuf;

use jiff::Timestamp;
use porchlight_household::sign_in::Account;
use porchlight_household::sign_in::opaque::Server;
use porchlight_household::{Household, Lineage, Person, SignedDocument};
pub use porchlight_vault::SlotKind;
use porchlight_vault::{Config, StrongboxChange, Vault, check_apart, clear_unmade, faults, strongbox_beside};
use tracing::warn;
use zeroize::Zeroizing;

use crate::client::{ClientError, Enrolled, enrol};
use crate::error::HubError;
use crate::hub::HubConfig;
use crate::new_account::read_account;
use crate::{mirrors, secrets};

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
    let folders = Folders { data: new.data, strongboxes: new.strongboxes };
    folders.check()?;
    let (keys, account, enrolled) =
        enrol(owner.id.as_str(), &new.owner, "the household", &new.passphrase, &[&new.owner], |request| {
            Ok(server.register(owner.id.as_str(), &request)?)
        })
        .map_err(|error| match error {
            ClientError::SignIn(error) => HubError::SignIn(error),
            other => HubError::Refused(other.to_string()),
        })?;
    let id = owner.id.clone();
    let (household, signed) =
        Household::first(None, &new.time_zone, &new.language, owner, &keys, Timestamp::now())?;
    let account = read_account(&household, &id, &account)?;
    let made = Making {
        server: &server,
        household: &household,
        signed: &signed,
        account: &account,
        authority: None,
    };
    make(&folders, new.slot, made, || (new.put_away)(&enrolled)).await
}

/// Where a household is to lie.
pub(crate) struct Folders {
    pub data: PathBuf,
    /// The strongbox and its mirrors; empty for the one beside the data folder.
    pub strongboxes: Vec<PathBuf>,
}

/// What a household is made of, however it came to the hub.
pub(crate) struct Making<'a> {
    pub server: &'a Server,
    pub household: &'a Household,
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
    pub(crate) fn check(&self) -> Result<(), HubError> {
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
pub(crate) async fn make(
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
