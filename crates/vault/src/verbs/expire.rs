//! Retention: what has ended is forgotten by the same path, under a clock that is trusted with it.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::finish::Begun;
use super::{Core, Vault, Why, sync_points};
use crate::audience::Readers;
use crate::catalog::NewErasure;
use crate::clock_guard::{Judgement, Pause};
use crate::error::Error;
use crate::forgotten::Forgotten;
use crate::id::Id;
use crate::reason::Reason;

/// How many recordings expire in one go while the disk is full.
const AT_ONCE_WHEN_FULL: usize = 1000;

/// What a run of expiry did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Expiry {
    /// What went, if anything was due.
    pub forgotten: Option<Forgotten>,
    /// What was to go before, and went now that no hold keeps it.
    pub freed: Vec<Forgotten>,
    /// Why not all of it went that may be due.
    pub paused: Option<Pause>,
}

impl Vault {
    /// Forgets what has ended for certain; see [`Vault::clock_state`]. Call it every few minutes: it also
    /// tries again what earlier deletions could not reach.
    ///
    /// `readers` may read the detail of the ledger's line. A run in which only details of ledger lines end writes no line.
    ///
    /// # Errors
    /// As for [`Vault::forget`].
    pub async fn expire(&self, readers: &Readers) -> Result<Expiry, Error> {
        let readers = readers.clone();
        self.finish(async move |core| core.expire(readers).await).await
    }
}

impl Core {
    async fn expire(&self, readers: Readers) -> Result<Expiry, Error> {
        let _one_at_a_time = sync_points::alone(&self.erasing).await;
        self.reserve.make_room();
        self.tell_owed().await?;
        self.finish_unfinished().await?;
        self.on_strongbox(|strongbox| {
            strongbox.look_over_mirrors();
            strongbox.remove_other_documents();
            Ok(())
        })
        .await?;
        self.look_over_places().await;
        // What has ended is forgotten as far as its keys can be read.
        if let Err(why) = self.look_over_keys().await {
            tracing::error!(%why, "keys that have rotted could not be put right");
        }
        let Judgement { until, pause, .. } = self.judge_clock();
        self.note_clock().await?;
        let Some(now) = until else { return Ok(Expiry { paused: pause, ..Expiry::default() }) };
        if pause.is_none() {
            self.catalog.give_back().await?;
        }
        self.catalog.end_holds(now).await?;
        let freed = self.forget_freed(&readers).await?;
        let mut due = self.catalog.due(now).await?;
        self.leave_held(&mut due).await?;
        let amount = self.amount_allowed(due.len() as u64, now).await?;
        *self.too_much.lock().unwrap_or_else(PoisonError::into_inner) = amount.clone().err();
        if let Err(pause) = amount {
            return Ok(Expiry { paused: Some(pause), freed, forgotten: None });
        }
        if self.reserve.is_tight() {
            // More would need more room than was set aside; what goes now makes room for the rest.
            due.truncate(AT_ONCE_WHEN_FULL);
        }
        let forgotten = self.forget_due(due, now, readers).await?;
        self.look_ahead(now).await?;
        Ok(Expiry { forgotten, freed, paused: pause })
    }

    async fn forget_due(
        &self,
        mut due: Vec<(Id, bool)>,
        now: Timestamp,
        readers: Readers,
    ) -> Result<Option<Forgotten>, Error> {
        let begun = {
            let _closed = sync_points::exclusively(&self.row_writes).await;
            self.leave_held(&mut due).await?;
            if due.is_empty() {
                return Ok(None);
            }
            let only_details = due.iter().all(|(_, detail)| *detail);
            let due: BTreeSet<Id> = due.into_iter().map(|(id, _)| id).collect();
            let doomed = self.catalog.doom(BTreeSet::new(), due).await?;
            if only_details {
                // A line about the end of a line would end one day too, and so on for ever.
                let silent = NewErasure {
                    doomed: &doomed,
                    reason: Reason::Expired.as_str(),
                    asked_by: None,
                    asked_at: now,
                    line: None,
                };
                let erasure = self.catalog.begin_erasure(silent, self.generation().await?, Some(now)).await?;
                self.is_gone(&doomed);
                Begun { erasure, sealed: None, by: None }
            } else {
                let why = Why { reason: Reason::Expired, by: "retention".into(), readers, stays: Vec::new() };
                self.begin(&doomed, &why, BTreeSet::new()).await?
            }
        };
        self.carry_out_begun(begun).await.map(Some)
    }

    /// Forgets what waited for the end of a hold.
    async fn forget_freed(&self, readers: &Readers) -> Result<Vec<Forgotten>, Error> {
        let mut forgotten = Vec::new();
        for (reason, by) in self.freed().await?.into_keys() {
            let begun = {
                let _closed = sync_points::exclusively(&self.row_writes).await;
                // Somebody may have held it anew.
                let Some(moments) = self.freed().await?.remove(&(reason, by.clone())) else { continue };
                let doomed = self.catalog.doom(moments, BTreeSet::new()).await?;
                let why = Why { reason, by, readers: readers.clone(), stays: Vec::new() };
                self.begin(&doomed, &why, BTreeSet::new()).await?
            };
            forgotten.push(self.carry_out_begun(begun).await?);
        }
        Ok(forgotten)
    }

    /// Leaves out what is held.
    async fn leave_held(&self, due: &mut Vec<(Id, bool)>) -> Result<(), Error> {
        let held = self.catalog.held_recordings().await?;
        due.retain(|(id, _)| !held.contains(id));
        Ok(())
    }

    async fn amount_allowed(&self, due: u64, now: Timestamp) -> Result<Result<(), Pause>, Error> {
        let state = self.catalog.state().await?;
        let mut guard = self.clock_guard.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(guard.check_amount(due, &state, now))
    }

    /// Notes how much ends within a day and a week, for the next run to be held to.
    async fn look_ahead(&self, now: Timestamp) -> Result<(), Error> {
        let day =
            |days: i64| now.saturating_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX);
        let (day, week) = (self.catalog.count_due(day(1)).await?, self.catalog.count_due(day(7)).await?);
        self.catalog.look_ahead(now, day, week).await
    }
}
