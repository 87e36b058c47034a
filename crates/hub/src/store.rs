//! The hub's own small database, `hub.sqlite` in the data folder: sessions, used one-time codes, what cameras missed.
//!
//! Nothing here opens a recording. A session's token is stored as a MAC under a key of the strongbox, with the person it was given to: a
//! copy of the folder signs nobody in, and neither does whoever can write to it.

mod device_credentials;
mod guesses;
mod live_looks;
mod missed;
mod passkeys;
mod sessions;
mod sift;
mod written;

use std::io::ErrorKind;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use porchlight_household::sign_in::totp;
use porchlight_vault::{
    DatabasePlace, Error as VaultError, LastWrite, Migration, MigrationError, PAGES_CACHED, WatermarkFile,
    is_damaged, migrate, whole_again, write_whole,
};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, SqlitePool};
use tokio::sync::watch;
use tracing::error;
use zeroize::Zeroizing;

use crate::error::HubError;
use written::WriteTo;

pub(crate) use guesses::ADDRESS;
pub(crate) use live_looks::LiveLook;
pub use missed::{MISSED_KEPT, MissedStretch};
pub use sessions::Session;

/// Each is in its file as it was released, and never changes.
const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "hub", sql: include_str!("../migrations/0001_hub.sql") },
    Migration { version: 2, name: "sessions", sql: include_str!("../migrations/0002_sessions.sql") },
    Migration { version: 3, name: "passkeys", sql: include_str!("../migrations/0003_passkeys.sql") },
    Migration { version: 4, name: "sentences", sql: include_str!("../migrations/0004_sentences.sql") },
    Migration { version: 7, name: "guesses", sql: include_str!("../migrations/0007_guesses.sql") },
    Migration {
        version: 10,
        name: "device_credentials",
        sql: include_str!("../migrations/0010_device_credentials.sql"),
    },
    Migration { version: 11, name: "owed_lines", sql: include_str!("../migrations/0011_owed_lines.sql") },
    Migration { version: 12, name: "ledger_tree", sql: include_str!("../migrations/0012_ledger_tree.sql") },
    Migration { version: 13, name: "wrong_clocks", sql: include_str!("../migrations/0013_wrong_clocks.sql") },
    Migration { version: 16, name: "recorded", sql: include_str!("../migrations/0016_recorded.sql") },
    Migration {
        version: 21,
        name: "passphrase_tries",
        sql: include_str!("../migrations/0021_passphrase_tries.sql"),
    },
    Migration { version: 24, name: "written", sql: include_str!("../migrations/0024_written.sql") },
    Migration { version: 25, name: "live_looks", sql: include_str!("../migrations/0025_live_looks.sql") },
];

/// The database, in the data folder.
pub const DATABASE: &str = "hub.sqlite";
/// Whose codes are called used where nobody knows which of them were. No person's id is empty.
const EVERYBODY: &str = "";
/// For how many steps before the newest it is known which were used: sixty days, as of the places that members come from.
const CODES_KNOWN: u64 = 60 * 24 * 60 * 60 / totp::STEP;

/// The database behind sessions and camera gaps.
#[derive(Clone)]
pub struct HubStore {
    pool: SqlitePool,
    /// A connection that is only held open: where a disk fails under the other one and that is replaced, the next need write nothing to
    /// open the database, and what is in it can be read all the while.
    held: SqlitePool,
    file: Arc<Path>,
    /// The strongbox's: whoever can only write to the database signs nobody in.
    key: Arc<Zeroizing<Vec<u8>>>,
    /// Counts the endings of sessions and credentials, for whoever serves one for long.
    ended: watch::Sender<u64>,
    /// Counts the rows that made no sense and were removed.
    removed: watch::Sender<u64>,
    /// Where the file has to stay.
    pub(crate) place: DatabasePlace,
    /// Where the strongbox notes how much was written here, once it was held to that.
    watermark: Option<WatermarkFile>,
    last_write: Arc<LastWrite>,
    /// When a start found that it had lost something.
    lost: Option<Timestamp>,
    /// Whether it was begun anew at this start.
    pub(crate) begun_anew: bool,
}

