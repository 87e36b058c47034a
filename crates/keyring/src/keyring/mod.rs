//! The keyring itself: what is asked of it, and the state that answers.

mod cache;
mod commit;
mod look_over;
mod mirror;
mod start;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use zeroize::Zeroizing;

use crate::change::{Change, holes_in};
use crate::error::Error;
use crate::key::Leaf;
use crate::lineage::Mark;
use crate::pack::{self, Builder};
use crate::root_object::RootObject;
use crate::segment::SEGMENT_IDS;
use crate::slot::{Root, Slot};
use crate::store::Store;
use crate::tree::Tree;
use cache::Cache;

pub use look_over::{Renewed, Unreadable};
pub use mirror::{Brought, Snapshot};
pub use start::Healed;

/// How many segments there may be, so that every id fits into a signed 64-bit integer too.
const MAX_SEGMENTS: u64 = 1 << 47;

/// A puncturable key for every id it hands out. See the [crate's page](crate).
///
/// A pack that cannot be written stops its commit and nothing else. After a slot that failed, what is durable is not known: every
/// later call that could rest on it gives [`Error::Poisoned`], until the keyring is opened again.
pub struct Keyring {
    store: Arc<dyn Store>,
    slot: Box<dyn Slot>,
    /// What the slot holds.
    root: Root,
    /// What the root opens. Invariant: this is exactly what is durable, unless the keyring is poisoned.
    object: RootObject,
    /// Every pack in the store by generation, with its length in bytes.
    packs: BTreeMap<u64, u64>,
    /// The segments that this run hands ids out of, by class.
    leases: BTreeMap<u32, Lease>,
    cache: Cache,
    /// The generation whose pack could not be written. What is left of it no root opens, and the next try replaces it.
    unwritten: Option<u64>,
    /// Secrets that the next commit takes along.
    carried: BTreeMap<String, Zeroizing<Vec<u8>>>,
    /// This run's mark in the lineage.
    mark: Mark,
    /// The newest generation, for whoever still copies an older one.
    newest: Arc<AtomicU64>,
    poisoned: bool,
}

/// A segment that ids are handed out of. Known in this run only, which is why no id of it can be handed out by the next.
#[derive(Clone, Copy)]
struct Lease {
    segment: u64,
    /// How many of its ids have been handed out.
    allocated: u64,
}

/// A segment that still holds keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its ids: those handed out, and at the end those that never were and, unless it is still leased, never will be.
    pub ids: RangeInclusive<u64>,
    /// The class it was leased for.
    pub class: u32,
}

impl Keyring {
    /// The number of the last commit. It goes up by one with each, and a mirror of the same generation is the same keyring.
    pub fn generation(&self) -> u64 {
        self.root.generation()
    }

    /// Hands out an id that was never handed out before, from the segment of this class.
    ///
    /// Takes no commit, except the first time in a run and after every 65,536 ids of the class, when it leases a segment.
    ///
    /// # Errors
    /// If a segment has to be leased and that commit fails.
    pub fn allocate(&mut self, class: u32) -> Result<u64, Error> {
        self.check_poison()?;
        let with_room = self.leases.get(&class).copied().filter(|lease| lease.allocated < SEGMENT_IDS);
        let lease = match with_room {
            Some(lease) => lease,
            None => self.lease(class)?,
        };
        self.leases.insert(class, Lease { allocated: lease.allocated + 1, ..lease });
        Ok(lease.segment * SEGMENT_IDS + lease.allocated)
    }

    /// The key of an id, always the same until it is punctured.
    ///
    /// # Errors
    /// [`Error::Gone`] once it is punctured; [`Error::NeverAllocated`] if it was never handed out (ids that an earlier run had
    /// leased but not used have keys too, which is harmless); others if its segment cannot be read.
    pub fn leaf(&mut self, id: u64) -> Result<Leaf, Error> {
        self.check_poison()?;
        self.check_allocated(id)?;
        let leaf = self.tree(id / SEGMENT_IDS)?.and_then(|tree| tree.leaf(within(id)));
        leaf.ok_or(Error::Gone { id })
    }

