//! Carrying out an erasure, from the puncture to the sweep. Each step can be done again after a crash.
//!
//! An erasure hides first and destroys later. So one that could not be finished is remembered until it is, with whoever asked: nobody is
//! told meanwhile that there is nothing to forget.

use std::sync::{MutexGuard, PoisonError};

use super::marks::OWED_LINE;
use super::prepared::SealedLine;
use super::unfinished::{Unfinished, UnfinishedErasure};
use super::{Core, Vault, sync_points};
use crate::catalog::Erasure;
use crate::error::Error;
use crate::forgotten::Forgotten;
use crate::id::Id;
use crate::moment::Entry;
use crate::warning::Warning;

/// A deletion that was begun just now, with what its receipt is made of.
pub(super) struct Begun {
    pub(super) erasure: Erasure,
    /// Its line; none where nothing is told of.
    pub(super) sealed: Option<SealedLine>,
    /// Who asked; none where nobody did.
    pub(super) by: Option<String>,
}

impl Vault {
    /// Finishes what was begun and could not be finished, and gives what `by` had asked for of it, each once.
    ///
    /// # Errors
    /// [`Error::NotForgotten`] when something still cannot be finished; [`Error::Catalog`].
    pub async fn finish_begun(&self, by: &str) -> Result<Vec<Forgotten>, Error> {
        let by = by.to_owned();
        self.finish(async move |core| core.finish_begun(&by).await).await
    }

    /// What these ids name of what a deletion has hidden and could not forget yet: recordings, or those of moments. What is known of them
    /// stays with them until it is done, and is for those alone who may know of them.
    ///
    /// # Errors
    /// [`Error::Catalog`].
    pub async fn hidden(&self, ids: &[Id]) -> Result<Vec<Entry>, Error> {
        let begun: Vec<u64> = self.core.unfinished_erasures().erasures.keys().copied().collect();
        Ok(super::readable(self.core.catalog.hidden(&begun, ids).await?))
    }

    /// Why what is hidden is not forgotten yet; none where nothing is.
    pub fn unfinished(&self) -> Option<Error> {
        let (recordings, why) = self.core.not_forgotten()?;
        Some(Error::NotForgotten { recordings, why })
    }

    /// Gives back what [`Vault::finish_begun`] gave and nobody could be told of.
    pub fn tell_finished_later(&self, by: &str, finished: Vec<Forgotten>) {
        self.core
            .unfinished_erasures()
            .finished
            .extend(finished.into_iter().map(|done| (by.to_owned(), done)));
    }
}

impl Core {
    async fn finish_begun(&self, by: &str) -> Result<Vec<Forgotten>, Error> {
        self.finish_open().await?;
        let mut unfinished = self.unfinished_erasures();
        let (theirs, others) =
            std::mem::take(&mut unfinished.finished).into_iter().partition(|(who, _)| who == by);
        unfinished.finished = others;
        Ok(theirs.into_iter().map(|(_, forgotten)| forgotten).collect())
    }

    /// Finishes what could not be finished before, where there is any.
    pub(super) async fn finish_open(&self) -> Result<(), Error> {
        if self.not_forgotten().is_none() {
            return Ok(());
        }
        let _one_at_a_time = sync_points::alone(&self.erasing).await;
        self.reserve.make_room();
        self.finish_unfinished().await?;
        match self.not_forgotten() {
            None => Ok(()),
            Some((recordings, why)) => Err(Error::NotForgotten { recordings, why }),
        }
    }

    /// How much was begun to be forgotten and is not, and why.
    fn not_forgotten(&self) -> Option<(usize, String)> {
        let unfinished = self.unfinished_erasures();
        let why = unfinished.erasures.values().next_back()?.why.clone();
        Some((unfinished.erasures.values().map(|one| one.recordings).sum(), why))
    }

    pub(super) fn not_forgotten_warning(&self) -> Option<Warning> {
        let (recordings, why) = self.not_forgotten()?;
        Some(Warning::NotForgotten { recordings, why })
    }

