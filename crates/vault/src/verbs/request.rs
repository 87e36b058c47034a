//! A request: what was said, what it asked for, and what is done with it, in one transaction.

use std::collections::BTreeSet;

use super::prepared::Prepared;
use super::{Core, Vault};
use crate::error::Error;
use crate::id::Id;
use crate::moment::{Kept, NewMoment};

/// What was said, and what comes of it.
#[derive(Debug)]
pub struct NewRequest {
    /// What was said.
    pub said: NewMoment,
    /// What it asked for: each becomes a moment that was [caused](NewMoment::caused_by) by it.
    pub asked: Vec<NewMoment>,
    /// What is done with it: moments, or recordings of them.
    pub done: Vec<Id>,
}

/// What [`Vault::keep_request`] made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRequest {
    /// What was said.
    pub said: Kept,
    /// What it asked for, in the order in which it was given.
    pub asked: Vec<Kept>,
}

impl Vault {
    /// Keeps what was said together with what it asked for: all of it is durable when this returns, or nothing is kept. What is done
    /// with it is to be forgotten from then on, by whichever comes first: a deletion that names it, or the next run of
    /// [`Vault::expire`].
    ///
    /// # Errors
    /// As for [`Vault::keep`].
    pub async fn keep_request(&self, request: NewRequest) -> Result<KeptRequest, Error> {
        self.core.reserve.check()?;
        self.finish(async move |core| core.keep_request(request).await).await
    }

    /// The moments that are to be forgotten: those that are done, and those that wait for the end of a hold.
    ///
    /// # Errors
    /// [`Error::Catalog`].
    pub async fn waiting(&self) -> Result<BTreeSet<Id>, Error> {
        Ok(self.core.catalog.waiting().await?.into_values().flatten().collect())
    }
}

impl Core {
    async fn keep_request(&self, request: NewRequest) -> Result<KeptRequest, Error> {
        let done: Vec<Id> = self.catalog.moments_of(&request.done).await?.into_values().collect();
        let prepared = self.prepare(request.said, None).await?;
        let said = prepared.kept()?;
        let mut all = vec![prepared];
        match self.prepare_asked(request.asked, said.moment, &mut all).await {
            Ok(asked) => {
                self.write_all(&all, &done).await?;
                Ok(KeptRequest { said, asked })
            }
            Err(why) => {
                for prepared in &all {
                    self.discard_payloads(&prepared.rows).await;
                }
                Err(why)
            }
        }
    }

    /// Seals what was asked for, and adds it to all that is to be written.
    async fn prepare_asked(
        &self,
        asked: Vec<NewMoment>,
        cause: Id,
        all: &mut Vec<Prepared>,
    ) -> Result<Vec<Kept>, Error> {
        let mut kept = Vec::with_capacity(asked.len());
        for moment in asked {
            let mut prepared = self.prepare(moment, None).await?;
            // The cause is not there yet: it comes in the same transaction.
            for new in &mut prepared.rows {
                new.row.entry.caused_by = Some(cause);
            }
            kept.push(prepared.kept()?);
            all.push(prepared);
        }
        Ok(kept)
    }
}
