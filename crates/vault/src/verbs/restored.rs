//! After an older copy of the data folder was put back, or where the catalog has lost what was written last: newer copies can still be
//! opened, until somebody says that they end.
//!
//! What was kept after the copy was made has keys in the strongbox, and no row here. Nothing would ever destroy them: an end date
//! stands in a row. But they open what may be the only film of a burglary, in a newer copy that is still to be found. So
//! somebody is asked, and once they agree every key that no row owns is destroyed, and every payload. Until then the payloads stay: a
//! newer copy of the catalog alone finds them there.

use std::collections::BTreeSet;
use std::sync::{MutexGuard, PoisonError};

use jiff::Timestamp;

use super::{Core, Line, Vault, sync_points};
use crate::catalog::Restored;
use crate::error::Error;
use crate::id::Id;

impl Vault {
    /// The latest time in the older copy that was put back, or in a catalog that has lost what was written last, until it is said what
    /// becomes of newer ones.
    pub fn restored_copy(&self) -> Option<Timestamp> {
        self.core.restored().as_ref().map(|restored| restored.made)
    }

    /// How many recordings the catalog has lost, until it is said what becomes of what is left of them; none where it has lost nothing,
    /// or an older copy of all of the data folder was put back. None at all are lost where only details of the ledger's lines are, or
    /// what was changed.
    pub fn lost_recordings(&self) -> Option<u64> {
        self.core.restored().as_ref().and_then(|restored| restored.lost)
    }

    /// Destroys the keys of all that was kept after the older copy was made and before it was put back, or that the catalog has lost, and
    /// what is left of it: newer copies of the data folder open nothing of it any more. What this vault holds is not touched.
    /// Irrecoverable when this returns, and told of by that line first. That somebody agreed is written down with the line; from then
    /// on the same again, or the next start, finishes it, and no other line is made.
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
        let _one_at_a_time = sync_points::alone(&self.owing).await;
        let Some(restored) = self.restored().clone() else { return Ok(None) };
        if restored.agreed {
            return Ok(Some(restored));
        }
        let line = self.seal_line(line).await?;
        let agreed = Restored { agreed: true, ..restored };
        if let Err(why) = self.catalog.set_restored(Some(&agreed), Some(&line.owed(self))).await {
            self.discard_payloads(&line.detail.rows).await;
            return Err(why);
        }
        *self.restored() = Some(agreed.clone());
        Ok(Some(agreed))
    }

    /// Destroys what no row owns among the ids that were given out before the copy was put back. It can be done again.
    pub(super) async fn end_newer_copies(&self, restored: &Restored) -> Result<(), Error> {
        let _one_at_a_time = sync_points::alone(&self.erasing).await;
        let (moments, recordings) = self.catalog.all_ids().await?;
        let owned: BTreeSet<Id> = moments.into_iter().chain(recordings).collect();
        let below = restored.below;
        self.on_keys(move |strongbox| strongbox.puncture_unowned(&owned, below)).await?;
        sync_points::at("the keys that no row owns are gone").await;
        let orphans = self.orphans().clone();
        self.blobs.delete_all(&orphans).await?;
        self.catalog.set_restored(None, None).await?;
        *self.restored() = None;
        self.orphans().clear();
        Ok(())
    }

    fn restored(&self) -> MutexGuard<'_, Option<Restored>> {
        self.restored.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What no recording owned when the vault was opened, and is not cleared away yet.
    fn orphans(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.orphans.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
