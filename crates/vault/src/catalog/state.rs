//! What the vault remembers about itself.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sqlx::{Row, SqliteConnection};

use super::{Catalog, no_state};
use crate::clock_anchor::Anchor;
use crate::error::Error;
use crate::watermark::Watermark;

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
    /// How much was ever written here.
    pub(crate) written: Watermark,
    /// What is known of the time; none before an earlier release's catalog is opened for the first time.
    pub(crate) anchor: Option<Anchor>,
}

impl Catalog {
    pub(crate) async fn state(&self) -> Result<State, Error> {
        let row = sqlx::query("SELECT * FROM state").fetch_optional(&self.writer).await?;
        let row = row.ok_or_else(no_state)?;
        let number = |column: &str| row.try_get::<i64, _>(column);
        let anchor = match row.try_get::<Option<String>, _>("anchor_boot")? {
            None => None,
            Some(boot) => Some(Anchor {
                time: time(number("anchor_time")?),
                monotonic: Duration::from_micros(number("anchor_monotonic")?.unsigned_abs()),
                boot,
                proven: number("anchor_proven")? != 0,
                carried: SignedDuration::from_micros(number("anchor_carried")?),
            }),
        };
        Ok(State {
            generation: number("generation")?.unsigned_abs(),
            latest: time(number("latest")?),
            serving: number("serving")? != 0,
            planned_at: time(number("planned_at")?),
            planned_day: number("planned_day")?.unsigned_abs(),
            planned_week: number("planned_week")?.unsigned_abs(),
            kept_since: number("kept_since")?.unsigned_abs(),
            written: Watermark {
                writes: number("writes")?.unsigned_abs(),
                recordings: number("recordings")?.unsigned_abs(),
            },
            anchor,
        })
    }

    /// Notes whether the vault is open from now on, and the keyring's generation, which never goes back.
    pub(crate) async fn set_serving(&self, serving: bool, generation: u64) -> Result<(), Error> {
        sqlx::query(
            "UPDATE state SET serving = $1, generation = CASE WHEN generation < $2 THEN $2 ELSE generation END",
        )
        .bind(i64::from(serving))
            .bind(generation.cast_signed())
            .execute(self.writing().await?)
            .await?;
        Ok(())
    }

    /// Notes that it is `now` for certain, and what a run of expiry sees ahead.
    pub(crate) async fn look_ahead(&self, now: Timestamp, day: u64, week: u64) -> Result<(), Error> {
        sqlx::query(
            "UPDATE state SET latest = $1, planned_at = $1, planned_day = $2, planned_week = $3, kept_since = 0",
        )
        .bind(now.as_microsecond())
        .bind(day.cast_signed())
        .bind(week.cast_signed())
        .execute(self.writing().await?)
        .await?;
        Ok(())
    }
}

/// What every transaction that writes recordings notes with them, at no further cost. `details` of those `kept` are the ledger's.
pub(super) async fn touch(
    connection: &mut SqliteConnection,
    kept: usize,
    details: usize,
    generation: u64,
    trusted: Option<Timestamp>,
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE state SET kept_since = kept_since + $1, recordings = recordings + $1 - $4, \
         generation = CASE WHEN generation < $2 THEN $2 ELSE generation END, \
         latest = CASE WHEN latest < $3 THEN $3 ELSE latest END",
    )
    .bind(i64::try_from(kept).unwrap_or(i64::MAX))
    .bind(generation.cast_signed())
    .bind(trusted.map_or(i64::MIN, Timestamp::as_microsecond))
    .bind(i64::try_from(details).unwrap_or(i64::MAX))
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) fn microseconds(length: SignedDuration) -> i64 {
    i64::try_from(length.as_micros()).unwrap_or(if length.is_negative() { i64::MIN } else { i64::MAX })
}

pub(super) fn time(microseconds: i64) -> Timestamp {
    Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}
