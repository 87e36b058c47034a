//! What the strongbox knows of how the hub is served: the file in the data folder, which anybody may have written, by the hashes of what the
//! hub wrote there lately; and which mirrors were named the last time.
//!
//! The file and its hash are two durable things. The strongbox knows the next file before it is written, so that wherever that is stopped
//! it knows the one that is there. It knows some of before too: an older copy of the data folder that is put back has one of those.

use std::io;
use std::path::{PathBuf, absolute};

use porchlight_vault::Vault;

use crate::error::HubError;
use crate::secrets;
pub use crate::secrets::Digest;

/// How many files are known, the newest included.
const KNOWN: usize = 32;

/// Whether the hub wrote this.
pub async fn is_known(vault: &Vault, digest: &Digest) -> bool {
    secrets::served(vault).await.contains(digest)
}

/// Has the strongbox know a file as the newest, and then has `write` put it there.
///
/// # Errors
/// Where the strongbox cannot be written, or as `write` fails.
pub async fn remember<E: From<HubError>>(
    vault: &Vault,
    digest: Digest,
    write: impl FnOnce() -> Result<(), E>,
) -> Result<(), E> {
    let mut known = secrets::served(vault).await;
    if known.last() != Some(&digest) {
        known.retain(|one| *one != digest);
        known.push(digest);
        let newest = known.len().saturating_sub(KNOWN);
        secrets::put_served(vault, &known[newest..]).await?;
    }
    write()
}

/// The mirrors that were named the last time, and not when the household was made.
pub(crate) async fn mirrors(vault: &Vault) -> Result<Vec<PathBuf>, HubError> {
    secrets::named_mirrors(vault).await
}

/// Has the strongbox know the mirrors that were named now, in the place of those before. No disk of theirs is asked anything: it may not
/// answer.
///
/// # Errors
/// Where the strongbox cannot be written, or the working directory is gone.
pub async fn remember_mirrors(vault: &Vault, named: &[PathBuf]) -> Result<(), HubError> {
    let made_with = secrets::mirrors(vault).await?;
    let named =
        named.iter().map(absolute).collect::<io::Result<Vec<PathBuf>>>().map_err(HubError::NoPlace)?;
    let named: Vec<PathBuf> = named.into_iter().filter(|mirror| !made_with.contains(mirror)).collect();
    if secrets::named_mirrors(vault).await? != named {
        secrets::put_named_mirrors(vault, &named).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;
    use porchlight_vault::{Config, SetClock};

    use super::*;

    #[tokio::test]
    async fn wherever_it_is_stopped_the_strongbox_knows_the_file_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SetClock::at(Timestamp::UNIX_EPOCH));
        let config = Config { data: folder.path().join("home"), strongboxes: Vec::new(), clock };
        let vault = Vault::create(config, "home").await.unwrap();
        let [first, second] = [[1; 32], [2; 32]];
        let write = |works: bool| move || if works { Ok(()) } else { Err(HubError::NoHousehold) };
        assert!(!is_known(&vault, &first).await);
        remember(&vault, first, write(true)).await.unwrap();
        // The disk refuses the next one, as often as it is tried: the one before is there, and may become the next.
        for _ in 0..3 {
            remember(&vault, second, write(false)).await.unwrap_err();
        }
        assert!(is_known(&vault, &first).await && is_known(&vault, &second).await);
        assert_eq!(secrets::served(&vault).await, [first, second]);
        remember(&vault, second, write(true)).await.unwrap();
        assert!(is_known(&vault, &first).await, "a copy of before has it");
        for other in 3..=u8::try_from(KNOWN).unwrap() + 2 {
            remember(&vault, [other; 32], write(true)).await.unwrap();
        }
        assert_eq!(secrets::served(&vault).await.len(), KNOWN);
        assert!(!is_known(&vault, &first).await, "there is an end to it");
    }
}
