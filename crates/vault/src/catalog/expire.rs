//! What ends by itself, and what an old copy brought back.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Catalog;
use crate::error::Error;
use crate::id::Id;

impl Catalog {
    /// The recordings whose end has come, with whether each is the detail of a ledger line. What was kept by a clock that was
    /// behind has no right end yet.
    pub(crate) async fn due(&self, now: Timestamp) -> Result<Vec<(Id, bool)>, Error> {
        let due: Vec<(i64, bool)> = sqlx::query_as(
            "SELECT id, kind IN ('look', 'line') FROM recordings WHERE erasure IS NULL AND behind IS NULL AND ends <= $1 \
             ORDER BY ends",
        )
        .bind(now.as_microsecond())
        .fetch_all(&self.readers)
        .await?;
        Ok(due.into_iter().map(|(id, detail)| (Id::from_db(id), detail)).collect())
    }

    /// The recordings of moments that are held, which no end date takes.
    pub(crate) async fn held_recordings(&self) -> Result<BTreeSet<Id>, Error> {
        let held: Vec<i64> =
            sqlx::query_scalar("SELECT r.id FROM held h JOIN recordings r ON r.moment = h.moment")
                .fetch_all(&self.readers)
                .await?;
        Ok(held.into_iter().map(Id::from_db).collect())
    }

    /// How many recordings end by an instant, what is held included: its hold may end before it.
    pub(crate) async fn count_due(&self, by: Timestamp) -> Result<u64, Error> {
        let count: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM recordings WHERE erasure IS NULL AND behind IS NULL AND ends <= $1",
        )
        .bind(by.as_microsecond())
        .fetch_one(&self.readers)
        .await?;
        Ok(count.unsigned_abs())
    }

    /// Every moment and every recording there is, for a start to ask the keyring which of them are gone.
    pub(crate) async fn all_ids(&self) -> Result<(BTreeSet<Id>, BTreeSet<Id>), Error> {
        let moments: Vec<i64> = sqlx::query_scalar("SELECT id FROM moments WHERE erasure IS NULL")
            .fetch_all(&self.writer)
            .await?;
        let recordings: Vec<i64> = sqlx::query_scalar("SELECT id FROM recordings WHERE erasure IS NULL")
            .fetch_all(&self.writer)
            .await?;
        Ok((
            moments.into_iter().map(Id::from_db).collect(),
            recordings.into_iter().map(Id::from_db).collect(),
        ))
    }
}
