//! Rows that make no sense: a disk that rots can leave the database whole and change what stands in it. Such a row is removed, for all
//! that is kept here can be begun anew, and nobody else is to be kept out by it.

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row};
use tracing::error;

use super::HubStore;
use super::written::WriteTo;

/// What a column holds, where it makes sense.
#[derive(Clone, Copy)]
enum Sort {
    Text,
    /// Text, or nothing.
    Name,
    Bytes,
    /// Milliseconds since the beginning of 1970.
    Time,
    /// Days since then.
    Day,
    Count,
}

use Sort::{Bytes, Count, Day, Name, Text, Time};

/// Every table, with all that is read of it.
const TABLES: &[(&str, &[(&str, Sort)])] = &[
    (
        "session",
        &[
            ("id", Text),
            ("token_hash", Bytes),
            ("person", Text),
            ("client", Text),
            ("name", Name),
            ("started_ms", Time),
            ("seen_ms", Time),
            ("fresh_ms", Time),
            ("fresh_mac", Bytes),
        ],
    ),
    ("used_code", &[("person", Text), ("step", Count)]),
    ("passkey_use", &[("id", Text), ("person", Text), ("state", Bytes), ("seen_ms", Time)]),
    ("known_address", &[("person", Text), ("address", Bytes), ("seen_day", Day)]),
    ("code_try", &[("person", Text), ("standing", Text), ("empty_ms", Time), ("tried_ms", Time)]),
    ("passphrase_try", &[("person", Text), ("empty_ms", Time), ("last_ms", Time)]),
    (
        "failed_tries",
        &[
            ("person", Text),
            ("at", Text),
            ("home", Count),
            ("elsewhere", Count),
            ("from_ms", Time),
            ("until_ms", Time),
            ("told", Count),
            ("line", Text),
        ],
    ),
    ("missed", &[("device", Text), ("from_ms", Time), ("to_ms", Time), ("why", Text), ("said", Text)]),
    ("recorded", &[("device", Text)]),
    ("live_look", &[("id", Text), ("begun", Text), ("detail", Text), ("ended", Name)]),
    ("device_credential", &[("device", Text), ("hash", Bytes), ("issued_ms", Time)]),
    ("ledger_tree", &[("tree", Count)]),
    ("written", &[("writes", Count), ("lost_ms", Time)]),
];

impl HubStore {
    /// Removes every row that makes no sense, and gives how many there were since the hub was started.
    pub(crate) async fn sift(&self) -> Result<u64, sqlx::Error> {
        for (table, columns) in TABLES {
            let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
            let select = format!("SELECT rowid AS row_number, {} FROM {table}", names.join(", "));
            let rows = sqlx::query(AssertSqlSafe(select)).fetch_all(&self.pool).await?;
            let mut removed = 0;
            for row in rows.iter().filter(|row| !makes_sense(row, columns)) {
                let delete = AssertSqlSafe(format!("DELETE FROM {table} WHERE rowid = $1"));
                let number: i64 = row.try_get("row_number")?;
                removed += sqlx::query(delete).bind(number).write_to(self).await?.rows_affected();
            }
            if removed > 0 {
                error!(target: "porchlight", "{removed} rows of {table} in {} made no sense and are removed", self.file.display());
                self.removed.send_modify(|all| *all += removed);
                self.tell_ended();
            }
        }
        Ok(*self.removed.borrow())
    }

    /// Reads of every table nothing, to see that it has all its columns.
    pub(super) async fn read_every_table(&self) -> Result<(), sqlx::Error> {
        for (table, columns) in TABLES {
            let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
            let select = format!("SELECT {} FROM {table} LIMIT 0", names.join(", "));
            sqlx::query(AssertSqlSafe(select)).execute(&self.pool).await?;
        }
        Ok(())
    }

    /// How many rows made no sense since the hub was started.
    pub(crate) fn removed_rows(&self) -> u64 {
        *self.removed.borrow()
    }
}

/// Those of these rows that make sense: one that does not keeps nobody from the others, and is removed in the next round.
pub(super) fn sensible<T>(rows: &[SqliteRow], read: impl Fn(&SqliteRow) -> Result<T, sqlx::Error>) -> Vec<T> {
    rows.iter().filter_map(|row| read(row).ok()).collect()
}

fn makes_sense(row: &SqliteRow, columns: &[(&str, Sort)]) -> bool {
    columns.iter().all(|(column, sort)| match sort {
        Text => row.try_get::<String, _>(column).is_ok(),
        Name => row.try_get::<Option<String>, _>(column).is_ok(),
        // Of a value that is text SQLite gives bytes as well.
        Bytes => row.try_get::<Vec<u8>, _>(column).is_ok() && row.try_get::<i64, _>(column).is_err(),
        Time => number(row, column).is_some_and(|time| Timestamp::from_millisecond(time).is_ok()),
        Day => {
            number(row, column).is_some_and(|day| Timestamp::from_second(day.saturating_mul(86_400)).is_ok())
        }
        Count => number(row, column).is_some_and(|count| count >= 0),
    })
}

