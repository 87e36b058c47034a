//! Holds: what somebody needs for a while, an accident on the camera, cannot be forgotten until the hold ends or is released.
//!
//! A hold is on moments. As long as it is there, none of their recordings is destroyed: not by a deletion of them or of what
//! they were made from, and not by their own end dates. A deletion that was asked for takes the rest, names what is held, and
//! has to be asked for again; what a withdrawn consent or a removed person or device was to take goes with the last hold.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::keep::whole_microseconds;
use super::{Core, Vault, sync_points};
use crate::audience::Readers;
use crate::error::Error;
use crate::hold::{Held, Hold, NewHold};
use crate::id::Id;
use crate::moment::{Entry, Kind};
use crate::query::Filter;
use crate::reason::Reason;
use crate::receipt::Stays;
use crate::terms::check_name;

/// The longest that something is held at once, in days: nobody means for ever.
const LONGEST_HOLD_DAYS: i64 = 366;

impl Vault {
    /// Keeps moments from being forgotten, until an instant or until it is [released](Vault::release_hold). It is in force and
    /// durable when this returns, with its line: where the ledger cannot be told yet, the line is appended by the next run of
    /// [`Vault::expire`] or the next start. What the same person holds until the same instant already is held once: that hold is
    /// given, and no other is made. After an error there is none.
    ///
    /// # Errors
    /// [`Error::Unknown`] names ids of nothing; [`Error::Detail`] those of ledger details, [`Error::BadInput`] effects, which
    /// cannot be held; [`Error::HoldPast`] and [`Error::HoldTooLong`] an end that is past or too far away.
    pub async fn hold(&self, new: NewHold) -> Result<Hold, Error> {
        self.finish(async move |core| core.hold(new).await).await
    }

    /// Ends a hold before its time, durably, with its line as for [`Vault::hold`]; what waited for it goes with the next run of
    /// [`Vault::expire`].
    ///
    /// # Errors
    /// [`Error::NoHold`].
    pub async fn release_hold(&self, hold: Id, by: &str, readers: Readers) -> Result<(), Error> {
        let by = by.to_owned();
        self.finish(async move |core| core.release_hold(hold, &by, &readers).await).await
    }

    /// The holds that are in force, oldest first.
    ///
    /// # Errors
    /// [`Error::Catalog`].
    pub async fn holds(&self) -> Result<Vec<Hold>, Error> {
        self.core.end_holds().await?;
        self.core.catalog.holds().await
    }
}

impl Vault {
    /// What holds keep, by moment: how long each is kept by the one that ends last.
    ///
    /// # Errors
    /// [`Error::Catalog`].
    pub async fn held(&self) -> Result<BTreeMap<Id, Held>, Error> {
        self.core.end_holds().await?;
        let holds = self.core.catalog.held_back().await?;
        let waiting = match holds.is_empty() {
            true => BTreeSet::new(),
            false => self.core.catalog.waiting().await?.into_values().flatten().collect(),
        };
        let mut held = BTreeMap::new();
        for hold in &holds {
            for moment in &hold.moments {
                let one = held.entry(*moment);
                let one = one.or_insert(Held { until: hold.until, then_gone: waiting.contains(moment) });
                one.until = one.until.max(hold.until);
            }
        }
        Ok(held)
    }
}

impl Core {
    async fn hold(&self, NewHold { ids, by, until, why, readers }: NewHold) -> Result<Hold, Error> {
        check_name("who holds", &by)?;
        let now = self.clock.now();
        let longest =
            now.saturating_add(SignedDuration::from_hours(24 * LONGEST_HOLD_DAYS)).unwrap_or(Timestamp::MAX);
        if until <= now {
            return Err(Error::HoldPast(until));
        }
        if until > longest {
            return Err(Error::HoldTooLong { until, longest });
        }
        let (moments, held) = self.holdable(&ids).await?;
        let moments: Vec<Id> = moments.into_iter().collect();
        let until = whole_microseconds(until);
        let _one_at_a_time = sync_points::alone(&self.owing).await;
        self.end_holds().await?;
        let same = |held: &Hold| held.by == by && held.until == until && held.moments == moments;
        if let Some(held) = self.catalog.holds().await?.into_iter().find(same) {
            return Ok(held);
        }
        let said = json!({
            "kind": "hold", "at": now, "by": by, "until": until, "moments": moments, "recordings": by_kind(&held), "why": why,
        });
        // Whoever meets the hold can read why, as long as it lasts.
        let readers = Readers { until: readers.until.max(until), ..readers };
        let line = self.prepare_line("hold", Zeroizing::new(said.to_string()), &readers).await?;
        let id = line.detail_id()?;
        let hold = Hold { id, by, since: whole_microseconds(now), until, moments };
        let held = {
            // A deletion settles what it takes alone, while no rows are written: either it finds this hold, or this finds the deletion.
            let _open = sync_points::shared(&self.row_writes).await;
            self.catalog.insert_hold(&hold, &line.owed(self)).await
        };
        sync_points::at("the hold is written down").await;
        match held {
            Ok(gone) if gone.is_empty() => {}
            refused => {
                self.discard_payloads(&line.detail.rows).await;
                return Err(refused.map_or_else(|why| why, Error::Unknown));
            }
        }
        self.tell_new(id, line.entry).await;
        Ok(hold)
    }

