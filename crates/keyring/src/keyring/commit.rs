//! How a generation follows another.
//!
//! 1. The pack of the new generation is written, durable. Nothing refers to it yet.
//! 2. The new root replaces the old one in the slot, which destroys the old. This is the commit.
//! 3. Packs that nothing refers to any more are removed, at leisure: what is in them cannot be opened.
//!
//! A crash before the new root is durable leaves the old generation, one after it leaves the new; never a mixture, since each
//! root opens one root object, and that says everything.

use std::collections::BTreeSet;
use std::io;
use std::sync::atomic::Ordering;

use super::Keyring;
use crate::error::Error;
use crate::key::Key;
use crate::pack::{self, Builder};
use crate::root_object::RootObject;
use crate::slot::Root;

/// How many bytes of packs may be dead beyond as many as are live.
const DEAD_BYTES: u64 = 1 << 20;

impl Keyring {
    /// Makes `object` the keyring's state, `pack` holding the segments that changed in it.
    pub(super) fn commit(&mut self, mut object: RootObject, mut pack: Builder) -> Result<(), Error> {
        if self.too_much_would_be_dead(&object) {
            self.carry_over(&mut object, &mut pack)?;
        }
        let generation = self.next_generation()?;
        for (name, value) in &self.carried {
            object.secrets.insert(name.clone(), value.clone());
        }
        object.lineage.add(generation, self.mark);
        let root = Root::new(self.root.keyring(), generation, Key::random()?);
        let bytes = pack.finish(&root, &object)?;
        self.write_pack(generation, &bytes)?;

        if let Err(error) = self.slot.replace(&root) {
            self.poison();
            return Err(Error::slot("replace the root key", error));
        }

        self.root = root;
        self.object = object;
        self.carried.clear();
        self.newest.store(generation, Ordering::Release);
        self.remove_dead_packs();
        Ok(())
    }

    /// Removes the packs that the root object does not refer to. One that cannot be removed is tried again at the next commit:
    /// it takes room, but nothing can open it.
    pub(super) fn remove_dead_packs(&mut self) {
        let live = live_packs(&self.root, &self.object);
        let dead: Vec<u64> =
            self.packs.keys().copied().filter(|generation| !live.contains(generation)).collect();
        for generation in dead {
            if self.store.remove(&pack::name(generation)).is_ok() {
                self.packs.remove(&generation);
            }
        }
    }

    /// Writes the pack that the next root will open. Where that fails, this commit stops and nothing else: the slot is as it was, and
    /// no root opens what is left of the pack.
    fn write_pack(&mut self, generation: u64, bytes: &[u8]) -> Result<(), Error> {
        let name = pack::name(generation);
        // Written anew as a whole, and not synced once more: after a sync that failed, only that helps.
        if self.unwritten == Some(generation)
            && let Err(error) = self.store.remove(&name)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(Error::store(format!("remove what is left of {name}"), error));
        }
        if let Err(error) = self.store.write(&name, bytes) {
            self.unwritten = Some(generation);
            return Err(Error::store(format!("write {name}"), error));
        }
        self.unwritten = None;
        self.packs.insert(generation, bytes.len() as u64);
        Ok(())
    }

    /// Stops trusting what is in memory: what is durable is not known.
    pub(super) fn poison(&mut self) {
        self.poisoned = true;
        self.cache.clear();
    }

    /// True if the packs that would have to stay for `object` hold too little that it needs. Without this rule a pack, root
    /// object and all, would stay for a single segment in it.
    fn too_much_would_be_dead(&self, object: &RootObject) -> bool {
        let unchanged = object.segments.values().filter(|segment| self.packs.contains_key(&segment.pack));
        let (mut packs, mut live) = (BTreeSet::new(), 0);
        for segment in unchanged {
            packs.insert(segment.pack);
            live += u64::from(segment.length);
        }
        let held: u64 = packs.iter().filter_map(|generation| self.packs.get(generation)).sum();
        held > 2 * live + DEAD_BYTES
    }

    /// Copies every segment that did not change into the new pack, so that all other packs can go. A segment that cannot be
    /// read stays where it is: it must not keep others from being forgotten.
    fn carry_over(&self, object: &mut RootObject, pack: &mut Builder) -> Result<(), Error> {
        for (number, segment) in &self.object.segments {
            let unchanged = object.segments.get(number).is_some_and(|after| after.pack == segment.pack);
            if !unchanged {
                continue;
            }
            if let Ok(state) = pack::read_segment(&*self.store, *number, segment) {
                object.segments.insert(*number, pack.add(*number, segment.class, state)?);
            }
        }
        Ok(())
    }
}

/// The generations whose packs this root object needs, its own included.
pub(super) fn live_packs(root: &Root, object: &RootObject) -> BTreeSet<u64> {
    let segments = object.segments.values().map(|segment| segment.pack);
    segments.chain([root.generation()]).collect()
}