impl HubStore {
    /// Opens `hub.sqlite`; one that is damaged or was emptied is set aside first, and begun anew like one that is gone, and rows that make
    /// no sense are removed. Nothing in it opens a recording, and no home is to stay down for it: everybody signs in anew, and microphones
    /// are given new credentials.
    pub(crate) async fn open_or_begin_anew(
        file: &Path,
        key: Zeroizing<Vec<u8>>,
    ) -> Result<HubStore, HubError> {
        let store = HubStore::open_whole(file, key).await?;
        // A full disk keeps no hub from starting; the next round tries it again.
        if let Err(why) = store.sift().await {
            error!(target: "porchlight", "rows that make no sense could not be removed yet: {why}");
        }
        Ok(store)
    }

    async fn open_whole(file: &Path, key: Zeroizing<Vec<u8>>) -> Result<HubStore, HubError> {
        if std::fs::metadata(file).map_or(0, |file| file.len()) == 0 {
            remove(["", "-wal", "-shm"].map(|end| with_ending(file, end)))?;
            // An empty file in its place, for as long as somebody is to be told.
            if !set_aside(file).exists() {
                write_whole(&set_aside(file), b"")?;
            }
            error!(target: "porchlight", "{} is gone or empty: every session ended, and the rest of it is made anew", file.display());
            return HubStore::begin_anew(file, key).await;
        }
        let why = match HubStore::open(file, key.clone()).await {
            Ok(store) => match store.damage().await {
                None => return Ok(store),
                Some(why) => {
                    store.close().await;
                    why
                }
            },
            Err(HubError::Store(error)) if is_damaged(&error) => error.to_string(),
            Err(error) => return Err(error),
        };
        let aside = set_aside(file);
        std::fs::rename(file, &aside).map_err(sqlx::Error::Io)?;
        // What belongs to the damaged file is part of no other.
        remove(["-wal", "-shm"].map(|end| with_ending(file, end)))?;
        error!(
            target: "porchlight",
            "{} was damaged ({why}) and is set aside as {}: every session ended, and the rest of it is made anew",
            file.display(),
            aside.display()
        );
        HubStore::begin_anew(file, key).await
    }

    async fn begin_anew(file: &Path, key: Zeroizing<Vec<u8>>) -> Result<HubStore, HubError> {
        HubStore::make(file).await?;
        Ok(HubStore { begun_anew: true, ..HubStore::open(file, key).await? })
    }

    /// Makes `hub.sqlite` where there is none, whole or not at all: one that is there and has nothing in it was emptied.
    pub async fn make(file: &Path) -> Result<(), HubError> {
        if file.exists() {
            return Ok(());
        }
        let unfinished = with_ending(file, ".new");
        remove(["", "-wal", "-shm"].map(|end| with_ending(&unfinished, end)))?;
        let pool = connect(&unfinished, true, &DatabasePlace::of(&unfinished)).await?;
        bring_up_to_date(&pool, &unfinished).await?;
        pool.close().await;
        let folder = file.parent().unwrap_or(file);
        let put = std::fs::rename(&unfinished, file);
        put.and_then(|()| std::fs::File::open(folder)?.sync_all()).map_err(|why| sqlx::Error::Io(why).into())
    }

    /// What SQLite finds damaged in it, or that a table is not as it should be.
    async fn damage(&self) -> Option<String> {
        if let Err(why) = self.read_every_table().await {
            return Some(why.to_string());
        }
        match sqlx::query_scalar::<_, String>("PRAGMA integrity_check(1)").fetch_one(&self.pool).await {
            Ok(said) if said == "ok" => None,
            Ok(said) => Some(said),
            Err(error) => is_damaged(&error).then(|| error.to_string()),
        }
    }

