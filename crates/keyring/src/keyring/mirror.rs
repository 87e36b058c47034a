//! A second place with the same keyring, against the loss of the first.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use super::Keyring;
use super::commit::live_packs;
use super::look_over::WHOLE_SLOT;
use super::start::is_whole;
use crate::error::Error;
use crate::lineage::{Lineage, Standing, standing};
use crate::pack;
use crate::root_object::RootObject;
use crate::slot::{Root, Slot};
use crate::spare::Spare;
use crate::store::Store;

/// What became of a mirror.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// The generation that it is at now.
    pub generation: u64,
    /// What had rotted there and is whole again.
    pub healed: Vec<String>,
}

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
        Ok(self.snapshot()?.bring(store, slot)?.generation)
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
    /// the root, and removes what nothing refers to any more. Gives the generation, and what had rotted there.
    ///
    /// Until this has returned for every mirror, a key that was punctured here can still be derived from the mirrors that were
    /// not reached. An empty store and slot become a new mirror; so do those of which no root can be read any more, unless they hold a
    /// pack of a later generation, for nothing there opens.
    ///
    /// # Errors
    /// [`Error::OtherKeyring`] if the slot belongs to another keyring; [`Error::MirrorAhead`] if the mirror is the newer of the
    /// two; [`Error::MirrorApart`] if both were used since they were the same; [`Error::Superseded`] if the keyring has gone on
    /// meanwhile, or was closed; others if either side fails. The mirror is then at its old generation or at this one, and this keyring as it was.
    pub fn bring(&self, store: &dyn Store, slot: &dyn Slot) -> Result<Brought, Error> {
        let ours = self.root.generation();
        let there = match Spare::read_newest(store, slot) {
            Ok(there) => there,
            Err(Error::Slot { source, .. })
                if source.kind() == io::ErrorKind::InvalidData
                    && pack::list(store)?.keys().all(|generation| *generation <= ours) =>
            {
                return self.replace_all(store, slot, None);
            }
            Err(why) => return Err(why),
        };
        let Some((keyring, theirs)) = there.newest() else { return self.replace_all(store, slot, None) };
        if keyring != self.root.keyring() {
            return Err(Error::OtherKeyring);
        }
        match there.standing_to((&self.root, &self.object.lineage)) {
            Some(Standing::Ahead) => Err(Error::MirrorAhead { ours, theirs }),
            Some(Standing::Apart) => Err(Error::MirrorApart { ours, theirs }),
            Some(Standing::Same | Standing::Behind) | None => self.replace_all(store, slot, Some(theirs)),
        }
    }

    /// Makes another store and slot this very generation, whatever of this keyring they hold: **what only they have is destroyed**.
    ///
    /// # Errors
    /// As for [`Snapshot::bring`], but for what that refuses; [`Error::OtherKeyring`] all the same.
    pub fn overwrite(&self, store: &dyn Store, slot: &dyn Slot) -> Result<u64, Error> {
        let there = Spare::read_newest(store, slot)?;
        let theirs = there.newest();
        if theirs.is_some_and(|(keyring, _)| keyring != self.root.keyring()) {
            return Err(Error::OtherKeyring);
        }
        Ok(self.replace_all(store, slot, theirs.map(|(_, generation)| generation))?.generation)
    }

    /// A mirror's root is put after all packs it needs, so that at every moment what a root there needs is there. `theirs` is the
    /// generation that it is at.
    fn replace_all(&self, store: &dyn Store, slot: &dyn Slot, theirs: Option<u64>) -> Result<Brought, Error> {
        let there = pack::list(store)?;
        let live = live_packs(&self.root, &self.object);
        let mut healed = match theirs {
            Some(_) => slot.damaged().unwrap_or_default(),
            None if there.is_empty() => Vec::new(),
            None => vec![WHOLE_SLOT.to_owned()],
        };
        for generation in &live {
            let exists = there.contains_key(generation);
            let copied = self.copy_pack(*generation, exists, store)?;
            // A segment stays in its pack until it changes: what is needed here of that time was needed there. A later pack is one whose
            // copying was cut short.
            if copied && theirs.map_or(exists, |theirs| *generation <= theirs) {
                healed.push(pack::name(*generation));
            }
        }
        slot.replace(&self.root).map_err(|error| Error::slot("replace the root key at the mirror", error))?;
        for generation in there.keys().filter(|generation| !live.contains(generation)) {
            // Nothing can open it any more; the next time will try again.
            let _ = store.remove(&pack::name(*generation));
        }
        Ok(Brought { generation: self.generation(), healed })
    }

    /// Copies a pack unless the very same is there, or this one has rotted: what was cut short at the mirror, or has rotted
    /// there, is written anew, and what is whole there stays. Says whether it was written.
    fn copy_pack(&self, generation: u64, exists: bool, to: &dyn Store) -> Result<bool, Error> {
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
            return if is_needed_to_open { Err(Error::damaged(name, "it is missing")) } else { Ok(false) };
        };
        if exists {
            // What cannot be read there is written anew as well.
            let there = to.read(&name, 0..u64::MAX).ok().flatten();
            if there.is_some_and(|there| {
                there == bytes || !is_whole(&self.root, &self.object, generation, &bytes)
            }) {
                return Ok(false);
            }
            to.remove(&name).map_err(|error| Error::store(format!("remove {name} at the mirror"), error))?;
        }
        let written = to.write(&name, &bytes);
        written.map(|()| true).map_err(|error| Error::store(format!("write {name} at the mirror"), error))
    }
}
