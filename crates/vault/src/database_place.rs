//! A database whose file, or the WAL beside it, is removed while it is open: SQLite goes on writing, and nobody finds what it wrote
//! afterwards. That is found out before anything is acknowledged, and the file is written anew from what is open.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{Connection as _, SqliteConnection, SqlitePool};

use crate::in_place::{Found, InPlace};

/// Where an open database has to stay.
#[derive(Clone)]
pub struct DatabasePlace {
    file: PathBuf,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// The file and its folder, once they are open.
    places: Option<[InPlace; 2]>,
    /// The WAL beside it, once there is one.
    wal: Option<InPlace>,
    /// When the file was written anew last.
    renewed: Option<Instant>,
    /// What was removed: the file, or its WAL.
    removed: BTreeSet<PathBuf>,
}

impl DatabasePlace {
    /// Of a database that is about to be opened.
    pub fn of(file: &Path) -> DatabasePlace {
        DatabasePlace { file: file.to_owned(), state: Arc::default() }
    }

    /// Connections to a file that is gone are not used once it is written anew.
    pub fn held_to(&self, pool: SqlitePoolOptions) -> SqlitePoolOptions {
        let this = self.clone();
        pool.before_acquire(move |_, about| {
            let is_of_this_file = this.lock().renewed.is_none_or(|renewed| about.age < renewed.elapsed());
            Box::pin(async move { Ok(is_of_this_file) })
        })
    }

    /// Remembers what lies there, once it is open.
    pub fn remember(&self) {
        let folder = self.file.parent().unwrap_or(&self.file);
        let places = InPlace::of(&self.file).and_then(|file| Ok([file, InPlace::of(folder)?]));
        let mut state = self.lock();
        state.places = places.ok();
        state.wal = InPlace::of(&self.with_ending("-wal")).ok();
    }

    /// Whether the WAL that is open still lies there. SQLite keeps one for as long as any connection is open, and makes another after that.
    fn has_wal(&self) -> bool {
        let mut state = self.lock();
        if state.wal.as_ref().is_some_and(InPlace::is_there) {
            return true;
        }
        if state.wal.as_ref().is_some_and(InPlace::is_open) {
            return false;
        }
        state.wal = InPlace::of(&self.with_ending("-wal")).ok();
        true
    }

    /// Whether the file that is open still lies there.
    pub fn is_there(&self) -> bool {
        self.lock().places.as_ref().is_none_or(|[file, _]| file.is_there())
    }

    /// What was removed, and is written anew: the file, or its WAL.
    pub fn put_back(&self) -> Vec<PathBuf> {
        self.lock().removed.iter().cloned().collect()
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Sees to it that the database lies where it was opened: where it was removed, or its WAL was, it is written anew from a connection that has it open.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) where another file lies in its place, or its folder is not where it was; others when it cannot be
    /// written anew.
    pub async fn stay(&self, pool: &SqlitePool) -> Result<(), sqlx::Error> {
        if self.is_there() && self.has_wal() {
            return Ok(());
        }
        // Held until the file is there again: of two who find it gone one writes it.
        let mut connection = pool.acquire().await?;
        let has_wal = self.has_wal();
        let removed = if self.is_there() { self.with_ending("-wal") } else { self.file.clone() };
        let may_be_put_back = match &self.lock().places {
            Some([file, _]) if file.is_there() && has_wal => return Ok(()),
            // Without its WAL it lacks what was written last.
            Some([file, folder]) => file.found() != Found::Other && folder.is_there(),
            None => false,
        };
        if !may_be_put_back {
            return Err(sqlx::Error::Io(io::Error::new(
                ErrorKind::NotFound,
                "it is not where it was opened",
            )));
        }
        let new = self.with_ending(".new");
        self.make_empty(&new)?;
        let path = new.to_str().ok_or_else(|| io::Error::from(ErrorKind::InvalidFilename))?;
        sqlx::query("VACUUM INTO $1").bind(path).execute(&mut *connection).await?;
        // In the mode in which it is used: a connection that only reads could not put it into that.
        let options = pool.connect_options().as_ref().clone().filename(&new);
        SqliteConnection::connect_with(&options).await?.close().await?;
        File::open(&new)?.sync_all()?;
        // What belongs to the file that is gone is part of no other.
        remove([self.with_ending("-wal"), self.with_ending("-shm")])?;
        std::fs::rename(&new, &self.file)?;
        let folder = self.file.parent().unwrap_or(&self.file);
        File::open(folder)?.sync_all()?;
        self.remember();
        tracing::error!(file = %removed.display(), "it was removed while it was open, and is written anew");
        let mut state = self.lock();
        state.renewed = Some(Instant::now());
        state.removed.insert(removed);
        Ok(())
    }

    /// An empty file for its owner alone, which SQLite fills.
    fn make_empty(&self, new: &Path) -> io::Result<()> {
        let beside = ["-wal", "-shm", "-journal"].map(|end| self.with_ending(&format!(".new{end}")));
        remove(std::iter::once(new.to_owned()).chain(beside))?;
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(new).map(drop)
    }

    fn with_ending(&self, end: &str) -> PathBuf {
        let mut name = self.file.as_os_str().to_owned();
        name.push(end);
        name.into()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes files, as far as they are there.
fn remove(files: impl IntoIterator<Item = PathBuf>) -> io::Result<()> {
    files.into_iter().try_for_each(|file| match std::fs::remove_file(file) {
        Err(why) if why.kind() != ErrorKind::NotFound => Err(why),
        _ => Ok(()),
    })
}
