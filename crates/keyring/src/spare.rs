//! What a mirror held when it was read: whatever was damaged here can be healed from it, as far as that goes not back.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::error::Error;
use crate::pack::{self, Found};
use crate::root_object::RootObject;
use crate::slot::{Root, Slot};
use crate::store::Store;

/// A mirror as it was read, in memory: reading may take long, or never end, and is done where nobody waits for it.
#[derive(Debug)]
pub struct Spare {
    roots: Vec<Root>,
    packs: BTreeMap<u64, Vec<u8>>,
}

impl Spare {
    /// Reads the roots and the packs of a mirror.
    ///
    /// # Errors
    /// If either cannot be read.
    pub fn read(store: &dyn Store, slot: &dyn Slot) -> Result<Spare, Error> {
        Spare::read_some(store, slot, |_| true)
    }

    /// Reads the roots, and of the packs those with what the roots open: enough for its secrets, and to heal from it not enough.
    ///
    /// # Errors
    /// As for [`Spare::read`].
    pub fn read_newest(store: &dyn Store, slot: &dyn Slot) -> Result<Spare, Error> {
        Spare::read_some(store, slot, |roots| roots)
    }

    fn read_some(store: &dyn Store, slot: &dyn Slot, wanted: impl Fn(bool) -> bool) -> Result<Spare, Error> {
        let mut roots = slot.load().map_err(|error| Error::slot("be read at the mirror", error))?;
        roots.sort_by_key(|root| std::cmp::Reverse(root.generation()));
        let mut packs = BTreeMap::new();
        for generation in pack::list(store)?.into_keys() {
            if !wanted(roots.iter().any(|root| root.generation() == generation)) {
                continue;
            }
            let name = pack::name(generation);
            let bytes = store
                .read(&name, 0..u64::MAX)
                .map_err(|error| Error::store(format!("read {name} at the mirror"), error))?;
            packs.extend(bytes.map(|bytes| (generation, bytes)));
        }
        Ok(Spare { roots, packs })
    }

    /// The random name of its keyring and the newest generation that it has; `None` for one that is empty.
    pub fn newest(&self) -> Option<([u8; 16], u64)> {
        self.roots.first().map(|root| (root.keyring(), root.generation()))
    }

    /// A secret, as the newest root that opens its pack knows it.
    pub fn secret(&self, name: &str) -> Option<Zeroizing<Vec<u8>>> {
        self.newest_whole()?.1.secrets.remove(name)
    }

    pub(crate) fn newest_root(&self) -> Option<&Root> {
        self.roots.first()
    }

    /// The newest root that opens its pack, with what it opens.
    pub(crate) fn newest_whole(&self) -> Option<(&Root, RootObject)> {
        self.roots.iter().find_map(|root| Some((root, self.root_object(root)?)))
    }

    /// What a root opens here.
    pub(crate) fn root_object(&self, root: &Root) -> Option<RootObject> {
        self.found(root.generation())?.open_root_object(root.secret())
    }

    pub(crate) fn pack(&self, generation: u64) -> Option<&[u8]> {
        self.packs.get(&generation).map(Vec::as_slice)
    }

    fn found(&self, generation: u64) -> Option<Found> {
        Found::new(self.pack(generation)?.to_vec())
    }
}
