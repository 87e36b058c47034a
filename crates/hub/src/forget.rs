//! Forgetting, whoever asked: the vault does it, and everything that is in memory lets go.

use std::collections::BTreeSet;

use porchlight_vault::ledger::Receipt;
use porchlight_vault::{Forgotten, Gone, Id, Mirror, Plan, Readers, Reason, Selection, Why};

use crate::api::types::{ForgottenView, Sentence};
use crate::error::ApiError;
use crate::hub::Hub;

/// The most ids that one plan takes.
const MOST_IDS: usize = 10_000;

/// Forgets what a plan holds, and those of its effects that are named.
pub(crate) async fn forget_plan(
    hub: &Hub,
    plan: &Plan,
    effects: &[Id],
    why: Why,
) -> Result<Forgotten, ApiError> {
    let by = why.by.clone();
    let done = hub.vault.forget(&plan.token, effects, why).await;
    // What somebody said and what rang is told for a while; nobody who has something forgotten is to hear of it again.
    hub.heard.forget_words_of(&by);
    hub.events.forget_words();
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
) -> Result<Vec<Forgotten>, ApiError> {
    let mut forgotten = Vec::new();
    for ids in ids.chunks(MOST_IDS) {
        let plan = hub.vault.plan(&Selection::Ids(ids.to_vec())).await?;
        held.extend(plan.held.iter().flat_map(|hold| &hold.moments));
        let why = Why { reason, by: by.to_owned(), readers: readers.clone(), stays: Vec::new() };
        forgotten.push(forget_plan(hub, &plan, &[], why).await?);
    }
    Ok(forgotten)
}

/// What was forgotten, in words.
pub(crate) fn view(done: &Forgotten) -> ForgottenView {
    let mut strongboxes = Vec::new();
    let mut complete = true;
    for state in &done.mirrors {
        let path = state.path.display();
        strongboxes.push(match &state.mirror {
            Mirror::Acknowledged { .. } => {
                Sentence::new("mirror-gone", format!("Gone: the strongbox mirror {path}.")).with("path", path)
            }
            Mirror::Pending { why, .. } => {
                complete = false;
                let text = format!(
                    "Incomplete: the strongbox mirror {path} ({why}). It is brought up to date before it counts again."
                );
                Sentence::new("mirror-pending", text).with("path", path).because(why.as_str().into())
            }
        });
    }
    if let Some(why) = &done.unswept {
        let text = format!(
            "Sealed remains that nobody can open are still to be removed ({why}); that is tried again."
        );
        strongboxes.push(Sentence::new("remains-left", text).because(why.as_str().into()));
    }
    ForgottenView {
        moments: done.moments.len() as u64,
        recordings: done.recordings.iter().map(|id| id.get()).collect(),
        complete,
        strongboxes: Sentence::texts(&strongboxes),
        strongboxes_said: strongboxes,
        ledger_line: done.line,
        receipt: done.receipt.as_ref().map(Receipt::to_json),
    }
}
