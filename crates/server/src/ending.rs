//! Ending a household, at the computer that it lies on and with no hub running: nobody far away can, whatever they know or stole.

use std::path::{Path, PathBuf};

use porchlight_hub::store::DATABASE;
use porchlight_hub::{HubConfig, HubError, mirrors, read_home};
pub use porchlight_vault::{Ended, Unreached};
use porchlight_vault::{Ending, known_mirrors, strongbox_beside};

use crate::settings::SETTINGS;
use crate::site::AUTHORITY;

/// What the hub itself puts into a data folder, beside what the vault does.
const FILES: [&str; 3] = [DATABASE, AUTHORITY, SETTINGS];

/// A household that is to be ended.
pub struct HouseholdEnding {
    ending: Ending,
    /// What whoever ends it has to type: its name, or where it has none its owner's; where neither can be read any more, its id.
    pub name: String,
}

impl HouseholdEnding {
    /// Looks at what would go. Nothing is touched that a start of the hub would not touch.
    ///
    /// # Errors
    /// Those of [`Ending::of`].
    pub async fn of(data: &Path, strongboxes: &[PathBuf]) -> Result<HouseholdEnding, HubError> {
        let config = HubConfig::of_folders(data, strongboxes);
        let beside = [strongbox_beside(data)];
        let named = if strongboxes.is_empty() { &beside[..] } else { strongboxes };
        let mut all = named.to_vec();
        all.extend(known_mirrors(&config.in_use()));
        // A household that cannot be opened any more can be ended all the same.
        let name = match mirrors::open(&config).await {
            Ok((vault, mirrors)) => {
                all.extend(mirrors);
                let home = read_home(&vault).await;
                vault.close().await?;
                home.ok().and_then(|home| {
                    let owner = home.household.people.iter().find(|person| person.owner);
                    home.household.name.clone().or_else(|| Some(owner?.name.clone()))
                })
            }
            Err(_) => None,
        };
        let ending = Ending::of(data, &all)?;
        let name = name.unwrap_or_else(|| ending.household().to_owned());
        Ok(HouseholdEnding { ending, name })
    }

    /// Whether it was begun before, and stopped.
    pub fn has_begun(&self) -> bool {
        self.ending.has_begun()
    }

    /// The strongboxes whose keys are to be destroyed.
    pub fn strongboxes(&self) -> &[PathBuf] {
        self.ending.strongboxes()
    }

    /// Destroys the keys, and clears away what they opened. It can be stopped anywhere and done again.
    ///
    /// # Errors
    /// Where the data folder cannot be written to. A strongbox that cannot be reached is named in what comes of it.
    pub fn carry_out(self) -> Result<Ended, HubError> {
        Ok(self.ending.carry_out(&FILES)?)
    }
}
