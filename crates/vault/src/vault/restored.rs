//! After an older copy of the data folder was put back: newer copies can still be opened, until somebody says that they end.
//!
//! What was kept after the copy was made has keys in the strongbox, and no row here. Nothing would ever destroy them: an end date
//! stands in a row. But they open what may be the only film of a burglary, in a newer copy that is still to be found. So
//! somebody is asked, and once they agree every key that no row owns is destroyed.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use jiff::Timestamp;

use super::{Core, Vault, steps};
use crate::catalog::Restored;
use crate::error::Error;
use crate::id::Id;

impl Vault {
    /// The latest time in the older copy that was put back, until it is said what becomes of newer ones.
    pub fn restored_copy(&self) -> Option<Timestamp> {
        let restored = self.core.restored.lock().unwrap_or_else(PoisonError::into_inner);
        restored.as_ref().map(|restored| restored.made)
    }

    /// Destroys the keys of all that was kept after the older copy was made and before it was put back: newer copies of the data
    /// folder open nothing of it any more. What this vault holds is not touched. Irrecoverable when this returns.
    ///
    /// # Errors
    /// [`Error::Keyring`], [`Error::Catalog`]: it is then finished by the next start.
    pub async fn end_newer_copies(&self) -> Result<(), Error> {
        self.finish(async move |core| {
            let agreed = core.restored.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let Some(restored) = agreed else { return Ok(()) };
            let agreed = Restored { agreed: true, ..restored };
            core.catalog.set_restored(Some(&agreed)).await?;
            core.end_newer_copies(&agreed).await
        })
        .await
    }
}

impl Core {
    /// Destroys what no row owns among the ids that were given out before the copy was put back. It can be done again.
    pub(super) async fn end_newer_copies(&self, restored: &Restored) -> Result<(), Error> {
        let _one_at_a_time = steps::alone(&self.erasing).await;
        let (moments, recordings) = self.catalog.all_ids().await?;
        let owned: BTreeSet<Id> = moments.into_iter().chain(recordings).collect();
        let below = restored.below;
        self.on_strongbox(move |strongbox| strongbox.puncture_unowned(&owned, below)).await?;
        self.catalog.set_restored(None).await?;
        *self.restored.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(())
    }
}
