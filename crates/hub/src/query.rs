//! From names and dates, as people give them, to what the vault understands; and from its entries back to names.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan};
use porchlight_household::{Household, PersonId, Viewer, Whose};
use porchlight_protocol::{Amount, Filter, Message, RecordingView, Selection};
use porchlight_vault::{self as vault, Entry, Held, Id, Kind, Owner};

use crate::error::Error;
use crate::secrets;
use crate::state::Hub;

/// A filter in the vault's words.
pub fn filter(home: &Household, filter: &Filter) -> Result<vault::Filter, Error> {
    let mut out = vault::Filter::default();
    if let Some(name) = &filter.device {
        out.devices = vec![home.device_named(name)?.id.to_string()];
    }
    if let Some(name) = &filter.person {
        out.persons = vec![home.person_named(name)?.id.to_string()];
    }
    if let Some(kinds) = &filter.kind {
        if kinds.split(',').nth(MOST_KINDS).is_some() {
            let text = format!("a filter names at most {MOST_KINDS} kinds; name fewer, or none for all");
            return Err(Error::bad(Message::new("filter-too-long", text)));
        }
        out.kinds = kinds.split(',').map(|kind| kind.trim().parse::<Kind>()).collect::<Result<_, _>>()?;
    }
    out.from = filter.from.as_deref().map(|text| instant(text, home.zone(), Bound::First)).transpose()?;
    out.to = filter.to.as_deref().map(|text| instant(text, home.zone(), Bound::End)).transpose()?;
    if let (Some(from), Some(to)) = (out.from, out.to)
        && from >= to
    {
        return Err(Error::bad(format!(
            "nothing lies between {from} and {to}: --from has to come before --to"
        )));
    }
    Ok(out)
}

/// The ids of a list, which are divided by commas. One of none would be a list of all.
pub fn ids(text: &str) -> Result<Vec<Id>, Error> {
    let wrong =
        || Error::bad(format!("write at least one id and at most {MOST_IDS}, with commas between them"));
    if text.split(',').nth(MOST_IDS).is_some() {
        return Err(wrong());
    }
    text.split(',').map(|id| id.trim().parse::<u64>().map(Id::from).map_err(|_| wrong())).collect()
}

/// A selection in the vault's words. Ids and filters together would be two meanings of one request.
pub(crate) fn selection(home: &Household, chosen: &Selection) -> Result<vault::Selection, Error> {
    match (chosen.ids.is_empty(), chosen.filter.is_empty(), chosen.all) {
        (false, true, false) => {
            Ok(vault::Selection::Ids(chosen.ids.iter().map(|id| Id::from(*id)).collect()))
        }
        (true, false, false) => Ok(vault::Selection::Filter(filter(home, &chosen.filter)?)),
        (true, true, true) => Ok(vault::Selection::Filter(vault::Filter::default())),
        (true, true, false) => {
            Err(Error::bad("nothing was chosen: give ids, or a filter, or say that all is meant"))
        }
        _ => Err(Error::bad("choose one way only: ids, or filters, or all")),
    }
}

/// The same, as far as this person may know of it: a filter finds nothing else.
pub fn selection_of(
    home: &Household,
    viewer: &Viewer,
    chosen: &Selection,
) -> Result<vault::Selection, Error> {
    Ok(match selection(home, chosen)? {
        vault::Selection::Filter(filter) => vault::Selection::Filter(known_to(viewer, filter)),
        ids @ vault::Selection::Ids(_) => ids,
    })
}

/// The recordings that are chosen, as far as this person may know of them. An id of nothing is an error that names it, and so is one
/// of what is not theirs to know.
pub async fn chosen(hub: &Hub, viewer: &Viewer, chosen: &Selection) -> Result<Vec<Entry>, Error> {
    let home = hub.home();
    match selection(&home.household, chosen)? {
        vault::Selection::Filter(filter) => list(hub, viewer, filter).await,
        vault::Selection::Ids(ids) => {
            let filter = vault::Filter { ids: ids.clone(), ..vault::Filter::default() };
            let found = list(hub, viewer, filter).await?;
            let known: BTreeSet<Id> = found.iter().flat_map(|entry| [entry.id, entry.moment]).collect();
            let unknown: Vec<Id> = ids.into_iter().filter(|id| !known.contains(id)).collect();
            if unknown.is_empty() { Ok(found) } else { Err(unknown_to(hub, viewer, unknown).await) }
        }
    }
}

