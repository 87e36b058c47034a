//! Law 4: every look is seen. A header leaves only after its line in the ledger is durable.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{MutexGuard, PoisonError};

use bytes::Bytes;
use serde_json::json;
use zeroize::Zeroizing;

use super::audit::LOOK;
use super::begun_looks::{BegunLook, BegunLooks};
use super::tasks::blocking;
use super::{Core, Vault, readable, sync_points};
use crate::audience::Readers;
use crate::catalog::{Place, Row, SeenBy};
use crate::error::Error;
use crate::id::Id;
use crate::moment::{Entry, Kind};
use crate::query::Filter;
use crate::sealed;
use crate::terms::check_word;

/// Who looks, for those concerned to see.
pub struct Look {
    /// How: one lowercase word, such as `open` or `export`. The catalog remembers it, for receipts to tell of.
    pub how: String,
    /// Who it is, from where, and how (view, listen, export, share). The vault adds the time and what was released.
    pub said: serde_json::Value,
    /// Those concerned, and how long they may read it.
    pub readers: Readers,
}

impl fmt::Debug for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Look(for {:?} until {})", self.readers.audience, self.readers.until)
    }
}

/// A look that is in the ledger, and the recordings it was at. Only [`Vault::look`] makes one.
#[derive(Clone, Debug)]
pub struct Pass {
    line: u64,
    recordings: BTreeSet<Id>,
}

impl Pass {
    /// The look's line in the ledger.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The recordings it is for.
    pub fn recordings(&self) -> impl Iterator<Item = Id> {
        self.recordings.iter().copied()
    }
}

/// Recordings that were opened without a look.
#[derive(Debug)]
pub struct Opened {
    /// The age files, in the order of [`Vault::list`].
    pub released: Vec<Released>,
    /// Those that could not be opened, each with the reason. The others were.
    pub failed: Vec<(Id, Error)>,
}

/// A recording as an ordinary age file, in its two halves.
#[derive(Clone)]
pub struct Released {
    /// What it is.
    pub entry: Entry,
    /// The age header: with the key of one of the audience it opens the payload.
    pub header: Zeroizing<Vec<u8>>,
    /// The encrypted payload.
    pub payload: Bytes,
}

impl Released {
    /// The whole age file.
    pub fn age_file(&self) -> Vec<u8> {
        [self.header.as_slice(), &self.payload].concat()
    }
}

impl fmt::Debug for Released {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Released({} {}, {} bytes)", self.entry.kind, self.entry.id, self.payload.len())
    }
}

impl Vault {
    /// Notes a look. Its line, and the sealed detail that names what was asked for, are durable in the ledger when this returns; if they
    /// cannot be written there is no look. [`Vault::fetch`] then releases its recordings one by one. The id of a moment stands for
    /// all its recordings.
    ///
    /// # Errors
    /// [`Error::Unknown`] names ids of nothing, and then there was no look; [`Error::BadInput`], [`Error::Ledger`].
    pub async fn look(&self, ids: &[Id], look: Look) -> Result<Pass, Error> {
        check_word("how somebody looks", &look.how)?;
        let ids = ids.to_vec();
        self.finish(async move |core| {
            let asked = core.recordings(&ids, &[]).await?;
            let Look { how, said, readers } = look;
            let begun = BegunLook { how, said, recordings: asked.clone() };
            let before = core.begun_looks().take(&begun, core.clock.now());
            let entry = match before {
                Some(entry) => entry,
                None => core.write_look(&begun, &readers).await?,
            };
            match core.tell_once(entry.clone()).await {
                Ok(line) => Ok(Pass { line, recordings: asked.into_iter().collect() }),
                Err(why) => {
                    core.begun_looks().add(begun, entry, core.clock.now());
                    Err(why)
                }
            }
        })
        .await
    }

    /// Releases one recording of a look that is in the ledger.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a recording that the look was not at; [`Error::Unknown`] for one that was forgotten since;
    /// [`Error::Damaged`].
    pub async fn fetch(&self, pass: &Pass, id: Id) -> Result<Released, Error> {
        if !pass.recordings.contains(&id) {
            return Err(Error::BadInput(format!("recording {id} is not part of that look")));
        }
        let row = self.core.catalog.rows(&[id]).await?.remove(&id);
        self.core.open_header(row.ok_or_else(|| Error::Unknown(vec![id]))??).await
    }

