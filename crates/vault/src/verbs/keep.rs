//! Keeping: sealed first, then the blobs, then the rows.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::prepared::Prepared;
use super::tasks::blocking;
use super::{Core, Vault, sync_points};
use crate::catalog::{NewRow, Place, Row, Writing};
use crate::error::Error;
use crate::id::Id;
use crate::moment::{Entry, Kept, NewMoment};
use crate::sealed::{self, SealedHeader};
use crate::strongbox::Strongbox;

/// A payload up to this many bytes lies in its row, so that keeping a sentence costs one fsync and no file.
const INLINE: usize = 16 * 1024;

impl Vault {
    /// Keeps a moment with its recordings; durable when it returns.
    ///
    /// The sources of a source are sources too: what is made from a recording dies with everything that one dies with.
    ///
    /// # Errors
    /// [`Error::Full`]; [`Error::BadInput`] for what cannot be kept; [`Error::SourceGone`] when a source, or what caused it, is gone or being
    /// forgotten. Then, and after any other error, nothing is kept.
    pub async fn keep(&self, moment: NewMoment) -> Result<Kept, Error> {
        self.core.reserve.check()?;
        self.finish(async move |core| core.keep(moment).await).await
    }
}

impl Core {
    pub(super) async fn keep(&self, moment: NewMoment) -> Result<Kept, Error> {
        let prepared = self.prepare(moment, None).await?;
        self.write(prepared).await
    }

    /// Seals a moment and stores its large payloads: all that comes before its rows. For the detail of a ledger line,
    /// `commitment` names the line.
    pub(super) async fn prepare(
        &self,
        moment: NewMoment,
        commitment: Option<[u8; 32]>,
    ) -> Result<Prepared, Error> {
        let now = self.clock.now();
        moment.check(now)?;
        let caused_by = match moment.caused_by {
            Some(cause) => self.live_moments(&[cause]).await?.into_iter().next(),
            None => None,
        };
        let mut sources = Vec::with_capacity(moment.recordings.len());
        for recording in &moment.recordings {
            let given = self.live_moments(&recording.sources).await?;
            sources.push(self.catalog.closure(&given).await?);
        }
        self.read_keys(sources.iter().flatten().copied().collect()).await?;
        sync_points::at("its sources are read").await;
        let (hub, strongbox) = (self.recipient(), self.strongbox.clone());
        let mut prepared = blocking(move || {
            let mut moment = NewMoment { caused_by, ..moment };
            // Before the sealing, which takes long, and needs no strongbox: a file says which recording it is.
            let (ids, settling) = {
                let mut strongbox = super::lock(&strongbox)?;
                (Ids::allocate(&mut strongbox, &moment, now)?, strongbox.settling())
            };
            settling.settle();
            let files = moment
                .recordings
                .iter_mut()
                .zip(&ids.recordings)
                .map(|(recording, id)| {
                    sealed::seal(*id, std::mem::take(&mut recording.bytes), &recording.audience, &hub)
                })
                .collect::<Result<Vec<_>, _>>()
                .map_err(|why| Error::Stopped(format!("age did not seal a recording: {why}")))?;
            let mut strongbox = super::lock(&strongbox)?;
            let rows = seal_headers(&mut strongbox, &moment, &ids, sources, files)?;
            Ok(Prepared { rows, generation: strongbox.generation() })
        })
        .await?;
        for new in &mut prepared.rows {
            new.commitment = commitment;
        }
        if let Err(why) = self.store_payloads(&mut prepared.rows).await {
            self.discard_payloads(&prepared.rows).await;
            return Err(why);
        }
        sync_points::at("it is sealed").await;
        Ok(prepared)
    }

    /// Moves what is too large for a row to the blob store.
    async fn store_payloads(&self, rows: &mut [NewRow]) -> Result<(), Error> {
        for new in rows {
            if let Place::Inline(payload) = &mut new.row.place
                && payload.len() > INLINE
            {
                let payload = std::mem::take(payload);
                new.row.place = Place::Blob(self.blobs.put(payload).await?);
            }
        }
        Ok(())
    }

    /// Deletes the payloads of rows that were not written. What cannot be deleted now, the start after a crash clears away.
    pub(super) async fn discard_payloads(&self, rows: &[NewRow]) {
        for new in rows {
            if let Place::Blob(name) = &new.row.place
                && let Err(why) = self.blobs.delete(name).await
            {
                tracing::warn!(blob = name, %why, "a payload that no recording owns could not be deleted");
            }
        }
    }

