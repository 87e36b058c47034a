//! Sessions: who is signed in, where, since when, and how lately they proved that it is they.

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use porchlight_protocol::FRESH;
use sha2::{Digest, Sha256};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use subtle::ConstantTimeEq;
use tokio::sync::watch;
use tracing::warn;

use super::sift::sensible;
use super::written::WriteTo;
use super::{HubStore, timestamp};
use crate::accounts::rate_limits::BROWSER;
use crate::lately::counts;

/// A session that has not been used for this long is over.
pub(crate) const IDLE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// `seen` is written at most this often, so that reading costs no write.
const SEEN_EVERY: SignedDuration = SignedDuration::from_mins(1);
const COLUMNS: &str = "id, token_hash, person, client, name, started_ms, seen_ms, fresh_ms, fresh_mac";
/// What stands before what is authenticated, so that no MAC means two things.
const FRESH_CONTEXT: &[u8] = b"porchlight fresh session v1\0";
const BROWSER_CONTEXT: &[u8] = b"porchlight known browser v1\0";
/// Bytes of randomness in a browser's mark.
const MARK: usize = BROWSER;

/// Somebody signed in on one browser or command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Names the session in lists and for revoking; opens nothing.
    pub id: String,
    /// The person's id in the household document.
    pub person: String,
    /// What they signed in with, in words ("porchlight on kitchen-pc").
    pub client: String,
    /// What they call it.
    pub name: Option<String>,
    /// When they signed in.
    pub started: Timestamp,
    /// When the session was last used, to the minute.
    pub seen: Timestamp,
    /// Until when the last proof of who it is counts.
    pub fresh_until: Timestamp,
}

impl Session {
    /// Whether they proved who they are lately enough for what cannot be undone. A clock that was set back proves nothing.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        counts(self.fresh_until, FRESH, now)
    }

    /// Whether it is over, since nobody used it. By a clock that is ahead it only seems so: it goes once the time is certain.
    fn is_idle(&self, now: Timestamp) -> bool {
        now.duration_since(self.seen) > IDLE
    }
}

impl HubStore {
    /// Starts a session for `person`, who has just proved who they are. The token is the caller's to give out; only its hash is stored.
    pub async fn start_session(
        &self,
        token: &[u8],
        person: &str,
        client: &str,
        now: Timestamp,
    ) -> Result<Session, sqlx::Error> {
        let hash = self.hash(token, person);
        // The id is another hash's beginning, so that it neither is nor reveals the token.
        let id = hex::encode(&Sha256::digest(&hash)[..8]);
        let fresh_until = timestamp((now + FRESH).as_millisecond())?;
        sqlx::query(
            "INSERT INTO session (id, token_hash, person, client, started_ms, seen_ms, fresh_ms, fresh_mac) \
             VALUES ($1, $2, $3, $4, $5, $5, $6, $7)",
        )
        .bind(&id)
        .bind(&hash)
        .bind(person)
        .bind(client)
        .bind(now.as_millisecond())
        .bind(fresh_until.as_millisecond())
        .bind(self.fresh_mac(&hash, fresh_until.as_millisecond()))
        .write_to(self)
        .await?;
        let (person, client) = (person.into(), client.into());
        Ok(Session { id, person, client, name: None, started: now, seen: now, fresh_until })
    }

    /// The live session with this token.
    pub async fn session(&self, token: &[u8], now: Timestamp) -> Result<Option<Session>, sqlx::Error> {
        let Some(session) = self.session_by(token).await?.filter(|session| !session.is_idle(now)) else {
            return Ok(None);
        };
        // A disk that takes nothing must not keep people from what they can do all the same, such as forgetting.
        if now.duration_since(session.seen).abs() > SEEN_EVERY
            && let Err(why) = self.note_seen(&session.id, now).await
        {
            warn!(target: "porchlight", "it could not be noted that a session was used: {why}");
        }
        Ok(Some(session))
    }