    /// Releases the details of ledger lines, as [`Vault::ledger_entries`] names them. Reading the ledger is no look.
    ///
    /// # Errors
    /// [`Error::Unknown`] names ids of nothing, and those of all else that is kept: whoever reads the ledger learns nothing of that.
    pub async fn details(&self, ids: &[Id]) -> Result<Opened, Error> {
        let asked = self.core.recordings(ids, &[Kind::Look, Kind::Line]).await?;
        self.core.open_headers(&asked).await
    }

    /// Opens what is sealed to the hub itself: a list, a timer, a voiceprint in use. That is no look, for nobody is shown it.
    ///
    /// # Errors
    /// [`Error::NotForHub`] for everything else; [`Error::Unknown`]; [`Error::Damaged`].
    pub async fn read_own(&self, id: Id) -> Result<Zeroizing<Vec<u8>>, Error> {
        let row =
            self.core.catalog.rows(&[id]).await?.remove(&id).ok_or_else(|| Error::Unknown(vec![id]))??;
        let Released { header, payload, .. } = self.core.open_header(row).await?;
        let identity = self.core.identity.clone();
        let opened = super::blocking(move || {
            sealed::open_with(&identity, &header, &payload)
                .map_err(|why| Error::damaged(id, format!("age does not open it ({why})")))
        });
        opened.await?.ok_or(Error::NotForHub(id))
    }

    /// Counts what is kept and the payloads that are there, without opening any: what takes no longer the more is kept.
    ///
    /// # Errors
    /// [`Error::Catalog`] when the catalog cannot be read; [`Error::Io`] when the payloads cannot be listed.
    pub async fn survey(&self) -> Result<Survey, Error> {
        let before = self.core.catalog.kept().await?;
        let core = self.core.clone();
        let there = blocking(move || core.blobs.count()).await?;
        let after = self.core.catalog.kept().await?;
        // What was kept or forgotten meanwhile is in one of the two counts.
        let expected = before.payloads.min(after.payloads);
        let missing = there.map_or(0, |there| expected.saturating_sub(there));
        Ok(Survey { recordings: after.recordings, bytes: after.bytes, missing })
    }

    /// The recordings among these, or of these moments, whose sealed bytes are missing. None is read.
    ///
    /// # Errors
    /// [`Error::Catalog`]; [`Error::Blobs`].
    pub async fn without_payload(&self, ids: &[Id]) -> Result<Vec<Id>, Error> {
        let filter = Filter { ids: ids.to_vec(), ..Filter::default() };
        let found = readable(self.core.catalog.find(&filter).await?);
        let all: Vec<Id> = found.iter().map(|entry| entry.id).collect();
        let mut lost = Vec::new();
        for row in self.core.catalog.rows(&all).await?.into_values().flatten() {
            if let Place::Blob(name) = &row.place
                && !self.core.blobs.is_there(name).await?
            {
                lost.push(row.entry.id);
            }
        }
        lost.sort();
        Ok(lost)
    }

    /// Opens every header and checks every payload, and names each recording that is damaged. Nothing is released.
    ///
    /// # Errors
    /// [`Error::Catalog`] when the catalog cannot be read at all.
    pub async fn check(&self) -> Result<Vec<Error>, Error> {
        let (_, recordings) = self.core.catalog.all_ids().await?;
        let mut damaged = Vec::new();
        // One at a time: payloads are large, and nothing is to be held on to.
        for id in recordings {
            for (_, why) in self.core.open_headers(&[id]).await?.failed {
                match why {
                    Error::Unknown(_) if self.core.catalog.rows(&[id]).await?.contains_key(&id) => {
                        damaged.push(Error::damaged(id, "its key is gone, though nobody has forgotten it"));
                    }
                    // It was forgotten since the list was made.
                    Error::Unknown(_) => {}
                    why => damaged.push(why),
                }
            }
        }
        Ok(damaged)
    }
}

