//! Reading days of a large catalog, keeping something in it and forgetting something in it: all of it through the vault.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use porchlight_vault::{Config, Filter, Id, Kind, Selection, SystemClock, Vault};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use zeroize::Zeroizing;

use super::bytes::random;
pub(crate) use super::fill::PER_DAY;
use super::fill::{begin, catalog};
use super::forget::{audience, forget_selected, moment};
use super::stopwatch::{Deleted, Stopwatch};
use crate::amount::mixed;

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// How a day was asked for, each time with what came and how long it took.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Listed {
    /// Milliseconds that opening the vault took.
    pub(crate) open: f64,
    pub(crate) days: Vec<Day>,
    /// The newest hundred of a day.
    pub(crate) newest: Vec<Day>,
    /// What one camera saw on a day.
    pub(crate) camera: Vec<Day>,
    /// What one person said on a day.
    pub(crate) person: Vec<Day>,
}

impl Listed {
    /// Adds what another run was told.
    pub(crate) fn extend(&mut self, more: Listed) {
        self.open = more.open;
        self.days.extend(more.days);
        self.newest.extend(more.newest);
        self.camera.extend(more.camera);
        self.person.extend(more.person);
    }
}

/// One answer.
#[derive(Serialize, Deserialize)]
pub(crate) struct Day {
    pub(crate) entries: usize,
    pub(crate) milliseconds: f64,
}

/// Asks for days, anywhere among so many recordings, in each way by turns.
pub(super) async fn list(folder: &Path, recordings: u64, times: usize) -> Result<Listed> {
    let began = Instant::now();
    let vault = reopen(folder).await?;
    let mut listed = Listed { open: began.elapsed().as_secs_f64() * 1e3, ..Listed::default() };
    for turn in 0..times as u64 {
        let day = day(recordings, turn)?;
        let of_camera = Filter { devices: vec![format!("camera-{}", turn % 6)], ..day.clone() };
        let of_person = Filter { persons: vec![format!("person-{}", turn % 4)], ..day.clone() };
        let newest = Filter { limit: Some(100), ..day.clone() };
        for (answers, filter) in [
            (&mut listed.days, day),
            (&mut listed.newest, newest),
            (&mut listed.camera, of_camera),
            (&mut listed.person, of_person),
        ] {
            let began = Instant::now();
            let entries = vault.list(&filter).await?.len();
            answers.push(Day { entries, milliseconds: began.elapsed().as_secs_f64() * 1e3 });
            ensure!(entries > 0, "a day is empty");
        }
    }
    vault.close().await?;
    Ok(listed)
}

/// Keeps recordings of so many bytes.
pub(super) async fn keep(folder: &Path, times: usize, bytes: usize) -> Result<Vec<Deleted>> {
    let vault = reopen(folder).await?;
    let audience = audience(1)?;
    let new = || anyhow::Ok(moment(Kind::Voice, Zeroizing::new(random(bytes)?), &audience)?);
    // The first of a run leases its ids.
    vault.keep(new()?).await?;
    let mut kept = Vec::with_capacity(times);
    for _ in 0..times {
        let new = new()?;
        let stopwatch = Stopwatch::start()?;
        vault.keep(new).await?;
        kept.push(stopwatch.stop()?);
    }
    vault.close().await?;
    Ok(kept)
}

/// Forgets segments of film from anywhere among so many recordings, each with a file of so many bytes.
pub(super) async fn forget(
    folder: &Path,
    recordings: u64,
    times: usize,
    bytes: usize,
) -> Result<Vec<Deleted>> {
    let vault = reopen(folder).await?;
    let audience = audience(1)?;
    let mut rows = SqliteConnectOptions::new().filename(catalog(folder)).read_only(true).connect().await?;
    let mut films = Vec::with_capacity(times + 1);
    for turn in 0..=times as u64 {
        let stretch = span(recordings) / (times as u64 + 1);
        let after = turn * stretch + mixed(turn) % stretch;
        films.push(film(&mut rows, folder, begin(recordings)? + after.cast_signed(), bytes).await?);
    }
    rows.close().await?;
    // The first of a run leases the ids of the ledger's details.
    let mut films = films.into_iter();
    let first = films.next().context("there is one more than is measured")?;
    forget_selected(&vault, &Selection::Ids(vec![first]), &audience).await?;
    let mut deleted = Vec::with_capacity(times);
    for film in films {
        deleted.push(forget_selected(&vault, &Selection::Ids(vec![film]), &audience).await?);
    }
    vault.close().await?;
    Ok(deleted)
}

/// Forgets whole days, anywhere among so many recordings.
pub(super) async fn forget_days(folder: &Path, recordings: u64, times: usize) -> Result<Vec<Deleted>> {
    let vault = reopen(folder).await?;
    let audience = audience(1)?;
    let mut deleted = Vec::with_capacity(times);
    for turn in 0.. {
        let day = day(recordings, turn)?;
        // Of most of it if not of all, for it may share its hours with one that is gone.
        if vault.list(&day).await?.len() as u64 > PER_DAY / 2 {
            deleted.push(forget_selected(&vault, &Selection::Filter(day), &audience).await?);
        }
        if deleted.len() == times {
            break;
        }
        ensure!(turn < recordings / PER_DAY, "there are not {times} days left");
    }
    vault.close().await?;
    Ok(deleted)
}

/// The next film from an instant on that is still there, its file put where the catalog says that it lies.
async fn film(rows: &mut SqliteConnection, folder: &Path, from: i64, bytes: usize) -> Result<Id> {
    let (id, blob): (i64, String) = sqlx::query_as(
        "SELECT r.id, r.blob FROM moments m CROSS JOIN recordings r \
         WHERE r.moment = m.id AND m.started >= $1 AND r.kind = 'video' ORDER BY m.started LIMIT 1",
    )
    .bind(from)
    .fetch_one(rows)
    .await?;
    let path = folder.join("home/blobs").join(blob);
    fs::create_dir_all(path.parent().context("a blob lies in a folder")?)?;
    super::delete::write_plainly(&path, &random(bytes)?)?;
    Ok(Id::from(id.cast_unsigned()))
}

/// A day, anywhere among so many recordings.
fn day(recordings: u64, turn: u64) -> Result<Filter> {
    let from = begin(recordings)? + (mixed(turn) % (span(recordings) - DAY.cast_unsigned())).cast_signed();
    let at = |microsecond| Timestamp::from_microsecond(microsecond);
    Ok(Filter { from: Some(at(from)?), to: Some(at(from + DAY)?), ..Filter::default() })
}

/// Microseconds from the first of so many recordings to the last but for a day.
fn span(recordings: u64) -> u64 {
    (recordings / PER_DAY).saturating_sub(1) * DAY.cast_unsigned()
}

async fn reopen(folder: &Path) -> Result<Vault> {
    let config = Config { data: folder.join("home"), strongboxes: Vec::new(), clock: Arc::new(SystemClock) };
    Ok(Vault::open(config).await?)
}
