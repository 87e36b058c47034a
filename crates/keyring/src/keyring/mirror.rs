//! A second place with the same keyring, against the loss of the first.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use super::Keyring;
use super::commit::live_packs;
use super::start::{is_whole, list_packs};
use crate::error::Error;
use crate::lineage::{Lineage, Standing, standing};
use crate::pack;
use crate::root_object::RootObject;
use crate::slot::{Root, Slot};
use crate::spare::Spare;
use crate::store::Store;

/// A generation of a keyring, to be brought to mirrors on other threads while the keyring goes on. It holds the root key, wiped
/// when it is dropped.
#[derive(Clone)]
pub struct Snapshot {
    /// Only while the keyring is open: a copy that never ends must not hold its folder for longer.
    store: Weak<dyn Store>,
    root: Root,
    object: RootObject,
    /// The newest generation of the keyring by now.
    newest: Arc<AtomicU64>,
}

impl Keyring {
    /// Brings another store and slot to this very generation; see [`Snapshot::bring`].
    ///
    /// # Errors
    /// Those of [`Snapshot::bring`], and [`Error::Poisoned`].
    pub fn mirror(&self, store: &dyn Store, slot: &dyn Slot) -> Result<u64, Error> {
        self.snapshot()?.bring(store, slot)
    }

    /// This generation, for mirrors.
    ///
    /// # Errors
    /// [`Error::Poisoned`].
    pub fn snapshot(&self) -> Result<Snapshot, Error> {
        self.check_poison()?;
        Ok(Snapshot {
            store: Arc::downgrade(&self.store),
            root: self.root.clone(),
            object: self.object.clone(),
            newest: self.newest.clone(),
        })
    }

    /// How a mirror stands to this keyring; `None` for an empty one, or one of another keyring.
    pub fn standing_of(&self, mirror: &Spare) -> Option<Standing> {
        let ours = (&self.root, &self.object.lineage);
        mirror.standing_to(ours).filter(|_| mirror.newest().is_some_and(|(id, _)| id == self.root.keyring()))
    }
}

impl Spare {
    /// How this stands to a generation of the same keyring; `None` for an empty one. Where no root opens a pack, the newest root
    /// counts.
    fn standing_to(&self, ours: (&Root, &Lineage)) -> Option<Standing> {
        match self.newest_whole() {
            Some((root, object)) => Some(standing(ours, (root, &object.lineage))),
            None => self.newest_root().map(|root| standing(ours, (root, &Lineage::default()))),
        }
    }
}

impl Snapshot {
    /// The random name of the keyring.
    pub fn keyring(&self) -> [u8; 16] {
        self.root.keyring()
    }

    /// The generation.
    pub fn generation(&self) -> u64 {
        self.root.generation()
    }

    /// Brings another store and slot to this very generation: copies the packs that are missing there or are others, replaces
    /// the root, and removes what nothing refers to any more. Gives the generation.
    ///
    /// Until this has returned for every mirror, a key that was punctured here can still be derived from the mirrors that were
    /// not reached. An empty store and slot become a new mirror.
    ///
    /// # Errors
    /// [`Error::OtherKeyring`] if the slot belongs to another keyring; [`Error::MirrorAhead`] if the mirror is the newer of the
    /// two; [`Error::MirrorApart`] if both were used since they were the same; [`Error::Superseded`] if the keyring has gone on
    /// meanwhile, or was closed; others if either side fails. The mirror is then at its old generation or at this one, and this keyring as it was.
    pub fn bring(&self, store: &dyn Store, slot: &dyn Slot) -> Result<u64, Error> {
        let there = Spare::read_newest(store, slot)?;
        let ours = self.root.generation();
        let Some((keyring, theirs)) = there.newest() else { return self.replace_all(store, slot) };
        if keyring != self.root.keyring() {
            return Err(Error::OtherKeyring);
        }
        match there.standing_to((&self.root, &self.object.lineage)) {
            Some(Standing::Ahead) => Err(Error::MirrorAhead { ours, theirs }),
            Some(Standing::Apart) => Err(Error::MirrorApart { ours, theirs }),
            Some(Standing::Same | Standing::Behind) | None => self.replace_all(store, slot),
        }
    }

    /// Makes another store and slot this very generation, whatever of this keyring they hold: **what only they have is destroyed**.
    ///
    /// # Errors
    /// As for [`Snapshot::bring`], but for what that refuses; [`Error::OtherKeyring`] all the same.
    pub fn overwrite(&self, store: &dyn Store, slot: &dyn Slot) -> Result<u64, Error> {
        let there = Spare::read_newest(store, slot)?;
        if there.newest().is_some_and(|(keyring, _)| keyring != self.root.keyring()) {
            return Err(Error::OtherKeyring);
        }
        self.replace_all(store, slot)
    }

    /// A mirror's root is put after all packs it needs, so that at every moment what a root there needs is there.
    fn replace_all(&self, store: &dyn Store, slot: &dyn Slot) -> Result<u64, Error> {
        let there = list_packs(store)?;
        let live = live_packs(&self.root, &self.object);
        for generation in &live {
            self.copy_pack(*generation, there.contains_key(generation), store)?;
        }
        slot.replace(&self.root).map_err(|error| Error::slot("replace the root key at the mirror", error))?;
        for generation in there.keys().filter(|generation| !live.contains(generation)) {
            // Nothing can open it any more; the next time will try again.
            let _ = store.remove(&pack::name(*generation));
        }
        Ok(self.generation())
    }

    /// Copies a pack unless the very same is there, or this one has rotted: what was cut short at the mirror, or has rotted
    /// there, is written anew, and what is whole there stays.
    fn copy_pack(&self, generation: u64, exists: bool, to: &dyn Store) -> Result<(), Error> {
        let name = pack::name(generation);
        let from = self.store.upgrade().ok_or(Error::Superseded(self.generation()))?;
        let bytes =
            from.read(&name, 0..u64::MAX).map_err(|error| Error::store(format!("read {name}"), error))?;
        let Some(bytes) = bytes else {
            if self.newest.load(Ordering::Acquire) != self.generation() {
                return Err(Error::Superseded(self.generation()));
            }
            let is_needed_to_open = generation == self.generation();
            // Any other pack that is lost here takes only its own segments with it.
            return if is_needed_to_open { Err(Error::damaged(name, "it is missing")) } else { Ok(()) };
        };
        if exists {
            // What cannot be read there is written anew as well.
            let there = to.read(&name, 0..u64::MAX).ok().flatten();
            if there.is_some_and(|there| {
                there == bytes || !is_whole(&self.root, &self.object, generation, &bytes)
            }) {
                return Ok(());
            }
            to.remove(&name).map_err(|error| Error::store(format!("remove {name} at the mirror"), error))?;
        }
        to.write(&name, &bytes).map_err(|error| Error::store(format!("write {name} at the mirror"), error))
    }
}