/// What is said of ids that no list shows this person: that what they could know of is hidden and not forgotten yet, where that is so of
/// all of them; and of everything else that there is nothing.
pub async fn unknown_to(hub: &Hub, viewer: &Viewer, ids: Vec<Id>) -> Error {
    let home = hub.home();
    let hidden = match hub.vault.hidden(&ids).await {
        Ok(hidden) => hidden,
        Err(why) => return why.into(),
    };
    let hidden: BTreeSet<Id> = hidden
        .iter()
        .filter(|entry| is_known(&home.household, viewer, entry))
        .flat_map(|entry| [entry.id, entry.moment])
        .collect();
    let nothing: Vec<Id> = ids.iter().filter(|id| !hidden.contains(id)).copied().collect();
    match hub.vault.unfinished() {
        Some(unfinished) if nothing.is_empty() => unfinished.into(),
        _ if nothing.is_empty() => vault::Error::Unknown(ids).into(),
        _ => vault::Error::Unknown(nothing).into(),
    }
}

/// What a filter finds that this person may know of, oldest first. The one way from the catalog to a list.
pub async fn list(hub: &Hub, viewer: &Viewer, filter: vault::Filter) -> Result<Vec<Entry>, Error> {
    let home = hub.home();
    // Of the household's own, only an adult may know every kind: for others a limit counts what is left.
    let limit = filter.limit.filter(|_| viewer.member().is_none());
    let in_query = if limit.is_some() { None } else { filter.limit };
    let filter = known_to(viewer, vault::Filter { limit: in_query, ..filter });
    let mut entries = hub.vault.list(&filter).await?;
    entries.retain(|entry| is_known(&home.household, viewer, entry));
    if let Some(limit) = limit {
        entries.drain(..entries.len().saturating_sub(limit as usize));
    }
    hide_causes(hub, viewer, &mut entries).await?;
    Ok(entries)
}

/// Whether this person may know that a recording is there.
pub(crate) fn is_known(home: &Household, viewer: &Viewer, entry: &Entry) -> bool {
    whose(home, entry).is_some_and(|whose| viewer.may_know(&whose, household_kind(entry.kind)))
}

/// A filter for what those own of whom this person may know, and the household.
fn known_to(viewer: &Viewer, filter: vault::Filter) -> vault::Filter {
    let people = viewer.may_know_of().map(|person| Owner::Person(person.to_string()));
    vault::Filter { owners: people.chain([Owner::Household]).collect(), ..filter }
}

/// What somebody asked for is everybody's; that they asked, and when, is theirs.
async fn hide_causes(hub: &Hub, viewer: &Viewer, entries: &mut [Entry]) -> Result<(), Error> {
    let causes: BTreeSet<Id> = entries.iter().filter_map(|entry| entry.caused_by).collect();
    let causes: Vec<Id> = causes.into_iter().collect();
    let home = hub.home();
    let mut known = BTreeSet::new();
    for ids in causes.chunks(MOST_IDS) {
        let filter = vault::Filter { ids: ids.to_vec(), ..vault::Filter::default() };
        let found = hub.vault.list(&filter).await?;
        known.extend(
            found.iter().filter(|entry| is_known(&home.household, viewer, entry)).map(|entry| entry.moment),
        );
    }
    for entry in entries {
        entry.caused_by = entry.caused_by.filter(|cause| known.contains(cause));
    }
    Ok(())
}

/// More kinds than there are.
const MOST_KINDS: usize = 32;
/// The most ids that one question to the vault, or one plan, takes.
pub const MOST_IDS: usize = 10_000;