    /// Writes the rows of a moment. If that fails its payloads are deleted again.
    pub(super) async fn write(&self, prepared: Prepared) -> Result<Kept, Error> {
        let kept = prepared.kept()?;
        self.write_all(&[prepared], &[]).await?;
        Ok(kept)
    }

    /// Writes the rows of moments, with which others become done. If that fails their payloads are deleted again.
    pub(super) async fn write_all(&self, moments: &[Prepared], done: &[Id]) -> Result<(), Error> {
        let writing: Vec<_> = moments.iter().map(|prepared| self.writing(prepared)).collect();
        let written = {
            let _open = sync_points::shared(&self.row_writes).await;
            self.catalog.insert(&writing, done).await
        };
        sync_points::at("its rows are written, or refused").await;
        if let Err(why) = written {
            for prepared in moments {
                self.discard_payloads(&prepared.rows).await;
            }
            return Err(why);
        }
        Ok(())
    }

    /// What is written down of a moment, by the clock as it is.
    pub(super) fn writing<'a>(&self, Prepared { rows, generation }: &'a Prepared) -> Writing<'a> {
        let clock = self.judge_clock();
        let trusted = clock.until.filter(|_| clock.pause.is_none());
        Writing { rows, generation: *generation, trusted, behind: clock.behind }
    }

    /// The moments that these ids are, or belong to; all of them must be there.
    async fn live_moments(&self, ids: &[Id]) -> Result<Vec<Id>, Error> {
        let moments = self.catalog.moments_of(ids).await?;
        let gone: Vec<Id> = ids.iter().copied().filter(|id| !moments.contains_key(id)).collect();
        if !gone.is_empty() {
            return Err(Error::SourceGone(gone));
        }
        Ok(moments.into_values().collect::<BTreeSet<_>>().into_iter().collect())
    }
}

/// The ids of a moment and of its recordings, in their order. Of a moment that is not kept after all they are never used again.
struct Ids {
    moment: Id,
    recordings: Vec<Id>,
}

impl Ids {
    fn allocate(strongbox: &mut Strongbox, moment: &NewMoment, now: Timestamp) -> Result<Ids, Error> {
        let ends = || moment.recordings.iter().map(|recording| recording.terms.ends().at());
        // `None` is without end, so it is the last of them.
        let last = ends().max_by_key(|end| end.unwrap_or(Timestamp::MAX)).flatten();
        Ok(Ids {
            moment: strongbox.allocate(class(now, last))?,
            recordings: ends().map(|ends| strongbox.allocate(class(now, ends))).collect::<Result<_, _>>()?,
        })
    }
}

/// Seals each header under its own leaf and those of its sources.
fn seal_headers(
    strongbox: &mut Strongbox,
    moment: &NewMoment,
    ids: &Ids,
    sources: Vec<BTreeSet<Id>>,
    files: Vec<sealed::AgeFile>,
) -> Result<Vec<NewRow>, Error> {
    let mut rows = Vec::with_capacity(files.len());
    let parts = moment.recordings.iter().zip(&ids.recordings).zip(sources).zip(files);
    for (((recording, id), mut sources), file) in parts {
        sources.insert(ids.moment);
        let mark = file.payload.first_chunk().copied();
        let (start, end) = (whole_microseconds(moment.start), whole_microseconds(moment.end));
        let entry = Entry {
            id: *id,
            moment: ids.moment,
            kind: recording.kind,
            device: moment.device.clone(),
            room: moment.room.clone(),
            person: moment.person.clone(),
            start,
            end,
            seconds: end.duration_since(start).as_secs_f64(),
            owner: recording.terms.owner().clone(),
            purpose: recording.terms.purpose().clone(),
            ends: recording.terms.ends().at().map(whole_microseconds),
            sources: sources.into_iter().collect(),
            caused_by: moment.caused_by,
            size: file.payload.len() as u64,
            media_type: recording.media_type.clone(),
        };
        let mut row = Row {
            entry,
            digest: file.digest,
            header: SealedHeader(Vec::new()),
            place: Place::Inline(file.payload),
        };
        let leaves = strongbox.leaves(row.leaf_ids()).map_err(|why| match why {
            // It was forgotten between the look at the catalog and this.
            Error::Keyring(porchlight_keyring::Error::Gone { id }) => Error::SourceGone(vec![Id(id)]),
            why => why,
        })?;
        row.header = SealedHeader::seal(&file.header, &leaves, &row.binding())
            .ok_or_else(|| Error::Stopped("a header could not be sealed".into()))?;
        rows.push(NewRow { row, mark, commitment: None, seen: None });
    }
    Ok(rows)
}

