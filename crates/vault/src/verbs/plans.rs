//! The plans of deletions that wait to be confirmed.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Weak};

use crate::error::Error;
use crate::id::Id;
use crate::query::Token;

/// How many plans wait to be confirmed at most. Those whose token nobody holds any more are not among them, so that it is for whoever
/// hands tokens out to see that each of theirs has a share.
const MOST_PLANS: usize = 4096;

/// The plans that wait to be confirmed, oldest first.
#[derive(Default)]
pub(super) struct Plans(VecDeque<Planned>);

/// What a plan showed.
pub(super) struct Planned {
    token: String,
    held: Weak<()>,
    pub(super) moments: BTreeSet<Id>,
    pub(super) effects: BTreeSet<Id>,
}

impl Plans {
    pub(super) fn remember(&mut self, moments: BTreeSet<Id>, effects: BTreeSet<Id>) -> Result<Token, Error> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|why| Error::Stopped(format!("no random bytes: {why}")))?;
        let token = Token::new(hex::encode(random));
        self.0.retain(|planned| planned.held.strong_count() > 0);
        if self.0.len() == MOST_PLANS {
            self.0.pop_front();
        }
        let held = Arc::downgrade(&token.1);
        self.0.push_back(Planned { token: token.0.clone(), held, moments, effects });
        Ok(token)
    }

    /// Takes out what a plan showed: it is confirmed once.
    pub(super) fn take(&mut self, token: &Token) -> Result<Planned, Error> {
        let at = self.0.iter().position(|planned| planned.token == token.0).ok_or(Error::NoPlan)?;
        self.0.remove(at).ok_or(Error::NoPlan)
    }
}
