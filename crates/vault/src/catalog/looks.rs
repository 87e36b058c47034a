//! What receipts tell of: which looks a recording was released to, and by what its remains are recognised.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sqlx::{QueryBuilder, SqliteConnection};

use super::composed::Composed;
use super::rows::SeenBy;
use super::{CHUNK, Catalog, push_ids};
use crate::error::Error;
use crate::id::Id;
use crate::moment::{Entry, Kind};
use crate::receipt::MARK_BYTES;

/// What a receipt says of a recording that goes.
pub(crate) struct Marked {
    pub(crate) id: Id,
    pub(crate) kind: Kind,
    pub(crate) mark: Option<[u8; MARK_BYTES]>,
    pub(crate) seconds: f64,
}

impl Catalog {
    /// The looks that were at any of these recordings, oldest first: the detail's id, when, how, and at how many.
    pub(crate) async fn looks_at(
        &self,
        recordings: &BTreeSet<Id>,
    ) -> Result<Vec<(Id, Timestamp, String, u64)>, Error> {
        let recordings: Vec<Id> = recordings.iter().copied().collect();
        let mut looks: BTreeMap<(i64, i64), (String, u64)> = BTreeMap::new();
        for chunk in recordings.chunks(CHUNK) {
            let mut query =
                QueryBuilder::new("SELECT looked, look, how, COUNT(*) FROM looks WHERE recording IN ");
            push_ids(&mut query, chunk);
            query.push(" GROUP BY looked, look, how");
            let found: Vec<(i64, i64, String, i64)> = query.once_as().fetch_all(&self.readers).await?;
            for (at, look, how, count) in found {
                looks.entry((at, look)).or_insert((how, 0)).1 += count.unsigned_abs();
            }
        }
        let known = looks.into_iter().map(|((at, look), (how, count))| {
            let at = Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
            (Id::from_db(look), at, how, count)
        });
        Ok(known.collect())
    }

    /// The kind, the mark and the length of each of these recordings, by id. A row whose kind cannot be read is named as a line.
    pub(crate) async fn marks(&self, recordings: &BTreeSet<Id>) -> Result<Vec<Marked>, Error> {
        let recordings: Vec<Id> = recordings.iter().copied().collect();
        let mut marks = Vec::with_capacity(recordings.len());
        for chunk in recordings.chunks(CHUNK) {
            let mut query = QueryBuilder::new(
                "SELECT r.id, r.kind, r.mark, COALESCE(m.ended - m.started, 0) FROM recordings r \
                 LEFT JOIN moments m ON m.id = r.moment WHERE r.id IN ",
            );
            push_ids(&mut query, chunk);
            query.push(" ORDER BY r.id");
            let found: Vec<(i64, String, Option<Vec<u8>>, i64)> =
                query.once_as().fetch_all(&self.readers).await?;
            marks.extend(found.into_iter().map(|(id, kind, mark, microseconds)| Marked {
                id: Id::from_db(id),
                kind: kind.parse().unwrap_or(Kind::Line),
                mark: mark.and_then(|mark| mark.try_into().ok()),
                seconds: microseconds as f64 / 1e6,
            }));
        }
        Ok(marks)
    }

    /// The erasure whose ledger line has this commitment: the generation in which its keys are gone, as far as it is noted,
    /// and whether it is finished.
    pub(crate) async fn erasure_of(
        &self,
        commitment: &[u8; 32],
    ) -> Result<Option<(Option<u64>, bool)>, Error> {
        let found: Option<(Option<i64>, Option<i64>)> =
            sqlx::query_as("SELECT generation, finished FROM erasures WHERE commitment = $1")
                .bind(commitment.as_slice())
                .fetch_optional(&self.readers)
                .await?;
        Ok(found.map(|(generation, finished)| (generation.map(i64::unsigned_abs), finished.is_some())))
    }
}

/// Notes what a look was at. What was forgotten meanwhile is left out: its header will not be released.
pub(super) async fn insert_look(
    connection: &mut SqliteConnection,
    detail: &Entry,
    seen: &SeenBy,
) -> Result<(), Error> {
    for chunk in seen.recordings.chunks(CHUNK) {
        let mut query = QueryBuilder::new("INSERT INTO looks (look, recording, looked, how) SELECT ");
        query.push_bind(detail.id.to_db()).push(", id, ");
        query.push_bind(detail.start.as_microsecond()).push(", ").push_bind(seen.how.clone());
        query.push(" FROM recordings WHERE id IN ");
        push_ids(&mut query, chunk);
        query.once().execute(&mut *connection).await?;
    }
    Ok(())
}