    /// Finishes what earlier calls or a crash left. One that fails again is named in the log, and holds up no other.
    pub(super) async fn finish_unfinished(&self) -> Result<(), Error> {
        for erasure in self.catalog.unfinished().await? {
            let (id, recordings) = (erasure.id, erasure.doomed.recordings.len());
            match self.carry_out(erasure, true).await {
                Ok(done) => self.is_finished(done).await?,
                Err(why) => {
                    tracing::error!(erasure = id, %why, "a deletion is not finished, and is tried again");
                    let why = why.to_string();
                    let mut unfinished = self.unfinished_erasures();
                    let asked = unfinished.erasures.remove(&id).and_then(|before| before.asked);
                    unfinished.erasures.insert(id, UnfinishedErasure { recordings, why, asked });
                }
            }
        }
        Ok(())
    }

    /// Whoever asked for it gets its receipt, though they have been told that it failed.
    async fn is_finished(&self, mut done: Forgotten) -> Result<(), Error> {
        let before = self.unfinished_erasures().erasures.remove(&done.erasure);
        if let Some((by, sealed)) = before.and_then(|before| before.asked) {
            if let Some(line) = done.line {
                done.receipt = Some(self.receipt(line, &sealed).await?);
            }
            self.unfinished_erasures().finished.push((by, done));
        }
        Ok(())
    }

    fn unfinished_erasures(&self) -> MutexGuard<'_, Unfinished> {
        self.unfinished.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Steps 2 to 5 of forgetting, and the receipt.
    pub(super) async fn carry_out_begun(&self, begun: Begun) -> Result<Forgotten, Error> {
        let Begun { erasure, sealed, by } = begun;
        let (id, recordings) = (erasure.id, erasure.doomed.recordings.len());
        match self.carry_out(erasure, false).await {
            Ok(mut done) => {
                if let (Some(line), Some(sealed)) = (done.line, sealed) {
                    done.receipt = Some(self.receipt(line, &sealed).await?);
                }
                Ok(done)
            }
            Err(error) => {
                let (why, asked) = (error.to_string(), by.zip(sealed));
                self.unfinished_erasures()
                    .erasures
                    .insert(id, UnfinishedErasure { recordings, why: why.clone(), asked });
                Err(Error::NotForgotten { recordings, why })
            }
        }
    }

    /// Steps 2 to 5 of forgetting. `again` says that some of them may have been done before.
    async fn carry_out(&self, erasure: Erasure, again: bool) -> Result<Forgotten, Error> {
        let Erasure { id, line, doomed } = erasure;

        // 2 and 3: the keys, here and then in every mirror. From the first of these on it is irrecoverable.
        let ids: Vec<Id> = doomed.moments.iter().chain(&doomed.recordings).copied().collect();
        let generation = self.on_keys(move |strongbox| strongbox.puncture(ids.iter().copied())).await?;
        let mirrors = self.mirrors(generation).await?;

        sync_points::at("the keys are gone").await;

        // 4: the line, once.
        let entry = line.and_then(|marked| {
            let entry = self.marks.read(OWED_LINE, &marked).map(<[u8]>::to_vec);
            if entry.is_none() {
                tracing::error!(erasure = id, "{}", Error::NotOurs);
            }
            entry
        });
        let line = match entry {
            None => None,
            Some(entry) if again => Some(self.tell_once(entry).await?),
            Some(entry) => Some(self.append(entry).await?),
        };
        let ledger = self.ledger.clone();
        let checkpoint = super::blocking(move || Ok(super::lock(&ledger)?.checkpoint().to_owned())).await?;

        sync_points::at("it is told of").await;

        // 5: rows, headers and payloads.
        let unswept = self.sweep(id, generation).await?;
        self.reserve.refill();
        Ok(Forgotten {
            erasure: id,
            generation,
            moments: doomed.moments.into_iter().collect(),
            recordings: doomed.recordings.into_iter().collect(),
            mirrors,
            line,
            checkpoint,
            receipt: None,
            unswept,
        })
    }

    /// Deletes what the erasure took. Its row stays open while a payload cannot be deleted; why is the answer.
    async fn sweep(&self, erasure: u64, generation: u64) -> Result<Option<String>, Error> {
        let mut unswept = None;
        for name in self.catalog.doomed_blobs(erasure).await? {
            if let Err(why) = self.blobs.delete(&name).await {
                unswept = Some(why.to_string());
            }
        }
        if unswept.is_none() {
            self.catalog.finish_erasure(erasure, generation, self.clock.now()).await?;
            self.catalog.truncate_wal().await?;
        }
        Ok(unswept)
    }
}
