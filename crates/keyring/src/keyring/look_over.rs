//! What of a keyring cannot be read any more where it lies, found while it is open: then what is in memory can be written anew, which
//! the next start could not.

use super::{Keyring, Segment};
use crate::error::Error;
use crate::pack::{self, Builder};
use crate::root_object::SealedSegment;
use crate::segment::SEGMENT_IDS;

/// What the next start could not read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unreadable {
    /// The segments that are not in memory either, each with the name of its pack: only a mirror has them.
    pub lost: Vec<(String, Segment)>,
    /// The packs, and what of the slot, of which this keyring still knows what they should hold: see [`Keyring::renew`].
    pub remembered: Vec<String>,
}

/// What had rotted and is written anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renewed {
    /// What of the slot did not hold the root: it does again.
    pub slots: Vec<String>,
    /// The packs of which something could not be read: that is in a new pack from then on.
    pub packs: Vec<String>,
}

impl Keyring {
    /// Reads the slot, the root object and every segment once, and gives what cannot be read. After a slot that failed nothing is said of
    /// what is in memory.
    pub fn unreadable(&self) -> Unreadable {
        let mut found = Unreadable::default();
        if !self.poisoned {
            found.remembered.extend(self.rotten_slots());
            let opens = matches!(pack::read_root_object(&*self.store, &self.root), Ok(Some(_)));
            found.remembered.extend((!opens).then(|| pack::name(self.generation())));
        }
        for (number, segment) in self.unreadable_segments() {
            match self.cache.has(number) {
                true => found.remembered.push(pack::name(segment.pack)),
                false => found.lost.push((pack::name(segment.pack), segment_of(number, segment))),
            }
        }
        found.remembered.sort();
        found.remembered.dedup();
        found
    }

    /// Writes anew what cannot be read any more and is still in memory, and gives the names of what had rotted. A root that rotted is put
    /// once more, which makes the slot whole again; for anything else a new generation is committed, with the segments whose packs have
    /// rotted: what those held is in a new pack from then on.
    ///
    /// # Errors
    /// [`Error::Poisoned`]; others as for [`apply`](Keyring::apply). What could not be written stays in memory, to be tried again.
    pub fn renew(&mut self) -> Result<Renewed, Error> {
        self.check_poison()?;
        let is_pack = |name: &String| pack::generation(name).is_some();
        let (packs, slots) = self.unreadable().remembered.into_iter().partition(is_pack);
        let rotten = Renewed { slots, packs };
        if rotten == Renewed::default() {
            return Ok(rotten);
        }
        if rotten.packs.is_empty() {
            // Nothing is destroyed and nothing claimed by it: where it fails the keyring is as it was.
            let put = self.slot.replace(&self.root);
            return put.map(|()| rotten).map_err(|error| Error::slot("take the root key once more", error));
        }
        let mut object = self.object.clone();
        let mut pack = Builder::new(self.next_generation()?);
        for (number, segment) in self.unreadable_segments() {
            if let Some(tree) = self.cache.peek(number) {
                object.segments.insert(number, pack.add(number, segment.class, tree.encode())?);
            }
        }
        self.commit(object, pack)?;
        Ok(rotten)
    }

    fn unreadable_segments(&self) -> impl Iterator<Item = (u64, &SealedSegment)> {
        let all = self.object.segments.iter().map(|(number, segment)| (*number, segment));
        all.filter(|(number, segment)| pack::read_tree(&*self.store, *number, segment).is_err())
    }

    /// What of the slot does not hold the root any more, in order.
    fn rotten_slots(&self) -> Vec<String> {
        let holds = self.slot.load().is_ok_and(|roots| roots.contains(&self.root));
        let mut rotten = match (holds, self.slot.damaged()) {
            (true, Ok(damaged)) => damaged,
            _ => vec![WHOLE_SLOT.to_owned()],
        };
        rotten.sort();
        rotten
    }
}

/// How a slot is called of which nothing can be read.
pub(super) const WHOLE_SLOT: &str = "the whole slot";

fn segment_of(number: u64, segment: &SealedSegment) -> Segment {
    let first = number * SEGMENT_IDS;
    Segment { ids: first..=first + (SEGMENT_IDS - 1), class: segment.class }
}
