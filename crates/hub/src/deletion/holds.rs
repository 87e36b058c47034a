//! Holds: what somebody needs for a while, and nobody can forget until then.

use std::collections::BTreeSet;

use porchlight_protocol::{HoldRequest, HoldView, ProofFor};
use porchlight_vault::{self as vault, Entry, Filter, Hold, Id, NewHold};
use tracing::warn;

use crate::accounts::auth::SignedIn;
use crate::deletion::expire_once;
use crate::error::Error;
use crate::ledger::readers_for;
use crate::messages;
use crate::query::{self, Bound, Names, household_kind, whose};
use crate::state::Hub;

/// The longest reason, in characters.
const MOST_WORDS: usize = 500;

/// Keep moments from being forgotten, by anybody and by their end dates, until a date. What one holds until then already is held once. Takes
/// a proof that is made for it, as a longer rule does: whoever comes by a session must not have it keep more for them.
pub async fn hold(hub: &Hub, who: &SignedIn, request: &HoldRequest) -> Result<HoldView, Error> {
    let home = hub.home();
    let why = request.why.trim();
    if why.is_empty() || why.chars().count() > MOST_WORDS {
        return Err(Error::bad(format!(
            "say why it is to be held, in at most {MOST_WORDS} characters; only the adults of the household can read it"
        )));
    }
    Error::refuse_hidden(why)?;
    let until = query::instant(&request.until, home.household.zone(), Bound::End)?;
    let mut entries = query::chosen(hub, &who.viewer, &request.selection).await?;
    // Named one by one, an effect is refused in words; among many it is not what was meant.
    if request.selection.ids.is_empty() {
        entries.retain(|entry| entry.caused_by.is_none());
    }
    if entries.is_empty() {
        return Err(Error::not_found("nothing is kept that fits, so there is nothing to hold"));
    }
    let others = entries.iter().filter(|entry| !may_hold(hub, who, entry)).count();
    if others > 0 {
        return Err(Error::not_yours(format!(
            "only who may forget a recording may hold it, and that is not so for {others} of these; choose the others"
        )));
    }
    // From here to where it is spent one at a time: a word is good for one hold, however many are asked for with it at once.
    let _one_at_a_time = hub.changing.lock().await;
    who.must_have_proved(hub, ProofFor::Hold, request.proof.as_deref()).await?;
    let moments: BTreeSet<Id> = entries.iter().map(|entry| entry.moment).collect();
    let new = NewHold {
        ids: moments.into_iter().collect(),
        by: who.person().to_string(),
        until,
        why: why.to_owned(),
        readers: readers_for(hub, who.person())?,
    };
    let before = hub.vault.holds().await?;
    let hold = match hub.vault.hold(new).await {
        Err(error @ (vault::Error::HoldPast(_) | vault::Error::HoldTooLong { .. })) => {
            return Err(Error::bad(messages::hold(&error, home.household.zone())));
        }
        done => done?,
    };
    who.has_used_proof(hub, ProofFor::Hold);
    let already = before.iter().any(|held| held.id == hold.id);
    Ok(HoldView { already, ..view(hub, &Names::for_lists(hub).await?, &hold).await? })
}

/// The holds that are in force, as far as one may release them: oldest first.
pub async fn list(hub: &Hub, who: &SignedIn) -> Result<Vec<HoldView>, Error> {
    let names = Names::for_lists(hub).await?;
    let mut views = Vec::new();
    for hold in releasable(hub, who).await? {
        views.push(view(hub, &names, &hold).await?);
    }
    Ok(views)
}

/// Release a hold before its end. What was to be forgotten meanwhile is forgotten now, or as soon as the disk lets it be. Takes a fresh session.
pub async fn release(hub: &Hub, who: &SignedIn, id: u64) -> Result<(), Error> {
    who.must_be_fresh(hub)?;
    let id = Id::from(id);
    // One that is not theirs to release is answered like one that never was.
    if !releasable(hub, who).await?.iter().any(|hold| hold.id == id) {
        return Err(vault::Error::NoHold.into());
    }
    hub.vault.release_hold(id, who.person().as_str(), readers_for(hub, who.person())?).await?;
    // It is released, whatever becomes of this; a deletion that was begun and is not finished is told of by `doctor` and on Home.
    if let Err(error) = expire_once(hub).await {
        warn!(target: "porchlight", "what waited for the end of a hold could not be forgotten yet: {error}");
    }
    Ok(())
}

fn may_hold(hub: &Hub, who: &SignedIn, entry: &Entry) -> bool {
    whose(&hub.home().household, entry)
        .is_some_and(|whose| who.viewer.may_forget(&whose, household_kind(entry.kind)))
}

/// The holds in force that this person may release: there are no others for them.
async fn releasable(hub: &Hub, who: &SignedIn) -> Result<Vec<Hold>, Error> {
    let mut theirs = Vec::new();
    for hold in hub.vault.holds().await? {
        if may_release(hub, who, &hold).await? {
            theirs.push(hold);
        }
    }
    Ok(theirs)
}

/// Whoever holds may release; so may everybody who may forget all of it.
async fn may_release(hub: &Hub, who: &SignedIn, hold: &Hold) -> Result<bool, Error> {
    if hold.by == who.person().as_str() {
        return Ok(true);
    }
    let entries = hub.vault.list(&Filter { ids: hold.moments.clone(), ..Filter::default() }).await?;
    // What cannot be read is left out of the list, and must not pass for everybody's.
    let known: BTreeSet<Id> = entries.iter().map(|entry| entry.moment).collect();
    Ok(hold.moments.iter().all(|moment| known.contains(moment))
        && entries.iter().all(|entry| may_hold(hub, who, entry)))
}

async fn view(hub: &Hub, names: &Names, hold: &Hold) -> Result<HoldView, Error> {
    let lost = hub.vault.without_payload(&hold.moments).await?;
    let entries = hub.vault.list(&Filter { ids: hold.moments.clone(), ..Filter::default() }).await?;
    // What requests left behind is a moment of its own, and what was made of what is held is counted with that.
    let held = entries.iter().filter(|entry| hold.moments.contains(&entry.moment));
    Ok(HoldView {
        id: hold.id.get(),
        by: names.person(&hold.by),
        since: hold.since,
        until: hold.until,
        moments: hold.moments.iter().map(|id| id.get()).collect(),
        amount: names.amount(held),
        amount_lost: names.amount(entries.iter().filter(|entry| lost.contains(&entry.id))),
        lost: lost.into_iter().map(Id::get).collect(),
        already: false,
    })
}
