//! When each passkey was last used, and what changes with each use: its counter. Neither is a secret, and neither lets anybody in.

use jiff::Timestamp;
use sqlx::Row;

use super::written::WriteTo;
use super::{HubStore, timestamp};

/// Bytes in a passkey's state.
const STATE: usize = 7;

impl HubStore {
    /// Notes that a passkey was used, and how it is since.
    pub async fn use_passkey(
        &self,
        id: &str,
        person: &str,
        state: &[u8; STATE],
        now: Timestamp,
    ) -> Result<(), sqlx::Error> {
        sqlx::query(
            "INSERT INTO passkey_use (id, person, state, seen_ms) VALUES ($1, $2, $3, $4)
             ON CONFLICT (id) DO UPDATE SET state = excluded.state, seen_ms = excluded.seen_ms",
        )
        .bind(id)
        .bind(person)
        .bind(state.as_slice())
        .bind(now.as_millisecond())
        .write_to(self)
        .await?;
        Ok(())
    }

    /// How a passkey was after its last use.
    pub(crate) async fn passkey_state(&self, id: &str) -> Result<Option<[u8; STATE]>, sqlx::Error> {
        let state: Option<Vec<u8>> = sqlx::query_scalar("SELECT state FROM passkey_use WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        Ok(state.and_then(|state| state.try_into().ok()))
    }

    /// When a passkey was last used.
    pub async fn passkey_seen(&self, id: &str) -> Result<Option<Timestamp>, sqlx::Error> {
        let row = sqlx::query("SELECT seen_ms FROM passkey_use WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| timestamp(row.try_get("seen_ms")?)).transpose()
    }

    /// Forgets one passkey of a person, or all of theirs.
    pub(crate) async fn forget_passkeys(&self, person: &str, id: Option<&str>) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM passkey_use WHERE person = $1 AND ($2 IS NULL OR id = $2)")
            .bind(person)
            .bind(id)
            .write_to(self)
            .await?;
        Ok(())
    }
}
