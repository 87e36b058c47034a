//! The hub's own small database, `hub.sqlite` in the data folder: sessions, used one-time codes, what cameras missed.
//!
//! Nothing here opens a recording. A session's token is stored as a MAC under a key of the strongbox, with the person it was given to: a
//! copy of the folder signs nobody in, and neither does whoever can write to it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Row, SqlitePool};
use zeroize::Zeroizing;

/// A session that has not been used for this long is over.
pub(crate) const IDLE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// `seen` is written at most this often, so that reading costs no write.
const SEEN_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Somebody signed in on one browser or command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    /// Names the session in lists and for revoking; opens nothing.
    pub id: String,
    /// The person's id in the household document.
    pub person: String,
    /// What they signed in with, in words ("porchlight on kitchen-pc").
    pub client: String,
    /// When they signed in.
    pub started: Timestamp,
    /// When the session was last used, to the minute.
    pub seen: Timestamp,
}

/// One stretch of time that a camera did not record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MissedStretch {
    /// The first instant that is missing.
    pub from: Timestamp,
    /// When recording went on.
    pub to: Timestamp,
    /// Why, in words.
    pub why: String,
}

/// The database behind sessions and camera gaps.
#[derive(Clone)]
pub(crate) struct HubStore {
    pool: SqlitePool,
    /// The strongbox's: whoever can only write to the database signs nobody in.
    key: Arc<Zeroizing<Vec<u8>>>,
}

