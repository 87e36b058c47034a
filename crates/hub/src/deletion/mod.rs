//! Forgetting, whoever asked: the vault does it, and everything that is in memory lets go.

pub mod by_hand;
pub mod cascade;
pub mod holds;
pub mod previews;
pub mod unproven;

use std::collections::BTreeSet;

use porchlight_protocol::{ForgottenView, Message};
use porchlight_vault::ledger::Receipt;
use porchlight_vault::{Expiry, Filter, Forgotten, Gone, Id, Mirror, Plan, Readers, Reason, Selection, Why};
use tracing::warn;

use crate::error::Error;
use crate::ledger::readers;
use crate::query::MOST_IDS;
use crate::state::Hub;

/// Forgets what a plan holds, and those of its effects that are named.
pub async fn forget_plan(hub: &Hub, plan: &Plan, effects: &[Id], why: Why) -> Result<Forgotten, Error> {
    // What somebody said and what rang is told for a while; nobody who has something forgotten is to hear of it again.
    let by = why.by.clone();
    let done = forget(hub, plan, effects, why).await;
    hub.recent_utterances.forget_words_of(&by);
    hub.events.forget_words();
    done
}

/// The one door to the vault's deletion: through it everything in memory lets go of what is gone.
async fn forget(hub: &Hub, plan: &Plan, effects: &[Id], why: Why) -> Result<Forgotten, Error> {
    let done = hub.vault.forget(&plan.token, effects, why).await;
    let_go(hub);
    Ok(done?)
}

/// Everything in memory lets go of what was forgotten, and every open page is told to: of what a deletion has only begun with too, for
/// it is finished later, by whichever call comes next.
pub(crate) fn let_go(hub: &Hub) {
    let Gone { moments, recordings } = hub.vault.take_gone();
    if !(moments.is_empty() && recordings.is_empty()) {
        hub.let_go(&moments.iter().map(|id| id.get()).collect(), recordings.iter().map(|id| id.get()));
    }
}

/// Forgets recordings by id, in as few deletions as can be; the effects they left behind stay. None is no error, and no deletion. Adds
/// to `held` the moments that stay until a hold on them ends.
pub(crate) async fn forget_ids(
    hub: &Hub,
    ids: &[Id],
    reason: Reason,
    by: &str,
    readers: &Readers,
    held: &mut BTreeSet<Id>,
) -> Result<Vec<Forgotten>, Error> {
    let mut forgotten = Vec::new();
    for ids in ids.chunks(MOST_IDS) {
        let plan = hub.vault.plan(&Selection::Ids(ids.to_vec())).await?;
        held.extend(plan.held.iter().flat_map(|hold| &hold.moments));
        let why = Why { reason, by: by.to_owned(), readers: readers.clone(), stays: Vec::new() };
        forgotten.push(forget_plan(hub, &plan, &[], why).await?);
    }
    Ok(forgotten)
}

/// Forgets the effects that are done. One that cannot be forgotten now is said, and tried again in the next round.
pub(crate) async fn forget_done(hub: &Hub) {
    let done: Vec<Id> = hub.effects.take_done().into_iter().map(Id::from).collect();
    let forget = async {
        if done.is_empty() {
            return Ok(());
        }
        // Somebody may have had it forgotten meanwhile.
        let there = hub.vault.list(&Filter { ids: done.clone(), ..Filter::default() }).await?;
        let there: Vec<Id> = there.iter().map(|entry| entry.id).collect();
        if there.is_empty() { Ok(()) } else { forget_effects(hub, &there).await }
    };
    if let Err(error) = forget.await {
        warn!(target: "porchlight", "a timer or reminder that is done could not be forgotten yet: {error}");
        for id in done {
            hub.effects.is_done(id.get());
        }
    }
}

/// Forgets effects that are done. Nobody asked to have anything forgotten, so what was said and what rang is told on.
pub async fn forget_effects(hub: &Hub, ids: &[Id]) -> Result<(), Error> {
    let plan = hub.vault.plan(&Selection::Ids(ids.to_vec())).await?;
    let why = Why { reason: Reason::Done, by: "hub".into(), readers: readers(hub)?, stays: Vec::new() };
    forget(hub, &plan, &[], why).await.map(drop)
}

/// Forgets what has reached its end date, and what waited for the end of a hold.
pub async fn expire_once(hub: &Hub) -> Result<Expiry, Error> {
    let expiry = hub.vault.expire(&readers(hub)?).await;
    let_go(hub);
    Ok(expiry?)
}

/// What was forgotten, in words.
pub fn view(done: &Forgotten) -> ForgottenView {
    let mut strongboxes = Vec::new();
    let mut complete = true;
    for state in &done.mirrors {
        let path = state.path.display();
        strongboxes.push(match &state.mirror {
            Mirror::Acknowledged { .. } => {
                Message::new("mirror-gone", format!("Gone: the strongbox mirror {path}.")).with("path", path)
            }
            Mirror::Pending { why, .. } => {
                complete = false;
                let text = format!(
                    "Incomplete: the strongbox mirror {path} ({why}). It is brought up to date before it counts again."
                );
                Message::new("mirror-pending", text).with("path", path).because(why.as_str().into())
            }
        });
    }
    if let Some(why) = &done.unswept {
        let text = format!(
            "Sealed remains that nobody can open are still to be removed ({why}); that is tried again."
        );
        strongboxes.push(Message::new("remains-left", text).because(why.as_str().into()));
    }
    ForgottenView {
        moments: done.moments.len() as u64,
        recordings: done.recordings.iter().map(|id| id.get()).collect(),
        complete,
        strongboxes: Message::texts(&strongboxes),
        strongboxes_said: strongboxes,
        ledger_line: done.line,
        receipt: done.receipt.as_ref().map(Receipt::to_json),
    }
}
