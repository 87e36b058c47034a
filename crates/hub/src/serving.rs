//! What the strongbox knows of how the hub is served: as what the file in the data folder, which anybody may have written, is known
//! again, and which mirrors were named the last time.
//!
//! The file and its hash are two durable things. The strongbox knows the next file before it is written, and forgets the one of before
//! after that, so that wherever it is stopped it knows the one that is there.

use std::path::PathBuf;

use porchlight_vault::{FolderIdentity, Vault};

use crate::error::HubError;
use crate::secrets;
pub use crate::secrets::Digest;

/// Whether this is what the hub wrote last.
pub(crate) async fn is_known(vault: &Vault, digest: &Digest) -> bool {
    secrets::served(vault).await.contains(digest)
}

/// Has the strongbox know a file and no other; `write` puts it there.
///
/// # Errors
/// Where the strongbox cannot be written, or as `write` fails: then it is known as before.
pub async fn remember<E: From<HubError>>(
    vault: &Vault,
    digest: Digest,
    write: impl FnOnce() -> Result<(), E>,
) -> Result<(), E> {
    let known = secrets::served(vault).await;
    if known != [digest] {
        // Whichever of those before is there, and the next.
        let either: Vec<Digest> = known.into_iter().chain([digest]).collect();
        secrets::put_served(vault, &either).await?;
    }
    write()?;
    if secrets::served(vault).await != [digest] {
        secrets::put_served(vault, &[digest]).await?;
    }
    Ok(())
}

/// The mirrors that were named the last time, and not when the household was made.
pub(crate) async fn mirrors(vault: &Vault) -> Result<Vec<PathBuf>, HubError> {
    secrets::named_mirrors(vault).await
}

/// Has the strongbox know the mirrors that were named now, in the place of those before.
///
/// # Errors
/// Where it cannot be written.
pub async fn remember_mirrors(vault: &Vault, named: &[PathBuf]) -> Result<(), HubError> {
    let made_with = secrets::mirrors(vault).await?;
    let whole = |mirror: &PathBuf| Ok(FolderIdentity::of(mirror)?.path().to_owned());
    let named = named.iter().map(whole).collect::<Result<Vec<PathBuf>, HubError>>()?;
    let named: Vec<PathBuf> = named.into_iter().filter(|mirror| !made_with.contains(mirror)).collect();
    if secrets::named_mirrors(vault).await? != named {
        secrets::put_named_mirrors(vault, &named).await?;
    }
    Ok(())
}
