//! Forgetting: what would go, and the erasure row from which there is no way back.

use std::collections::BTreeSet;
use std::sync::{MutexGuard, PoisonError};

use zeroize::Zeroizing;

use super::finish::Begun;
use super::gone::Gone;
use super::hold;
use super::marks::OWED_LINE;
use super::plans::{Planned, Plans};
use super::{Core, Vault, sync_points};
use crate::audience::Readers;
use crate::catalog::{Doomed, NewErasure};
use crate::error::Error;
use crate::forgotten::Forgotten;
use crate::hold::Hold;
use crate::id::Id;
use crate::moment::Entry;
use crate::query::{Filter, Plan, Selection, Token, check_count};
use crate::reason::Reason;
use crate::receipt::{DELETION, Deletion, Stays};
use crate::terms::check_name;

/// Who wants it forgotten, why, and who may read of it.
#[derive(Clone, Debug)]
pub struct Why {
    /// The reason.
    pub reason: Reason,
    /// Who asked: a person's id, or the hub's own.
    pub by: String,
    /// Who may read the detail of the ledger's line, and until when.
    pub readers: Readers,
    /// What was chosen besides and stays, for the receipt to name.
    pub stays: Vec<Stays>,
}

impl Vault {
    /// What a deletion would take with it, what it could take besides, and what is held. Nothing happens yet.
    ///
    /// Forgetting a recording forgets its moment, with all that was made of it and from it. The details of ledger lines are
    /// left out of a filter.
    ///
    /// # Errors
    /// [`Error::Unknown`] names ids of nothing; [`Error::Detail`] those of ledger details; [`Error::BadInput`].
    pub async fn plan(&self, what: &Selection) -> Result<Plan, Error> {
        self.core.plan(what).await
    }

    /// Forgets exactly what a plan showed, what was made from it since, and those of its effects that were chosen (by the id
    /// of the effect or of its moment). When this returns it is irrecoverable, in every copy of the data folder. What has come
    /// under a [hold](Vault::hold) since stays, and the receipt names it; for some [reasons](Reason), all that is held goes once
    /// it is released.
    ///
    /// Where nothing of it is left to forget, nothing is, and there is no line and no receipt.
    ///
    /// What could not be reached is named in the answer, and tried again with every later deletion and at every start.
    ///
    /// # Errors
    /// [`Error::NoPlan`] for a token that is used up or unknown; [`Error::BadInput`] for an effect that the plan did not
    /// offer; [`Error::Held`] when somebody asked, and all of it is held. Any other error may come after the deletion has begun: it is then finished by the next call or the next start, and [`Error::NotForgotten`] says so.
    pub async fn forget(&self, plan: &Token, effects: &[Id], why: Why) -> Result<Forgotten, Error> {
        let (plan, effects) = (plan.clone(), effects.to_vec());
        self.finish(async move |core| core.forget(&plan, &effects, why).await).await
    }

