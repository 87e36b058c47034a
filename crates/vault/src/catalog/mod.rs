//! The catalog: what there is, and nothing of what it says.
//!
//! SQLite in WAL mode, every commit durable. One connection writes, so its transactions follow one another; readers run
//! beside it. The statements are portable (`$1`, BIGINT, BYTEA, TEXT), so that PostgreSQL can run the same ones.

mod anchor;
mod bases;
mod composed;
mod erase;
mod expire;
mod find;
mod holds;
mod insert;
mod looks;
mod migrate;
mod owed;
mod packed;
mod restored;
mod rows;
mod state;
mod waiting;

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection as _, QueryBuilder, Sqlite, Transaction};

use crate::database_place::DatabasePlace;
use crate::error::Error;
use crate::faults;
use crate::id::Id;
use crate::last_write::LastWrite;
use crate::watermark::{Watermark, WatermarkFile};

pub(crate) use erase::{Doomed, Erasure, NewErasure};
pub(crate) use insert::Writing;
pub(crate) use looks::Marked;
pub use migrate::{Migration, MigrationError, migrate};
pub(crate) use owed::OwedRow;
pub(crate) use restored::Restored;
pub(crate) use rows::{NewRow, Place, Row, SeenBy};
pub(crate) use state::State;

/// Each is in its file as it was released, and never changes.
const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "catalog", sql: include_str!("../../migrations/0001_catalog.sql") },
    Migration { version: 2, name: "receipts", sql: include_str!("../../migrations/0002_receipts.sql") },
    Migration {
        version: 3,
        name: "large_catalogs",
        sql: include_str!("../../migrations/0003_large_catalogs.sql"),
    },
    Migration { version: 4, name: "holds", sql: include_str!("../../migrations/0004_holds.sql") },
    Migration { version: 5, name: "clock", sql: include_str!("../../migrations/0005_clock.sql") },
    Migration { version: 6, name: "restored", sql: include_str!("../../migrations/0006_restored.sql") },
    Migration { version: 7, name: "bases", sql: include_str!("../../migrations/0007_bases.sql") },
    Migration { version: 8, name: "owed", sql: include_str!("../../migrations/0008_owed.sql") },
    Migration { version: 9, name: "watermark", sql: include_str!("../../migrations/0009_watermark.sql") },
];

/// Ids in one statement: well below what SQLite and PostgreSQL take as parameters.
const CHUNK: usize = 500;

/// How much of a database each connection keeps in memory, in SQLite's words: 256 KiB. With SQLite's own 2 MB the connections of a hub
/// would fill 14 MB in their first day, and read no faster: what they read anew comes from the system's cache.
pub const PAGES_CACHED: &str = "-256";

/// The open catalog.
pub(crate) struct Catalog {
    writer: SqlitePool,
    readers: SqlitePool,
    /// Begins a new WAL after the old one was emptied. What it writes means nothing, and need not be durable.
    beginner: SqlitePool,
    path: PathBuf,
    /// Where its file has to stay.
    place: DatabasePlace,
    /// Where it is noted, beside the catalog, how much was written.
    watermark: Option<WatermarkFile>,
    last_write: LastWrite,
}

impl Catalog {
    /// Makes a catalog where there is none.
    pub(crate) async fn create(path: &Path) -> Result<Catalog, Error> {
        faults::write(path).map_err(Error::io("make", path))?;
        Catalog::connect(path, true).await
    }

    /// Opens the catalog, and brings an older one up to date.
    pub(crate) async fn open(path: &Path) -> Result<Catalog, Error> {
        if !path.exists() {
            return Err(Error::BadCatalog("is missing".into()));
        }
        Catalog::connect(path, false).await
    }

