//! Lines of the ledger, and their sealed details.
//!
//! A line says only what kind of event it was, and the hour. Its detail is a recording of its own, sealed to those concerned
//! and bound to the line by a salted commitment whose salt is in the detail alone.

use std::fmt;
use std::ops::Range;

use jiff::Timestamp;
use porchlight_ledger::commitment::{self, Salt};
use porchlight_ledger::{Because, Continuation, Ledger, Succession};
use serde::{Deserialize, Serialize};
use serde_json::json;
use zeroize::Zeroizing;

use super::prepared::SealedLine;
use super::tasks::{blocking, lock};
use super::{Core, Vault};
use crate::audience::Readers;
use crate::error::Error;
use crate::id::Id;
use crate::moment::{Kind, NewMoment, NewRecording};
use crate::terms::{Ends, Owner, Purpose, Terms, check_word};

/// The media type of a detail: a line of JSON with the salt, then the detail itself, to which the line commits.
const MEDIA_TYPE: &str = "application/vnd.porchlight.detail";

/// The kind of a look's line.
pub(super) const LOOK: &str = "look";

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "line")]
pub enum LedgerEntry {
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
    /// From here on another key signs.
    Succession {
        /// Where the line is in the ledger.
        index: u64,
        /// The note that both keys have signed.
        note: String,
    },
    /// A line whose bytes are damaged on the disk: what it said is lost, and its hash is known.
    Damaged {
        /// Where the line is in the ledger.
        index: u64,
    },
    /// The first line of a new tree, after an older copy of the ledger was put back, or it was damaged.
    Continuation {
        /// Where the line is in the ledger.
        index: u64,
        /// The signed checkpoint of the tree before, as it was pinned.
        checkpoint: String,
        /// Why that tree could not go on; none where an earlier release wrote the line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<Because>,
    },
}

impl Vault {
    /// Appends a line, durable when this returns, after its detail. Gives its index.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a kind that is not a word, or an end that is not in the future; [`Error::Ledger`].
    pub async fn record(&self, line: Line) -> Result<u64, Error> {
        self.finish(async move |core| {
            let sealed = core.seal_line(&line).await?;
            core.write(sealed.detail).await?;
            core.append(sealed.entry).await
        })
        .await
    }

    /// The lines of the ledger in a range of indexes, as far as there are any. A note of what each says is not in them: see
    /// [`Vault::details`].
    ///
    /// # Errors
    /// [`Error::Ledger`], [`Error::Catalog`].
    pub async fn ledger_entries(&self, range: Range<u64>) -> Result<Vec<LedgerEntry>, Error> {
        let start = range.start;
        let read =
            move |ledger: &Ledger| Ok(ledger.readable_entries(range.start..range.end.min(ledger.size()))?);
        let entries = self.ledger(read).await?;
        let mut told = Vec::with_capacity(entries.len());
        let mut commitments = Vec::new();
        for (index, entry) in (start..).zip(&entries) {
            let Some(entry) = entry else {
                told.push(LedgerEntry::Damaged { index });
                continue;
            };
            told.push(match commitment::Entry::from_bytes(entry) {
                Ok(event) => {
                    commitments.push(*event.commitment().as_bytes());
                    LedgerEntry::Event {
                        index,
                        kind: event.kind().to_owned(),
                        hour: event.hour(),
                        commitment: hex::encode(event.commitment().as_bytes()),
                        detail: None,
                    }
                }
                Err(_) => match Continuation::from_bytes(entry) {
                    Ok(Continuation { checkpoint, because, .. }) => {
                        LedgerEntry::Continuation { index, checkpoint, because }
                    }
                    Err(_) => LedgerEntry::Succession { index, note: Succession::from_bytes(entry)?.note },
                },
            });
        }
        let details = self.core.catalog.details_of(&commitments).await?;
        for told in &mut told {
            if let LedgerEntry::Event { commitment, detail, .. } = told {
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
        said: Zeroizing<String>,
        readers: &Readers,
    ) -> Result<SealedLine, Error> {
        check_word("the kind of a ledger line", kind)?;
        let now = self.clock.now();
        let (entry, salt) = commitment::commit(kind, now, said.as_bytes())?;
        let bytes = write_detail(&salt, &said);
        let moment = NewMoment {
            device: None,
            room: None,
            person: None,
            start: now,
            end: now,
            caused_by: None,
            recordings: vec![NewRecording {
                kind: if kind == LOOK { Kind::Look } else { Kind::Line },
                terms: Terms::new(Owner::Household, Purpose::new("ledger")?, Ends::At(readers.until))?,
                audience: readers.audience.clone(),
                media_type: MEDIA_TYPE.into(),
                bytes,
                sources: Vec::new(),
            }],
        };
        let detail = self.prepare(moment, Some(*entry.commitment().as_bytes())).await?;
        Ok(SealedLine { entry: entry.to_bytes(), detail, salt, said })
    }

    /// The same of a line that comes from above the vault.
    pub(super) async fn seal_line(&self, line: &Line) -> Result<SealedLine, Error> {
        self.prepare_line(&line.kind, Zeroizing::new(line.detail.to_string()), &line.readers).await
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
        let ledger = self.ledger.clone();
        blocking(move || Ok(lock(&ledger)?.index_of(&entry)?)).await
    }
}

/// The bytes of a detail: a line with the salt, and then what the ledger's line commits to.
fn write_detail(salt: &Salt, said: &str) -> Zeroizing<Vec<u8>> {
    let salt = Zeroizing::new(hex::encode(salt.as_bytes()));
    let mut bytes = Zeroizing::new(Vec::with_capacity(said.len() + 128));
    bytes.extend_from_slice(json!({ "v": 1, "salt": *salt }).to_string().as_bytes());
    bytes.push(b'\n');
    bytes.extend_from_slice(said.as_bytes());
    bytes
}

/// Reads the bytes of a detail, as [`Vault::details`] releases it, opened: the salt, and what the ledger's line commits to.
///
/// # Errors
/// [`Error::BadReceipt`] when they are not those of a detail.
pub fn read_detail(bytes: &[u8]) -> Result<(Salt, &str), Error> {
    #[derive(serde::Deserialize)]
    struct Head {
        v: u64,
        salt: String,
    }
    let bad =
        || Error::BadReceipt("the detail of its line is of a form that this release does not know".into());
    let (head, said) =
        std::str::from_utf8(bytes).ok().and_then(|text| text.split_once('\n')).ok_or_else(bad)?;
    let head: Head = serde_json::from_str(head).map_err(|_| bad())?;
    let mut salt = [0; 32];
    if head.v != 1 || hex::decode_to_slice(&head.salt, &mut salt).is_err() {
        return Err(bad());
    }
    Ok((Salt::from(salt), said))
}
