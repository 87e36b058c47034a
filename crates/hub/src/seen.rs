//! What a look was at, for the line of the ledger that tells of it: in units of people, and by the names that were given then. What it
//! says stays there when the film itself is forgotten, so of what is anybody's own it says only that there was so much of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use porchlight_vault::{Entry, Id, Kind, Owner};
use serde::Serialize;

use crate::query::Names;

/// One thing that was looked at.
#[derive(Debug, PartialEq, Serialize)]
#[serde(tag = "of", rename_all = "kebab-case")]
pub enum Seen {
    /// Film of one camera.
    Film {
        /// The camera, as it was called then.
        device: String,
        /// When the first of it began.
        from: Timestamp,
        /// When the last of it was over.
        to: Timestamp,
        /// How much of it there was: between the two there may be gaps.
        seconds: f64,
    },
    /// What people said: its sound, its words or the answer.
    Said {
        /// How many times somebody had spoken.
        moments: usize,
        /// Whether any of it was to be heard, and not only read.
        heard: bool,
    },
    /// Something else.
    Other {
        /// What it is.
        kind: Kind,
        /// How many there were.
        moments: usize,
    },
}

/// All that these recordings are.
pub fn seen(looked_at: &[Entry], names: &Names) -> Vec<Seen> {
    let mut films: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    let mut said: BTreeSet<Id> = BTreeSet::new();
    let mut others: BTreeMap<Kind, BTreeSet<Id>> = BTreeMap::new();
    for entry in looked_at {
        match (entry.kind, &entry.device, &entry.owner) {
            (Kind::Video, Some(camera), Owner::Household) => films.entry(camera).or_default().push(entry),
            (Kind::Voice | Kind::Transcript | Kind::Reply, ..) => _ = said.insert(entry.moment),
            (kind, ..) => _ = others.entry(kind).or_default().insert(entry.moment),
        }
    }
    let films = films.into_iter().filter_map(|(camera, pieces)| {
        Some(Seen::Film {
            device: names.device(camera),
            from: pieces.iter().map(|piece| piece.start).min()?,
            to: pieces.iter().map(|piece| piece.end).max()?,
            seconds: pieces.iter().map(|piece| piece.seconds).sum(),
        })
    });
    let heard = looked_at.iter().any(|entry| entry.kind == Kind::Voice);
    let said = (!said.is_empty()).then_some(Seen::Said { moments: said.len(), heard });
    let others = others.into_iter().map(|(kind, moments)| Seen::Other { kind, moments: moments.len() });
    films.chain(said).chain(others).collect()
}