fn number(row: &SqliteRow, column: &str) -> Option<i64> {
    row.try_get(column).ok()
}

#[cfg(test)]
mod tests {
    use porchlight_protocol::Message;

    use super::super::tests::{at, store};
    use super::*;
    use crate::store::MissedStretch;

    #[tokio::test]
    async fn a_row_that_makes_no_sense_keeps_nobody_out_and_is_removed() {
        let (_folder, store) = store().await;
        let gap = |from| MissedStretch { from: at(from), to: at(from + 10), why: Message::from("why") };
        for (table, columns) in TABLES {
            for (column, sort) in *columns {
                for person in ["anna", "tom"] {
                    store.start_session(person.as_bytes(), person, "a test", at(0)).await.unwrap();
                    store.use_code(person, 100, &(99..=101)).await.unwrap();
                    store
                        .put_device_credential(person, &store.device_mac(b"c", person, None), at(0))
                        .await
                        .unwrap();
                    store.note_recorded(person).await.unwrap();
                    store.add_missed(person, &gap(0)).await.unwrap();
                    store.use_passkey(person, person, &[0; 7], at(0)).await.unwrap();
                }
                store.end_all_of_before(1, 1, false).await.unwrap();
                sqlx::query("INSERT OR IGNORE INTO known_address VALUES ('tom', X'0102030405060708', 3)")
                    .execute(&store.pool)
                    .await
                    .unwrap();
                sqlx::query("INSERT OR IGNORE INTO code_try VALUES ('tom', 'strange', 3, 3)")
                    .execute(&store.pool)
                    .await
                    .unwrap();
                sqlx::query("INSERT OR IGNORE INTO passphrase_try VALUES ('tom', 3, 3)")
                    .execute(&store.pool)
                    .await
                    .unwrap();
                sqlx::query("INSERT OR IGNORE INTO failed_tries VALUES ('tom', 'code', 1, 1, 1, 2, 0, '')")
                    .execute(&store.pool)
                    .await
                    .unwrap();
                sqlx::query(r#"INSERT OR IGNORE INTO live_look VALUES ('a-look', '"a line"', '{}', NULL)"#)
                    .execute(&store.pool)
                    .await
                    .unwrap();
                // One row of the table, and a value that no statement of ours writes there.
                let senseless = match sort {
                    Text | Name => "CAST(X'ff00' AS TEXT)",
                    Bytes => "7",
                    Time | Day | Count => "'soon'",
                };
                let spoil = format!(
                    "UPDATE {table} SET {column} = {senseless} WHERE rowid = (SELECT MAX(rowid) FROM {table})"
                );
                let spoiled = sqlx::query(AssertSqlSafe(spoil)).execute(&store.pool).await.unwrap();
                assert_eq!(spoiled.rows_affected(), 1, "{table} {column}");

                // While it lies there, Anna is signed in, and what is told of her is told.
                let anna = store.session(b"anna", at(1)).await.unwrap();
                assert!(anna.is_some(), "{table} {column}");
                assert_eq!(store.sessions_of("anna").await.unwrap().len(), 1);
                assert_eq!(store.missed("anna", at(0)).await.unwrap().len(), 1);
                let device = [("anna", None), ("tom", None)];
                assert!(store.device_of(b"c", device).await.unwrap().is_some());
                store.device_credentials().await.unwrap();
                store.addresses(at(0)).await.unwrap();
                store.passphrase_tries().await.unwrap();
                store.untold_failed_tries().await.unwrap();
                store.live_looks(None).await.unwrap();

                let before = store.removed_rows();
                assert_eq!(store.sift().await.unwrap(), before + 1, "{table} {column}");
                assert_eq!(store.sift().await.unwrap(), before + 1, "once is enough");
                assert!(store.session(b"anna", at(1)).await.unwrap().is_some());
                for table in TABLES.iter().map(|(table, _)| table) {
                    let all = AssertSqlSafe(format!("DELETE FROM {table}"));
                    sqlx::query(all).execute(&store.pool).await.unwrap();
                }
            }
        }
    }

    #[tokio::test]
    async fn every_column_of_every_table_is_sifted() {
        let (_folder, store) = store().await;
        let of: Vec<(String, String)> = sqlx::query_as(
            r"SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.name NOT LIKE '\_%' ESCAPE '\' AND m.name NOT LIKE 'sqlite%'",
        )
        .fetch_all(&store.pool)
        .await
        .unwrap();
        assert!(of.len() > 30);
        for (table, column) in of {
            // The one row of this table has a number that is checked by SQLite.
            let known = TABLES.iter().find(|(name, _)| *name == table).expect(&table).1;
            assert!(column == "one" || known.iter().any(|(name, _)| *name == column), "{table} {column}");
        }
    }
}