/// Which end of a range an instant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Where it begins.
    First,
    /// Where it ends.
    End,
}

/// An instant as people write it: RFC 3339, or a date and time in the household's zone, or a date. A date that ends a range
/// means the end of that day, however many hours it has.
///
/// A range takes in all that the clock on the wall showed between its ends: of an hour that comes twice it begins with the first
/// and ends with the second. In an hour that is left out there is one instant, the one at which the clocks are put forward.
pub fn instant(text: &str, zone: &TimeZone, bound: Bound) -> Result<Timestamp, Error> {
    let wrong = || {
        let text: String = text.chars().take(40).collect();
        Error::bad(format!("`{text}` is no time; write 2026-11-23, 2026-11-23T18:00 or 2026-11-23T18:00:00Z"))
    };
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    if text.len() == "2026-11-23".len() {
        let date: Date = text.parse().map_err(|_| wrong())?;
        let day = if bound == Bound::End { date.checked_add(1.day()).map_err(|_| wrong())? } else { date };
        // Where midnight comes twice, the day begins with the first.
        return on_the_wall(day.into(), zone, Bound::First).ok_or_else(wrong);
    }
    let shown: DateTime = text.parse().map_err(|_| wrong())?;
    on_the_wall(shown, zone, bound).ok_or_else(wrong)
}

/// The instant at which the clock on the wall shows this, for one end of a range.
fn on_the_wall(shown: DateTime, zone: &TimeZone, bound: Bound) -> Option<Timestamp> {
    let shown = zone.to_ambiguous_timestamp(shown);
    match (shown.offset(), bound) {
        (AmbiguousOffset::Gap { .. }, _) => {
            let before = shown.earlier().ok()?;
            zone.following(before).next().map(|change| change.timestamp())
        }
        (_, Bound::First) => shown.earlier().ok(),
        (_, Bound::End) => shown.later().ok(),
    }
}

/// Entries with the names that the household has for people and devices now, with the last one that a device had which is gone, and with
/// what holds keep.
pub struct Names {
    people: BTreeMap<String, String>,
    devices: BTreeMap<String, String>,
    gone: BTreeMap<String, String>,
    held: BTreeMap<Id, Held>,
}

impl Names {
    /// Those of the household as it is.
    pub fn of(home: &Household) -> Names {
        Names {
            people: home.people.iter().map(|person| (person.id.to_string(), person.name.clone())).collect(),
            devices: home.devices.iter().map(|device| (device.id.to_string(), device.name.clone())).collect(),
            gone: BTreeMap::new(),
            held: BTreeMap::new(),
        }
    }

    /// All that lists of what is kept need.
    pub async fn for_lists(hub: &Hub) -> Result<Names, Error> {
        let gone = secrets::gone_devices(&hub.vault).await;
        Ok(Names { gone, held: hub.vault.held().await?, ..Names::of(&hub.home().household) })
    }

    /// What a device is called, or was until it was removed.
    pub fn device(&self, id: &str) -> String {
        let name = self.devices.get(id).or_else(|| self.gone.get(id)).cloned();
        name.unwrap_or_else(|| "a device that is gone".to_owned())
    }

    /// A person's name; of somebody who is gone it is said that they are.
    pub fn person(&self, id: &str) -> String {
        self.people.get(id).cloned().unwrap_or_else(|| "somebody who is gone".to_owned())
    }

    /// The name of a device that is part of the household now.
    pub fn known_device(&self, id: &str) -> Option<String> {
        self.devices.get(id).cloned()
    }

    /// The name of a person who is part of the household now.
    pub fn known_person(&self, id: &str) -> Option<String> {
        self.people.get(id).cloned()
    }

