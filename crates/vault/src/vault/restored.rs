//! After an older copy of the data folder was put back: newer copies can still be opened, until somebody says that they end.
//!
//! What was kept after the copy was made has keys in the strongbox, and no row here. Nothing would ever destroy them: an end date
//! stands in a row. But they open what may be the only film of a burglary, in a newer copy that is still to be found. So
//! somebody is asked, and once they agree every key that no row owns is destroyed.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use jiff::Timestamp;

use super::{Core, Line, Vault, steps};
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
    /// folder open nothing of it any more. What this vault holds is not touched. Irrecoverable when this returns, and told of by
    /// that line first. That somebody agreed is written down with the line; from then on the same again, or the next start,
    /// finishes it, and no other line is made.
    ///
    /// # Errors
    /// [`Error::Keyring`], [`Error::Catalog`], [`Error::Ledger`].
    pub async fn end_newer_copies(&self, line: Line) -> Result<(), Error> {
        self.finish(async move |core| {
            let Some(agreed) = core.agree_to_end_newer_copies(&line).await? else { return Ok(()) };
            // What cannot be undone is told of first.
            core.tell_owed().await?;
            core.end_newer_copies(&agreed).await
        })
        .await
    }
}

impl Core {
    /// Writes down that newer copies are to end, with the line that is owed of it, unless that was done.
    async fn agree_to_end_newer_copies(&self, line: &Line) -> Result<Option<Restored>, Error> {
        let known = || self.restored.lock().unwrap_or_else(PoisonError::into_inner);
        let _one_at_a_time = steps::alone(&self.owing).await;
        let Some(restored) = known().clone() else { return Ok(None) };
        if restored.agreed {
            return Ok(Some(restored));
        }
        let line = self.seal_line(line).await?;
        let agreed = Restored { agreed: true, ..restored };
        if let Err(why) = self.catalog.set_restored(Some(&agreed), Some(&line.owed(self))).await {
            self.discard_payloads(&line.detail.rows).await;
            return Err(why);
        }
        *known() = Some(agreed.clone());
        Ok(Some(agreed))
    }

    /// Destroys what no row owns among the ids that were given out before the copy was put back. It can be done again.
    pub(super) async fn end_newer_copies(&self, restored: &Restored) -> Result<(), Error> {
        let _one_at_a_time = steps::alone(&self.erasing).await;
        let (moments, recordings) = self.catalog.all_ids().await?;
        let owned: BTreeSet<Id> = moments.into_iter().chain(recordings).collect();
        let below = restored.below;
        self.on_strongbox(move |strongbox| strongbox.puncture_unowned(&owned, below)).await?;
        self.catalog.set_restored(None, None).await?;
        *self.restored.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(())
    }
}
