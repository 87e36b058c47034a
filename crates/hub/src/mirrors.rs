//! The mirrors that a household was made with are followed from then on, whether or not they are named again.

use std::path::{Path, PathBuf};

use porchlight_vault::{Config, Vault};

use crate::error::HubError;
use crate::hub::HubConfig;
use crate::secrets;

/// Opens a vault, and follows every mirror that is named or known. Gives the mirrors.
pub(crate) async fn open(config: &HubConfig) -> Result<(Vault, Vec<PathBuf>), HubError> {
    let (data, strongboxes) = (config.data.clone(), config.strongboxes.clone());
    let vault = Vault::open(Config { data, strongboxes, clock: config.clock.clone() }).await?;
    let in_use = whole(&config.in_use());
    let mut mirrors: Vec<PathBuf> = config.strongboxes.iter().skip(1).cloned().collect();
    let known = mirrors.iter().map(|mirror| whole(mirror)).chain([in_use]).collect::<Vec<_>>();
    for mirror in secrets::mirrors(&vault).await? {
        if !known.contains(&whole(&mirror)) {
            vault.follow_mirror(&mirror).await?;
            mirrors.push(mirror);
        }
    }
    Ok((vault, mirrors))
}

/// Remembers the mirrors of a household that is being made.
pub(crate) async fn remember(vault: &Vault, strongboxes: &[PathBuf]) -> Result<(), HubError> {
    let mirrors: Vec<PathBuf> = strongboxes.iter().skip(1).map(|mirror| whole(mirror)).collect();
    if mirrors.is_empty() { Ok(()) } else { secrets::put_mirrors(vault, &mirrors).await }
}

/// A path by which the same folder is found from everywhere.
fn whole(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}
