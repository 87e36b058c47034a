//! How much was ever written here, which the strongbox remembers too: after a kill a rotten WAL, or an older file, would have what was ended
//! count again, a session, a microphone's credential or a code that was used.

use jiff::{SignedDuration, Timestamp};
use porchlight_household::sign_in::totp;
use porchlight_vault::{Watermark, WatermarkFile, faults};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteQueryResult};
use sqlx::{Sqlite, Transaction};
use tracing::error;

use super::{EVERYBODY, HubStore, timestamp};

/// For how long it is told that what was written last was lost.
const TOLD: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A statement that writes, as a transaction of its own.
pub(super) trait WriteTo {
    /// Carries it out, durable and counted when this returns.
    async fn write_to(self, store: &HubStore) -> Result<SqliteQueryResult, sqlx::Error>;
}

impl WriteTo for Query<'_, Sqlite, SqliteArguments> {
    async fn write_to(self, store: &HubStore) -> Result<SqliteQueryResult, sqlx::Error> {
        let mut transaction = store.begin().await?;
        let done = self.execute(&mut *transaction).await?;
        // What changes nothing costs no fsync.
        if done.rows_affected() > 0 {
            store.commit(transaction).await?;
        }
        Ok(done)
    }
}

impl HubStore {
    /// Sees to it that what is written can be found: where the file was removed it is written anew from what is open.
    pub(crate) async fn stay(&self) -> Result<(), sqlx::Error> {
        self.place.stay(&self.pool).await
    }

    /// Begins a transaction that writes.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        faults::write(&self.file)?;
        self.stay().await?;
        self.pool.begin().await.inspect_err(|why| self.last_write.did_not_begin(why))
    }

    /// Why nothing can be written, where the last transaction did not reach the disk and another one, which means nothing, does not either.
    pub(crate) async fn write_trouble(&self) -> Option<sqlx::Error> {
        self.last_write.trouble(async { self.commit(self.begin().await?).await }).await
    }

    /// Makes a transaction durable, and then notes in the strongbox how much was written: in this order, so that a database which says less
    /// than the strongbox has lost something.
    pub(super) async fn commit(
        &self,
        mut transaction: Transaction<'static, Sqlite>,
    ) -> Result<(), sqlx::Error> {
        let writes: i64 = sqlx::query_scalar(
            "INSERT INTO written (one, writes) VALUES (1, 1) ON CONFLICT (one) DO UPDATE SET writes = writes + 1 RETURNING writes",
        )
        .fetch_one(&mut *transaction)
        .await?;
        let ended = transaction.commit().await;
        self.last_write.ended(ended.as_ref().copied());
        ended?;
        // It may have been removed meanwhile.
        self.stay().await?;
        if let Some(watermark) = &self.watermark {
            watermark.note(Watermark { writes: writes.unsigned_abs(), recordings: 0 }).await;
        }
        Ok(())
    }

    /// How much was ever written here.
    pub async fn writes(&self) -> Result<u64, sqlx::Error> {
        let writes: Option<i64> =
            sqlx::query_scalar("SELECT writes FROM written").fetch_optional(&self.pool).await?;
        Ok(writes.unwrap_or_default().unsigned_abs())
    }

    /// Holds the database to what the strongbox remembers of it, and has it remember from now on. Where the database says less, or nobody
    /// knows what it should say, every session and every credential of a device ends, some of which may have ended, and codes of the minutes
    /// before are not taken, some of which may have been used. `expected` says that it is no news, since an older copy of all of the data
    /// folder was put back, or the database was begun anew.
    pub(crate) async fn hold_to(
        &mut self,
        watermark: WatermarkFile,
        expected: bool,
        now: Timestamp,
    ) -> Result<(), sqlx::Error> {
        let lost_ms: Option<i64> =
            sqlx::query_scalar("SELECT lost_ms FROM written").fetch_optional(&self.pool).await?;
        let (writes, known) = (self.writes().await?, watermark.newest().writes);
        let (is_behind, is_unknown) = (writes < known, watermark.was_lost());
        self.watermark = Some(watermark);
        self.lost = lost_ms.filter(|at| *at > 0).map(timestamp).transpose()?;
        if !is_behind && !is_unknown && !self.begun_anew {
            return Ok(());
        }
        let mut transaction = self.begin().await?;
        if !expected {
            // That a watermark is lost is told as that.
            if is_behind {
                self.lost = Some(now);
            }
            sqlx::query("DELETE FROM session").execute(&mut *transaction).await?;
            sqlx::query("DELETE FROM device_credential").execute(&mut *transaction).await?;
            error!(
                target: "porchlight",
                "{} {}: every session ended, and every credential of a microphone",
                self.file.display(),
                match is_behind {
                    true => "has lost what was written to it last, or is an older one",
                    false => "may have lost what was written to it last: its watermark was damaged or missing",
                }
            );
        }
        if let Ok(window) = totp::window(now) {
            sqlx::query("INSERT OR IGNORE INTO used_code (person, step) VALUES ($1, $2)")
                .bind(EVERYBODY)
                .bind(window.end().cast_signed())
                .execute(&mut *transaction)
                .await?;
        }
        sqlx::query(
            "INSERT INTO written (one, writes, lost_ms) VALUES (1, $1, $2) \
             ON CONFLICT (one) DO UPDATE SET writes = excluded.writes, lost_ms = excluded.lost_ms",
        )
        .bind(known.max(writes).cast_signed())
        .bind(self.lost.map_or(0, Timestamp::as_millisecond))
        .execute(&mut *transaction)
        .await?;
        self.commit(transaction).await?;
        self.tell_ended();
        Ok(())
    }

    /// When a start found that what was written here last was lost, for two weeks.
    pub(crate) fn lost(&self, now: Timestamp) -> Option<Timestamp> {
        self.lost.filter(|lost| now.duration_since(*lost).abs() < TOLD)
    }
}

