//! From a household's permit to the vault's terms: the only place where the hub decides for whose eyes something is sealed.

use jiff::Timestamp;
use porchlight_household::{self as household, CircleName, Household, Permit, Whose};
use porchlight_vault::{self as vault, Audience, Ends, Owner, Purpose, Terms};

use crate::error::Error;

/// What the permit allows, in the vault's words, with the audience that goes with it.
pub(crate) fn terms(
    home: &Household,
    kind: household::Kind,
    permit: &Permit,
    now: Timestamp,
) -> Result<(Terms, Audience), Error> {
    let owner = match permit.owner() {
        Whose::Person(person) => Owner::Person(person.to_string()),
        Whose::Household => Owner::Household,
    };
    let ends = match permit.ends() {
        household::Ends::At(at) => Ends::At(at),
        household::Ends::Never => Ends::NeverByAdultsChoice,
    };
    let keeping = Terms::new(owner, Purpose::new(permit.purpose().word())?, ends)?;
    let audience = match home.audience_for(kind, permit.owner(), now)? {
        household::Audience::People(recipients) => Audience::people(recipients)?,
        // What the hub uses itself, the adults can open too: it is theirs to export.
        household::Audience::Hub => match home.circle_audience(&CircleName::Adults, now) {
            Ok(household::Audience::People(adults)) => Audience::people(adults)?.and_hub(),
            _ => Audience::hub(),
        },
    };
    Ok((keeping, audience))
}

/// The vault's word for a kind of the household's.
pub(crate) fn vault_kind(kind: household::Kind) -> Result<vault::Kind, vault::Error> {
    kind.word().parse()
}