    /// The session with this token, be it over because nobody used it. The look-up is by the token's hash, so its time tells nothing about
    /// the token.
    pub async fn session_by(&self, token: &[u8]) -> Result<Option<Session>, sqlx::Error> {
        let rows = sqlx::query("SELECT DISTINCT person FROM session").fetch_all(&self.pool).await?;
        let people = sensible(&rows, |row| row.try_get::<String, _>("person"));
        let select = format!("SELECT {COLUMNS} FROM session WHERE token_hash = $1 AND person = $2");
        let mut found = None;
        for person in people {
            let row = sqlx::query(sqlx::AssertSqlSafe(select.as_str()))
                .bind(self.hash(token, &person))
                .bind(&person)
                .fetch_optional(&self.pool)
                .await?;
            found = found.or(row);
        }
        found.map(|row| self.read_session(&row)).transpose()
    }

    async fn note_seen(&self, id: &str, now: Timestamp) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE session SET seen_ms = $1 WHERE id = $2")
            .bind(now.as_millisecond())
            .bind(id)
            .write_to(self)
            .await?;
        Ok(())
    }

    /// Ends the sessions that were not used for too long, by a time that is certain. Of what a clock noted that was ahead that time
    /// begins now.
    pub(super) async fn end_idle_sessions(&self, certain: Timestamp) -> Result<(), sqlx::Error> {
        let ended = sqlx::query("DELETE FROM session WHERE seen_ms < $1")
            .bind((certain - IDLE).as_millisecond())
            .write_to(self)
            .await?;
        if ended.rows_affected() > 0 {
            self.tell_ended();
        }
        sqlx::query("UPDATE session SET seen_ms = $1 WHERE seen_ms > $1")
            .bind(certain.as_millisecond())
            .write_to(self)
            .await?;
        Ok(())
    }

    /// Whether a session has not been ended.
    pub async fn session_lives(&self, id: &str) -> Result<bool, sqlx::Error> {
        Ok(sqlx::query("SELECT 1 FROM session WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await?
            .is_some())
    }

    /// Every session of a person, newest first.
    pub async fn sessions_of(&self, person: &str) -> Result<Vec<Session>, sqlx::Error> {
        let select = format!("SELECT {COLUMNS} FROM session WHERE person = $1 ORDER BY started_ms DESC");
        let rows = sqlx::query(sqlx::AssertSqlSafe(select)).bind(person).fetch_all(&self.pool).await?;
        Ok(sensible(&rows, |row| self.read_session(row)))
    }

    /// Notes that whoever has this session has just proved who they are; until when that counts.
    pub async fn freshen_session(&self, id: &str, now: Timestamp) -> Result<Timestamp, sqlx::Error> {
        let hash: Vec<u8> = sqlx::query_scalar("SELECT token_hash FROM session WHERE id = $1")
            .bind(id)
            .fetch_one(&self.pool)
            .await?;
        let until = timestamp((now + FRESH).as_millisecond())?;
        sqlx::query("UPDATE session SET fresh_ms = $1, fresh_mac = $2 WHERE id = $3")
            .bind(until.as_millisecond())
            .bind(self.fresh_mac(&hash, until.as_millisecond()))
            .bind(id)
            .write_to(self)
            .await?;
        Ok(until)
    }

    /// Calls a session something; `None` takes its name away.
    pub async fn name_session(&self, id: &str, name: Option<&str>) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE session SET name = $1 WHERE id = $2").bind(name).bind(id).write_to(self).await?;
        Ok(())
    }

    /// Ends one session. Ending one that is already over is no error.
    pub async fn end_session(&self, id: &str) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM session WHERE id = $1").bind(id).write_to(self).await?;
        self.tell_ended();
        Ok(())
    }

    /// Ends every session of a person but one.
    pub(crate) async fn end_other_sessions(&self, person: &str, but: &str) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM session WHERE person = $1 AND id <> $2")
            .bind(person)
            .bind(but)
            .write_to(self)
            .await?;
        self.tell_ended();
        Ok(())
    }

    /// Ends every session of a person.
    pub(crate) async fn end_sessions(&self, person: &str) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM session WHERE person = $1").bind(person).write_to(self).await?;
        self.tell_ended();
        Ok(())
    }

    /// Ends every session and every credential of a device that was given out before tree number `restored` of the ledger, which was
    /// begun because an older copy of the data folder was put back: in that copy what was ended or replaced since would count again. A
    /// tree that was begun because something was damaged ends nothing. The open tree is noted in the same transaction, so that it does
    /// not matter where an earlier start was cut off. `just_now` says that it was at this start, for a database that has no note yet.
    /// Gives how many sessions ended.
    pub(crate) async fn end_all_of_before(
        &self,
        tree: u32,
        restored: u32,
        just_now: bool,
    ) -> Result<u64, sqlx::Error> {
        let noted: Option<i64> =
            sqlx::query_scalar("SELECT tree FROM ledger_tree").fetch_optional(&self.pool).await?;
        if noted == Some(i64::from(tree)) && !just_now {
            return Ok(0);
        }
        let mut transaction = self.begin().await?;
        let mut ended = 0;
        if just_now || noted.is_some_and(|noted| noted < i64::from(restored)) {
            ended = sqlx::query("DELETE FROM session").execute(&mut *transaction).await?.rows_affected();
            sqlx::query("DELETE FROM device_credential").execute(&mut *transaction).await?;
        }
        sqlx::query(
            "INSERT INTO ledger_tree (one, tree) VALUES (1, $1) ON CONFLICT (one) DO UPDATE SET tree = excluded.tree",
        )
        .bind(i64::from(tree))
        .execute(&mut *transaction)
        .await?;
        self.commit(transaction).await?;
        self.tell_ended();
        Ok(ended)
    }

    /// Changes whenever sessions end, whichever they are: whoever serves one for long looks then whether it lives.
    pub fn sessions_ended(&self) -> watch::Receiver<u64> {
        self.ended.subscribe()
    }

    /// A mark for a browser in which this person has signed in: it opens nothing, and says later that it was here before.
    pub fn browser_mark(&self, person: &str) -> Result<String, getrandom::Error> {
        let mut mark = vec![0; MARK];
        getrandom::fill(&mut mark)?;
        let mac = self.mac(&[BROWSER_CONTEXT, &mark, person.as_bytes()]);
        mark.extend_from_slice(&mac);
        Ok(hex::encode(mark))
    }

    /// By what a browser is told from others, where its mark was given out for this person.
    pub fn browser_of(&self, person: &str, mark: &str) -> Option<[u8; MARK]> {
        let mark = hex::decode(mark).ok()?;
        let (random, mac) = mark.split_at_checked(MARK)?;
        let known: bool = self.mac(&[BROWSER_CONTEXT, random, person.as_bytes()]).ct_eq(mac).into();
        random.try_into().ok().filter(|_| known)
    }

    pub(super) fn tell_ended(&self) {
        self.ended.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// By whom a token was given out, and to whom: HMAC-SHA256 under the strongbox's key.
    fn hash(&self, token: &[u8], person: &str) -> Vec<u8> {
        self.mac(&[&Sha256::digest(token), person.as_bytes()])
    }

    /// That this session is fresh until then.
    fn fresh_mac(&self, token_hash: &[u8], fresh_ms: i64) -> Vec<u8> {
        self.mac(&[FRESH_CONTEXT, token_hash, &fresh_ms.to_be_bytes()])
    }

    pub(super) fn mac(&self, parts: &[&[u8]]) -> Vec<u8> {
        #[allow(clippy::expect_used)] // HMAC takes a key of any length.
        let mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("any key will do");
        parts.iter().fold(mac, |mac, part| mac.chain_update(part)).finalize().into_bytes().to_vec()
    }

    fn read_session(&self, row: &SqliteRow) -> Result<Session, sqlx::Error> {
        let (hash, fresh_ms): (Vec<u8>, i64) = (row.try_get("token_hash")?, row.try_get("fresh_ms")?);
        let mac: Vec<u8> = row.try_get("fresh_mac")?;
        let proved: bool = self.fresh_mac(&hash, fresh_ms).ct_eq(&mac).into();
        Ok(Session {
            id: row.try_get("id")?,
            person: row.try_get("person")?,
            client: row.try_get("client")?,
            name: row.try_get("name")?,
            started: timestamp(row.try_get("started_ms")?)?,
            seen: timestamp(row.try_get("seen_ms")?)?,
            fresh_until: if proved { timestamp(fresh_ms)? } else { Timestamp::UNIX_EPOCH },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, store};
    use super::*;

    #[tokio::test]
    async fn a_session_lives_by_its_token_and_ends_when_idle_or_ended() {
        let (_folder, store) = store().await;
        let session = store.start_session(b"token", "anna", "a test", at(0)).await.unwrap();
        assert_eq!(store.session(b"token", at(5)).await.unwrap().unwrap(), session);
        assert!(store.session(b"other", at(5)).await.unwrap().is_none());
        assert!(store.session(b"token", at(IDLE.as_secs() + 1)).await.unwrap().is_none());
        let over = store.session_by(b"token").await.unwrap().unwrap();
        assert!(over.is_idle(at(IDLE.as_secs() + 1)) && !over.is_idle(at(6)));
        assert!(store.session_by(b"other").await.unwrap().is_none(), "of which a stranger learns nothing");
        assert!(store.session(b"token", at(6)).await.unwrap().is_some(), "the clock was ahead");
        store.let_go_of_past(at(IDLE.as_secs() + 1)).await.unwrap();
        assert!(store.session(b"token", at(6)).await.unwrap().is_none(), "an idle session stays over");

        let session = store.start_session(b"token", "anna", "a test", at(0)).await.unwrap();
        let mut ended = store.sessions_ended();
        store.end_session(&session.id).await.unwrap();
        assert!(ended.has_changed().unwrap(), "whoever serves it is told");
        ended.mark_unchanged();
        assert!(store.session(b"token", at(1)).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_session_is_fresh_for_a_while_after_each_proof() {
        let (_folder, store) = store().await;
        let session = store.start_session(b"token", "anna", "a test", at(0)).await.unwrap();
        let read = async || store.session(b"token", at(1)).await.unwrap().unwrap();
        let end = FRESH.as_secs();
        assert!(session.is_fresh(at(0)) && read().await.is_fresh(at(end - 1)));
        assert!(!read().await.is_fresh(at(end)));
        assert!(!read().await.is_fresh(at(-1)), "a clock that was set back makes nothing fresh");
        store.freshen_session(&session.id, at(end + 60)).await.unwrap();
        assert!(read().await.is_fresh(at(2 * end + 59)) && !read().await.is_fresh(at(2 * end + 60)));

        // Whoever can only write to the database makes nothing fresh.
        let write =
            |sql: &'static str| sqlx::query(sql).bind(at(9 * end).as_millisecond()).execute(&store.pool);
        write("UPDATE session SET fresh_ms = $1").await.unwrap();
        assert!(!read().await.is_fresh(at(9 * end - 1)));
    }

    #[tokio::test]
    async fn a_session_has_the_name_that_it_is_given() {
        let (_folder, store) = store().await;
        let session = store.start_session(b"token", "anna", "a test", at(0)).await.unwrap();
        let name = async || store.sessions_of("anna").await.unwrap()[0].name.clone();
        assert_eq!(name().await, None);
        store.name_session(&session.id, Some("Anna's phone")).await.unwrap();
        assert_eq!(name().await.as_deref(), Some("Anna's phone"));
        store.name_session(&session.id, None).await.unwrap();
        assert_eq!(name().await, None);
    }

    #[tokio::test]
    async fn a_browser_is_known_for_whom_it_was_marked() {
        let (_folder, store) = store().await;
        let mark = store.browser_mark("anna").unwrap();
        assert!(store.browser_of("anna", &mark).is_some());
        assert!(store.browser_of("tom", &mark).is_none());
        for other in
            ["", "00", "zz", &mark[..mark.len() - 2], &format!("{mark}00"), &mark.replace(&mark[..2], "zz")]
        {
            assert!(store.browser_of("anna", other).is_none(), "{other}");
        }
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
}
