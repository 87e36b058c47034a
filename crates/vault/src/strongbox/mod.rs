//! The strongbox: the small folder beside the data folder that never goes back.
//!
//! Everything here blocks; the vault calls it off the async threads.

mod documents;
mod mirror;
mod slot;
mod warnings;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use porchlight_keyring::{Change, FolderStore, Keyring, Leaf};
use zeroize::Zeroizing;

pub use mirror::Mirror;
pub use slot::SlotKind;
pub use warnings::{Warning, warnings_about};

use crate::error::Error;
use crate::faults;
use crate::folder::{self, Lock, Mark};
use crate::id::Id;

pub(crate) const MARK: &str = "porchlight-strongbox.json";

/// The names of the vault's own secrets begin so; nobody else's may.
pub(crate) const OWN_SECRETS: &str = "vault/";

/// The strongbox in use, and its mirrors.
pub(crate) struct Strongbox {
    folder: PathBuf,
    keyring: Keyring,
    household: String,
    slot: SlotKind,
    mirrors: Vec<(PathBuf, Mirror)>,
    _lock: Lock,
}

impl Strongbox {
    /// Makes the strongbox and its mirrors, with these secrets inside. The first folder is the one in use, and its root key
    /// lies in a slot of this kind; the mirrors, meant for other disks, keep theirs in files.
    pub(crate) fn create(
        folders: &[PathBuf],
        household: &str,
        slot: &SlotKind,
        secrets: Vec<(&str, Zeroizing<Vec<u8>>)>,
    ) -> Result<Strongbox, Error> {
        let (folder, mirrors) = in_use(folders)?;
        for folder in folders {
            folder::make_private(folder)?;
        }
        let lock = Lock::take(folder)?;
        let keyring = Keyring::create(Box::new(store(folder)?), slot.create(folder)?)?;
        Mark::of_strongbox(household, slot).write(&folder.join(MARK))?;
        for mirror in mirrors {
            Mark::new(household).write(&mirror.join(MARK))?;
        }
        let mut strongbox = Strongbox::new(folder, mirrors, keyring, household, slot.clone(), lock);
        let mut change = Change::default();
        for (name, secret) in secrets {
            change = change.put(name, &secret);
        }
        strongbox.apply(change)?;
        Ok(strongbox)
    }

    /// Opens the strongbox of a household and brings its mirrors to its generation. Never makes a new one.
    pub(crate) fn open(folders: &[PathBuf], household: &str) -> Result<Strongbox, Error> {
        let (folder, mirrors) = in_use(folders)?;
        let slot = check_mark(folder, household)?;
        let lock = Lock::take(folder)?;
        if let Some((keyring, found)) = generation_at(folder) {
            let others = mirrors.iter().filter_map(|mirror| generation_at(mirror));
            let newest =
                others.filter(|(other, _)| *other == keyring).map(|(_, generation)| generation).max();
            if let Some(newest) = newest.filter(|newest| found < *newest) {
                return Err(Error::OldStrongbox { path: folder.clone(), found, newest });
            }
        }
        let keyring = Keyring::open(Box::new(store(folder)?), slot.open(folder)?)?;
        let mut strongbox = Strongbox::new(folder, mirrors, keyring, household, slot, lock);
        strongbox.remove_other_documents();
        strongbox.bring_mirrors();
        Ok(strongbox)
    }

    fn new(
        folder: &Path,
        mirrors: &[PathBuf],
        keyring: Keyring,
        household: &str,
        slot: SlotKind,
        lock: Lock,
    ) -> Strongbox {
        Strongbox {
            folder: folder.into(),
            keyring,
            household: household.to_owned(),
            slot,
            mirrors: mirrors.iter().map(|path| (path.clone(), Mirror::absent())).collect(),
            _lock: lock,
        }
    }

    /// The folder in use.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder in use, and those of its mirrors.
    pub(crate) fn folders(&self) -> Vec<PathBuf> {
        std::iter::once(&self.folder).chain(self.mirrors.iter().map(|(path, _)| path)).cloned().collect()
    }

    /// Where the root key lies.
    pub(crate) fn slot(&self) -> &SlotKind {
        &self.slot
    }

    /// Whether the slot has failed, so that only opening the strongbox again helps.
    pub(crate) fn is_broken(&self) -> bool {
        self.keyring.is_poisoned()
    }

    pub(crate) fn generation(&self) -> u64 {
        self.keyring.generation()
    }

    /// A new id of a class. Where that leases a segment, the mirrors learn of it before the id is used.
    pub(crate) fn allocate(&mut self, class: u32) -> Result<Id, Error> {
        let before = self.keyring.generation();
        let id = self.keyring.allocate(class)?;
        if self.keyring.generation() != before {
            self.bring_mirrors();
        }
        Ok(Id(id))
    }

