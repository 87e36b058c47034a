//! That newer copies of the data folder may hold what this catalog does not, until somebody has said what is to become of it.

use jiff::Timestamp;
use sqlx::{Row, SqliteConnection};

use super::Catalog;
use super::owed::{OwedRow, owe};
use super::state::time;
use crate::error::Error;
use crate::id::Id;
use crate::watermark::Watermark;

/// An older copy that was put back, or a catalog that has lost what was written last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Restored {
    /// Ids below this were given out before: those that no row owns belong to newer copies.
    pub(crate) below: Id,
    /// The latest time in the copy, or in what is left of the catalog.
    pub(crate) made: Timestamp,
    /// How many recordings the catalog has lost; none where an older copy of all of the data folder was put back.
    pub(crate) lost: Option<u64>,
    /// Whether somebody has said that newer copies are to end.
    pub(crate) agreed: bool,
}

impl Catalog {
    pub(crate) async fn restored(&self) -> Result<Option<Restored>, Error> {
        let row =
            sqlx::query("SELECT restored_below, restored_made, restored_agreed, restored_lost FROM state")
                .fetch_one(&self.writer)
                .await?;
        let Some(below) = row.try_get::<Option<i64>, _>(0)? else { return Ok(None) };
        let (made, agreed) = (time(row.try_get(1)?), row.try_get::<i64, _>(2)? != 0);
        let lost = row.try_get::<Option<i64>, _>(3)?.map(i64::unsigned_abs);
        Ok(Some(Restored { below: Id::from_db(below), made, lost, agreed }))
    }

    /// Notes it. The catalog has then written as much as the strongbox remembers, so that it is found once.
    pub(crate) async fn note_restored(&self, restored: &Restored, written: Watermark) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        put(&mut transaction, Some(restored)).await?;
        sqlx::query(
            "UPDATE state SET writes = CASE WHEN writes < $1 THEN $1 ELSE writes END, \
             recordings = CASE WHEN recordings < $2 THEN $2 ELSE recordings END",
        )
        .bind(written.writes.cast_signed())
        .bind(written.recordings.cast_signed())
        .execute(&mut *transaction)
        .await?;
        self.commit(transaction).await
    }

    /// Notes what somebody said of it, with the line that is owed of that, or that it is settled.
    pub(crate) async fn set_restored(
        &self,
        restored: Option<&Restored>,
        line: Option<&OwedRow<'_>>,
    ) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        if let Some(line) = line {
            owe(&mut transaction, line).await?;
        }
        put(&mut transaction, restored).await?;
        self.commit(transaction).await
    }
}

async fn put(connection: &mut SqliteConnection, restored: Option<&Restored>) -> Result<(), Error> {
    sqlx::query(
        "UPDATE state SET restored_below = $1, restored_made = $2, restored_agreed = $3, restored_lost = $4",
    )
    .bind(restored.map(|restored| restored.below.to_db()))
    .bind(restored.map_or(0, |restored| restored.made.as_microsecond()))
    .bind(restored.map_or(0, |restored| i64::from(restored.agreed)))
    .bind(restored.and_then(|restored| restored.lost).map(u64::cast_signed))
    .execute(connection)
    .await?;
    Ok(())
}