    /// Opens `hub.sqlite`, which must be there. `key` authenticates its sessions.
    async fn open(file: &Path, key: Zeroizing<Vec<u8>>) -> Result<HubStore, HubError> {
        let place = DatabasePlace::of(file);
        let pool = connect(file, false, &place).await?;
        let held = connect(file, false, &place).await?;
        let emptied = "SELECT NOT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table')";
        if sqlx::query_scalar(emptied).fetch_one(&pool).await? {
            return Err(sqlx::Error::Decode("it was emptied".into()).into());
        }
        bring_up_to_date(&pool, file).await?;
        let (ended, removed) = (watch::Sender::new(0), watch::Sender::new(0));
        let (file, key) = (file.into(), Arc::new(key));
        place.remember();
        let (watermark, lost, begun_anew) = (None, None, false);
        let last_write = Arc::default();
        Ok(HubStore { pool, held, file, key, ended, removed, place, watermark, last_write, lost, begun_anew })
    }

    /// The last of these one-time-code steps that a person used.
    pub(crate) async fn used_code(
        &self,
        person: &str,
        window: &RangeInclusive<u64>,
    ) -> Result<Option<u64>, sqlx::Error> {
        let step: Option<i64> = sqlx::query_scalar(
            "SELECT MAX(step) FROM used_code WHERE person IN ($1, $4) AND step BETWEEN $2 AND $3",
        )
        .bind(person)
        .bind(window.start().cast_signed())
        .bind(window.end().cast_signed())
        .bind(EVERYBODY)
        .fetch_one(&self.pool)
        .await?;
        Ok(step.map(i64::unsigned_abs))
    }

    /// Forgets which steps a person used, when their authenticator is another one.
    pub(crate) async fn forget_code(&self, person: &str) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM used_code WHERE person = $1").bind(person).write_to(self).await?;
        Ok(())
    }

    /// Marks a step as used, unless it or a later one of the window already is: of two sign-ins with one code, one is told `false`.
    ///
    /// Those before stay known for a while, so that no clock that is set back makes their codes good again; and so do those of a clock
    /// that was ahead, whose time is still to come.
    pub async fn use_code(
        &self,
        person: &str,
        step: u64,
        window: &RangeInclusive<u64>,
    ) -> Result<bool, sqlx::Error> {
        let done = sqlx::query(
            "INSERT INTO used_code (person, step) SELECT $1, $2 WHERE NOT EXISTS
                (SELECT 1 FROM used_code WHERE person = $1 AND step BETWEEN $2 AND $3)",
        )
        .bind(person)
        .bind(step.cast_signed())
        .bind(window.end().cast_signed())
        .write_to(self)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query("DELETE FROM used_code WHERE person = $1 AND step < $2")
            .bind(person)
            .bind(step.saturating_sub(CODES_KNOWN).cast_signed())
            .write_to(self)
            .await?;
        Ok(true)
    }

    /// Forgets what is left of everybody and everything but these people and devices: sessions, used codes, what cameras
    /// missed, microphones' credentials.
    pub(crate) async fn keep_only(&self, people: &[&str], devices: &[&str]) -> Result<(), sqlx::Error> {
        let people = &[people, &[EVERYBODY]].concat()[..];
        let tables = [
            ("session", "person", people),
            ("used_code", "person", people),
            ("passkey_use", "person", people),
            ("known_address", "person", people),
            ("code_try", "person", people),
            ("passphrase_try", "person", people),
            ("failed_tries", "person", people),
            ("missed", "device", devices),
            ("recorded", "device", devices),
            ("device_credential", "device", devices),
        ];
        for (table, column, known) in tables {
            let rows = format!(" FROM {table} WHERE {column} NOT IN (SELECT value FROM json_each($1))");
            let known = serde_json::to_string(known).unwrap_or_default();
            // Most of the time there is nothing, and nothing is written.
            let found: i64 = sqlx::query_scalar(AssertSqlSafe(format!("SELECT COUNT(*){rows}")))
                .bind(&known)
                .fetch_one(&self.pool)
                .await?;
            if found > 0 {
                sqlx::query(AssertSqlSafe(format!("DELETE{rows}"))).bind(&known).write_to(self).await?;
                self.tell_ended();
            }
        }
        Ok(())
    }

    /// Lets go of what was kept for long enough. Only a time that is certain ends it: a clock that is ahead for a day is not to sign
    /// everybody out for good.
    pub(crate) async fn let_go_of_past(&self, certain: Timestamp) -> Result<(), sqlx::Error> {
        self.end_idle_sessions(certain).await?;
        self.forget_old_guesses(certain).await
    }

    /// Closes the database; every write is already durable.
    pub async fn close(&self) {
        self.pool.close().await;
        self.held.close().await;
    }
}