/// What is kept, in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Survey {
    /// How many recordings are kept.
    pub recordings: u64,
    /// How many bytes their payloads have, sealed.
    pub bytes: u64,
    /// How many payloads are missing at the least.
    pub missing: u64,
}

impl Core {
    /// Writes down the detail of a look, and gives its line, which is to be appended.
    async fn write_look(&self, look: &BegunLook, readers: &Readers) -> Result<Vec<u8>, Error> {
        let BegunLook { how, said, recordings } = look;
        let said = json!({
            "v": 1, "kind": LOOK, "at": self.clock.now().to_string(), "recordings": recordings, "said": said,
        });
        let mut sealed = self.prepare_line(LOOK, Zeroizing::new(said.to_string()), readers).await?;
        for new in &mut sealed.detail.rows {
            new.seen = Some(SeenBy { how: how.clone(), recordings: recordings.clone() });
        }
        self.write(sealed.detail).await?;
        Ok(sealed.entry)
    }

    fn begun_looks(&self) -> MutexGuard<'_, BegunLooks> {
        self.begun_looks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The recordings that these ids are, or that belong to these moments, of any kind or of these; all ids must be known.
    async fn recordings(&self, ids: &[Id], kinds: &[Kind]) -> Result<Vec<Id>, Error> {
        if ids.is_empty() {
            return Err(Error::BadInput("a look needs at least one recording".into()));
        }
        let filter = Filter { ids: ids.to_vec(), kinds: kinds.to_vec(), ..Filter::default() };
        let mut known = BTreeSet::new();
        let mut recordings = Vec::new();
        for found in self.catalog.find(&filter).await? {
            match found {
                Ok(entry) => {
                    known.extend([entry.id, entry.moment]);
                    recordings.push(entry.id);
                }
                // It is named where its header is to be opened.
                Err(Error::Damaged { id, .. }) => {
                    known.insert(id);
                    recordings.push(id);
                }
                Err(why) => return Err(why),
            }
        }
        let unknown: Vec<Id> = ids.iter().copied().filter(|id| !known.contains(id)).collect();
        if unknown.is_empty() { Ok(recordings) } else { Err(Error::Unknown(unknown)) }
    }

    async fn open_headers(&self, ids: &[Id]) -> Result<Opened, Error> {
        let mut rows = self.catalog.rows(ids).await?;
        let mut opened_all = Opened { released: Vec::with_capacity(ids.len()), failed: Vec::new() };
        for &id in ids {
            let row = rows.remove(&id).unwrap_or_else(|| Err(Error::Unknown(vec![id])));
            let opened = match row {
                Ok(row) => self.open_header(row).await,
                Err(why) => Err(why),
            };
            match opened {
                Ok(released) => opened_all.released.push(released),
                Err(why) => opened_all.failed.push((id, why)),
            }
        }
        Ok(opened_all)
    }

    async fn open_header(&self, row: Row) -> Result<Released, Error> {
        let id = row.entry.id;
        let payload = match &row.place {
            Place::Inline(payload) => Bytes::copy_from_slice(payload),
            Place::Blob(name) => self
                .blobs
                .get(name)
                .await?
                .ok_or_else(|| Error::damaged(id, format!("its payload blobs/{name} is missing")))?,
        };
        if payload.len() as u64 != row.entry.size || !row.header.binds(&payload, &row.digest) {
            return Err(Error::damaged(id, "its payload is not what was written"));
        }
        sync_points::at("a payload is read").await;
        self.on_keys(move |strongbox| {
            let leaves = strongbox.leaves(row.leaf_ids()).map_err(|why| match why {
                Error::Keyring(porchlight_keyring::Error::Gone { .. }) => Error::Unknown(vec![id]),
                Error::Keyring(porchlight_keyring::Error::NeverAllocated { .. }) => {
                    Error::damaged(id, "the catalog names an id that was never given out")
                }
                why => why,
            })?;
            let header = row.header.open(&leaves, &row.binding()).ok_or_else(|| {
                Error::damaged(id, "its sealed header, or what the catalog says of it, was altered")
            })?;
            Ok(Released { entry: row.entry.clone(), header, payload: payload.clone() })
        })
        .await
    }
}
