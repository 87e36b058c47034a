//! Where a hub finds its household, its models and its time.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use porchlight_vault::{Clock, SystemClock, strongbox_beside};

use crate::serving::Digest;

/// Where a hub finds its household.
#[derive(Clone)]
pub struct HubConfig {
    /// The data folder.
    pub data: PathBuf,
    /// The strongbox in use and its mirrors, where they were named; else it is the one of the last time, with the mirrors that it knows.
    pub strongboxes: Vec<PathBuf>,
    /// The strongbox in use the last time, where that was named; else it is the one beside the data folder.
    pub strongbox: Option<PathBuf>,
    /// Of what was remembered, where any of it counts, the hash: the strongbox has to know it.
    pub remembered: Option<Digest>,
    /// The folder of speech models; none to look in the usual places.
    pub models: Option<PathBuf>,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
}

impl HubConfig {
    /// The computer's own clock.
    pub fn system_clock() -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }

    /// These folders, and all else as it is by itself.
    pub fn of_folders(data: &Path, strongboxes: &[PathBuf]) -> HubConfig {
        HubConfig {
            data: data.to_owned(),
            strongboxes: strongboxes.to_vec(),
            strongbox: None,
            remembered: None,
            models: None,
            clock: HubConfig::system_clock(),
        }
    }

    /// The strongbox in use.
    pub fn in_use(&self) -> PathBuf {
        let named = self.strongboxes.first().or(self.strongbox.as_ref());
        named.cloned().unwrap_or_else(|| strongbox_beside(&self.data))
    }
}