    /// All that was forgotten since this was asked last, by deletions that were only begun too: let go of it in memory.
    pub fn take_gone(&self) -> Gone {
        std::mem::take(&mut *self.core.gone.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Core {
    /// Notes that the erasure of all this is written down.
    pub(super) fn is_gone(&self, doomed: &Doomed) {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner).note(doomed);
    }

    fn plans(&self) -> MutexGuard<'_, Plans> {
        self.plans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn plan(&self, what: &Selection) -> Result<Plan, Error> {
        self.end_holds().await?;
        let chosen = match what {
            Selection::Ids(ids) => self.moments_by_id(ids).await?,
            Selection::Filter(Filter { limit: Some(_), .. }) => {
                return Err(Error::BadInput(
                    "what is to be forgotten cannot be chosen by a limit: name ids or times".into(),
                ));
            }
            Selection::Filter(filter) => self.catalog.find_moments(filter).await?,
        };
        let mut moments = chosen.clone();
        let held = self.hold_back(&mut moments).await?;
        let doomed = self.catalog.doom(moments, BTreeSet::new()).await?;
        let recordings = self.entries(&doomed.recordings).await?;
        let details: Vec<Id> =
            recordings.iter().filter(|entry| entry.kind.is_detail()).map(|entry| entry.id).collect();
        if !details.is_empty() {
            return Err(Error::Detail(details));
        }
        let effects = self.catalog.effects_of(&doomed.moments).await?;
        let offered = match effects.is_empty() {
            true => Vec::new(),
            false => {
                let dependents = self.catalog.doom(effects.clone(), BTreeSet::new()).await?.recordings;
                self.entries(&dependents.difference(&doomed.recordings).copied().collect()).await?
            }
        };
        if doomed.moments.is_empty() {
            // What was begun is hidden already: that it is not there says nothing of whether it is gone.
            self.finish_open().await?;
        }
        let token = self.plans().remember(chosen, effects)?;
        Ok(Plan { moments: doomed.moments.into_iter().collect(), recordings, effects: offered, held, token })
    }

    async fn forget(&self, token: &Token, chosen: &[Id], why: Why) -> Result<Forgotten, Error> {
        check_name("who asks", &why.by)?;
        let Planned { moments, effects: mut kept, .. } = self.plans().take(token)?;
        let mut wanted: Vec<Id> = moments.into_iter().collect();
        let chosen = self.catalog.moments_of(chosen).await?;
        for (effect, moment) in &chosen {
            if !kept.contains(moment) {
                return Err(Error::BadInput(format!("{effect} was not offered with this deletion")));
            }
        }
        for moment in chosen.into_values() {
            kept.remove(&moment);
            wanted.push(moment);
        }
        let _one_at_a_time = sync_points::alone(&self.erasing).await;
        self.reserve.make_room();
        self.finish_unfinished().await?;
        self.end_holds().await?;
        let begun = {
            let _closed = sync_points::exclusively(&self.row_writes).await;
            // What has been forgotten since the plan was made needs no second time.
            let mut live = self.catalog.moments_of(&wanted).await?.into_values().collect();
            let held = self.hold_back(&mut live).await?;
            if why.reason.waits_for_holds() && !held.is_empty() {
                self.catalog.wait_for_release(&hold::kept_by(&held), why.reason.as_str(), &why.by).await?;
            }
            if why.reason == Reason::Asked
                && live.is_empty()
                && let Some(Hold { by, until, .. }) = held.first()
            {
                return Err(Error::Held { by: by.clone(), until: *until });
            }
            let mut why = why;
            why.stays.extend(hold::stays(&held));
            let doomed = self.catalog.doom(live, BTreeSet::new()).await?;
            if doomed.is_empty() {
                // Nothing is destroyed, so the ledger has nothing to tell and no receipt could say anything.
                return self.nothing_forgotten().await;
            }
            self.begin(&doomed, &why, kept).await?
        };
        self.carry_out_begun(begun).await
    }

    /// The answer where everything is held, or is gone already.
    async fn nothing_forgotten(&self) -> Result<Forgotten, Error> {
        let ledger = self.ledger.clone();
        let checkpoint = super::blocking(move || Ok(super::lock(&ledger)?.checkpoint().to_owned())).await?;
        let (erasure, generation) = (0, self.generation().await?);
        let (moments, recordings, mirrors) = (Vec::new(), Vec::new(), Vec::new());
        let (line, receipt, unswept) = (None, None, None);
        Ok(Forgotten {
            erasure,
            generation,
            moments,
            recordings,
            mirrors,
            line,
            checkpoint,
            receipt,
            unswept,
        })
    }

    /// Writes the erasure row with the detail of its line: one transaction, and the first fsync. No rows are written meanwhile.
    pub(super) async fn begin(
        &self,
        doomed: &Doomed,
        why: &Why,
        effects_kept: BTreeSet<Id>,
    ) -> Result<Begun, Error> {
        let now = self.clock.now();
        let deletion = Deletion {
            effects_kept: effects_kept.difference(&doomed.moments).copied().collect(),
            ..self.describe(doomed, why, now).await?
        };
        let said = serde_json::to_string(&deletion)
            .map_err(|why| Error::Stopped(format!("a deletion could not be described: {why}")))?;
        let mut sealed = self.prepare_line(DELETION, Zeroizing::new(said), &why.readers).await?;
        let erasure = NewErasure {
            doomed,
            reason: why.reason.as_str(),
            asked_by: Some(&why.by),
            asked_at: now,
            line: sealed.detail.rows.pop().map(|detail| (self.marks.mark(OWED_LINE, &sealed.entry), detail)),
        };
        let erasure =
            self.catalog.begin_erasure(erasure, sealed.detail.generation, self.trusted_now().ok()).await?;
        self.is_gone(doomed);
        Ok(Begun { erasure, sealed: Some(sealed), by: why.reason.is_asked().then(|| why.by.clone()) })
    }

    pub(super) async fn moments_by_id(&self, ids: &[Id]) -> Result<BTreeSet<Id>, Error> {
        check_count(ids)?;
        if ids.is_empty() {
            return Err(Error::BadInput("nothing was named".into()));
        }
        let moments = self.catalog.moments_of(ids).await?;
        let unknown: Vec<Id> = ids.iter().copied().filter(|id| !moments.contains_key(id)).collect();
        if unknown.is_empty() { Ok(moments.into_values().collect()) } else { Err(Error::Unknown(unknown)) }
    }

    async fn entries(&self, ids: &BTreeSet<Id>) -> Result<Vec<Entry>, Error> {
        let ids: Vec<Id> = ids.iter().copied().collect();
        Ok(super::readable(self.catalog.entries_by_id(&ids).await?))
    }
}
