//! What the hub writes into the ledger, and who may read the details.

pub mod succession;

use jiff::Timestamp;
use porchlight_household::{
    self as household, Capture, Change, CircleName, Household, Kind, PersonId, Speaker,
};
use porchlight_protocol::LineKind;
use porchlight_vault::{Audience, Line, OwedLine, Readers};
use serde_json::Value;

use crate::error::Error;
use crate::state::{Hub, Times};

/// Who may read the detail of a line now, and until when: the adults of the household, for as long as looks are remembered.
pub(crate) fn readers(hub: &Hub) -> Result<Readers, Error> {
    readers_with(&hub.home().household, hub.times(), [])
}

/// The same of what somebody did: who did it reads of it too, whatever their age.
pub fn readers_for(hub: &Hub, by: &PersonId) -> Result<Readers, Error> {
    readers_with(&hub.home().household, hub.times(), [by])
}

/// The same of a change of the household as it is about to be: whom it concerns read of it too.
pub(crate) fn readers_of_change<'a>(
    after: &Household,
    changes: impl IntoIterator<Item = &'a Change>,
    by: &'a PersonId,
    times: Times,
) -> Result<Readers, Error> {
    readers_with(after, times, changes.into_iter().filter_map(|change| change.person.as_ref()).chain([by]))
}

/// Who may read the detail of what is told of somebody's own alone: whoever may know of it, and the adults where none of those has keys.
pub(crate) fn readers_of_own(
    household: &Household,
    person: &PersonId,
    times: Times,
) -> Result<Readers, Error> {
    let Readers { audience, until } = readers_with(household, times, [])?;
    let of = household::Whose::Person(person.clone());
    let viewers = household.people.iter().filter(|one| {
        household.viewer(&one.id, times.certain).is_ok_and(|viewer| viewer.may_know(&of, Kind::Voice))
    });
    let keys: Vec<String> = viewers.filter_map(|one| Some(one.keys.as_ref()?.recipient.clone())).collect();
    let audience = if keys.is_empty() { audience } else { Audience::people(keys)? };
    Ok(Readers { audience, until })
}

/// Writes a line; it is durable when this returns. Gives its number.
pub async fn write(hub: &Hub, kind: LineKind, detail: Value) -> Result<u64, Error> {
    Ok(hub.vault.record(line(hub, kind, detail)?).await?)
}

/// A line that the vault writes in one commit with what it tells of. Who did it reads of it too.
pub fn line(hub: &Hub, kind: LineKind, detail: Value) -> Result<Line, Error> {
    let who = detail["who"].as_str().and_then(|id| id.parse::<PersonId>().ok());
    let readers = readers_with(&hub.home().household, hub.times(), who.as_ref())?;
    Ok(Line { kind: kind.word().to_owned(), detail, readers })
}

/// Prepares a line that is still to be told, of somebody who is to read it too: a teen, say.
pub(crate) async fn owed_for(
    hub: &Hub,
    about: &PersonId,
    kind: LineKind,
    detail: Value,
) -> Result<OwedLine, Error> {
    let readers = readers_with(&hub.home().household, hub.times(), [about])?;
    Ok(hub.vault.prepare_line(Line { kind: kind.word().to_owned(), detail, readers }).await?)
}

fn readers_with<'a>(
    household: &Household,
    times: Times,
    besides: impl IntoIterator<Item = &'a PersonId>,
) -> Result<Readers, Error> {
    let capture = Capture {
        kind: Kind::Look,
        speaker: &Speaker::Unknown,
        device: None,
        at: times.latest(),
        as_of: times.certain,
    };
    let permit =
        household.permit(&capture).ok_or_else(|| Error::broken("the household's rules remember no looks"))?;
    let keys = |id: &PersonId| Some(household.person(id).ok()?.keys.as_ref()?.recipient.clone());
    let audience = match household.circle_audience(&CircleName::Adults, times.certain)? {
        household::Audience::People(mut readers) => {
            for one in besides.into_iter().filter_map(keys) {
                if !readers.contains(&one) {
                    readers.push(one);
                }
            }
            Audience::people(readers)?
        }
        household::Audience::Hub => Audience::hub(),
    };
    let until = match permit.ends() {
        household::Ends::At(at) => at,
        household::Ends::Never => Timestamp::MAX,
    };
    Ok(Readers { audience, until })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_app_has_words_for_everything_that_a_change_of_the_household_changes_in_both_languages() {
        let words = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/src/words/changes.ts");
        let words = std::fs::read_to_string(words).unwrap();
        // What is said of others; beside it stands, for some of it, what is said to oneself.
        let tables: Vec<&str> =
            words.split("    what: {\n").skip(1).filter_map(|rest| rest.split("    }").next()).collect();
        for kind in household::ChangeKind::ALL {
            // One sentence has the words for both: how long something is kept.
            if matches!(kind, household::ChangeKind::KeptLonger | household::ChangeKind::KeptShorter) {
                continue;
            }
            let word = serde_json::to_value(kind).unwrap();
            let word = word.as_str().unwrap();
            let starts = [format!("      '{word}': ("), format!("      {word}: (")];
            let is_worded =
                |table: &&str| table.lines().any(|line| starts.iter().any(|start| line.starts_with(start)));
            assert_eq!(
                tables.iter().filter(|table| is_worded(table)).count(),
                2,
                "{word} needs words in each language"
            );
        }
    }
}
