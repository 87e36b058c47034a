//! Carrying out an erasure, from the puncture to the sweep. Each step can be done again after a crash.

use std::path::PathBuf;

use porchlight_ledger::Receipt;
use serde::{Deserialize, Serialize};

use super::forget::Begun;
use super::{Core, steps};
use crate::catalog::Erasure;
use crate::error::Error;
use crate::id::Id;
use crate::strongbox::Mirror;

/// What a deletion did, and what it could not reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Forgotten {
    /// The number of the erasure.
    pub erasure: u64,
    /// The keyring's generation in which the keys are gone.
    pub generation: u64,
    /// The moments that are gone.
    pub moments: Vec<Id>,
    /// The recordings that are gone, those made from the moments included.
    pub recordings: Vec<Id>,
    /// Each mirror of the strongbox: one that is pending can still open what was forgotten, in a copy of the data folder.
    pub mirrors: Vec<MirrorState>,
    /// The deletion's line in the ledger; `None` where only details of the ledger itself ended.
    pub line: Option<u64>,
    /// The signed checkpoint that covers it.
    pub checkpoint: String,
    /// The receipt; `None` where there is no line. Later ones are made of [`Vault::prove_line`](crate::Vault::prove_line).
    #[serde(skip)]
    pub receipt: Option<Receipt>,
    /// Why payloads that nobody can open any more are not deleted yet; they are tried again.
    pub unswept: Option<String>,
}

/// One mirror, and whether it has followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MirrorState {
    /// The mirror's folder.
    pub path: PathBuf,
    /// Whether it has followed.
    #[serde(flatten)]
    pub mirror: Mirror,
}

impl Core {
    /// Finishes what earlier calls or a crash left. One that fails again is named in the log, and holds up no other.
    pub(super) async fn finish_unfinished(&self) -> Result<(), Error> {
        for erasure in self.catalog.unfinished().await? {
            let id = erasure.id;
            if let Err(why) = self.carry_out(erasure, true).await {
                tracing::error!(erasure = id, %why, "a deletion is not finished, and is tried again");
            }
        }
        Ok(())
    }

    /// Steps 2 to 5 of forgetting, and the receipt.
    pub(super) async fn carry_out_begun(&self, begun: Begun) -> Result<Forgotten, Error> {
        let mut done = self.carry_out(begun.erasure, false).await?;
        if let (Some(line), Some(sealed)) = (done.line, begun.sealed) {
            done.receipt = Some(self.receipt(line, &sealed).await?);
        }
        Ok(done)
    }

    /// Steps 2 to 5 of forgetting. `again` says that some of them may have been done before.
    pub(super) async fn carry_out(&self, erasure: Erasure, again: bool) -> Result<Forgotten, Error> {
        let Erasure { id, line, doomed } = erasure;

        // 2 and 3: the keys, here and then in every mirror. From the first of these on it is irrecoverable.
        let ids: Vec<Id> = doomed.moments.iter().chain(&doomed.recordings).copied().collect();
        let generation = self.on_strongbox(move |strongbox| strongbox.puncture(ids)).await?;
        let mirrors = self.mirrors(generation).await?;

        steps::at("the keys are gone").await;

        // 4: the line, once.
        let line = match line {
            None => None,
            Some(entry) if again => Some(self.tell_once(entry).await?),
            Some(entry) => Some(self.append(entry).await?),
        };
        let ledger = self.ledger.clone();
        let checkpoint = super::blocking(move || Ok(super::lock(&ledger)?.checkpoint().to_owned())).await?;

        steps::at("it is told of").await;

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