    /// The leaves of these ids, in order.
    pub(crate) fn leaves(&mut self, ids: impl IntoIterator<Item = Id>) -> Result<Vec<Leaf>, Error> {
        ids.into_iter().map(|id| Ok(self.keyring.leaf(id.get())?)).collect()
    }

    /// Whether the id has been destroyed. One that was never given out, or cannot be read, has not.
    pub(crate) fn is_gone(&mut self, id: Id) -> Result<bool, Error> {
        match self.keyring.leaf(id.get()) {
            Ok(_) | Err(porchlight_keyring::Error::NeverAllocated { .. }) => Ok(false),
            Err(porchlight_keyring::Error::Gone { .. }) => Ok(true),
            Err(why) => Err(why.into()),
        }
    }

    /// Destroys the leaves of these ids. Those that are gone already are no error, so this can be done again.
    /// When it returns they are irrecoverable from this strongbox, and each mirror has followed or is pending.
    pub(crate) fn puncture(&mut self, ids: impl IntoIterator<Item = Id>) -> Result<u64, Error> {
        let mut change = Change::default();
        for id in ids {
            if self.keyring.contains(id.get())? {
                change = change.puncture(id.get());
            }
        }
        self.apply(change)
    }

    /// No id from this one on has been given out, nor can be by this run as long as it leases no segment.
    pub(crate) fn next_id(&self) -> Id {
        Id(self.keyring.next_id())
    }

    /// Destroys the leaves of all ids below one but of those that are owned, in one commit.
    pub(crate) fn puncture_unowned(&mut self, owned: &BTreeSet<Id>, below: Id) -> Result<u64, Error> {
        let mut change = Change::default();
        for segment in self.keyring.segments().filter(|segment| *segment.ids.start() < below.get()) {
            let mut next = *segment.ids.start();
            for id in owned.range(Id(next)..=Id(*segment.ids.end())) {
                if next < id.get() {
                    change = change.puncture_range(next..=id.get() - 1);
                }
                next = id.get() + 1;
            }
            if next <= *segment.ids.end() {
                change = change.puncture_range(next..=*segment.ids.end());
            }
        }
        self.apply(change)
    }

    /// A secret under the root.
    pub(crate) fn secret(&self, name: &str) -> Option<Zeroizing<Vec<u8>>> {
        self.keyring.secret(name).map(|secret| Zeroizing::new(secret.to_vec()))
    }

    /// The names of the secrets that begin with a prefix, the vault's own left out.
    pub(crate) fn secret_names(&self, prefix: &str) -> Vec<String> {
        let names = self.keyring.secret_names();
        names
            .filter(|name| name.starts_with(prefix) && !name.starts_with(OWN_SECRETS))
            .map(str::to_owned)
            .collect()
    }

    /// One commit of the keyring, and then of every mirror that can be reached.
    pub(crate) fn apply(&mut self, change: Change) -> Result<u64, Error> {
        faults::write(&self.folder).map_err(Error::io("write", &self.folder))?;
        let generation = self.keyring.apply(change)?;
        self.bring_mirrors();
        Ok(generation)
    }
}

/// The folder in use, which comes first, and the mirrors.
fn in_use(folders: &[PathBuf]) -> Result<(&PathBuf, &[PathBuf]), Error> {
    folders.split_first().ok_or_else(|| Error::BadInput("a vault needs a strongbox".into()))
}

/// The folder with which another belongs together must be there, of a known format, and of the same household. Gives where its
/// root key lies.
fn check_mark(folder: &Path, household: &str) -> Result<SlotKind, Error> {
    match Mark::read(&folder.join(MARK))? {
        None => Err(Error::NoStrongbox(folder.into())),
        Some(mark) if mark.household != household => Err(Error::OtherHousehold {
            path: folder.into(),
            expected: household.into(),
            found: mark.household,
        }),
        Some(mark) => Ok(mark.slot),
    }
}

fn store(folder: &Path) -> Result<FolderStore, Error> {
    FolderStore::open(folder).map_err(|why| match why.kind() {
        std::io::ErrorKind::ResourceBusy => Error::Locked { path: folder.into(), pid: None },
        _ => Error::io("open", folder)(why),
    })
}

/// The keyring that a strongbox's slot belongs to and the newest generation it holds, as far as it can be read.
fn generation_at(folder: &Path) -> Option<([u8; 16], u64)> {
    let mark = Mark::read(&folder.join(MARK)).ok()??;
    let roots = mark.slot.open(folder).ok()?.load().ok()?;
    roots.iter().map(|root| (root.keyring(), root.generation())).max_by_key(|(_, generation)| *generation)
}
