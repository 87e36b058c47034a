//! The erasure row and what follows from it.

use std::collections::{BTreeSet, HashSet};

use jiff::Timestamp;
use sqlx::{QueryBuilder, SqliteConnection};

use super::composed::Composed;
use super::insert::insert_into;
use super::state::touch;
use super::{CHUNK, Catalog, NewRow, push_ids};
use crate::error::Error;
use crate::id::Id;

/// Exactly what an erasure takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Doomed {
    pub(crate) moments: BTreeSet<Id>,
    pub(crate) recordings: BTreeSet<Id>,
}

impl Doomed {
    pub(crate) fn is_empty(&self) -> bool {
        self.moments.is_empty() && self.recordings.is_empty()
    }
}

/// An erasure to begin.
pub(crate) struct NewErasure<'a> {
    pub(crate) doomed: &'a Doomed,
    pub(crate) reason: &'a str,
    pub(crate) asked_by: Option<&'a str>,
    pub(crate) asked_at: Timestamp,
    /// The ledger's line as it was marked, and the recording that holds its detail, which names its commitment. None where nothing is told of.
    pub(crate) line: Option<(Vec<u8>, NewRow)>,
}

/// An erasure that was begun and not finished.
#[derive(Debug)]
pub(crate) struct Erasure {
    pub(crate) id: u64,
    pub(crate) line: Option<Vec<u8>>,
    pub(crate) doomed: Doomed,
}

impl Catalog {
    /// Everything that goes when these moments are forgotten and these recordings end.
    ///
    /// A recording goes with any of its sources. A moment goes with the last recording that was made from it. Since the
    /// sources of a recording are closed, one step from moments to recordings reaches everything.
    pub(crate) async fn doom(
        &self,
        moments: BTreeSet<Id>,
        mut recordings: BTreeSet<Id>,
    ) -> Result<Doomed, Error> {
        let given: Vec<Id> = moments.iter().copied().collect();
        for chunk in given.chunks(CHUNK) {
            let mut query = QueryBuilder::new(
                "SELECT DISTINCT s.recording FROM sources s JOIN recordings r ON r.id = s.recording \
                 WHERE r.erasure IS NULL AND s.moment IN ",
            );
            push_ids(&mut query, chunk);
            let found: Vec<i64> = query.once_scalar().fetch_all(&self.readers).await?;
            recordings.extend(found.into_iter().map(Id::from_db));
        }
        let mut doomed = Doomed { moments, recordings };
        let emptied = self.emptied(&doomed).await?;
        doomed.moments.extend(emptied);
        Ok(doomed)
    }

    /// The moments that lose their last recording.
    async fn emptied(&self, doomed: &Doomed) -> Result<BTreeSet<Id>, Error> {
        let mut candidates = BTreeSet::new();
        let recordings: Vec<Id> = doomed.recordings.iter().copied().collect();
        for chunk in recordings.chunks(CHUNK) {
            let mut query = QueryBuilder::new(
                "SELECT DISTINCT s.moment FROM sources s JOIN moments m ON m.id = s.moment \
                 WHERE m.erasure IS NULL AND s.recording IN ",
            );
            push_ids(&mut query, chunk);
            let found: Vec<i64> = query.once_scalar().fetch_all(&self.readers).await?;
            candidates.extend(found.into_iter().map(Id::from_db));
        }
        let candidates: Vec<Id> = candidates.difference(&doomed.moments).copied().collect();
        let mut living = HashSet::new();
        for chunk in candidates.chunks(CHUNK) {
            let mut query = QueryBuilder::new(
                "SELECT s.moment, s.recording FROM sources s JOIN recordings r ON r.id = s.recording \
                 WHERE r.erasure IS NULL AND s.moment IN ",
            );
            push_ids(&mut query, chunk);
            let found: Vec<(i64, i64)> = query.once_as().fetch_all(&self.readers).await?;
            living.extend(
                found
                    .into_iter()
                    .filter(|(_, recording)| !doomed.recordings.contains(&Id::from_db(*recording)))
                    .map(|(moment, _)| Id::from_db(moment)),
            );
        }
        Ok(candidates.into_iter().filter(|moment| !living.contains(moment)).collect())
    }