#[cfg(test)]
mod tests {
    use porchlight_household::sign_in::totp;
    use porchlight_vault::Vault;

    use super::super::HubStore;
    use super::super::tests::{at, make_and_open};

    /// A strongbox's watermark, as a vault of its own gives it.
    async fn vault(folder: &std::path::Path) -> Vault {
        let config = porchlight_vault::Config {
            data: folder.join("home"),
            strongboxes: Vec::new(),
            clock: crate::HubConfig::system_clock(),
        };
        Vault::create(config, "home").await.unwrap()
    }

    #[tokio::test]
    async fn what_was_ended_or_used_does_not_count_again_where_the_database_went_back() {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path()).await;
        let file = folder.path().join("hub.sqlite");
        let open = async |now| {
            let mut store = make_and_open(&file, 7).await;
            let watermark = vault.watermark(store.writes().await.unwrap()).await.unwrap();
            store.hold_to(watermark, false, at(now)).await.unwrap();
            store
        };
        let store = open(0).await;
        store.start_session(b"token", "anna", "a test", at(0)).await.unwrap();
        store.put_device_credential("mic", &store.device_mac(b"c", "mic", None), at(0)).await.unwrap();
        store.close().await;
        let before = std::fs::read(&file).unwrap();
        let store = open(1).await;
        assert!(store.session(b"token", at(1)).await.unwrap().is_some() && store.lost(at(1)).is_none());
        store.end_sessions("anna").await.unwrap();
        store.end_device_credentials(["mic"]).await.unwrap();
        // A kill: nothing is closed in order, and nothing is lost.
        drop(store);
        let store = open(2).await;
        assert!(store.session(b"token", at(2)).await.unwrap().is_none() && store.lost(at(2)).is_none());
        store.start_session(b"another", "tom", "a test", at(2)).await.unwrap();
        store.close().await;

