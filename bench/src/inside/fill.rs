//! A vault whose catalog is full.
//!
//! Keeping ten million recordings one by one would take most of an hour, so they are written in bulk: a vault is made, ids are
//! taken from its own keyring, and rows with those ids go into its own tables, with its indexes made again behind them. What
//! differs from recordings that were kept: header, digest and payload are random bytes that nothing opens, and no file lies
//! behind a blob's name until it is to be forgotten. Everything is read and forgotten through the vault alone.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};

use super::forget::open;
use super::keyring::{self, allocate};

/// Eight moments: seven segments of a camera, and one utterance with its sound, its words and the answer.
const MOMENTS: u64 = 8;
const RECORDINGS: u64 = 10;
const IDS: u64 = MOMENTS + RECORDINGS;

/// Ten years of them.
const DAYS: u64 = 3650;

/// How many recordings a day has: as many in a small catalog as in a large one, so that a day of each is the same work.
pub(crate) const PER_DAY: u64 = 2740;

/// The class of ids that are kept for eleven years.
const CLASS: u32 = 4015;

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// Makes the vault in `folder`, with a multiple of ten recordings; the first of their ids.
pub(super) async fn fill(folder: &Path, recordings: u64) -> Result<u64> {
    ensure!(recordings.is_multiple_of(RECORDINGS), "{recordings} is not a multiple of {RECORDINGS}");
    open(folder).await?.close().await?;
    let (first, generation) = ids(folder, recordings / RECORDINGS * IDS)?;

    let file = catalog(folder);
    let mut connection = SqliteConnectOptions::new()
        .filename(&file)
        .journal_mode(SqliteJournalMode::Off)
        .synchronous(SqliteSynchronous::Off)
        .foreign_keys(false)
        .pragma("locking_mode", "EXCLUSIVE")
        .pragma("cache_size", "-2000000")
        .connect()
        .await?;
    let indexes: Vec<(String, String)> = sqlx::query_as(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name <> '_sqlx_migrations'",
    )
    .fetch_all(&mut connection)
    .await?;
    for (name, _) in &indexes {
        sqlx::query(AssertSqlSafe(format!("DROP INDEX {name}"))).execute(&mut connection).await?;
    }
    insert(&mut connection, recordings, first).await?;
    for (_, sql) in indexes {
        sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await?;
    }
    // As the vault itself would have noted it with the rows.
    sqlx::query("UPDATE state SET generation = $1")
        .bind(generation.cast_signed())
        .execute(&mut connection)
        .await?;
    connection.close().await?;
    File::open(file)?.sync_all()?;
    Ok(first)
}

pub(super) fn catalog(folder: &Path) -> std::path::PathBuf {
    folder.join("home/catalog.sqlite")
}

/// When the oldest recording of so many began: the newest ends about now.
pub(super) fn begin(recordings: u64) -> Result<i64> {
    let days = (recordings / PER_DAY).min(DAYS) as i64;
    Ok(Timestamp::now().as_microsecond() - (days + 1) * DAY)
}

/// Ids of the vault's own keyring, one after the other: the first, and the generation that it is in then.
fn ids(folder: &Path, count: u64) -> Result<(u64, u64)> {
    let mut keyring = keyring::open(&folder.join("home.strongbox")).context("the strongbox does not open")?;
    let first = allocate(&mut keyring, CLASS, count)?;
    Ok((first, keyring.generation()))
}

async fn insert(connection: &mut SqliteConnection, recordings: u64, first: u64) -> Result<()> {
    // Moment i has the id `first + 18 * (i / 8) + 2 * (i % 8)`, its recordings the ids that follow.
    const K: &str = "WITH RECURSIVE k (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM k WHERE i + 1 < $1), \
         m (i, id, spoken) AS (SELECT i, $2 + 18 * (i / 8) + 2 * (i % 8), i % 8 = 7 FROM k), \
         part (n, kind) AS (VALUES (1, 'voice'), (2, 'transcript'), (3, 'reply')) ";
    let step = DAY / (PER_DAY / RECORDINGS * MOMENTS).cast_signed();
    let moments = "INSERT INTO moments (id, device, room, person, started, ended) SELECT id, \
         CASE WHEN spoken THEN 'microphone-' || (i / 8 % 2) ELSE 'camera-' || (i % 6) END, \
         CASE WHEN spoken THEN 'kitchen' ELSE 'garden' END, \
         CASE WHEN spoken THEN 'person-' || (i / 16 % 4) END, \
         $3 + i * $4, $3 + i * $4 + 4000000 FROM m";
    let recorded = "INSERT INTO recordings \
         (id, moment, kind, owner, purpose, ends, media_type, size, digest, header, payload, blob) \
         SELECT m.id + n, m.id, CASE WHEN spoken THEN kind ELSE 'video' END, \
         CASE WHEN spoken THEN 'person-' || (i / 16 % 4) END, CASE WHEN spoken THEN 'history' ELSE 'security' END, \
         $3 + i * $4 + 4014 * 86400000000, \
         CASE WHEN NOT spoken THEN 'video/mp4' WHEN n = 1 THEN 'audio/wav' ELSE 'text/plain' END, \
         CASE WHEN n = 1 THEN 96000 ELSE 200 END, randomblob(32), randomblob(230), \
         CASE WHEN n > 1 THEN randomblob(200) END, \
         CASE WHEN n = 1 THEN lower(hex(randomblob(1))) || '/' || lower(hex(randomblob(15))) END \
         FROM m CROSS JOIN part WHERE n = 1 OR spoken";
    let sources = "INSERT INTO sources (recording, moment) SELECT m.id + n, m.id \
         FROM m CROSS JOIN part WHERE n = 1 OR spoken";
    let begin = begin(recordings)?;
    for statement in [moments, recorded, sources] {
        let query = AssertSqlSafe(format!("{K}{statement}"));
        sqlx::query(query)
            .bind((recordings / RECORDINGS * MOMENTS).cast_signed())
            .bind(first.cast_signed())
            .bind(begin)
            .bind(step)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