    /// True if the id has been handed out and is not punctured. Loads its segment, but derives nothing.
    ///
    /// # Errors
    /// If its segment cannot be read; that is never taken for "gone".
    pub fn contains(&mut self, id: u64) -> Result<bool, Error> {
        self.check_poison()?;
        if self.check_allocated(id).is_err() {
            return Ok(false);
        }
        Ok(self.tree(id / SEGMENT_IDS)?.is_some_and(|tree| tree.contains(within(id))))
    }

    /// Makes a change, in one commit whatever its size, and gives the generation it is in.
    ///
    /// **When this returns, what was punctured or removed cannot be recovered** from this store and slot by anyone. A change
    /// that changes nothing (all of it is gone already) takes no commit.
    ///
    /// # Errors
    /// A change that is refused ([`Error::NeverAllocated`], [`Error::EmptyRange`], [`Error::SecretLength`]), or whose segments
    /// cannot be read, or whose pack the store does not take, has changed nothing, and can be made again. After an error of the
    /// slot the keyring is [poisoned](Keyring::is_poisoned).
    pub fn apply(&mut self, change: Change) -> Result<u64, Error> {
        self.check_poison()?;
        change.check()?;
        for id in &change.ids {
            self.check_allocated(*id)?;
        }

        let mut object = self.object.clone();
        let mut pack = Builder::new(self.next_generation()?);
        let (warm, mut changed) = self.puncture(&change.punctured(), &mut object, &mut pack)?;
        for name in &change.remove {
            changed |= object.secrets.remove(name).is_some();
        }
        for (name, value) in change.put {
            object.secrets.insert(name, value);
            changed = true;
        }
        if changed {
            self.commit(object, pack)?;
        }
        for (number, tree) in warm {
            self.cache.insert(number, tree);
        }
        Ok(self.generation())
    }

    /// Lets the next commit, whatever it is for, store a secret: what costs no commit of its own, and may lag behind.
    ///
    /// # Errors
    /// [`Error::SecretLength`], [`Error::SecretName`].
    pub fn carry(&mut self, name: &str, value: &[u8]) -> Result<(), Error> {
        let carried = Change::default().put(name, value);
        carried.check()?;
        self.carried.extend(carried.put);
        Ok(())
    }

    /// A secret by name, as of the last commit that succeeded.
    pub fn secret(&self, name: &str) -> Option<&[u8]> {
        self.object.secrets.get(name).map(|value| value.as_slice())
    }

    /// The names of all secrets, in order.
    pub fn secret_names(&self) -> impl Iterator<Item = &str> {
        self.object.secrets.keys().map(String::as_str)
    }

    /// The first id of the segment that is leased next: no id from there on has ever been handed out.
    pub fn next_id(&self) -> u64 {
        // `lease` stops before the last segment.
        self.object.next_segment * SEGMENT_IDS
    }

    /// Every segment that still holds keys, in order.
    ///
    /// A run seldom uses up the segments it leased. To be rid of one in which nothing is kept any more, puncture all its
    /// [`ids`](Segment::ids) as a range: that reads nothing, and spares what is still leased.
    pub fn segments(&self) -> impl Iterator<Item = Segment> {
        self.object.segments.iter().map(|(number, segment)| {
            let first = number * SEGMENT_IDS;
            Segment { ids: first..=first + (SEGMENT_IDS - 1), class: segment.class }
        })
    }

    /// Whether the slot has failed, so that what is durable is not known: only opening the keyring again helps, which puts the newest
    /// root once more.
    pub fn is_poisoned(&self) -> bool {
        self.poisoned
    }

    /// Ends it while this process goes on: every later change is refused, as after a slot that failed, so that another process can
    /// open the keyring.
    pub fn retire(&mut self) {
        self.poison();
        self.store.leave();
    }

