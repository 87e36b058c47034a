//! The mirrors that a household was made with are followed from then on, whether or not they are named again; and those that were named
//! later until others are.

use std::path::PathBuf;

use porchlight_vault::{Config, FolderIdentity, StrongboxChange, Vault};

use crate::config::HubConfig;
use crate::error::HubError;
use crate::{secrets, serving};

/// Opens a vault, and follows every mirror that is named or known. Gives the mirrors. None of them is touched here, for a disk that
/// does not answer would hold up the start: the vault reads them where nobody waits for long.
pub async fn open(config: &HubConfig) -> Result<(Vault, Vec<PathBuf>), HubError> {
    let was_named = !config.strongboxes.is_empty();
    let strongboxes =
        if was_named { config.strongboxes.clone() } else { config.strongbox.iter().cloned().collect() };
    let vault =
        Vault::open(Config { data: config.data.clone(), strongboxes, clock: config.clock.clone() }).await?;
    if let Some(remembered) = &config.remembered
        && !serving::is_known(&vault, remembered).await
    {
        return Err(HubError::ForeignSettings(config.data.clone()));
    }
    // Remembered paths are whole, so that it is seen by them alone what lay in the data folder.
    let data = FolderIdentity::of(&config.data)?;
    let named = if was_named { Vec::new() } else { serving::mirrors(&vault).await? };
    for mirror in secrets::mirrors(&vault).await?.into_iter().chain(named) {
        // One that lay in the data folder and was moved out, as its household was told to, is not waited for.
        let was_moved = mirror.starts_with(data.path()) && !mirror.exists();
        if !was_moved {
            vault.follow_mirror(&mirror).await?;
        }
    }
    let mirrors = vault.mirrors().await?;
    Ok((vault, mirrors))
}

/// Remembers the mirrors of a household that is being made, as part of its making.
pub(crate) fn remember(
    change: StrongboxChange,
    strongboxes: &[PathBuf],
) -> Result<StrongboxChange, HubError> {
    let whole = |mirror: &PathBuf| Ok(FolderIdentity::of(mirror)?.path().to_owned());
    let mirrors = strongboxes.iter().skip(1).map(whole).collect::<Result<Vec<PathBuf>, HubError>>()?;
    if mirrors.is_empty() { Ok(change) } else { secrets::with_mirrors(change, &mirrors) }
}
