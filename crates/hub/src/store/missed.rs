//! What cameras missed, and which of them have recorded at all.

use jiff::{SignedDuration, Timestamp};
use porchlight_protocol::Message;
use sqlx::Row;

use super::sift::sensible;
use super::written::WriteTo;
use super::{HubStore, timestamp};

/// How long it is remembered what a camera missed.
pub const MISSED_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// So many stretches of one camera are remembered: more say no more.
pub(crate) const MISSED_OF_A_CAMERA: i64 = 200;

/// One stretch of time that a camera did not record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissedStretch {
    /// The first instant that is missing.
    pub from: Timestamp,
    /// When recording went on.
    pub to: Timestamp,
    /// Why.
    pub why: Message,
}

impl MissedStretch {
    /// One in which a camera had privacy.
    pub(crate) fn of_privacy(from: Timestamp, to: Timestamp) -> MissedStretch {
        MissedStretch { from, to, why: Message::new("camera-had-privacy", "Privacy was switched on.") }
    }
}

impl HubStore {
    /// Writes down what a camera missed. The same stretch reported again replaces the earlier report; of a camera that comes and goes all the
    /// time the newest are kept.
    pub(crate) async fn add_missed(&self, device: &str, missed: &MissedStretch) -> Result<(), sqlx::Error> {
        sqlx::query(
            "INSERT INTO missed (device, from_ms, to_ms, why, said) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (device, from_ms) DO UPDATE
                SET to_ms = excluded.to_ms, why = excluded.why, said = excluded.said",
        )
        .bind(device)
        .bind(missed.from.as_millisecond())
        .bind(missed.to.as_millisecond())
        .bind(&missed.why.text)
        .bind(serde_json::to_string(&missed.why).unwrap_or_default())
        .write_to(self)
        .await?;
        sqlx::query(
            "DELETE FROM missed WHERE device = $1 AND from_ms <=
                (SELECT from_ms FROM missed WHERE device = $1 ORDER BY from_ms DESC LIMIT 1 OFFSET $2)",
        )
        .bind(device)
        .bind(MISSED_OF_A_CAMERA)
        .write_to(self)
        .await?;
        Ok(())
    }

    /// What a camera missed since `since`, oldest first; of very much the newest.
    pub async fn missed(&self, device: &str, since: Timestamp) -> Result<Vec<MissedStretch>, sqlx::Error> {
        let rows = sqlx::query(
            "SELECT from_ms, to_ms, why, said FROM
                (SELECT from_ms, to_ms, why, said FROM missed WHERE device = $1 AND to_ms >= $2 ORDER BY from_ms DESC LIMIT $3)
             ORDER BY from_ms",
        )
        .bind(device)
        .bind(since.as_millisecond())
        .bind(MISSED_OF_A_CAMERA)
        .fetch_all(&self.pool)
        .await?;
        Ok(sensible(&rows, |row| {
            let (why, said): (String, String) = (row.try_get("why")?, row.try_get("said")?);
            Ok(MissedStretch {
                from: timestamp(row.try_get("from_ms")?)?,
                to: timestamp(row.try_get("to_ms")?)?,
                // One of an earlier release has its text alone.
                why: serde_json::from_str(&said).unwrap_or_else(|_| why.into()),
            })
        }))
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
            .write_to(self)
            .await?;
        Ok(())
    }

    /// Notes that something of a camera was kept.
    pub(crate) async fn note_recorded(&self, device: &str) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO recorded (device) VALUES ($1) ON CONFLICT (device) DO NOTHING")
            .bind(device)
            .write_to(self)
            .await?;
        Ok(())
    }

    /// Whether anything of a camera was ever kept.
    pub(crate) async fn has_recorded(&self, device: &str) -> Result<bool, sqlx::Error> {
        let found = sqlx::query("SELECT 1 FROM recorded WHERE device = $1")
            .bind(device)
            .fetch_optional(&self.pool)
            .await?;
        Ok(found.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, store};
    use super::*;

    #[tokio::test]
    async fn gaps_are_listed_by_device_and_let_go() {
        let (_folder, store) = store().await;
        let why = Message::new("camera-garbage", "It said something else.").with("detail", "else");
        let gap = MissedStretch { from: at(0), to: at(10), why };
        store.add_missed("porch", &gap).await.unwrap();
        store.add_missed("porch", &gap).await.unwrap();
        assert_eq!(store.missed("porch", at(-100)).await.unwrap(), [gap]);
        assert!(store.missed("hall", at(-100)).await.unwrap().is_empty());
        store.forget_missed(None, at(11)).await.unwrap();
        assert!(store.missed("porch", at(-100)).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn of_a_camera_that_comes_and_goes_all_the_time_the_newest_gaps_are_remembered() {
        let (_folder, store) = store().await;
        let gap = |second| MissedStretch { from: at(second), to: at(second + 1), why: "It hung up.".into() };
        store.add_missed("hall", &gap(0)).await.unwrap();
        for second in 0..MISSED_OF_A_CAMERA + 20 {
            store.add_missed("porch", &gap(2 * second)).await.unwrap();
        }
        let kept = store.missed("porch", at(-100)).await.unwrap();
        assert_eq!(kept.len() as i64, MISSED_OF_A_CAMERA);
        assert_eq!((&kept[0], kept.last().unwrap()), (&gap(40), &gap(2 * (MISSED_OF_A_CAMERA + 19))));
        assert_eq!(store.missed("hall", at(-100)).await.unwrap().len(), 1);
    }
}
