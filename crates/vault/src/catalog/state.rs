//! What the vault remembers about itself.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::Catalog;
use crate::error::Error;

/// The one row of `state`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// The keyring's generation, as last seen from here.
    pub(crate) generation: u64,
    /// The latest time that was trusted.
    pub(crate) latest: Timestamp,
    /// Whether the vault was not closed: a crash, or a copy taken while it was open.
    pub(crate) serving: bool,
    /// When expiry last looked ahead.
    pub(crate) planned_at: Timestamp,
    /// The recordings that it saw ending within a day of then …
    pub(crate) planned_day: u64,
    /// … and within a week.
    pub(crate) planned_week: u64,
    /// The recordings kept since then.
    pub(crate) kept_since: u64,
}

impl Catalog {
    pub(crate) async fn state(&self) -> Result<State, Error> {
        let (generation, latest, serving, planned_at, planned_day, planned_week, kept_since): (
            i64,
            i64,
            i64,
            i64,
            i64,
            i64,
            i64,
        ) = sqlx::query_as(
            "SELECT generation, latest, serving, planned_at, planned_day, planned_week, kept_since FROM state",
        )
        .fetch_one(&self.writer)
        .await?;
        Ok(State {
            generation: generation.unsigned_abs(),
            latest: time(latest),
            serving: serving != 0,
            planned_at: time(planned_at),
            planned_day: planned_day.unsigned_abs(),
            planned_week: planned_week.unsigned_abs(),
            kept_since: kept_since.unsigned_abs(),
        })
    }

    /// Notes whether the vault is open from now on, and the keyring's generation, which never goes back.
    pub(crate) async fn set_serving(&self, serving: bool, generation: u64) -> Result<(), Error> {
        sqlx::query(
            "UPDATE state SET serving = $1, generation = CASE WHEN generation < $2 THEN $2 ELSE generation END",
        )
        .bind(i64::from(serving))
            .bind(generation.cast_signed())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Notes that `now` is trusted, and what a run of expiry sees ahead.
    pub(crate) async fn look_ahead(&self, now: Timestamp, day: u64, week: u64) -> Result<(), Error> {
        sqlx::query(
            "UPDATE state SET latest = $1, planned_at = $1, planned_day = $2, planned_week = $3, kept_since = 0",
        )
        .bind(now.as_microsecond())
        .bind(day.cast_signed())
        .bind(week.cast_signed())
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// Notes a time that an adult has confirmed, even if it is earlier than what was seen before.
    pub(crate) async fn set_latest(&self, now: Timestamp) -> Result<(), Error> {
        sqlx::query("UPDATE state SET latest = $1").bind(now.as_microsecond()).execute(&self.writer).await?;
        Ok(())
    }
}

/// What every transaction that writes recordings notes with them, at no further cost.
pub(super) async fn touch(
    connection: &mut SqliteConnection,
    kept: usize,
    generation: u64,
    trusted: Option<Timestamp>,
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE state SET kept_since = kept_since + $1, \
         generation = CASE WHEN generation < $2 THEN $2 ELSE generation END, \
         latest = CASE WHEN latest < $3 THEN $3 ELSE latest END",
    )
    .bind(i64::try_from(kept).unwrap_or(i64::MAX))
    .bind(generation.cast_signed())
    .bind(trusted.map_or(i64::MIN, Timestamp::as_microsecond))
    .execute(connection)
    .await?;
    Ok(())
}

fn time(microseconds: i64) -> Timestamp {
    Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}
