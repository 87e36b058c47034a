//! What was forgotten, for whoever holds some of it in memory.
//!
//! A deletion counts from its row in the catalog on, be it finished by the call that began it or by a later one. So what it takes is
//! named from then on, and not only by the answer of the call that happens to finish it.

use std::collections::BTreeSet;

use crate::catalog::Doomed;
use crate::id::Id;

/// What was forgotten.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// The moments.
    pub moments: BTreeSet<Id>,
    /// The recordings, those made from the moments included.
    pub recordings: BTreeSet<Id>,
}

impl Gone {
    /// Notes that the erasure of all this is written down.
    pub(super) fn note(&mut self, Doomed { moments, recordings }: &Doomed) {
        self.moments.extend(moments);
        self.recordings.extend(recordings);
    }
}