    /// A recording as lists show it.
    pub fn view(&self, entry: &Entry) -> RecordingView {
        let mut sources: Vec<u64> = vec![entry.moment.get()];
        sources.extend(entry.sources.iter().map(|id| id.get()).filter(|id| *id != entry.moment.get()));
        let held = self.held.get(&entry.moment);
        RecordingView {
            id: entry.id.get(),
            moment: entry.moment.get(),
            kind: entry.kind.to_string(),
            device: entry.device.as_deref().map(|id| self.device(id)),
            room: entry.room.clone(),
            person: entry.person.as_deref().map(|id| self.person(id)),
            start: entry.start,
            seconds: entry.seconds,
            owner: match &entry.owner {
                Owner::Person(id) => self.person(id),
                Owner::Household => "household".to_owned(),
            },
            purpose: entry.purpose.to_string(),
            ends: held.map_or(entry.ends, |held| held.end_of(entry.ends)),
            held_until: held.map(|held| held.until),
            sources,
            caused_by: entry.caused_by.map(|id| id.get()),
            size: entry.size,
            media_type: entry.media_type.clone(),
        }
    }
}

impl Names {
    /// How much these are together, as people count it.
    pub fn amount<'e>(&self, entries: impl IntoIterator<Item = &'e Entry>) -> Amount {
        let views: Vec<RecordingView> = entries.into_iter().map(|entry| self.view(entry)).collect();
        Amount::of(&views)
    }
}

/// Whose an entry is, in the household's words. One whose owner is no longer part of the household is nobody's here.
pub fn whose(home: &Household, entry: &Entry) -> Option<Whose> {
    match &entry.owner {
        Owner::Household => Some(Whose::Household),
        Owner::Person(id) => person_id(home, id).map(Whose::Person),
    }
}

pub(crate) fn person_id(home: &Household, id: &str) -> Option<PersonId> {
    home.people.iter().find(|person| person.id.as_str() == id).map(|person| person.id.clone())
}

/// An entry's kind in the household's words; details of ledger lines are all looks there.
pub fn household_kind(kind: Kind) -> porchlight_household::Kind {
    use porchlight_household::Kind as Their;
    Their::ALL.into_iter().find(|their| their.word() == kind.as_str()).unwrap_or(Their::Look)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_the_households_zone_and_days_have_their_own_length() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let read = |text, bound| instant(text, &zone, bound).unwrap().to_string();
        assert_eq!(read("2026-11-23T10:00:00Z", Bound::First), "2026-11-23T10:00:00Z");
        assert_eq!(read("2026-11-23T10:00", Bound::First), "2026-11-23T09:00:00Z");
        assert_eq!(read("2026-11-23", Bound::First), "2026-11-22T23:00:00Z");
        assert_eq!(read("2026-11-23", Bound::End), "2026-11-23T23:00:00Z");
        // The day the clocks go forward has 23 hours.
        assert_eq!(read("2026-03-29", Bound::First), "2026-03-28T23:00:00Z");
        assert_eq!(read("2026-03-29", Bound::End), "2026-03-29T22:00:00Z");
        for wrong in ["yesterday", "2026-13-01", "23.11.2026", "2026-11-23T25:00", ""] {
            assert!(instant(wrong, &zone, Bound::First).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_range_takes_both_of_an_hour_that_comes_twice_and_nothing_of_one_that_is_left_out() {
        for (zone, shown, first, end) in [
            ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"),
            ("Europe/Berlin", "2026-10-25T02:15", "2026-10-25T00:15:00Z", "2026-10-25T01:15:00Z"),
            // Half an hour comes twice.
            ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"),
            // 02:30 is left out: the clocks go from 02:00 to 03:00 at this instant.
            ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:00:00Z", "2026-03-08T07:00:00Z"),
            ("Europe/Berlin", "2026-03-29T02:59", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"),
            // Midnight comes twice, and the day has both; midnight is left out, and the day begins at one.
            ("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
            ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z"),
        ] {
            let zone = TimeZone::get(zone).unwrap();
            let read = |bound| instant(shown, &zone, bound).unwrap().to_string();
            assert_eq!((read(Bound::First), read(Bound::End)), (first.into(), end.into()), "{shown}");
        }
    }
}
