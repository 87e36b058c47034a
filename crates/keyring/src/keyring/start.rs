//! How a keyring begins, and how it begins again after a crash.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::Keyring;
use super::cache::Cache;
use super::commit::live_packs;
use super::look_over::WHOLE_SLOT;
use crate::error::Error;
use crate::key::Key;
use crate::lineage::Mark;
use crate::pack::{self, Builder, Found};
use crate::root_object::RootObject;
use crate::slot::{Root, Slot};
use crate::spare::Spare;
use crate::store::Store;

/// The generation of a new keyring. It holds no key yet, so a creation that was interrupted may be started over.
const FIRST_GENERATION: u64 = 1;

/// What was damaged when a keyring was opened, and is whole again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Healed {
    /// What of the slot held no whole root: rot, or what an interrupted commit left.
    pub slots: Vec<String>,
    /// The packs that were put right from a mirror.
    pub packs: Vec<String>,
}

impl Healed {
    /// Nothing of the slot could be read.
    fn whole_slot() -> Healed {
        Healed { slots: vec![WHOLE_SLOT.into()], packs: Vec::new() }
    }
}

impl Keyring {
    /// Makes a new keyring in an empty place.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`] if the slot holds a root or the store holds packs; others if they fail.
    pub fn create(store: Box<dyn Store>, slot: Box<dyn Slot>) -> Result<Keyring, Error> {
        let packs = pack::list(&*store)?;
        let roots = match slot.load() {
            Ok(roots) => roots,
            // A first root that was cut short.
            Err(error) if error.kind() == io::ErrorKind::InvalidData && !packs.is_empty() => Vec::new(),
            Err(error) => return Err(Error::slot("be read", error)),
        };
        if !roots.is_empty() || packs.keys().any(|generation| *generation != FIRST_GENERATION) {
            return Err(Error::AlreadyExists);
        }
        let first = pack::name(FIRST_GENERATION);
        if !packs.is_empty() {
            store.remove(&first).map_err(|error| Error::store(format!("remove {first}"), error))?;
        }

        let mut keyring = [0; 16];
        getrandom::fill(&mut keyring)?;
        let root = Root::new(keyring, FIRST_GENERATION, Key::random()?);
        let object = RootObject::default();
        let bytes = Builder::new(FIRST_GENERATION).finish(&root, &object)?;
        store.write(&first, &bytes).map_err(|error| Error::store(format!("write {first}"), error))?;
        slot.replace(&root).map_err(|error| Error::slot("take the first root key", error))?;
        let packs = BTreeMap::from([(FIRST_GENERATION, bytes.len() as u64)]);
        Keyring::new(store.into(), slot, root, object, packs)
    }

    /// Opens the keyring that is here, and finishes what a crash may have left: the newest root whose root object opens is put
    /// again, which destroys any other and restores what has rotted in the slot; then packs that nothing refers to are removed.
    ///
    /// # Errors
    /// [`Error::Absent`] if there is none (this never makes one); [`Error::RootLost`] if there are packs, but no root;
    /// [`Error::Damaged`] if no root opens its pack; [`Error::TooNew`] if a newer program wrote it; others if the store or the
    /// slot fail, since an older root must not win because the newest could not be read.
    pub fn open(store: Box<dyn Store>, slot: Box<dyn Slot>) -> Result<Keyring, Error> {
        Keyring::open_healing(store, slot, &[]).map(|(keyring, _)| keyring)
    }

    /// The same, and what is damaged here is put right from mirrors: a pack by the very pack that this keyring's own keys open,
    /// and a root that is lost by that of a mirror, if no pack here is of a later generation than the mirror's. So nothing that
    /// was destroyed comes back. Says what was healed.
    ///
    /// # Errors
    /// As for [`open`](Keyring::open), of what no mirror heals; [`Error::MirrorsOlder`] if the root is lost and every mirror
    /// is older than what was here.
    pub fn open_healing(
        store: Box<dyn Store>,
        slot: Box<dyn Slot>,
        mirrors: &[Spare],
    ) -> Result<(Keyring, Healed), Error> {
        let store: Arc<dyn Store> = store.into();
        let mut packs = pack::list(&*store)?;
        let (roots, mut healed) = match load(&*slot, &packs) {
            Ok(roots) => (roots, Healed { slots: slot.damaged().map_err(unreadable)?, packs: Vec::new() }),
            Err(error) => (vec![root_of_mirror(&packs, mirrors, error)?], Healed::whole_slot()),
        };
        let newest = roots.first().map(Root::generation).unwrap_or_default();
        for root in roots {
            let Some(object) = read_root_object(&*store, &root, mirrors)? else { continue };
            slot.replace(&root).map_err(|error| Error::slot("destroy what an earlier run left", error))?;
            heal_packs(&*store, &root, &object, mirrors, &mut packs, &mut healed)?;
            let mut keyring = Keyring::new(store, slot, root, object, packs)?;
            keyring.remove_dead_packs();
            return Ok((keyring, healed));
        }
        let name = pack::name(newest);
        let why = if packs.contains_key(&newest) { "the root key does not open it" } else { "it is missing" };
        Err(Error::damaged(name, why))
    }