    /// The moments that these ids are of, there, and neither effects nor details of ledger lines; and their recordings.
    async fn holdable(&self, ids: &[Id]) -> Result<(BTreeSet<Id>, Vec<Entry>), Error> {
        let moments = self.moments_by_id(ids).await?;
        let filter = Filter { ids: moments.iter().copied().collect(), ..Filter::default() };
        let entries = super::readable(self.catalog.find(&filter).await?);
        let details = entries.iter().filter(|entry| entry.kind.is_detail());
        let details: Vec<Id> = details.map(|entry| entry.id).collect();
        if !details.is_empty() {
            return Err(Error::Detail(details));
        }
        match entries.iter().find(|entry| entry.caused_by.is_some()) {
            Some(effect) => Err(Error::BadInput(format!(
                "{} is an effect, which ends when it is done: hold the moment that asked for it",
                effect.id
            ))),
            None => Ok((moments, entries)),
        }
    }

    async fn release_hold(&self, hold: Id, by: &str, readers: &Readers) -> Result<(), Error> {
        check_name("who releases", by)?;
        self.end_holds().await?;
        let holds = self.catalog.holds().await?;
        let held = holds.iter().find(|held| held.id == hold).ok_or(Error::NoHold)?;
        let filter = Filter { ids: held.moments.clone(), ..Filter::default() };
        let recordings = by_kind(&super::readable(self.catalog.find(&filter).await?));
        let said = json!({
            "kind": "release", "at": self.clock.now(), "by": by, "hold": hold, "moments": held.moments, "recordings": recordings,
        });
        let line = self.prepare_line("release", Zeroizing::new(said.to_string()), readers).await?;
        let _one_at_a_time = sync_points::alone(&self.owing).await;
        let released = self.catalog.delete_hold(hold, Some(&line.owed(self))).await;
        if let Err(why) = released {
            self.discard_payloads(&line.detail.rows).await;
            return Err(why);
        }
        self.tell_new(line.detail_id()?, line.entry).await;
        Ok(())
    }

    /// Takes away the holds that have ended, if the time can be trusted with it.
    pub(super) async fn end_holds(&self) -> Result<(), Error> {
        match self.trusted_now() {
            Ok(now) => self.catalog.end_holds(now).await,
            Err(_) => Ok(()),
        }
    }

    /// Leaves out of `moments` what a hold keeps, and gives the holds with what each of them keeps of it.
    pub(super) async fn hold_back(&self, moments: &mut BTreeSet<Id>) -> Result<Vec<Hold>, Error> {
        let mut holds = self.catalog.held_back().await?;
        for hold in &mut holds {
            hold.moments.retain(|moment| moments.contains(moment));
        }
        holds.retain(|hold| !hold.moments.is_empty());
        for hold in &holds {
            for moment in &hold.moments {
                moments.remove(moment);
            }
        }
        Ok(holds)
    }

    /// What waited for a hold that is gone, ready to be forgotten: by the reason why, and who wants it.
    pub(super) async fn freed(&self) -> Result<BTreeMap<(Reason, String), BTreeSet<Id>>, Error> {
        let mut freed = BTreeMap::new();
        for ((reason, by), mut moments) in self.catalog.waiting().await? {
            self.hold_back(&mut moments).await?;
            if !moments.is_empty() {
                let reason = Reason::from_word(&reason).unwrap_or(Reason::Asked);
                freed.insert((reason, by), moments);
            }
        }
        Ok(freed)
    }
}

/// How much these are, as a deletion says it, so that whoever reads it needs no list beside it: of each kind how many, and of film how many
/// seconds.
fn by_kind(entries: &[Entry]) -> Vec<Value> {
    let mut kinds: BTreeMap<Kind, (u64, f64)> = BTreeMap::new();
    for entry in entries {
        let (count, seconds) = kinds.entry(entry.kind).or_default();
        *count += 1;
        *seconds += entry.seconds;
    }
    let told = kinds.into_iter().map(|(kind, (count, seconds))| match kind {
        Kind::Video => json!({ "kind": kind, "count": count, "seconds": seconds.round() as u64 }),
        kind => json!({ "kind": kind, "count": count }),
    });
    told.collect()
}

/// For the receipt: what a hold kept from being forgotten.
pub(super) fn stays(holds: &[Hold]) -> Vec<Stays> {
    holds
        .iter()
        .map(|hold| Stays {
            why: format!("{} holds these moments until {}.", hold.by, hold.until),
            ids: hold.moments.iter().copied().collect(),
        })
        .collect()
}

/// The moments that any of these holds keeps.
pub(super) fn kept_by(holds: &[Hold]) -> BTreeSet<Id> {
    holds.iter().flat_map(|hold| hold.moments.iter().copied()).collect()
}