        std::fs::write(&file, before).unwrap();
        let store = open(3).await;
        assert_eq!(store.lost(at(3)), Some(at(3)));
        assert!(store.session(b"token", at(3)).await.unwrap().is_none(), "what was ended stays so");
        assert!(store.device_of(b"c", [("mic", None)]).await.unwrap().is_none());
        store.start_session(b"anew", "anna", "a test", at(3)).await.unwrap();
        store.close().await;
        // It is told for a while, and ends nothing twice.
        let store = open(4).await;
        assert!(store.session(b"anew", at(4)).await.unwrap().is_some());
        assert_eq!(store.lost(at(4)), Some(at(3)));
        assert_eq!(store.lost(at(15 * 24 * 3600)), None);
        store.close().await;
        vault.close().await.unwrap();
    }

    #[tokio::test]
    async fn where_nobody_knows_what_it_should_say_what_may_have_ended_ends_and_no_code_of_the_minutes_before_is_taken()
     {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path()).await;
        let (file, mark) =
            (folder.path().join("hub.sqlite"), folder.path().join("home.strongbox/watermark-beside"));
        let open = async |now| {
            let mut store = make_and_open(&file, 7).await;
            let watermark = vault.watermark(store.writes().await.unwrap()).await.unwrap();
            store.hold_to(watermark, false, at(now)).await.unwrap();
            store
        };
        let used = async |store: &HubStore, now| {
            store.used_code("anna", &totp::window(at(now)).unwrap()).await.unwrap()
        };
        drop(open(0).await);
        for spoiled in [None, Some(b"rotten")] {
            let store = open(0).await;
            store.start_session(b"token", "anna", "a test", at(0)).await.unwrap();
            drop(store);
            let store = open(60).await;
            assert!(store.session(b"token", at(60)).await.unwrap().is_some(), "a kill ends nothing");
            drop(store);
            match spoiled {
                None => std::fs::remove_file(&mark).unwrap(),
                Some(bytes) => std::fs::write(&mark, bytes).unwrap(),
            }
            let store = open(600).await;
            assert!(store.session(b"token", at(600)).await.unwrap().is_none(), "{spoiled:?}");
            assert_eq!(store.lost(at(600)), None, "that it went back is not known, nor said");
            store.keep_only(&["anna"], &[]).await.unwrap();
            let window = totp::window(at(600)).unwrap();
            assert_eq!(used(&store, 600).await, Some(*window.end()), "none that may have been used");
            assert_eq!(used(&store, 700).await, None);
            store.close().await;
        }
        vault.close().await.unwrap();
    }

    #[tokio::test]
    async fn one_that_is_removed_while_it_is_open_is_written_anew_before_anything_is_called_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hub.sqlite");
        let store = make_and_open(&file, 7).await;
        store.start_session(b"token", "anna", "a test", at(0)).await.unwrap();
        std::fs::remove_file(&file).unwrap();
        assert!(!store.place.is_there() && store.place.put_back().is_empty());
        store.end_sessions("anna").await.unwrap();
        store.start_session(b"another", "tom", "a test", at(0)).await.unwrap();
        assert!(store.place.is_there() && store.place.put_back() == [file.clone()]);
        // A kill: what was ended stays so in the file that is found.
        drop(store);
        let store = make_and_open(&file, 7).await;
        assert!(store.session(b"token", at(1)).await.unwrap().is_none());
        assert!(store.session(b"another", at(1)).await.unwrap().is_some());

        // Its WAL alone.
        let wal = folder.path().join("hub.sqlite-wal");
        std::fs::remove_file(&wal).unwrap();
        store.start_session(b"a third", "ben", "a test", at(1)).await.unwrap();
        assert_eq!(store.place.put_back(), [wal]);
        let aside = folder.path().join("killed.sqlite");
        for end in ["", "-wal"] {
            std::fs::copy(
                folder.path().join(format!("hub.sqlite{end}")),
                format!("{}{end}", aside.display()),
            )
            .unwrap();
        }
        let killed = make_and_open(&aside, 7).await;
        assert!(killed.session(b"a third", at(1)).await.unwrap().is_some());

        // Another file in its place is not overwritten, and nothing is called done.
        let aside = folder.path().join("aside");
        std::fs::rename(&file, &aside).unwrap();
        std::fs::write(&file, b"somebody's").unwrap();
        store.end_sessions("tom").await.unwrap_err();
        assert_eq!(std::fs::read(&file).unwrap(), b"somebody's");
        std::fs::rename(&aside, &file).unwrap();
        store.end_sessions("tom").await.unwrap();
    }
}
