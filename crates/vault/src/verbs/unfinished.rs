//! The erasures of this run that could not be finished yet.

use std::collections::BTreeMap;

use super::prepared::SealedLine;
use crate::forgotten::Forgotten;

/// The erasures of this run that could not be finished, by their numbers, and what was finished of them since.
#[derive(Default)]
pub(super) struct Unfinished {
    pub(super) erasures: BTreeMap<u64, UnfinishedErasure>,
    /// By whom each was asked for: they take it once.
    pub(super) finished: Vec<(String, Forgotten)>,
}

/// One of them.
pub(super) struct UnfinishedErasure {
    pub(super) recordings: usize,
    pub(super) why: String,
    /// Who asked, and the line that they get a receipt of.
    pub(super) asked: Option<(String, SealedLine)>,
}
