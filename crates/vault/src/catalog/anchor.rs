//! The time that is certain, as the catalog remembers it, and the ends that were reckoned while it was not.

use jiff::SignedDuration;
use sqlx::SqliteConnection;

use super::Catalog;
use super::owed::{OwedRow, owe};
use super::state::microseconds;
use crate::clock_anchor::Anchor;
use crate::error::Error;

impl Catalog {
    /// Notes a time, and the counter's reading at it. Where there was evidence it is the latest that is trusted, even if it is
    /// earlier than what was before; and what was kept while the clock was behind gets its length back, corrected by `moved`.
    /// Where somebody's word is the evidence, with the line that is owed of it.
    pub(crate) async fn set_anchor(
        &self,
        anchor: &Anchor,
        moved: SignedDuration,
        line: Option<&OwedRow<'_>>,
    ) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        if let Some(line) = line {
            owe(&mut transaction, line).await?;
        }
        sqlx::query(
            "UPDATE state SET anchor_time = $1, anchor_monotonic = $2, anchor_boot = $3, anchor_proven = $4, \
             anchor_carried = $5, latest = CASE WHEN $4 = 1 THEN $1 ELSE latest END",
        )
        .bind(anchor.time.as_microsecond())
        .bind(i64::try_from(anchor.monotonic.as_micros()).unwrap_or(i64::MAX))
        .bind(&anchor.boot)
        .bind(i64::from(anchor.proven))
        .bind(microseconds(anchor.carried))
        .execute(&mut *transaction)
        .await?;
        if anchor.proven {
            give_back(&mut transaction, moved).await?;
        }
        self.commit(transaction).await
    }

    /// The clock is right again without having been set: what was kept while it was behind gets its length back.
    pub(crate) async fn give_back(&self) -> Result<(), Error> {
        let kept: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM recordings WHERE behind IS NOT NULL")
            .fetch_one(&self.readers)
            .await?;
        if kept > 0 {
            let mut transaction = self.begin().await?;
            give_back(&mut transaction, SignedDuration::ZERO).await?;
            self.commit(transaction).await?;
        }
        Ok(())
    }
}

/// Ends were reckoned from a clock that was behind by as much as each recording says, and by what the time was corrected since.
async fn give_back(connection: &mut SqliteConnection, moved: SignedDuration) -> Result<(), Error> {
    sqlx::query("UPDATE recordings SET ends = ends + behind + $1, behind = NULL WHERE behind IS NOT NULL")
        .bind(microseconds(moved))
        .execute(connection)
        .await?;
    Ok(())
}
