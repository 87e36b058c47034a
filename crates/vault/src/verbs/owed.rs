//! Lines of the ledger that are owed: prepared before something is done, and told once it is.
//!
//! Whoever makes a change of which the ledger is to tell prepares the line, writes it down in the same commit as the change, and tells
//! it. After a crash in between the line is told by whoever finds it written down, and never twice.

use serde::{Deserialize, Serialize};

use super::marks::{OWED_LINE, in_text, of_text};
use super::prepared::SealedLine;
use super::tasks::{blocking, lock};
use super::{Core, Line, Vault, sync_points};
use crate::catalog::OwedRow;
use crate::error::Error;
use crate::id::Id;

/// A line whose detail is written down, and which is not in the ledger yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OwedLine(String);

impl Vault {
    /// Writes down the detail of a line. The line itself has to be [told](Vault::tell); one that never is leaves a detail without a
    /// line, which ends by its own date.
    ///
    /// # Errors
    /// As for [`Vault::record`].
    pub async fn prepare_line(&self, line: Line) -> Result<OwedLine, Error> {
        self.finish(async move |core| {
            let sealed = core.seal_line(&line).await?;
            let entry = String::from_utf8(sealed.entry)
                .map_err(|_| Error::Stopped("a line of the ledger is not text".into()))?;
            core.write(sealed.detail).await?;
            Ok(OwedLine(in_text(&core.marks.mark(OWED_LINE, entry.as_bytes()))))
        })
        .await
    }

    /// Appends a line that is owed, unless it is in the ledger; durable when this returns. Gives its index.
    ///
    /// # Errors
    /// [`Error::NotOurs`] where it is not as it was prepared, [`Error::Ledger`].
    pub async fn tell(&self, line: &OwedLine) -> Result<u64, Error> {
        let marked = of_text(&line.0).ok_or(Error::NotOurs)?;
        let entry = self.core.marks.read(OWED_LINE, &marked).ok_or(Error::NotOurs)?.to_vec();
        self.finish(async move |core| core.tell_once(entry).await).await
    }
}

impl Vault {
    /// A text with its mark before it, for whoever writes it down outside the strongbox and acts on it later. `what` it is, is part of the
    /// mark; it has no zero byte in it.
    pub fn mark(&self, what: &str, text: &str) -> String {
        in_text(&self.core.marks.mark(what, text.as_bytes()))
    }

    /// The text, where it is as it was marked.
    pub fn unmark(&self, what: &str, marked: &str) -> Option<String> {
        let marked = of_text(marked)?;
        String::from_utf8(self.core.marks.read(what, &marked)?.to_vec()).ok()
    }
}

impl SealedLine {
    /// The line, as it is written down in one transaction with what it tells of.
    pub(super) fn owed<'a>(&'a self, core: &Core) -> OwedRow<'a> {
        OwedRow { entry: core.marks.mark(OWED_LINE, &self.entry), detail: core.writing(&self.detail) }
    }
}

impl Core {
    /// Tells the ledger of all that is owed and that whoever wrote it down could not tell: a crash came between, or the disk failed.
    pub(super) async fn tell_owed(&self) -> Result<(), Error> {
        let _one_at_a_time = sync_points::alone(&self.owing).await;
        for (detail, marked) in self.catalog.owed_lines().await? {
            match self.marks.read(OWED_LINE, &marked) {
                Some(entry) => drop(self.tell_once(entry.to_vec()).await?),
                None => tracing::error!("{}", Error::NotOurs),
            }
            self.catalog.line_is_told(detail).await?;
        }
        Ok(())
    }

    /// Tells the ledger of a line that was written down just now, by whoever keeps others from telling it meanwhile. What it tells of
    /// is done, whatever becomes of this: a line that cannot be appended now is owed.
    pub(super) async fn tell_new(&self, detail: Id, entry: Vec<u8>) {
        let told = async {
            self.append(entry).await?;
            self.catalog.line_is_told(detail).await
        };
        if let Err(why) = told.await {
            tracing::warn!(%why, "a line of the ledger is owed, and is appended by the next run of retention or the next start");
        }
    }

    /// Appends an entry unless it is there, and sees to it that the checkpoint that covers it is pinned.
    pub(super) async fn tell_once(&self, entry: Vec<u8>) -> Result<u64, Error> {
        match self.index_of(entry.clone()).await? {
            None => self.append(entry).await,
            Some(index) => {
                let (ledger, strongbox) = (self.ledger.clone(), self.strongbox.clone());
                blocking(move || {
                    let ledger = lock(&ledger)?;
                    lock(&strongbox)?.pin_if_other(ledger.checkpoint())
                })
                .await?;
                Ok(index)
            }
        }
    }
}