    async fn connect(path: &Path, create: bool) -> Result<Catalog, Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(create)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .pragma("secure_delete", "ON")
            .pragma("temp_store", "MEMORY")
            .pragma("cache_size", PAGES_CACHED);
        let place = DatabasePlace::of(path);
        let pool = |connections| place.held_to(SqlitePoolOptions::new().max_connections(connections));
        let writer =
            whole_again(pool(1)).max_lifetime(None).idle_timeout(None).connect_with(options.clone()).await?;
        if !create && !holds_catalog(&writer).await? {
            return Err(Error::BadCatalog("was emptied".into()));
        }
        migrate(MIGRATIONS, &writer).await.map_err(|why| migration_error(path, why))?;
        let beginner =
            whole_again(pool(1)).connect_with(options.clone().synchronous(SqliteSynchronous::Normal)).await?;
        let readers = pool(4).connect_with(options.read_only(true).optimize_on_close(false, None)).await?;
        place.remember();
        Ok(Catalog {
            writer,
            readers,
            beginner,
            path: path.to_owned(),
            place,
            watermark: None,
            last_write: LastWrite::default(),
        })
    }

    /// Begins a transaction that writes.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, Error> {
        let begun = self.writing().await?.begin_with("BEGIN IMMEDIATE").await;
        Ok(begun.inspect_err(|why| self.last_write.did_not_begin(why))?)
    }

    /// Why nothing can be written, where the last transaction did not reach the disk and another one, which means nothing, does not either.
    pub(crate) async fn write_trouble(&self) -> Option<Error> {
        self.last_write.trouble(async { self.commit(self.begin().await?).await }).await
    }

    /// Has the strongbox note from now on how much was written.
    pub(crate) fn note_in(&mut self, watermark: WatermarkFile) {
        self.watermark = Some(watermark);
    }

    /// Makes a transaction durable, and then notes in the strongbox how much was written: in this order, so that a catalog which says
    /// less than the strongbox has lost something.
    async fn commit(&self, mut transaction: Transaction<'static, Sqlite>) -> Result<(), Error> {
        let (writes, recordings): (i64, i64) =
            sqlx::query_as("UPDATE state SET writes = writes + 1 RETURNING writes, recordings")
                .fetch_optional(&mut *transaction)
                .await?
                .ok_or_else(no_state)?;
        let ended = transaction.commit().await;
        self.last_write.ended(ended.as_ref().copied());
        ended?;
        // It may have been removed meanwhile.
        self.stay().await?;
        if let Some(file) = &self.watermark {
            let mark = Watermark { writes: writes.unsigned_abs(), recordings: recordings.unsigned_abs() };
            file.note(mark).await;
        }
        Ok(())
    }

    /// The connection that writes, for a single statement.
    async fn writing(&self) -> Result<&SqlitePool, Error> {
        faults::write(&self.path).map_err(Error::io("write", &self.path))?;
        self.stay().await?;
        Ok(&self.writer)
    }

    /// Sees to it that what is written can be found: where the file was removed it is written anew from what is open.
    ///
    /// # Errors
    /// [`Error::NotInPlace`] where it cannot be.
    pub(crate) async fn stay(&self) -> Result<(), Error> {
        self.place.stay(&self.writer).await.map_err(|why| {
            tracing::error!(%why, file = %self.path.display(), "it is not where it was opened, and could not be written anew");
            Error::NotInPlace(self.path.clone())
        })
    }

    /// Where its file has to stay.
    pub(crate) fn place(&self) -> &DatabasePlace {
        &self.place
    }

    /// Closes every connection; the WAL is written back.
    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.beginner.close().await;
        self.writer.close().await;
    }

    /// Writes the WAL back and empties it, so that what was deleted lies in no file any more.
    /// Waits for readers; `false` when one of them held on for too long, and the next sweep does it.
    ///
    /// The header of a new WAL takes an fsync of its own. It is written now, for else the next deletion would have one more to
    /// wait for before anything is irrecoverable.
    pub(crate) async fn truncate_wal(&self) -> Result<bool, Error> {
        let (busy, _, _): (i64, i64, i64) =
            sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&self.writer).await?;
        if busy == 0 {
            sqlx::query("UPDATE wal SET begun = begun + 1").execute(&self.beginner).await?;
        }
        Ok(busy == 0)
    }
}

/// Connections that come back from work in the state in which they were lent. One whose transaction could neither be committed nor
/// rolled back, because the disk failed under it, would refuse every later one: it is closed, and the next is a new one.
pub fn whole_again(pool: SqlitePoolOptions) -> SqlitePoolOptions {
    pool.after_release(|connection, _| {
        Box::pin(async move {
            // What was dropped half-way is rolled back before this is answered.
            connection.ping().await?;
            Ok(!connection.is_in_transaction())
        })
    })
}

/// Whether there is a catalog in a database. One that was emptied is a good database with nothing in it: taken for a new one, all that is
/// kept would belong to nobody, and be cleared away.
async fn holds_catalog(writer: &SqlitePool) -> Result<bool, Error> {
    let found = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'state')";
    Ok(sqlx::query_scalar(found).fetch_one(writer).await?)
}