impl HubStore {
    /// Opens `hub.sqlite`, making it when it is not there. `key` authenticates its sessions.
    pub(crate) async fn open(file: &Path, key: Zeroizing<Vec<u8>>) -> Result<HubStore, sqlx::Error> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10))
            .pragma("secure_delete", "ON")
            .pragma("temp_store", "MEMORY");
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        sqlx::migrate!().run(&pool).await?;
        Ok(HubStore { pool, key: Arc::new(key) })
    }

    /// Starts a session for `person`. The token is the caller's to give out; only its hash is stored.
    pub(crate) async fn start_session(
        &self,
        token: &[u8],
        person: &str,
        client: &str,
        now: Timestamp,
    ) -> Result<Session, sqlx::Error> {
        let hash = self.hash(token, person);
        // The id is another hash's beginning, so that it neither is nor reveals the token.
        let id = hex::encode(&Sha256::digest(&hash)[..8]);
        sqlx::query("INSERT INTO session (id, token_hash, person, client, started_ms, seen_ms) VALUES ($1, $2, $3, $4, $5, $5)")
            .bind(&id)
            .bind(&hash)
            .bind(person)
            .bind(client)
            .bind(now.as_millisecond())
            .execute(&self.pool)
            .await?;
        Ok(Session { id, person: person.into(), client: client.into(), started: now, seen: now })
    }

    /// The live session with this token. The look-up is by the token's hash, so its time tells nothing about the token.
    pub(crate) async fn session(&self, token: &[u8], now: Timestamp) -> Result<Option<Session>, sqlx::Error> {
        let people: Vec<String> =
            sqlx::query_scalar("SELECT DISTINCT person FROM session").fetch_all(&self.pool).await?;
        let mut found = None;
        for person in people {
            let row = sqlx::query(
                "SELECT id, person, client, started_ms, seen_ms FROM session WHERE token_hash = $1 AND person = $2",
            )
            .bind(self.hash(token, &person))
            .bind(&person)
            .fetch_optional(&self.pool)
            .await?;
            found = found.or(row);
        }
        let Some(session) = found.map(|row| read_session(&row)).transpose()? else { return Ok(None) };
        let idle = now.duration_since(session.seen);
        if idle > IDLE {
            self.end_session(&session.id).await?;
            return Ok(None);
        }
        if idle > SEEN_EVERY {
            sqlx::query("UPDATE session SET seen_ms = $1 WHERE id = $2")
                .bind(now.as_millisecond())
                .bind(&session.id)
                .execute(&self.pool)
                .await?;
        }
        Ok(Some(session))
    }

    /// By whom a token was given out, and to whom: HMAC-SHA256 under the strongbox's key.
    fn hash(&self, token: &[u8], person: &str) -> Vec<u8> {
        #[allow(clippy::expect_used)] // HMAC takes a key of any length.
        let mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("any key will do");
        let token = Sha256::digest(token);
        mac.chain_update(token).chain_update(person).finalize().into_bytes().to_vec()
    }

    /// Whether a session has not been ended.
    pub(crate) async fn session_lives(&self, id: &str) -> Result<bool, sqlx::Error> {
        Ok(sqlx::query("SELECT 1 FROM session WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await?
            .is_some())
    }

    /// Every session of a person, newest first.
    pub(crate) async fn sessions_of(&self, person: &str) -> Result<Vec<Session>, sqlx::Error> {
        let rows = sqlx::query("SELECT id, person, client, started_ms, seen_ms FROM session WHERE person = $1 ORDER BY started_ms DESC")
            .bind(person)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read_session).collect()
    }

    /// Ends one session. Ending one that is already over is no error.
    pub(crate) async fn end_session(&self, id: &str) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM session WHERE id = $1").bind(id).execute(&self.pool).await?;
        Ok(())
    }

    /// Ends every session of a person, or of everyone: after an older copy of the data folder was put back, nobody who was signed in
    /// then is signed in now.
    pub(crate) async fn end_sessions(&self, person: Option<&str>) -> Result<u64, sqlx::Error> {
        let done = match person {
            Some(person) => {
                sqlx::query("DELETE FROM session WHERE person = $1").bind(person).execute(&self.pool).await?
            }
            None => sqlx::query("DELETE FROM session").execute(&self.pool).await?,
        };
        Ok(done.rows_affected())
    }

    /// The last one-time-code step that a person used.
    pub(crate) async fn used_code(&self, person: &str) -> Result<Option<u64>, sqlx::Error> {
        let row = sqlx::query("SELECT step FROM used_code WHERE person = $1")
            .bind(person)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| row.try_get::<i64, _>(0).map(i64::unsigned_abs)).transpose()
    }

    /// Marks a step as used, unless it or a later one already is: of two sign-ins with one code, one is told `false`.
    pub(crate) async fn use_code(&self, person: &str, step: u64) -> Result<bool, sqlx::Error> {
        let done = sqlx::query(
            "INSERT INTO used_code (person, step) VALUES ($1, $2)
             ON CONFLICT (person) DO UPDATE SET step = excluded.step WHERE used_code.step < excluded.step",
        )
        .bind(person)
        .bind(step.cast_signed())
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes down what a camera missed. The same stretch reported again replaces the earlier report.
    pub(crate) async fn add_missed(&self, device: &str, missed: &MissedStretch) -> Result<(), sqlx::Error> {
        sqlx::query(
            "INSERT INTO missed (device, from_ms, to_ms, why) VALUES ($1, $2, $3, $4)
             ON CONFLICT (device, from_ms) DO UPDATE SET to_ms = excluded.to_ms, why = excluded.why",
        )
        .bind(device)
        .bind(missed.from.as_millisecond())
        .bind(missed.to.as_millisecond())
        .bind(&missed.why)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// What a camera missed since `since`, oldest first.
    pub(crate) async fn missed(
        &self,
        device: &str,
        since: Timestamp,
    ) -> Result<Vec<MissedStretch>, sqlx::Error> {
        let rows = sqlx::query(
            "SELECT from_ms, to_ms, why FROM missed WHERE device = $1 AND to_ms >= $2 ORDER BY from_ms",
        )
        .bind(device)
        .bind(since.as_millisecond())
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(MissedStretch {
                    from: timestamp(row.try_get("from_ms")?)?,
                    to: timestamp(row.try_get("to_ms")?)?,
                    why: row.try_get("why")?,
                })
            })
            .collect()
    }

    /// Drops gaps that ended before `before`, and with a device those of that device alone.
    pub(crate) async fn forget_missed(
        &self,
        device: Option<&str>,
        before: Timestamp,
    ) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM missed WHERE to_ms < $1 AND ($2 IS NULL OR device = $2)")
            .bind(before.as_millisecond())
            .bind(device)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Closes the database; every write is already durable.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

