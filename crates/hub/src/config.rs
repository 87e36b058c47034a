//! Where a hub finds its household, its models and its time.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use porchlight_vault::{Clock, SystemClock, strongbox_beside};

/// Where a hub finds its household.
#[derive(Clone)]
pub struct HubConfig {
    /// The data folder.
    pub data: PathBuf,
    /// The strongbox in use and its mirrors; empty for the one beside the data folder.
    pub strongboxes: Vec<PathBuf>,
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
            models: None,
            clock: HubConfig::system_clock(),
        }
    }

    /// The strongbox in use.
    pub fn in_use(&self) -> PathBuf {
        self.strongboxes.first().cloned().unwrap_or_else(|| strongbox_beside(&self.data))
    }
}
