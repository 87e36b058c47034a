//! How recordings are chosen: to list them, to look at them, to forget them.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::hold::Hold;
use crate::id::Id;
use crate::moment::{Entry, Kind};
use crate::terms::Owner;

/// The most ids that a filter or a selection may name.
pub(crate) const MAX_IDS: usize = 10_000;

/// The most devices, rooms, people, owners or kinds that a filter may name.
const MAX_NAMES: usize = 1_000;

/// Which recordings. An empty list leaves that question open; what is given must all hold.
///
/// The details of ledger lines are left out unless their kind or their id is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// Recordings or moments; at most 10,000.
    pub ids: Vec<Id>,
    /// Captured by one of these devices.
    pub devices: Vec<String>,
    /// Captured in one of these rooms.
    pub rooms: Vec<String>,
    /// From one of these people.
    pub persons: Vec<String>,
    /// Owned by one of these.
    pub owners: Vec<Owner>,
    /// Of one of these kinds.
    pub kinds: Vec<Kind>,
    /// Of moments that were not over before this instant …
    pub from: Option<Timestamp>,
    /// … and began before this one.
    pub to: Option<Timestamp>,
    /// The newest so many recordings only.
    pub limit: Option<u32>,
}

/// What somebody wants forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Selection {
    /// These moments, and the moments of these recordings.
    Ids(Vec<Id>),
    /// The moments of every recording that this filter finds. It must have no limit.
    Filter(Filter),
}

/// What a deletion would take with it. Nothing has happened yet.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// The moments that go.
    pub moments: Vec<Id>,
    /// Every recording that goes: those of the moments, and all that was made from them.
    pub recordings: Vec<Entry>,
    /// What the moments left behind, such as a timer. It stays unless it is chosen when the deletion is confirmed.
    pub effects: Vec<Entry>,
    /// What was chosen and stays, because a [hold](crate::Vault::hold) keeps it: the holds, with what each of them keeps.
    pub held: Vec<Hold>,
    /// Names this plan to [`Vault::forget`](crate::Vault::forget), once.
    pub token: Token,
}

/// Names a plan. It is random, and known until it is used, the vault closes, or nobody holds the token any more that came with the
/// plan: whoever makes plans without end pushes out nobody else's.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(pub(crate) String, #[serde(skip)] pub(crate) Arc<()>);

impl Token {
    /// A token as a client gives it back. One that names no plan is refused where it is used.
    pub fn new(text: impl Into<String>) -> Token {
        Token(text.into(), Arc::default())
    }

    /// The token as text, for a client to give back.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Refuses a filter that names more than a query can hold.
pub(crate) fn check_size(filter: &Filter) -> Result<(), Error> {
    check_count(&filter.ids)?;
    let Filter { devices, rooms, persons, owners, kinds, .. } = filter;
    let most = [devices.len(), rooms.len(), persons.len(), owners.len(), kinds.len()].into_iter().max();
    match most {
        Some(most) if most > MAX_NAMES => Err(Error::BadInput(format!(
            "{most} names of one kind are more than the {MAX_NAMES} that can be given at once: name fewer, or none for all"
        ))),
        _ => Ok(()),
    }
}

pub(crate) fn check_count(ids: &[Id]) -> Result<(), Error> {
    if ids.len() <= MAX_IDS {
        return Ok(());
    }
    Err(Error::BadInput(format!(
        "{} ids are more than the {MAX_IDS} that can be named at once: name fewer, or a range of time",
        ids.len()
    )))
}