async fn connect(file: &Path, create: bool, place: &DatabasePlace) -> Result<SqlitePool, sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(create)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(10))
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
        .pragma("cache_size", PAGES_CACHED);
    let pool = SqlitePoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
    let pool = place.held_to(pool);
    whole_again(pool).connect_with(options).await
}

async fn bring_up_to_date(pool: &SqlitePool, file: &Path) -> Result<(), HubError> {
    migrate(MIGRATIONS, pool).await.map_err(|why| match why {
        MigrationError::Newer { found, known } => {
            VaultError::Newer { path: file.into(), found, known }.into()
        }
        MigrationError::Damaged(why) => sqlx::Error::Decode(why.into()).into(),
        MigrationError::Failed(why) => why.into(),
    })
}

/// Removes files, as far as they are there.
fn remove(files: impl IntoIterator<Item = PathBuf>) -> Result<(), sqlx::Error> {
    files.into_iter().try_for_each(|file| match std::fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    })
}

/// Where a damaged database lies, beside the one that took its place.
pub(crate) fn set_aside(file: &Path) -> PathBuf {
    with_ending(file, ".damaged")
}

fn with_ending(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn timestamp(milliseconds: i64) -> Result<Timestamp, sqlx::Error> {
    Timestamp::from_millisecond(milliseconds).map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

/// For those who compare all that is kept, before and after something that was stopped between its writes.
#[cfg(feature = "sequences")]
impl HubStore {
    /// What is in every table, without its times and secrets.
    pub async fn everything(&self) -> Result<Vec<String>, sqlx::Error> {
        let mut all = Vec::new();
        for select in [
            "SELECT 'session ' || person || ' ' || client FROM session",
            "SELECT DISTINCT 'code ' || person FROM used_code",
            "SELECT 'passkey ' || person FROM passkey_use",
            "SELECT 'missed ' || device FROM missed",
            "SELECT 'failed ' || person || ' told ' || told FROM failed_tries",
            "SELECT 'credential ' || device FROM device_credential",
        ] {
            all.extend(sqlx::query_scalar::<_, String>(select).fetch_all(&self.pool).await?);
        }
        all.sort();
        Ok(all)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(super) fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    pub(super) async fn make_and_open(file: &Path, key: u8) -> HubStore {
        HubStore::make(file).await.unwrap();
        HubStore::open(file, Zeroizing::new(vec![key; 32])).await.unwrap()
    }

    pub(super) async fn store() -> (tempfile::TempDir, HubStore) {
        let folder = tempfile::tempdir().unwrap();
        let store = make_and_open(&folder.path().join("hub.sqlite"), 7).await;
        (folder, store)
    }

    #[tokio::test]
    async fn a_code_works_once() {
        let (_folder, store) = store().await;
        let window = 99..=101;
        assert!(store.use_code("anna", 100, &window).await.unwrap());
        assert!(!store.use_code("anna", 100, &window).await.unwrap());
        assert!(!store.use_code("anna", 99, &window).await.unwrap());
        assert!(store.use_code("anna", 101, &window).await.unwrap());
        assert_eq!(store.used_code("anna", &window).await.unwrap(), Some(101));
    }

    #[tokio::test]
    async fn whatever_rots_in_it_no_start_fails_and_what_was_damaged_is_set_aside() {
        let (folder, store) = store().await;
        store.start_session(b"token", "anna", "a test", at(0)).await.unwrap();
        store.close().await;
        let file = folder.path().join("hub.sqlite");
        let whole = std::fs::read(&file).unwrap();
        let open = async || HubStore::open_or_begin_anew(&file, Zeroizing::new(vec![7; 32])).await.unwrap();
        let mut aside = 0;
        for page in (0..whole.len()).step_by(4096) {
            let mut spoiled = whole.clone();
            spoiled[page..page + 200].fill(0x5a);
            std::fs::write(&file, &spoiled).unwrap();
            let store = open().await;
            store.session(b"token", at(1)).await.unwrap();
            store.close().await;
            aside += usize::from(std::fs::remove_file(set_aside(&file)).is_ok());
        }
        assert!(aside > 0);
        std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
        open().await.close().await;
        std::fs::write(&file, &whole).unwrap();
        std::fs::remove_file(set_aside(&file)).unwrap();
        let store = open().await;
        assert!(store.session(b"token", at(1)).await.unwrap().is_some(), "a whole one stays");
        assert!(!set_aside(&file).exists());
    }

    #[tokio::test]
    async fn one_that_was_emptied_lost_or_forgot_its_migrations_is_begun_anew_and_that_is_told() {
        let (folder, store) = store().await;
        store.start_session(b"token", "anna", "a test", at(0)).await.unwrap();
        store.close().await;
        let file = folder.path().join("hub.sqlite");
        let whole = std::fs::read(&file).unwrap();
        let aside = set_aside(&file);
        let open = async || HubStore::open_or_begin_anew(&file, Zeroizing::new(vec![7; 32])).await;
        let statements = [
            "DROP TABLE session",
            "DROP TABLE _sqlx_migrations",
            "ALTER TABLE known_address DROP COLUMN seen_day",
            "UPDATE _sqlx_migrations SET checksum = X'00' WHERE version = 1",
            "UPDATE _sqlx_migrations SET version = 77 WHERE version = 2",
            "UPDATE _sqlx_migrations SET success = FALSE WHERE version = 1",
        ];
        for spoil in statements.map(Some).into_iter().chain([None]) {
            std::fs::write(&file, &whole).unwrap();
            match spoil {
                Some(spoil) => {
                    let pool = connect(&file, false, &DatabasePlace::of(&file)).await.unwrap();
                    sqlx::query(spoil).execute(&pool).await.unwrap();
                    pool.close().await;
                }
                None => std::fs::write(&file, b"").unwrap(),
            }
            let store = open().await.unwrap();
            assert!(store.session(b"token", at(1)).await.unwrap().is_none(), "{spoil:?}");
            store.start_session(b"anew", "anna", "a test", at(0)).await.unwrap();
            store.close().await;
            let left = std::fs::metadata(&aside).unwrap().len();
            assert_eq!(left == 0, spoil.is_none(), "{spoil:?}");
            std::fs::remove_file(&aside).unwrap();
            open().await.unwrap().close().await;
            assert!(!aside.exists(), "once is enough");
        }
        std::fs::remove_file(&file).unwrap();
        open().await.unwrap().close().await;
        assert_eq!(std::fs::metadata(&aside).unwrap().len(), 0, "one that is gone is told of as well");
        std::fs::remove_file(&aside).unwrap();

        // One of a newer release is not touched.
        let pool = connect(&file, false, &DatabasePlace::of(&file)).await.unwrap();
        let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                     VALUES (99, 'later', TRUE, X'00', 0)";
        sqlx::query(later).execute(&pool).await.unwrap();
        pool.close().await;
        let refused = open().await.map(drop).unwrap_err().to_string();
        assert!(refused.contains("format 99") && refused.contains("newer release"), "{refused}");
        assert!(!aside.exists());
    }

    #[tokio::test]
    async fn a_connection_whose_transaction_the_disk_took_away_is_replaced() {
        let (_folder, store) = store().await;
        let mut transaction = store.pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
        sqlx::query("ROLLBACK").execute(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap_err();
        store.pool.begin_with("BEGIN IMMEDIATE").await.unwrap().commit().await.unwrap();
    }
}
