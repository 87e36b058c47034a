//! What was forgotten, for whoever holds some of it in memory.
//!
//! A deletion counts from its row in the catalog on, be it finished by the call that began it or by a later one. So what it takes is
//! named from then on, and not only by the answer of the call that happens to finish it.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use super::{Core, Vault};
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

impl Vault {
    /// All that was forgotten since this was asked last, by deletions that were only begun too: let go of it in memory.
    pub fn take_gone(&self) -> Gone {
        std::mem::take(&mut *self.core.gone.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Core {
    /// Notes that the erasure of all this is written down.
    pub(super) fn is_gone(&self, Doomed { moments, recordings }: &Doomed) {
        let mut gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        gone.moments.extend(moments);
        gone.recordings.extend(recordings);
    }
}
