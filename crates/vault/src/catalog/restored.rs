//! That an older copy of the data folder was put back, until somebody has said what is to become of newer ones.

use jiff::Timestamp;
use sqlx::Row;

use super::Catalog;
use super::owed::{OwedRow, owe};
use super::state::time;
use crate::error::Error;
use crate::id::Id;

/// An older copy that was put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Restored {
    /// Ids below this were given out before: those that no row owns belong to newer copies.
    pub(crate) below: Id,
    /// The latest time in the copy.
    pub(crate) made: Timestamp,
    /// Whether somebody has said that newer copies are to end.
    pub(crate) agreed: bool,
}

impl Catalog {
    pub(crate) async fn restored(&self) -> Result<Option<Restored>, Error> {
        let row = sqlx::query("SELECT restored_below, restored_made, restored_agreed FROM state")
            .fetch_one(&self.writer)
            .await?;
        let Some(below) = row.try_get::<Option<i64>, _>(0)? else { return Ok(None) };
        let (made, agreed) = (time(row.try_get(1)?), row.try_get::<i64, _>(2)? != 0);
        Ok(Some(Restored { below: Id::from_db(below), made, agreed }))
    }

    /// Notes it, with the line that is owed of what somebody said of it.
    pub(crate) async fn set_restored(
        &self,
        restored: Option<&Restored>,
        line: Option<&OwedRow<'_>>,
    ) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        if let Some(line) = line {
            owe(&mut transaction, line).await?;
        }
        sqlx::query("UPDATE state SET restored_below = $1, restored_made = $2, restored_agreed = $3")
            .bind(restored.map(|restored| restored.below.to_db()))
            .bind(restored.map_or(0, |restored| restored.made.as_microsecond()))
            .bind(restored.map_or(0, |restored| i64::from(restored.agreed)))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }
}
