//! How a keyring begins, and how it begins again after a crash.

use std::collections::BTreeMap;
use std::io;

use super::Keyring;
use super::cache::Cache;
use crate::error::Error;
use crate::key::Key;
use crate::pack::{self, Builder};
use crate::root_object::RootObject;
use crate::slot::{Root, Slot};
use crate::store::Store;

/// The generation of a new keyring. It holds no key yet, so a creation that was interrupted may be started over.
const FIRST: u64 = 1;

impl Keyring {
    /// Makes a new keyring in an empty place.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`] if the slot holds a root or the store holds packs; others if they fail.
    pub fn create(store: Box<dyn Store>, slot: Box<dyn Slot>) -> Result<Keyring, Error> {
        let packs = list_packs(&*store)?;
        let roots = match slot.load() {
            Ok(roots) => roots,
            // A first root that was cut short.
            Err(error) if error.kind() == io::ErrorKind::InvalidData && !packs.is_empty() => Vec::new(),
            Err(error) => return Err(Error::slot("be read", error)),
        };
        if !roots.is_empty() || packs.keys().any(|generation| *generation != FIRST) {
            return Err(Error::AlreadyExists);
        }
        let first = pack::name(FIRST);
        if !packs.is_empty() {
            store.remove(&first).map_err(|error| Error::store(format!("remove {first}"), error))?;
        }

        let mut keyring = [0; 16];
        getrandom::fill(&mut keyring)?;
        let root = Root::new(keyring, FIRST, Key::random()?);
        let object = RootObject::default();
        let bytes = Builder::new(FIRST).finish(&root, &object)?;
        store.write(&first, &bytes).map_err(|error| Error::store(format!("write {first}"), error))?;
        slot.replace(&root).map_err(|error| Error::slot("take the first root key", error))?;
        let packs = BTreeMap::from([(FIRST, bytes.len() as u64)]);
        Ok(Keyring::new(store, slot, root, object, packs))
    }

    /// Opens the keyring that is here, and finishes what a crash may have left: the newest root whose root object opens is put
    /// again, which destroys any other and restores what has rotted in the slot; then packs that nothing refers to are removed.
    ///
    /// # Errors
    /// [`Error::Absent`] if there is none (this never makes one); [`Error::RootLost`] if there are packs, but no root;
    /// [`Error::Damaged`] if no root opens its pack; [`Error::TooNew`] if a newer program wrote it; others if the store or the
    /// slot fail, since an older root must not win because the newest could not be read.
    pub fn open(store: Box<dyn Store>, slot: Box<dyn Slot>) -> Result<Keyring, Error> {
        let packs = list_packs(&*store)?;
        let mut roots = slot.load().map_err(|error| Error::slot("be read", error))?;
        roots.sort_by_key(|root| std::cmp::Reverse(root.generation()));
        let Some(newest) = roots.first().map(Root::generation) else {
            return Err(if packs.is_empty() { Error::Absent } else { Error::RootLost });
        };
        for root in roots {
            if let Some(object) = pack::read_root_object(&*store, &root)? {
                slot.replace(&root)
                    .map_err(|error| Error::slot("destroy what an earlier run left", error))?;
                let mut keyring = Keyring::new(store, slot, root, object, packs);
                keyring.remove_dead_packs();
                return Ok(keyring);
            }
        }
        let name = pack::name(newest);
        let why = if packs.contains_key(&newest) { "the root key does not open it" } else { "it is missing" };
        Err(Error::damaged(name, why))
    }

    fn new(
        store: Box<dyn Store>,
        slot: Box<dyn Slot>,
        root: Root,
        object: RootObject,
        packs: BTreeMap<u64, u64>,
    ) -> Keyring {
        let (leases, cache) = (BTreeMap::new(), Cache::default());
        Keyring { store, slot, root, object, packs, leases, cache, unwritten: None, poisoned: false }
    }
}

/// The packs in a store by generation, with their lengths in bytes.
pub(super) fn list_packs(store: &dyn Store) -> Result<BTreeMap<u64, u64>, Error> {
    let files = store.list().map_err(|error| Error::store("list its packs", error))?;
    Ok(files.into_iter().filter_map(|(name, length)| Some((pack::generation(&name)?, length))).collect())
}