/// The class of ids that end together: the days that something is kept, 0 for what has no end.
fn class(now: Timestamp, ends: Option<Timestamp>) -> u32 {
    const DAY: i64 = 24 * 60 * 60;
    let Some(ends) = ends else { return 0 };
    let seconds = ends.duration_since(now).as_secs().max(0);
    u32::try_from(seconds / DAY + 1).unwrap_or(u32::MAX)
}

/// The catalog holds microseconds, and a header is bound to what the catalog says.
pub(super) fn whole_microseconds(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use age::x25519::Identity;
    use zeroize::Zeroizing;

    use super::*;
    use crate::audience::Audience;
    use crate::moment::{Kind, NewRecording};
    use crate::terms::{Ends, Owner, Purpose, Terms};

    #[test]
    fn a_header_opens_with_all_of_its_leaves_and_with_no_fewer() {
        let folder = tempfile::tempdir().unwrap();
        let clock = std::sync::Arc::new(crate::SystemClock);
        let folders = [folder.path().join("box")];
        let mut strongbox = Strongbox::create(&folders, "home", &Default::default(), vec![], clock).unwrap();
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let sources = BTreeSet::from([strongbox.allocate(7).unwrap(), strongbox.allocate(7).unwrap()]);
        let ends = Ends::At(Timestamp::from_second(1_900_000_000).unwrap());
        let recording = NewRecording {
            kind: Kind::Voiceprint,
            terms: Terms::new(Owner::Household, Purpose::new("recognition").unwrap(), ends).unwrap(),
            audience: Audience::hub(),
            media_type: "x/y".into(),
            bytes: Zeroizing::new(b"words".to_vec()),
            sources: vec![],
        };
        let hub = Identity::generate();
        let moment = NewMoment {
            device: None,
            room: None,
            person: None,
            start: now,
            end: now,
            caused_by: None,
            recordings: vec![recording],
        };
        let given = Ids::allocate(&mut strongbox, &moment, now).unwrap();
        let recording = &moment.recordings[0];
        let (id, words) = (given.recordings[0], recording.bytes.clone());
        let file = sealed::seal(id, words, &recording.audience, &hub.to_public()).unwrap();
        let rows = seal_headers(&mut strongbox, &moment, &given, vec![sources.clone()], vec![file]).unwrap();
        let row = &rows[0].row;
        assert_eq!(row.entry.sources.len(), 3, "its own moment, and both that were given");

        let ids: Vec<Id> = row.leaf_ids().collect();
        assert_eq!(ids.len(), 4);
        let leaves = strongbox.leaves(ids.clone()).unwrap();
        assert!(row.header.open(&leaves, &row.binding()).is_some());
        for missing in 0..leaves.len() {
            let mut fewer = leaves.clone();
            fewer.remove(missing);
            assert!(row.header.open(&fewer, &row.binding()).is_none(), "without leaf {missing}");
            let mut other = leaves.clone();
            other[missing] = leaves[(missing + 1) % 4].clone();
            assert!(row.header.open(&other, &row.binding()).is_none(), "with another leaf {missing}");
        }
        for source in sources {
            strongbox.puncture([source]).unwrap();
            assert!(strongbox.leaves(ids.clone()).is_err());
        }
    }

    #[test]
    fn a_class_is_the_days_that_something_is_kept() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let after = |seconds: i64| Some(Timestamp::from_second(1_800_000_000 + seconds).unwrap());
        assert_eq!(class(now, None), 0);
        assert_eq!(class(now, after(60)), 1);
        assert_eq!(class(now, after(7 * 86_400 - 1)), 7);
        assert_eq!(class(now, after(-60)), 1);
        assert_eq!(
            class(now, Some(Timestamp::MAX)),
            u32::try_from((Timestamp::MAX.as_second() - 1_800_000_000) / 86_400 + 1).unwrap()
        );
    }
}
