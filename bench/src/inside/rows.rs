//! Rows of SQLite and a file for each, as an application without a vault would forget them if it took care: `secure_delete`, the
//! write-ahead log written back and emptied, files unlinked, and every step durable.

use std::fs::{self, File};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use anyhow::Result;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqlitePool};

use super::forgets::{Forgets, bytes_in};

/// The file of a recording: one block.
const BYTES: [u8; 4096] = [7; 4096];

/// The table with its files.
pub(super) struct Rows {
    pool: SqlitePool,
    folder: PathBuf,
    /// The files of those that go next.
    doomed: Vec<PathBuf>,
}

impl Forgets for Rows {
    async fn fill(folder: &Path, recordings: u64) -> Result<()> {
        let mut connection = database(folder)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Off)
            .synchronous(SqliteSynchronous::Off)
            .connect()
            .await?;
        sqlx::query("CREATE TABLE recording (id INTEGER PRIMARY KEY, device TEXT, start INTEGER, name TEXT)")
            .execute(&mut connection)
            .await?;
        sqlx::query(
            "WITH RECURSIVE k (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM k WHERE i + 1 < $1) \
             INSERT INTO recording SELECT i, 'camera-' || i % 6, 1800000000 + 30 * i, printf('%08d', i) FROM k",
        )
        .bind(recordings.cast_signed())
        .execute(&mut connection)
        .await?;
        sqlx::query("CREATE INDEX recording_start ON recording (start)").execute(&mut connection).await?;
        Ok(connection.close().await?)
    }

    async fn open(folder: &Path, _recordings: u64) -> Result<Rows> {
        let options = database(folder)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("secure_delete", "ON")
            .pragma("temp_store", "MEMORY");
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        Ok(Rows { pool, folder: folder.to_owned(), doomed: Vec::new() })
    }

    /// Names what is to go in a table of the connection, and makes its files.
    async fn expect(&mut self, gone: &[RangeInclusive<u64>], few: bool) -> Result<()> {
        sqlx::query("DROP TABLE IF EXISTS temp.doomed").execute(&self.pool).await?;
        sqlx::query("CREATE TEMP TABLE doomed (id INTEGER PRIMARY KEY)").execute(&self.pool).await?;
        for ranges in gone.chunks(100_000) {
            let ids = serde_json::to_string(&ranges.iter().cloned().flatten().collect::<Vec<_>>())?;
            sqlx::query("INSERT INTO doomed SELECT value FROM json_each($1)")
                .bind(ids)
                .execute(&self.pool)
                .await?;
        }
        let folder = self.folder.join("files");
        fs::create_dir_all(&folder)?;
        // For millions it would be about the filesystem and nothing else.
        let with_files = if few { gone } else { &[] };
        self.doomed =
            with_files.iter().cloned().flatten().map(|id| folder.join(format!("{id:08}"))).collect();
        for path in &self.doomed {
            fs::write(path, BYTES)?;
        }
        // All of it durable, as files that lie there for long are.
        nix::unistd::sync();
        Ok(())
    }

    async fn forget(&mut self, _gone: &[RangeInclusive<u64>]) -> Result<()> {
        sqlx::query("DELETE FROM recording WHERE id IN (SELECT id FROM temp.doomed)")
            .execute(&self.pool)
            .await?;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.pool).await?;
        for path in &self.doomed {
            fs::remove_file(path)?;
        }
        Ok(File::open(self.folder.join("files"))?.sync_all()?)
    }

    fn state(&self) -> Result<f64> {
        bytes_in(&self.folder)
    }

    async fn close(self) -> Result<()> {
        self.pool.close().await;
        Ok(())
    }
}

fn database(folder: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(folder.join("catalog.sqlite"))
}
