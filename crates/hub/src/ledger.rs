//! What the hub writes into the ledger, and who may read the details.

use jiff::Timestamp;
use porchlight_household::{self as household, Capture, CircleName, Household, Kind, PersonId, Speaker};
use porchlight_vault::{Audience, Line, OwedLine, Readers};
use serde_json::Value;

use crate::error::ApiError;
use crate::hub::Hub;

/// Who may read the detail of a line now, and until when: the adults of the household, for as long as looks are remembered.
pub(crate) fn readers(hub: &Hub) -> Result<Readers, ApiError> {
    readers_of(&hub.home().household, hub.now())
}

/// The same, of a household as it is about to be.
pub(crate) fn readers_of(household: &Household, now: Timestamp) -> Result<Readers, ApiError> {
    readers_with(household, now, None)
}

/// Writes a line; it is durable when this returns. Gives its number.
pub(crate) async fn write(hub: &Hub, kind: &str, detail: Value) -> Result<u64, ApiError> {
    Ok(hub.vault.record(Line { kind: kind.to_owned(), detail, readers: readers(hub)? }).await?)
}

/// Prepares a line that is still to be told, of somebody who is to read it too: a teen, say.
pub(crate) async fn owed_for(
    hub: &Hub,
    about: &PersonId,
    kind: &str,
    detail: Value,
) -> Result<OwedLine, ApiError> {
    let readers = readers_with(&hub.home().household, hub.now(), Some(about))?;
    Ok(hub.vault.prepare_line(Line { kind: kind.to_owned(), detail, readers }).await?)
}

fn readers_with(
    household: &Household,
    now: Timestamp,
    about: Option<&PersonId>,
) -> Result<Readers, ApiError> {
    let capture = Capture { kind: Kind::Look, speaker: &Speaker::Unknown, device: None, at: now };
    let permit = household
        .permit(&capture)
        .ok_or_else(|| ApiError::broken("the household's rules remember no looks"))?;
    let about = about.and_then(|about| household.person(about).ok()?.keys.as_ref());
    let audience = match household.circle_audience(&CircleName::Adults, now)? {
        household::Audience::People(adults) => {
            Audience::people(adults.into_iter().chain(about.map(|keys| keys.recipient.clone())))?
        }
        household::Audience::Hub => Audience::hub(),
    };
    let until = match permit.ends() {
        household::Ends::At(at) => at,
        household::Ends::Never => Timestamp::MAX,
    };
    Ok(Readers { audience, until })
}
