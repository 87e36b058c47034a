//! What the hub learns or must use itself, held open in memory as one part for each recording.
//!
//! What is learned from many moments (how somebody sounds, say) is never stored whole: there is one part for each, sealed to the
//! hub with its own purpose and end, and the whole is computed from the parts whenever it is needed. So a part that is forgotten
//! is missing from the whole at once, and after a start as well, without anything being learned anew from recordings.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::id::Id;
use crate::query::Filter;
use crate::verbs::Vault;

/// The parts that are there, by the recording that holds each. Whoever holds them lets go of what is
/// [forgotten](crate::Forgotten) before they use them again.
#[derive(Clone)]
pub struct Parts<P>(BTreeMap<Id, P>);

impl<P> Default for Parts<P> {
    fn default() -> Parts<P> {
        Parts(BTreeMap::new())
    }
}

impl<P> Parts<P> {
    /// Opens the parts that a filter finds, before anybody can forget one. One that cannot be opened or read is left out and
    /// named; the rest goes on.
    ///
    /// # Errors
    /// [`Error::Catalog`]; [`Error::BadInput`] for a filter that makes no sense.
    pub async fn load(
        vault: &Vault,
        filter: &Filter,
        read: impl Fn(&[u8]) -> Option<P>,
    ) -> Result<(Parts<P>, Vec<Error>), Error> {
        let (mut parts, mut damaged) = (Parts::default(), Vec::new());
        for entry in vault.list(filter).await? {
            let opened = vault.read_own(entry.id).await;
            match opened.map(|bytes| read(&bytes)) {
                Ok(Some(part)) => parts.add(entry.id, part),
                Ok(None) => {
                    damaged.push(Error::damaged(entry.id, "what it says is not of the form it should be"))
                }
                Err(why) => damaged.push(why),
            }
        }
        Ok((parts, damaged))
    }

    /// Takes in a part that was kept just now.
    pub fn add(&mut self, recording: Id, part: P) {
        self.0.insert(recording, part);
    }

    /// Lets go of parts: those of these recordings. Others than parts may be among them.
    pub fn let_go(&mut self, recordings: impl IntoIterator<Item = Id>) {
        for recording in recordings {
            self.0.remove(&recording);
        }
    }

    /// The part that a recording holds.
    pub fn get(&self, recording: Id) -> Option<&P> {
        self.0.get(&recording)
    }

    /// Takes a part out of memory; its recording stays.
    pub fn take(&mut self, recording: Id) -> Option<P> {
        self.0.remove(&recording)
    }

    /// The parts, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (Id, &P)> {
        self.0.iter().map(|(id, part)| (*id, part))
    }
}
