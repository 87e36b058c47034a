//! Another key for the ledger, signed for by the one before it.

use porchlight_household::PersonId;
use porchlight_protocol::LineKind;
use porchlight_vault::StrongboxChange;
use serde_json::json;

use super::readers_for;
use crate::error::Error;
use crate::intents::{self, Owed, Then};
use crate::state::Hub;

/// Gives the ledger another signing key, together with its line, and destroys the one before.
pub async fn next_key(hub: &Hub, by: &PersonId) -> Result<(), Error> {
    let changing = hub.changing.lock().await;
    intents::finish(hub, &changing).await?;
    let key = hub.vault.next_ledger_key().await?;
    let owed = Owed {
        by,
        kind: LineKind::LedgerKey,
        detail: json!({ "v": 1, "who": by, "key": key.verifier().to_string(), "at": hub.now() }),
        readers: readers_for(hub, by)?,
        then: Then::Tell,
    };
    intents::make(hub, &changing, StrongboxChange::default().ledger_key(key), owed).await?;
    intents::follow(hub, &changing).await?;
    Ok(())
}
