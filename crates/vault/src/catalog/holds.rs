//! Holds: what may not be forgotten for a while, and what waits for their end.

use jiff::Timestamp;

use super::Catalog;
use super::owed::{OwedRow, owe};
use crate::error::Error;
use crate::hold::Hold;
use crate::id::Id;

impl Catalog {
    /// Writes a hold down with the line that is owed of it, durable when this returns. Says which of its moments are not there any more:
    /// then nothing is held.
    pub(crate) async fn insert_hold(&self, hold: &Hold, line: &OwedRow<'_>) -> Result<Vec<Id>, Error> {
        let mut transaction = self.begin().await?;
        owe(&mut transaction, line).await?;
        sqlx::query("INSERT INTO holds (id, held_by, since, until) VALUES ($1, $2, $3, $4)")
            .bind(hold.id.to_db())
            .bind(&hold.by)
            .bind(hold.since.as_microsecond())
            .bind(hold.until.as_microsecond())
            .execute(&mut *transaction)
            .await?;
        let mut gone = Vec::new();
        for moment in &hold.moments {
            let inserted = sqlx::query(
                "INSERT INTO held (moment, hold) SELECT id, $2 FROM moments WHERE id = $1 AND erasure IS NULL",
            )
            .bind(moment.to_db())
            .bind(hold.id.to_db())
            .execute(&mut *transaction)
            .await?;
            if inserted.rows_affected() == 0 {
                gone.push(*moment);
            }
        }
        if gone.is_empty() {
            self.commit(transaction).await?;
        } else {
            transaction.rollback().await?;
        }
        Ok(gone)
    }

    /// Every hold, oldest first, with the moments it was put on.
    pub(crate) async fn holds(&self) -> Result<Vec<Hold>, Error> {
        self.read_holds(
            "SELECT h.id, h.held_by, h.since, h.until, m.moment FROM holds h JOIN held m ON m.hold = h.id \
             ORDER BY h.since, h.id, m.moment",
        )
        .await
    }

    /// Every hold, oldest first, with all the moments that may not be forgotten because of it: to forget one of them would take
    /// a recording of a moment that is held.
    pub(crate) async fn held_back(&self) -> Result<Vec<Hold>, Error> {
        self.read_holds(
            "SELECT h.id, h.held_by, h.since, h.until, m.moment FROM holds h JOIN \
             (SELECT moment, hold FROM held UNION SELECT s.moment, held.hold FROM held \
              JOIN recordings r ON r.moment = held.moment AND r.erasure IS NULL \
              JOIN sources s ON s.recording = r.id) m ON m.hold = h.id \
             ORDER BY h.since, h.id, m.moment",
        )
        .await
    }

    async fn read_holds(&self, query: &'static str) -> Result<Vec<Hold>, Error> {
        let rows: Vec<(i64, String, i64, i64, i64)> = sqlx::query_as(query).fetch_all(&self.readers).await?;
        let mut holds: Vec<Hold> = Vec::new();
        for (id, by, since, until, moment) in rows {
            let (id, moment) = (Id::from_db(id), Id::from_db(moment));
            match holds.last_mut().filter(|last| last.id == id) {
                Some(last) => last.moments.push(moment),
                None => {
                    let at = |micros| Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX);
                    let (since, until) = (at(since), at(until));
                    holds.push(Hold { id, by, since, until, moments: vec![moment] });
                }
            }
        }
        Ok(holds)
    }

    /// Takes a hold away, with the line that is owed of that where it did not end by itself; durable when this returns.
    pub(crate) async fn delete_hold(&self, hold: Id, line: Option<&OwedRow<'_>>) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        if let Some(line) = line {
            owe(&mut transaction, line).await?;
        }
        for statement in ["DELETE FROM held WHERE hold = $1", "DELETE FROM holds WHERE id = $1"] {
            sqlx::query(statement).bind(hold.to_db()).execute(&mut *transaction).await?;
        }
        self.commit(transaction).await
    }

    /// Takes away the holds whose end has come. Nothing is written where there are none.
    pub(crate) async fn end_holds(&self, now: Timestamp) -> Result<(), Error> {
        let ended: Vec<i64> = sqlx::query_scalar("SELECT id FROM holds WHERE until <= $1")
            .bind(now.as_microsecond())
            .fetch_all(&self.readers)
            .await?;
        for hold in ended {
            self.delete_hold(Id::from_db(hold), None).await?;
        }
        Ok(())
    }
}
