//! Live pictures whose end is still to be told.

use porchlight_vault::OwedLine;
use sqlx::Row;

use super::HubStore;
use super::sift::sensible;
use super::written::WriteTo;

/// A live picture, from before it begins until its end is in the ledger.
pub(crate) struct LiveLook {
    /// Its name in the ledger.
    pub id: String,
    /// The line of its beginning.
    pub begun: OwedLine,
    /// What is known of it for the line of its end, as it was marked.
    pub detail: String,
    /// The line of its end, once it is prepared.
    pub ended: Option<OwedLine>,
}

impl HubStore {
    /// Writes down that a live picture is about to begin.
    pub(crate) async fn add_live_look(
        &self,
        id: &str,
        begun: &OwedLine,
        detail: &str,
    ) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO live_look (id, begun, detail) VALUES ($1, $2, $3)")
            .bind(id)
            .bind(serde_json::to_string(begun).unwrap_or_default())
            .bind(detail)
            .write_to(self)
            .await?;
        Ok(())
    }

    /// Writes down the line that is owed for its end.
    pub(crate) async fn end_live_look(&self, id: &str, ended: &OwedLine) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE live_look SET ended = $1 WHERE id = $2")
            .bind(serde_json::to_string(ended).unwrap_or_default())
            .bind(id)
            .write_to(self)
            .await?;
        Ok(())
    }

    /// Its end is told.
    pub(crate) async fn forget_live_look(&self, id: &str) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM live_look WHERE id = $1").bind(id).write_to(self).await?;
        Ok(())
    }

    /// Every live picture whose end is not told yet: this one, or all.
    pub(crate) async fn live_looks(&self, only: Option<&str>) -> Result<Vec<LiveLook>, sqlx::Error> {
        let rows = sqlx::query("SELECT id, begun, detail, ended FROM live_look WHERE $1 IS NULL OR id = $1")
            .bind(only)
            .fetch_all(&self.pool)
            .await?;
        Ok(sensible(&rows, |row| {
            let broken = |why: serde_json::Error| sqlx::Error::Decode(why.into());
            let ended: Option<String> = row.try_get("ended")?;
            Ok(LiveLook {
                id: row.try_get("id")?,
                begun: serde_json::from_str(row.try_get("begun")?).map_err(broken)?,
                detail: row.try_get("detail")?,
                ended: ended.map(|line| serde_json::from_str(&line)).transpose().map_err(broken)?,
            })
        }))
    }
}