/// The one row of `state` is gone: without it nobody knows how far the catalog has come.
fn no_state() -> Error {
    Error::BadCatalog("has lost the row that says how far it has come and what time it was last".into())
}

fn migration_error(path: &Path, why: MigrationError) -> Error {
    match why {
        MigrationError::Newer { found, known } => Error::Newer { path: path.into(), found, known },
        MigrationError::Damaged(why) => Error::BadCatalog(format!("is damaged ({why})")),
        MigrationError::Failed(why) => Error::Catalog(why),
    }
}

/// Appends `($1, $2, …)`.
fn push_ids(query: &mut QueryBuilder<Sqlite>, ids: &[Id]) {
    query.push("(");
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(id.to_db());
    }
    query.push(")");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_damaged_catalog_is_called_that_with_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalog.sqlite");
        Catalog::create(&path).await.unwrap().close().await;
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[..100].fill(0x5a);
        std::fs::write(&path, bytes).unwrap();
        let why = Catalog::open(&path).await.map(drop).unwrap_err().to_string();
        assert!(why.contains("catalog.sqlite") && why.contains("is damaged"), "{why}");
        assert!(why.contains("newest copy of the data folder") && !why.contains("free space"), "{why}");
    }

    #[tokio::test]
    async fn a_catalog_of_a_newer_release_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalog.sqlite");
        let catalog = Catalog::create(&path).await.unwrap();
        sqlx::query(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES (99, 'later', TRUE, $1, 0)",
        )
        .bind(vec![0u8; 48])
        .execute(&catalog.writer)
        .await
        .unwrap();
        catalog.close().await;
        let refused = Catalog::open(&path).await.err().unwrap();
        assert!(matches!(refused, Error::Newer { found: 99, known: 9, .. }), "{refused}");
    }

    #[tokio::test]
    async fn whatever_rots_of_what_a_catalog_says_of_its_migrations_the_way_out_is_said() {
        for rot in [
            "UPDATE _sqlx_migrations SET version = 131075 WHERE version = 3",
            "UPDATE _sqlx_migrations SET checksum = X'00' WHERE version = 4",
            "UPDATE _sqlx_migrations SET success = FALSE WHERE version = 9",
            "UPDATE _sqlx_migrations SET version = 'x' WHERE version = 2",
            "DELETE FROM _sqlx_migrations WHERE version = 5",
            "DROP TABLE _sqlx_migrations",
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("catalog.sqlite");
            let catalog = Catalog::create(&path).await.unwrap();
            sqlx::query(rot).execute(&catalog.writer).await.unwrap();
            catalog.close().await;
            let refused = Catalog::open(&path).await.map(drop).unwrap_err();
            assert!(refused.is_catalog_damage(), "{rot}: {refused}");
            let why = refused.to_string();
            assert!(
                why.contains("newest copy of the data folder") && !why.contains("free space"),
                "{rot}: {why}"
            );
        }
        let missing = Catalog::open(Path::new("/nowhere/catalog.sqlite")).await.map(drop).unwrap_err();
        let why = missing.to_string();
        assert!(why.contains("is missing: put the newest copy of the data folder"), "{why}");
    }

    /// A disk that fails while a transaction is written has SQLite roll it back by itself: then it can be neither committed nor rolled
    /// back.
    #[tokio::test]
    async fn a_connection_whose_transaction_the_disk_took_away_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::create(&folder.path().join("catalog.sqlite")).await.unwrap();
        for pool in [&catalog.writer, &catalog.beginner] {
            let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
            sqlx::query("ROLLBACK").execute(&mut *transaction).await.unwrap();
            transaction.commit().await.unwrap_err();
            pool.begin_with("BEGIN IMMEDIATE").await.unwrap().commit().await.unwrap();
        }
        assert!(catalog.truncate_wal().await.unwrap());
    }

    #[tokio::test]
    async fn the_connection_that_writes_is_durable_and_wipes_what_it_deletes() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::create(&folder.path().join("catalog.sqlite")).await.unwrap();
        for (pragma, expected) in [
            ("secure_delete", 1),
            ("synchronous", 2),
            ("temp_store", 2),
            ("foreign_keys", 1),
            ("cache_size", -256),
        ] {
            let query = sqlx::AssertSqlSafe(format!("PRAGMA {pragma}"));
            let (value,): (i64,) = sqlx::query_as(query).fetch_one(&catalog.writer).await.unwrap();
            assert_eq!(value, expected, "{pragma}");
        }
        assert!(catalog.truncate_wal().await.unwrap());
    }
}
