//! Deleting as an application without a vault does: the row, durably, then the file, durably.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::bytes::random;
use super::stopwatch::{Deleted, Stopwatch};

/// Fills a table and a folder, and deletes half of what is there, one at a time.
pub(super) async fn delete(folder: &Path, times: usize, bytes: usize, wal: bool) -> Result<Vec<Deleted>> {
    let pool = open(folder, wal).await?;
    let files = folder.join("files");
    fs::create_dir(&files)?;
    for id in 0..2 * times as i64 {
        let name = format!("{id:08}");
        write_plainly(&files.join(&name), &random(bytes)?)?;
        sqlx::query("INSERT INTO recording (id, device, start, name) VALUES ($1, 'bench', $2, $3)")
            .bind(id)
            .bind(1_800_000_000 + id)
            .bind(&name)
            .execute(&pool)
            .await?;
    }
    let mut deleted = Vec::new();
    for id in (0..2 * times as i64).step_by(2) {
        deleted.push(delete_one(&pool, &files, id).await?);
    }
    pool.close().await;
    Ok(deleted)
}

async fn delete_one(pool: &SqlitePool, files: &Path, id: i64) -> Result<Deleted> {
    let stopwatch = Stopwatch::start()?;
    let (name,): (String,) =
        sqlx::query_as("DELETE FROM recording WHERE id = $1 RETURNING name").bind(id).fetch_one(pool).await?;
    fs::remove_file(files.join(name))?;
    File::open(files)?.sync_all()?;
    stopwatch.stop()
}

async fn open(folder: &Path, wal: bool) -> Result<SqlitePool> {
    let journal = if wal { SqliteJournalMode::Wal } else { SqliteJournalMode::Delete };
    let options = SqliteConnectOptions::new()
        .filename(folder.join("catalog.sqlite"))
        .create_if_missing(true)
        .journal_mode(journal)
        .synchronous(SqliteSynchronous::Full);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    sqlx::query("CREATE TABLE recording (id INTEGER PRIMARY KEY, device TEXT, start INTEGER, name TEXT)")
        .execute(&pool)
        .await?;
    sqlx::query("CREATE INDEX recording_start ON recording (start)").execute(&pool).await?;
    Ok(pool)
}

/// A new file, durable with its name.
pub(super) fn write_plainly(path: &PathBuf, bytes: &[u8]) -> Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(File::open(path.parent().context("a file lies in a folder")?)?.sync_all()?)
}
