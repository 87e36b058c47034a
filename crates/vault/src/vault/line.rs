//! Lines of the ledger, and their sealed details.
//!
//! A line says only what kind of event it was, and the hour. Its detail is a recording of its own, sealed to those concerned
//! and bound to the line by a salted commitment whose salt is in the detail alone.

use std::fmt;
use std::ops::Range;

use jiff::Timestamp;
use porchlight_ledger::{Continuation, Ledger, commitment};
use serde::Serialize;
use serde_json::json;
use zeroize::Zeroizing;

use super::keep::Prepared;
use super::{Core, Vault, blocking, lock};
use crate::audience::Readers;
use crate::error::Error;
use crate::id::Id;
use crate::keeping::{Ends, Keeping, Owner, Purpose, check_word};
use crate::moment::{Kind, NewMoment, NewRecording};

/// The media type of a detail: a line of JSON with the salt, then the detail itself, to which the line commits.
const MEDIA_TYPE: &str = "application/vnd.porchlight.detail";

/// Something to note in the ledger.
pub struct Line {
    /// What kind of event, for all to see: one lowercase word such as `consent` or `sign-in`.
    pub kind: String,
    /// What happened, for those concerned.
    pub detail: serde_json::Value,
    /// Those concerned, and how long they may read it.
    pub readers: Readers,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line({:?} for {:?} until {})", self.kind, self.readers.audience, self.readers.until)
    }
}

/// One line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "line")]
pub enum Told {
    /// An event.
    Event {
        /// Where the line is in the ledger.
        index: u64,
        /// What kind of event.
        kind: String,
        /// The hour in which it happened.
        hour: Timestamp,
        /// What the line commits to, in hexadecimal.
        commitment: String,
        /// The recording that holds the detail, while it is kept; see [`Vault::details`].
        detail: Option<Id>,
    },
    /// The first line of a new tree, after an older copy of the ledger was put back.
    Continuation {
        /// Where the line is in the ledger.
        index: u64,
        /// The signed checkpoint of the tree before, as it was pinned.
        checkpoint: String,
    },
}

impl Vault {
    /// Appends a line, durable when this returns, after its detail. Gives its index.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a kind that is not a word, or an end that is not in the future; [`Error::Ledger`].
    pub async fn record(&self, line: Line) -> Result<u64, Error> {
        self.finish(async move |core| {
            let (entry, detail) = core.prepare_line(&line.kind, &line.detail, &line.readers).await?;
            core.write(detail).await?;
            core.append(entry).await
        })
        .await
    }

    /// The lines of the ledger in a range of indexes, as far as there are any. A note of what each says is not in them: see
    /// [`Vault::details`].
    ///
    /// # Errors
    /// [`Error::Ledger`], [`Error::Catalog`].
    pub async fn ledger_entries(&self, range: Range<u64>) -> Result<Vec<Told>, Error> {
        let start = range.start;
        let entries =
            self.ledger(move |ledger| Ok(ledger.entries(range.start..range.end.min(ledger.size()))?)).await?;
        let mut told = Vec::with_capacity(entries.len());
        let mut commitments = Vec::new();
        for (index, entry) in (start..).zip(&entries) {
            told.push(match commitment::Entry::from_bytes(entry) {
                Ok(event) => {
                    commitments.push(*event.commitment().as_bytes());
                    Told::Event {
                        index,
                        kind: event.kind().to_owned(),
                        hour: event.hour(),
                        commitment: hex::encode(event.commitment().as_bytes()),
                        detail: None,
                    }
                }
                Err(_) => {
                    Told::Continuation { index, checkpoint: Continuation::from_bytes(entry)?.checkpoint }
                }
            });
        }
        let details = self.core.catalog.details_of(&commitments).await?;
        for told in &mut told {
            if let Told::Event { commitment, detail, .. } = told {
                *detail =
                    hex::decode(&*commitment).ok().and_then(|commitment| details.get(&commitment).copied());
            }
        }
        Ok(told)
    }

    /// The newest signed checkpoint.
    ///
    /// # Errors
    /// [`Error::Stopped`] when the ledger is in an unknown state.
    pub async fn checkpoint(&self) -> Result<String, Error> {
        self.ledger(|ledger| Ok(ledger.checkpoint().to_owned())).await
    }

    /// Reads the ledger itself: its tiles, its proofs. Blocking work, done off the async threads.
    ///
    /// # Errors
    /// What the reading says; [`Error::Stopped`] when the ledger is in an unknown state.
    pub async fn ledger<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Ledger) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let ledger = self.core.ledger.clone();
        blocking(move || read(&*lock(&ledger)?)).await
    }
}

impl Core {
    /// Makes a line and seals its detail; neither is written yet.
    pub(super) async fn prepare_line(
        &self,
        kind: &str,
        detail: &serde_json::Value,
        readers: &Readers,
    ) -> Result<(Vec<u8>, Prepared), Error> {
        check_word("the kind of a ledger line", kind)?;
        let now = self.clock.now();
        let detail = Zeroizing::new(detail.to_string().into_bytes());
        let (entry, salt) = commitment::commit(kind, now, &detail)?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(detail.len() + 128));
        let salt = Zeroizing::new(hex::encode(salt.as_bytes()));
        bytes.extend_from_slice(json!({ "v": 1, "salt": *salt }).to_string().as_bytes());
        bytes.push(b'\n');
        bytes.extend_from_slice(&detail);
        let moment = NewMoment {
            device: None,
            room: None,
            person: None,
            start: now,
            end: now,
            caused_by: None,
            recordings: vec![NewRecording {
                kind: if kind == super::look::LOOK { Kind::Look } else { Kind::Line },
                keeping: Keeping::new(Owner::Household, Purpose::new("ledger")?, Ends::At(readers.until))?,
                audience: readers.audience.clone(),
                media_type: MEDIA_TYPE.into(),
                bytes,
                sources: Vec::new(),
            }],
        };
        let detail = self.prepare(moment, Some(*entry.commitment().as_bytes())).await?;
        Ok((entry.to_bytes(), detail))
    }

    /// Appends an entry and pins the checkpoint: both durable when this returns, in three fsyncs.
    ///
    /// The ledger stays locked until its checkpoint is pinned, so that pins follow one another as appends do.
    pub(super) async fn append(&self, entry: Vec<u8>) -> Result<u64, Error> {
        let (ledger, strongbox) = (self.ledger.clone(), self.strongbox.clone());
        blocking(move || {
            let mut ledger = lock(&ledger)?;
            let appended = ledger.append(&[entry])?;
            lock(&strongbox)?.pin_checkpoint(&appended.checkpoint)?;
            Ok(appended.first)
        })
        .await
    }

    /// The index of an entry in the open tree, looked for from its end.
    pub(super) async fn index_of(&self, entry: Vec<u8>) -> Result<Option<u64>, Error> {
        const BATCH: u64 = 4096;
        let ledger = self.ledger.clone();
        blocking(move || {
            let ledger = lock(&ledger)?;
            let mut end = ledger.size();
            while end > 0 {
                let start = end.saturating_sub(BATCH);
                if let Some(at) = ledger.entries(start..end)?.iter().position(|found| *found == entry) {
                    return Ok(Some(start + at as u64));
                }
                end = start;
            }
            Ok(None)
        })
        .await
    }
}