    /// Puts right from mirrors the packs that have rotted since it was opened, each by the very pack that this keyring's own keys open,
    /// and gives their names.
    ///
    /// # Errors
    /// [`Error::Poisoned`]; others if the store cannot be written.
    pub fn heal(&mut self, mirrors: &[Spare]) -> Result<Vec<String>, Error> {
        self.check_poison()?;
        let mut healed = Healed::default();
        heal_packs(&*self.store, &self.root, &self.object, mirrors, &mut self.packs, &mut healed)?;
        Ok(healed.packs)
    }

    fn new(
        store: Arc<dyn Store>,
        slot: Box<dyn Slot>,
        root: Root,
        object: RootObject,
        packs: BTreeMap<u64, u64>,
    ) -> Result<Keyring, Error> {
        let mut mark = Mark::default();
        getrandom::fill(&mut mark)?;
        let newest = Arc::new(AtomicU64::new(root.generation()));
        let (leases, cache, carried) = (BTreeMap::new(), Cache::default(), BTreeMap::new());
        Ok(Keyring {
            store,
            slot,
            root,
            object,
            packs,
            leases,
            cache,
            carried,
            mark,
            newest,
            unwritten: None,
            poisoned: false,
        })
    }
}

/// The roots of a slot, the newest first: at least one.
fn load(slot: &dyn Slot, packs: &BTreeMap<u64, u64>) -> Result<Vec<Root>, Error> {
    let mut roots = slot.load().map_err(unreadable)?;
    roots.sort_by_key(|root| std::cmp::Reverse(root.generation()));
    if roots.is_empty() {
        return Err(if packs.is_empty() { Error::Absent } else { Error::RootLost });
    }
    Ok(roots)
}

/// The newest root of the mirrors, where the slot here holds none that is whole. A pack here says which generation there was:
/// a mirror that is older would bring back what was destroyed since.
fn root_of_mirror(packs: &BTreeMap<u64, u64>, mirrors: &[Spare], error: Error) -> Result<Root, Error> {
    let is_lost = match &error {
        Error::RootLost => true,
        Error::Slot { source, .. } => source.kind() == io::ErrorKind::InvalidData,
        _ => false,
    };
    let roots = mirrors.iter().filter_map(|mirror| mirror.newest_whole().map(|(root, _)| root));
    let found = roots.filter(|_| is_lost).max_by_key(|root| root.generation());
    match (found, packs.keys().max()) {
        (None, _) => Err(error),
        (Some(root), Some(newest)) if root.generation() < *newest => {
            Err(Error::MirrorsOlder { found: root.generation(), newest: *newest })
        }
        (Some(root), _) => Ok(root.clone()),
    }
}

/// What a root opens here, or in a mirror that has the same pack.
fn read_root_object(store: &dyn Store, root: &Root, mirrors: &[Spare]) -> Result<Option<RootObject>, Error> {
    match pack::read_root_object(store, root) {
        Ok(Some(object)) => Ok(Some(object)),
        not_here => match mirrors.iter().find_map(|mirror| mirror.root_object(root)) {
            Some(object) => Ok(Some(object)),
            None => not_here,
        },
    }
}

/// Writes anew each pack that is another than at the mirrors, where one of them has it with everything that is needed of it: packs
/// are never altered, so what differs has rotted.
fn heal_packs(
    store: &dyn Store,
    root: &Root,
    object: &RootObject,
    mirrors: &[Spare],
    packs: &mut BTreeMap<u64, u64>,
    healed: &mut Healed,
) -> Result<(), Error> {
    for generation in live_packs(root, object) {
        let name = pack::name(generation);
        let ours = store.read(&name, 0..u64::MAX).ok().flatten();
        let copies = || mirrors.iter().filter_map(|mirror| mirror.pack(generation));
        if copies().any(|copy| Some(copy) == ours.as_deref()) {
            continue;
        }
        let Some(whole) = copies().find(|copy| is_whole(root, object, generation, copy)) else { continue };
        // It may have been lost since the packs were listed.
        if packs.contains_key(&generation)
            && let Err(error) = store.remove(&name)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(Error::store(format!("remove {name}"), error));
        }
        store.write(&name, whole).map_err(|error| Error::store(format!("write {name}"), error))?;
        packs.insert(generation, whole.len() as u64);
        healed.packs.push(name);
    }
    Ok(())
}

/// Whether everything that a generation needs of a pack can be read from these bytes.
pub(super) fn is_whole(root: &Root, object: &RootObject, generation: u64, bytes: &[u8]) -> bool {
    let Some(found) = Found::new(bytes.to_vec()) else { return false };
    let opens = generation != root.generation() || found.open_root_object(root.secret()).is_some();
    let mut segments = object.segments.iter().filter(|(_, segment)| segment.pack == generation);
    opens && segments.all(|(number, segment)| found.open_tree(*number, segment).is_some())
}

fn unreadable(error: io::Error) -> Error {
    Error::slot("be read", error)
}
