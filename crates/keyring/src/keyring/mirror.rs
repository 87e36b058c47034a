//! A second place with the same keyring, against the loss of the first.

use super::Keyring;
use super::commit::live_packs;
use super::start::list_packs;
use crate::error::Error;
use crate::pack;
use crate::slot::{Root, Slot};
use crate::store::Store;

impl Keyring {
    /// Brings another store and slot to this very generation: copies the packs that are missing there, replaces the root, and
    /// removes what nothing refers to any more. Gives the generation.
    ///
    /// Until this has returned for every mirror, a key that was punctured here can still be derived from the mirrors that were
    /// not reached. An empty store and slot become a new mirror.
    ///
    /// # Errors
    /// [`Error::OtherKeyring`] if the slot belongs to another keyring; [`Error::MirrorAhead`] if the mirror is the newer of the
    /// two; others if either side fails. The mirror is then at its old generation or at this one, and this keyring as it was.
    pub fn mirror(&self, store: &dyn Store, slot: &dyn Slot) -> Result<u64, Error> {
        self.check_poison()?;
        let roots = slot.load().map_err(|error| Error::slot("be read at the mirror", error))?;
        let reached = self.compare(&roots)?;

        let there = list_packs(store)?;
        let live = live_packs(&self.root, &self.object);
        for generation in &live {
            let exists = there.contains_key(generation);
            // A mirror's root is put after all packs it needs, so up to its generation they were whole. A later one may have
            // been cut short.
            if !exists || *generation > reached {
                self.copy_pack(*generation, exists, store)?;
            }
        }
        slot.replace(&self.root).map_err(|error| Error::slot("replace the root key at the mirror", error))?;

        for generation in there.keys().filter(|generation| !live.contains(generation)) {
            // Nothing can open it any more; the next time will try again.
            let _ = store.remove(&pack::name(*generation));
        }
        Ok(self.generation())
    }

    /// The generation that a mirror with these roots has reached, 0 for a new one.
    fn compare(&self, roots: &[Root]) -> Result<u64, Error> {
        if roots.iter().any(|root| root.keyring() != self.root.keyring()) {
            return Err(Error::OtherKeyring);
        }
        let (ours, newest) = (self.generation(), roots.iter().max_by_key(|root| root.generation()));
        match newest {
            None => Ok(0),
            Some(root) if root.generation() < ours || *root == self.root => Ok(root.generation()),
            Some(root) => Err(Error::MirrorAhead { ours, theirs: root.generation() }),
        }
    }

    fn copy_pack(&self, generation: u64, exists: bool, to: &dyn Store) -> Result<(), Error> {
        let name = pack::name(generation);
        let bytes = self
            .store
            .read(&name, 0..u64::MAX)
            .map_err(|error| Error::store(format!("read {name}"), error))?;
        let Some(bytes) = bytes else {
            let is_needed_to_open = generation == self.generation();
            // Any other pack that is lost here takes only its own segments with it.
            return if is_needed_to_open { Err(Error::damaged(name, "it is missing")) } else { Ok(()) };
        };
        if exists {
            to.remove(&name).map_err(|error| Error::store(format!("remove {name} at the mirror"), error))?;
        }
        to.write(&name, &bytes).map_err(|error| Error::store(format!("write {name} at the mirror"), error))
    }
}
