//! What could not be read of a strongbox when all of it was looked over.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use crate::id::Id;

/// What could not be read when all was looked over last.
#[derive(Default)]
pub(super) struct Rot {
    /// The packs of which something is lost unless a mirror has it, each with the ids that it concerns.
    pub(super) lost: Vec<(PathBuf, RangeInclusive<Id>)>,
    /// What is in memory alone, and why it could not be written anew.
    pub(super) only_in_memory: Option<(Vec<PathBuf>, String)>,
}