    /// Step 1: the erasure row, durable. From here on nothing finds or releases what it takes.
    pub(crate) async fn begin_erasure(
        &self,
        new: NewErasure<'_>,
        generation: u64,
        trusted: Option<Timestamp>,
    ) -> Result<Erasure, Error> {
        let NewErasure { doomed, reason, asked_by, asked_at, line } = new;
        let (line, detail) = line.unzip();
        let mut transaction = self.begin().await?;
        let id: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(id), 0) + 1 FROM erasures")
            .fetch_one(&mut *transaction)
            .await?;
        sqlx::query(
            "INSERT INTO erasures (id, reason, asked_by, asked_at, moments, recordings, line, commitment) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(id)
        .bind(reason)
        .bind(asked_by)
        .bind(asked_at.as_microsecond())
        .bind(i64::try_from(doomed.moments.len()).unwrap_or(i64::MAX))
        .bind(i64::try_from(doomed.recordings.len()).unwrap_or(i64::MAX))
        .bind(line.as_deref())
        .bind(detail.as_ref().and_then(|detail| detail.commitment.as_ref()).map(<[u8; 32]>::as_slice))
        .execute(&mut *transaction)
        .await?;
        mark(&mut transaction, "UPDATE moments SET erasure = ", id, &doomed.moments).await?;
        mark(&mut transaction, "UPDATE recordings SET erasure = ", id, &doomed.recordings).await?;
        insert_into(&mut transaction, detail.as_slice()).await?;
        touch(&mut transaction, detail.iter().len(), detail.iter().len(), generation, trusted).await?;
        self.commit(transaction).await?;
        Ok(Erasure { id: id.unsigned_abs(), line, doomed: doomed.clone() })
    }

    /// What was begun and not finished, oldest first.
    pub(crate) async fn unfinished(&self) -> Result<Vec<Erasure>, Error> {
        let begun: Vec<(i64, Option<Vec<u8>>)> =
            sqlx::query_as("SELECT id, line FROM erasures WHERE finished IS NULL ORDER BY id")
                .fetch_all(&self.writer)
                .await?;
        let mut erasures = Vec::with_capacity(begun.len());
        for (id, line) in begun {
            let moments: Vec<i64> = sqlx::query_scalar("SELECT id FROM moments WHERE erasure = $1")
                .bind(id)
                .fetch_all(&self.writer)
                .await?;
            let recordings: Vec<i64> = sqlx::query_scalar("SELECT id FROM recordings WHERE erasure = $1")
                .bind(id)
                .fetch_all(&self.writer)
                .await?;
            let doomed = Doomed {
                moments: moments.into_iter().map(Id::from_db).collect(),
                recordings: recordings.into_iter().map(Id::from_db).collect(),
            };
            erasures.push(Erasure { id: id.unsigned_abs(), line, doomed });
        }
        Ok(erasures)
    }

    /// Step 5, first half: the blobs to delete. Computes the closure again, so that nothing made from a forgotten
    /// moment is left behind whatever happened.
    pub(crate) async fn doomed_blobs(&self, erasure: u64) -> Result<Vec<String>, Error> {
        sqlx::query(
            "UPDATE recordings SET erasure = $1 WHERE erasure IS NULL AND id IN \
             (SELECT s.recording FROM sources s JOIN moments m ON m.id = s.moment WHERE m.erasure = $1)",
        )
        .bind(erasure.cast_signed())
        .execute(self.writing().await?)
        .await?;
        Ok(sqlx::query_scalar("SELECT blob FROM recordings WHERE erasure = $1 AND blob IS NOT NULL")
            .bind(erasure.cast_signed())
            .fetch_all(&self.writer)
            .await?)
    }

    /// Step 5, second half: the rows go, and with them what the erasure row says of people.
    pub(crate) async fn finish_erasure(
        &self,
        erasure: u64,
        generation: u64,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        for statement in [
            "DELETE FROM looks WHERE recording IN (SELECT id FROM recordings WHERE erasure = $1)",
            "DELETE FROM looks WHERE look IN (SELECT id FROM recordings WHERE erasure = $1)",
            "DELETE FROM held WHERE moment IN (SELECT id FROM moments WHERE erasure = $1)",
            "DELETE FROM waiting WHERE moment IN (SELECT id FROM moments WHERE erasure = $1)",
            "DELETE FROM sources WHERE recording IN (SELECT id FROM recordings WHERE erasure = $1)",
            "DELETE FROM recordings WHERE erasure = $1",
            "DELETE FROM moments WHERE erasure = $1",
        ] {
            sqlx::query(statement).bind(erasure.cast_signed()).execute(&mut *transaction).await?;
        }
        // An older copy of the data folder may have brought back what was held; a hold on nothing is none.
        sqlx::query("DELETE FROM holds WHERE id NOT IN (SELECT hold FROM held)")
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "UPDATE erasures SET generation = $2, finished = $3, asked_by = NULL, line = NULL WHERE id = $1",
        )
        .bind(erasure.cast_signed())
        .bind(generation.cast_signed())
        .bind(now.as_microsecond())
        .execute(&mut *transaction)
        .await?;
        touch(&mut transaction, 0, 0, generation, None).await?;
        self.commit(transaction).await
    }
}

async fn mark(
    connection: &mut SqliteConnection,
    update: &'static str,
    erasure: i64,
    ids: &BTreeSet<Id>,
) -> Result<(), Error> {
    let ids: Vec<Id> = ids.iter().copied().collect();
    for chunk in ids.chunks(CHUNK) {
        let mut query = QueryBuilder::new(update);
        query.push_bind(erasure).push(" WHERE id IN ");
        push_ids(&mut query, chunk);
        query.once().execute(&mut *connection).await?;
    }
    Ok(())
}