fn read_session(row: &sqlx::sqlite::SqliteRow) -> Result<Session, sqlx::Error> {
    Ok(Session {
        id: row.try_get("id")?,
        person: row.try_get("person")?,
        client: row.try_get("client")?,
        started: timestamp(row.try_get("started_ms")?)?,
        seen: timestamp(row.try_get("seen_ms")?)?,
    })
}

fn timestamp(milliseconds: i64) -> Result<Timestamp, sqlx::Error> {
    Timestamp::from_millisecond(milliseconds).map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    async fn store() -> (tempfile::TempDir, HubStore) {
        let folder = tempfile::tempdir().unwrap();
        let store =
            HubStore::open(&folder.path().join("hub.sqlite"), Zeroizing::new(vec![7; 32])).await.unwrap();
        (folder, store)
    }

    #[tokio::test]
    async fn a_session_lives_by_its_token_and_ends_when_idle_or_ended() {
        let (_folder, store) = store().await;
        let session = store.start_session(b"token", "anna", "a test", at(0)).await.unwrap();
        assert_eq!(store.session(b"token", at(5)).await.unwrap().unwrap(), session);
        assert!(store.session(b"other", at(5)).await.unwrap().is_none());
        assert!(store.session(b"token", at(IDLE.as_secs() + 1)).await.unwrap().is_none());
        assert!(store.session(b"token", at(6)).await.unwrap().is_none(), "an idle session stays over");

        let session = store.start_session(b"token", "anna", "a test", at(0)).await.unwrap();
        store.end_session(&session.id).await.unwrap();
        assert!(store.session(b"token", at(1)).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn whoever_writes_to_the_database_signs_nobody_in() {
        let (_folder, store) = store().await;
        store.start_session(b"toms", "tom", "a test", at(0)).await.unwrap();
        // A row of one's own making, and one's own row with another's name in it.
        let forged = Sha256::digest(Sha256::digest(b"forged")).to_vec();
        sqlx::query("INSERT INTO session (id, token_hash, person, client, started_ms, seen_ms) VALUES ('x', $1, 'anna', 'c', 0, $2)")
            .bind(forged)
            .bind(at(0).as_millisecond())
            .execute(&store.pool)
            .await
            .unwrap();
        assert!(store.session(b"forged", at(1)).await.unwrap().is_none());
        assert_eq!(store.session(b"toms", at(1)).await.unwrap().unwrap().person, "tom");
        sqlx::query("UPDATE session SET person = 'anna' WHERE person = 'tom'")
            .execute(&store.pool)
            .await
            .unwrap();
        assert!(store.session(b"toms", at(1)).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn the_token_itself_is_nowhere_in_the_folder() {
        let (folder, store) = store().await;
        store.start_session(b"a token that must not be stored", "anna", "a test", at(0)).await.unwrap();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            assert!(!bytes.windows(31).any(|window| window == b"a token that must not be stored"));
        }
    }

    #[tokio::test]
    async fn a_code_works_once() {
        let (_folder, store) = store().await;
        assert!(store.use_code("anna", 100).await.unwrap());
        assert!(!store.use_code("anna", 100).await.unwrap());
        assert!(!store.use_code("anna", 99).await.unwrap());
        assert!(store.use_code("anna", 101).await.unwrap());
        assert_eq!(store.used_code("anna").await.unwrap(), Some(101));
    }

    #[tokio::test]
    async fn gaps_are_listed_by_device_and_let_go() {
        let (_folder, store) = store().await;
        let gap = MissedStretch { from: at(0), to: at(10), why: "The camera did not answer.".into() };
        store.add_missed("porch", &gap).await.unwrap();
        store.add_missed("porch", &gap).await.unwrap();
        assert_eq!(store.missed("porch", at(-100)).await.unwrap(), [gap]);
        assert!(store.missed("hall", at(-100)).await.unwrap().is_empty());
        store.forget_missed(None, at(11)).await.unwrap();
        assert!(store.missed("porch", at(-100)).await.unwrap().is_empty());
    }
}