    /// Punctures sorted `ranges` in `object` and adds the segments that changed to `pack`. Gives the new trees of those that
    /// were in the cache, to be put back after the commit, and whether anything changed.
    fn puncture(
        &mut self,
        ranges: &[RangeInclusive<u64>],
        object: &mut RootObject,
        pack: &mut Builder,
    ) -> Result<(Vec<(u64, Tree)>, bool), Error> {
        let mut warm = Vec::new();
        let mut changed = false;
        for number in overlapped(ranges, &self.object) {
            let allocated = self.allocated_in(number);
            let holes = holes_in(ranges, number, allocated);
            if holes == [0..=u16::MAX] {
                self.cache.take(number);
                object.segments.remove(&number);
                changed = true;
                continue;
            }
            let Some(segment) = self.object.segments.get(&number) else { continue };
            let cached = self.cache.take(number);
            let keep_warm = cached.is_some();
            let mut tree = match cached {
                Some(tree) => tree,
                None => pack::read_tree(&*self.store, number, segment)?,
            };
            if tree.is_touched_by(&holes) {
                changed = true;
                tree = tree.puncture(&holes);
                if tree.is_empty() {
                    object.segments.remove(&number);
                    continue;
                }
                object.segments.insert(number, pack.add(number, segment.class, tree.encode())?);
            }
            if keep_warm {
                warm.push((number, tree));
            }
        }
        Ok((warm, changed))
    }

    /// Leases a fresh segment for a class: durable when this returns, so that no later run leases it again.
    fn lease(&mut self, class: u32) -> Result<Lease, Error> {
        let number = self.object.next_segment;
        if number >= MAX_SEGMENTS {
            return Err(Error::Exhausted);
        }
        let tree = Tree::random()?;
        let mut object = self.object.clone();
        let mut pack = Builder::new(self.next_generation()?);
        object.next_segment = number + 1;
        object.segments.insert(number, pack.add(number, class, tree.encode())?);
        self.commit(object, pack)?;
        self.cache.insert(number, tree);
        Ok(Lease { segment: number, allocated: 0 })
    }

    /// The tree of a segment, read if it is not in memory; `None` if nothing of it remains.
    fn tree(&mut self, number: u64) -> Result<Option<&mut Tree>, Error> {
        let Some(segment) = self.object.segments.get(&number) else { return Ok(None) };
        let tree = self.cache.get_or_read(number, || pack::read_tree(&*self.store, number, segment))?;
        Ok(Some(tree))
    }

    fn check_poison(&self) -> Result<(), Error> {
        if self.poisoned { Err(Error::Poisoned) } else { Ok(()) }
    }

    fn check_allocated(&self, id: u64) -> Result<(), Error> {
        let number = id / SEGMENT_IDS;
        let leased = number < self.object.next_segment;
        if leased && id % SEGMENT_IDS < self.allocated_in(number) {
            Ok(())
        } else {
            Err(Error::NeverAllocated { id })
        }
    }

    /// How many ids of a segment may be in use: all of them, unless this run is still handing them out.
    fn allocated_in(&self, number: u64) -> u64 {
        // A segment that is gone had none left to hand out.
        let class = self.object.segments.get(&number).map(|segment| segment.class);
        let lease = class.and_then(|class| self.leases.get(&class)).filter(|lease| lease.segment == number);
        lease.map_or(SEGMENT_IDS, |lease| lease.allocated)
    }

    fn next_generation(&self) -> Result<u64, Error> {
        self.generation().checked_add(1).ok_or(Error::Exhausted)
    }
}

/// The numbers of the segments that have ids in sorted `ranges`, each once. Skips what no longer exists, however wide the range.
fn overlapped(ranges: &[RangeInclusive<u64>], object: &RootObject) -> Vec<u64> {
    let segments_of = |range: &RangeInclusive<u64>| {
        object
            .segments
            .range(range.start() / SEGMENT_IDS..=range.end() / SEGMENT_IDS)
            .map(|(number, _)| *number)
    };
    let mut numbers: Vec<u64> = ranges.iter().flat_map(segments_of).collect();
    numbers.dedup();
    numbers
}

fn within(id: u64) -> u16 {
    (id % SEGMENT_IDS) as u16
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("generation", &self.generation())
            .field("segments", &self.object.segments.len())
            .field("secrets", &self.object.secrets.len())
            .field("poisoned", &self.poisoned)
            .finish_non_exhaustive()
    }
}
