//! The two lines of a live look in the ledger: one before the first byte, one when it is over.
//!
//! What is owed is written down before the first of them: a hub that is killed in between tells the end at its next start, and says no
//! more of it than that.

use jiff::Timestamp;
use porchlight_protocol::events::Happening;
use porchlight_protocol::{LineKind, LiveEnd};
use serde_json::json;
use tracing::warn;

use super::super::live_looks::Open;
use super::camera_name;
use crate::error::Error;
use crate::ledger;
use crate::state::Hub;
use crate::store::LiveLook;

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
    let begun = hub.vault.prepare_line(ledger::line(hub, LineKind::Live, detail.clone())?).await?;
    hub.store.add_live_look(look, &begun, &detail).await?;
    if let Err(why) = hub.vault.tell(&begun).await {
        // Whether it is there is not known: its end is told with it, by the next round.
        return Err(why.into());
    }
    Ok(())
}

/// Somebody watches no more: everybody is told at once, and the ledger when it can be written.
pub(super) async fn end(hub: &Hub, look: &str, why: LiveEnd) {
    let now = hub.now();
    let Some(open) = hub.live.lock().get_mut(look).map(|open| {
        open.over = Some((now, why));
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
            Some(Some((at, why))) => tell(hub, left, Some(at), why).await?,
            None => tell(hub, left, None, LiveEnd::CutShort).await?,
        }
    }
    // Of those that are over and have no row any more nothing is owed.
    let rows = hub.store.live_looks(None).await?;
    hub.live.lock().retain(|id, open| open.over.is_none() || rows.iter().any(|row| row.id == *id));
    Ok(())
}

/// Each step can be done again, so that it does not matter where it was cut.
async fn tell(hub: &Hub, left: LiveLook, at: Option<Timestamp>, why: LiveEnd) -> Result<(), Error> {
    let LiveLook { id, begun, mut detail, ended } = left;
    hub.vault.tell(&begun).await?;
    let ended = match ended {
        Some(ended) => ended,
        None => {
            detail["since"] = detail["at"].take();
            // Where it is not known when it ended, this is when it was over at the latest.
            detail["at"] = json!(at.unwrap_or_else(|| hub.now()));
            detail["why"] = json!(why);
            let ended = hub.vault.prepare_line(ledger::line(hub, LineKind::LiveEnd, detail)?).await?;
            hub.store.end_live_look(&id, &ended).await?;
            ended
        }
    };
    hub.vault.tell(&ended).await?;
    Ok(hub.store.forget_live_look(&id).await?)
}
