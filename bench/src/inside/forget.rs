//! Forgetting by a vault.

use std::path::Path;
use std::sync::Arc;

use age::x25519::Identity;
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use porchlight_vault::{
    Audience, Config, Ends, Kind, NewMoment, NewRecording, Owner, Purpose, Readers, Reason, Selection,
    SystemClock, Terms, Vault, Why,
};
use zeroize::Zeroizing;

use super::bytes::random;
use super::stopwatch::{Deleted, Stopwatch};

/// Fills a vault, and forgets half of what is in it, one at a time, in no order of ids.
pub(super) async fn forget(folder: &Path, times: usize, bytes: usize) -> Result<Vec<Deleted>> {
    let vault = open(folder).await?;
    let audience = audience(1)?;
    let mut kept = Vec::new();
    for _ in 0..2 * times {
        kept.push(
            vault.keep(moment(Kind::Voice, Zeroizing::new(random(bytes)?), &audience)?).await?.recordings[0],
        );
    }
    let mut deleted = Vec::new();
    for id in kept.into_iter().step_by(2) {
        deleted.push(forget_selected(&vault, &Selection::Ids(vec![id]), &audience).await?);
    }
    vault.close().await?;
    Ok(deleted)
}

/// The preview and the deletion, as somebody who forgets goes through both.
pub(super) async fn forget_selected(vault: &Vault, what: &Selection, audience: &Audience) -> Result<Deleted> {
    let readers = Readers { audience: audience.clone(), until: in_days(400) };
    let why = Why { reason: Reason::Asked, by: "anna".into(), readers, stays: Vec::new() };
    let stopwatch = Stopwatch::start()?;
    let plan = vault.plan(what).await?;
    let forgotten = vault.forget(&plan.token, &[], why).await?;
    let deleted = stopwatch.stop()?;
    anyhow::ensure!(forgotten.unswept.is_none(), "something was left: {forgotten:?}");
    Ok(deleted)
}

pub(super) async fn open(folder: &Path) -> Result<Vault> {
    let config = Config { data: folder.join("home"), strongboxes: Vec::new(), clock: Arc::new(SystemClock) };
    Ok(Vault::create(config, "bench").await?)
}

/// So many people.
pub(super) fn audience(people: usize) -> Result<Audience> {
    Ok(Audience::people((0..people).map(|_| Identity::generate().to_public().to_string()))?)
}

/// A moment of one recording, kept for a month.
pub(super) fn moment(kind: Kind, bytes: Zeroizing<Vec<u8>>, audience: &Audience) -> Result<NewMoment> {
    let end = Timestamp::now();
    Ok(NewMoment {
        device: Some("bench".into()),
        room: None,
        person: None,
        start: end - SignedDuration::from_secs(4),
        end,
        caused_by: None,
        recordings: vec![NewRecording {
            kind,
            terms: Terms::new(Owner::Household, Purpose::new("history")?, Ends::At(in_days(30)))?,
            audience: audience.clone(),
            media_type: "application/octet-stream".into(),
            bytes,
            sources: Vec::new(),
        }],
    })
}

fn in_days(days: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(24 * days)
}
