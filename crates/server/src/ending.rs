//! Ending a household, at the computer that it lies on and with no hub running: nobody far away can, whatever they know or stole.

use std::path::{Path, PathBuf};

use porchlight_hub::store::DATABASE;
use porchlight_hub::{HubError, LISTED_MIRRORS, home_in};
pub use porchlight_vault::{Ended, Unreached};
use porchlight_vault::{Ending, KnownPlaces, strongbox_beside};

use crate::settings::{Remembered, SETTINGS};
use crate::site::AUTHORITY;

/// What the hub itself puts into a data folder, beside what the vault does.
const FILES: [&str; 2] = [DATABASE, AUTHORITY];

/// A household that is to be ended.
pub struct HouseholdEnding {
    ending: Ending,
    /// What whoever ends it has to type: its name, or where it has none its owner's; where neither can be read any more, its id.
    pub name: String,
}

impl HouseholdEnding {
    /// Looks at what would go, also of a household that cannot be opened any more. Nothing is touched.
    ///
    /// # Errors
    /// Those of [`Ending::of`].
    pub fn of(data: &Path, strongboxes: &[PathBuf]) -> Result<HouseholdEnding, HubError> {
        let remembered = remembered(data);
        let known = KnownPlaces { named: strongboxes, remembered: &remembered, listed: Some(LISTED_MIRRORS) };
        let ending = Ending::of(data, &known)?;
        let name = ending.household_document().and_then(|document| {
            let household = home_in(document).ok()?.household;
            let owner = household.people.iter().find(|person| person.owner);
            household.name.clone().or_else(|| Some(owner?.name.clone()))
        });
        let name = name.unwrap_or_else(|| ending.household().to_owned());
        Ok(HouseholdEnding { ending, name })
    }

    /// Whether somebody who types this means this household.
    pub fn is_meant_by(&self, typed: &str) -> bool {
        // Its id is right to the end: where every strongbox was away, it was the name to type.
        [self.name.trim(), self.ending.household()].contains(&typed.trim())
    }

    /// Whether there is anything to agree to.
    pub fn destroys_something(&self) -> bool {
        self.ending.destroys_something()
    }

    /// The strongboxes whose keys are to be destroyed.
    pub fn with_keys(&self) -> impl Iterator<Item = &Path> {
        self.ending.with_keys()
    }

    /// Those that are out of reach.
    pub fn out_of_reach(&self) -> impl Iterator<Item = &Path> {
        self.ending.out_of_reach()
    }

    /// Destroys the keys, and clears away what they opened. It can be stopped anywhere and done again.
    ///
    /// # Errors
    /// Where the data folder cannot be written to. A strongbox that cannot be reached is named in what comes of it.
    pub fn carry_out(self) -> Result<Ended, HubError> {
        Ok(self.ending.carry_out(&FILES, &[SETTINGS])?)
    }
}

/// The strongbox with which it was served, as far as the settings of this very folder say. It is a place to look, and no more: whoever
/// can write to the data folder can write there.
fn remembered(data: &Path) -> Vec<PathBuf> {
    match Remembered::read(data) {
        Remembered::Settings(settings) => vec![settings.strongbox.unwrap_or_else(|| strongbox_beside(data))],
        _ => Vec::new(),
    }
}
