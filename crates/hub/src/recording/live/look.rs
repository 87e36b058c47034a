//! The two lines of a live look in the ledger: one before the first byte, one when it is over.
//!
//! What is owed is written down before the first of them: a hub that is killed in between tells the end at its next start, and says no
//! more of it than that.

use jiff::Timestamp;
use porchlight_protocol::events::Happening;
use porchlight_protocol::{LineKind, LiveEnd};
use porchlight_vault::{Error as VaultError, OwedLine};
use serde_json::{Map, Value, json};
use tracing::{error, warn};

use super::super::live_looks::Open;
use super::camera_name;
use crate::error::Error;
use crate::ledger;
use crate::state::Hub;
use crate::store::LiveLook;

/// What the detail of a look is marked as while it waits for its end.
const DETAIL: &str = "live look";

/// Writes down that somebody begins to watch. The line is in the ledger when this returns.
///
/// # Errors
/// Then nobody watches; where the line may be in the ledger all the same, its end is owed.
pub(super) async fn begin(hub: &Hub, open: &Open) -> Result<(), Error> {
    let Open { look, person, session, client, camera, since, .. } = open;
    let detail = json!({
        "v": 1, "who": person, "client": client, "session": session, "look": look,
        "camera": camera, "device": camera_name(hub, camera), "at": since,
    });
    // One that was refused a moment ago has its line already.
    let begun = match hub.store.live_looks(Some(look)).await?.into_iter().next() {
        Some(row) => row.begun,
        None => {
            let begun = hub.vault.prepare_line(ledger::line(hub, LineKind::Live, detail.clone())?).await?;
            let marked = hub.vault.mark(DETAIL, &detail.to_string());
            hub.store.add_live_look(look, &begun, &marked).await?;
            begun
        }
    };
    if let Err(why) = hub.vault.tell(&begun).await {
        // Whether it is there is not known: that nothing was sent is told with it, by the next round.
        hub.live.refuse(look, hub.now());
        return Err(why.into());
    }
    Ok(())
}

/// Somebody watches no more: everybody is told at once, and the ledger when it can be written.
pub(super) async fn end(hub: &Hub, look: &str, why: LiveEnd) {
    let now = hub.now();
    let Some(open) = hub.live.lock().get_mut(look).map(|open| {
        // A clock that was set back meanwhile ends nothing before it began.
        open.over = Some((now.max(open.since), why));
        open.clone()
    }) else {
        return;
    };
    let told = Happening::WatchingEnded {
        watching: open.view(&hub.home().household),
        device: camera_name(hub, &open.camera),
    };
    hub.events.tell(now, told);
    if let Err(error) = finish(hub, Some(look)).await {
        warn!(target: "porchlight", "the end of a live look is owed, and told by the next round: {error}");
    }
}

/// Tells the ends that an earlier run of the hub, or a disk that failed, left. Where that fails again it is tried again later.
pub(crate) async fn finish_left(hub: &Hub) {
    if let Err(error) = finish(hub, None).await {
        warn!(target: "porchlight", "the end of a live look is owed, and is tried again: {error}");
    }
}

async fn finish(hub: &Hub, only: Option<&str>) -> Result<(), Error> {
    let _one_at_a_time = hub.live.ending.lock().await;
    for left in hub.store.live_looks(only).await? {
        let open = hub.live.lock().get(&left.id).map(|open| open.over);
        match open {
            // Somebody watches still, or is about to.
            Some(None) => continue,
            Some(Some((at, why))) => tell_or_drop(hub, left, Some(at), why).await?,
            None => tell_or_drop(hub, left, None, LiveEnd::CutShort).await?,
        }
    }
    // Of those that are over and have no row any more nothing is owed.
    let rows = hub.store.live_looks(None).await?;
    hub.live.lock().retain(|id, open| open.over.is_none() || rows.iter().any(|row| row.id == *id));
    Ok(())
}

/// Tells the end of one. A row that is not as the hub wrote it down is told to nobody, and holds up none of the others.
async fn tell_or_drop(hub: &Hub, left: LiveLook, at: Option<Timestamp>, why: LiveEnd) -> Result<(), Error> {
    let id = left.id.clone();
    let detail = hub.vault.unmark(DETAIL, &left.detail).and_then(|text| serde_json::from_str(&text).ok());
    let detail = detail.filter(|detail: &Map<String, Value>| detail.get("look") == Some(&json!(id)));
    let told = match detail {
        Some(detail) => tell(hub, left, detail, at, why).await?,
        None => false,
    };
    if !told {
        error!(target: "porchlight", "a live look's end is told to nobody: {}", VaultError::NotOurs);
    }
    Ok(hub.store.forget_live_look(&id).await?)
}

/// Tells both lines; false where one of them is not as it was prepared. Each step can be done again, so that it does not matter where it was cut.
async fn tell(
    hub: &Hub,
    left: LiveLook,
    mut detail: Map<String, Value>,
    at: Option<Timestamp>,
    why: LiveEnd,
) -> Result<bool, Error> {
    let LiveLook { id, begun, ended, .. } = left;
    if !is_told(hub, &begun).await? {
        return Ok(false);
    }
    let ended = match ended {
        Some(ended) => ended,
        None => {
            let since = detail.remove("at").unwrap_or_default();
            detail.insert("since".into(), since);
            // Where it is not known when it ended, this is when it was over at the latest.
            detail.insert("at".into(), json!(at.unwrap_or_else(|| hub.now())));
            detail.insert("why".into(), json!(why));
            let line = ledger::line(hub, LineKind::LiveEnd, Value::Object(detail))?;
            let ended = hub.vault.prepare_line(line).await?;
            hub.store.end_live_look(&id, &ended).await?;
            ended
        }
    };
    is_told(hub, &ended).await
}

async fn is_told(hub: &Hub, line: &OwedLine) -> Result<bool, Error> {
    match hub.vault.tell(line).await {
        Err(VaultError::NotOurs) => Ok(false),
        told => Ok(told.map(|_| true)?),
    }
}
