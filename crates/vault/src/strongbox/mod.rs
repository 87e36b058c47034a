//! The strongbox: the small folder beside the data folder that never goes back.
//!
//! Everything here blocks; the vault calls it off the async threads.

mod choice;
mod documents;
mod file_system;
mod follower;
mod following;
mod glance;
mod in_force;
mod known;
mod look_over;
mod lost_marks;
mod mirror;
mod opening;
mod rot;
mod watermarks;
mod weaknesses;

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use porchlight_keyring::{Change, Keyring, Leaf, Spare, Standing};
use tokio::sync::watch;
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::error::Error;
use crate::faults;
use crate::file_names::{SLOT_IN_TPM, SLOTS, STRONGBOX_MARK};
use crate::folder::{self, Lock, Mark};
use crate::id::Id;
use crate::in_place::InPlace;
use crate::in_time::in_time;
use crate::slot_kind::SlotKind;
use crate::watermark::{self, WatermarkFile};
use documents::{Document, Spared};
use follower::Found;
use known::Seen;
use lost_marks::LostMarks;
use mirror::Mirrors;
use opening::{check_mark, store};
use rot::Rot;

pub use choice::StrongboxChoice;
pub(crate) use documents::Pin;
pub(crate) use follower::Past;
pub use glance::ListedUnderRoot;
pub(crate) use glance::{Glance, has_keys};
pub use known::known_mirrors;
pub(crate) use mirror::{Reading, Settling};
pub use weaknesses::warnings_about;

/// The names of the vault's own secrets begin so; nobody else's may.
pub(crate) const OWN_SECRETS: &str = "vault/";

/// Whether a file of this name is one that only a strongbox has.
pub(crate) fn is_file(name: &str) -> bool {
    let numbered = |before: &str, after: &str| {
        let number = name.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
        number.is_some_and(|number| number.parse::<u64>().is_ok())
    };
    let beside = [watermark::FILE, watermark::BESIDE_FILE, lost_marks::FILE, known::FILE];
    let names = [STRONGBOX_MARK, documents::CHECKPOINT, SLOT_IN_TPM];
    names.contains(&name)
        || SLOTS.contains(&name)
        || beside.contains(&name)
        || numbered("pack-", "")
        || numbered("household-", ".json")
}

/// The strongbox in use, and its mirrors.
///
/// What changes it is durable here when it returns, and told to the mirrors, for which nobody waits while the strongbox is held:
/// see [`Strongbox::settling`].
pub(crate) struct Strongbox {
    folder: PathBuf,
    keyring: Keyring,
    household: String,
    slot: SlotKind,
    mirrors: Mirrors,
    /// Whether mirrors are followed by now, and what they must not have gone beyond.
    past: Option<Past>,
    /// Mirrors that were told of a change, until somebody waits for them.
    settling: Settling,
    /// The document in force, as it was read last.
    document: Option<Document>,
    /// The checkpoints of the mirrors, until the ledger is open.
    spared: Vec<Spared>,
    /// Files that were damaged at this start, or since, and are whole again.
    healed: Vec<PathBuf>,
    /// Packs that rotted since, and whose keys are in another one now.
    renewed: Vec<PathBuf>,
    /// The newest checkpoint, as it was pinned last; none before it was, or where nobody knows what a disk that failed kept of it.
    checkpoint: Option<String>,
    /// The watermarks that are open, by the names of their files.
    watermarks: BTreeMap<&'static str, WatermarkFile>,
    /// Watermarks that were damaged or missing when they were opened, at this start or lately.
    lost_marks: LostMarks,
    /// Whether it could not be read at this start which mirrors there are.
    lost_mirrors: bool,
    /// Whether the slot has failed.
    broken: watch::Sender<bool>,
    /// What could not be read when all was looked over last.
    rot: Rot,
    /// Where its folder was when it was opened; the keyring's store keeps it open.
    place: Option<InPlace>,
    /// None once it was left.
    lock: Option<Lock>,
}

impl Strongbox {
    /// Makes the strongbox and its mirrors, with these secrets inside. The first folder is the one in use, and its root key
    /// lies in a slot of this kind; the mirrors, meant for other disks, keep theirs in files.
    pub(crate) fn create(
        folders: &[PathBuf],
        household: &str,
        slot: &SlotKind,
        secrets: Vec<(&str, Zeroizing<Vec<u8>>)>,
        clock: Arc<dyn Clock>,
    ) -> Result<Strongbox, Error> {
        let (folder, mirrors) = in_use(folders)?;
        for folder in folders {
            folder::make_private(folder)?;
        }
        let lock = Lock::take(folder)?;
        faults::write(folder).map_err(Error::io("write", folder))?;
        let keyring = Keyring::create(Box::new(store(folder)?), slot.create(folder)?)?;
        Mark::of_strongbox(household, slot).write(&folder.join(STRONGBOX_MARK))?;
        // From the first on: one that is missing later was lost.
        for name in [watermark::FILE, watermark::BESIDE_FILE] {
            WatermarkFile::begin(&folder.join(name))?;
        }
        let mut following = Mirrors::none(household, clock);
        for mirror in mirrors {
            Mark::new(household).write(&mirror.join(STRONGBOX_MARK))?;
            following.add(mirror, Seen::Copy);
        }
        let mut strongbox = Strongbox::new(folder, following, keyring, household, slot.clone(), lock);
        strongbox.remember_mirrors();
        let mut change = Change::default();
        for (name, secret) in secrets {
            change = change.put(name, &secret);
        }
        strongbox.apply(change)?;
        Ok(strongbox)
    }

    /// Opens the strongbox of a household. Never makes a new one.
    ///
    /// What is damaged in it is put right from its mirrors, of which those count that could be read within a few seconds. One
    /// that is newer, or was used by itself, keeps this one from being used. No mirror is written to before
    /// [`Strongbox::follow`].
    pub(crate) fn open(
        folders: &[PathBuf],
        household: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Strongbox, Error> {
        let (folder, named) = in_use(folders)?;
        let mut mirrors = Mirrors::none(household, clock);
        let lost_mirrors = known::is_damaged(folder);
        if lost_mirrors {
            tracing::error!(strongbox = %folder.display(), "it is damaged which mirrors it has");
        }
        let named_now = named.iter().map(|mirror| (mirror.clone(), Seen::Never));
        for (mirror, seen) in named_now.chain(known::read(folder)) {
            mirrors.add(&mirror, seen);
        }
        let found = mirrors.found(folder);
        mirrors.rest_unless(named);
        let mut healed = Vec::new();
        let slot = match check_mark(folder, household) {
            Ok(slot) => slot,
            Err(why) => mend_mark(folder, household, &found, why, &mut healed)?,
        };
        let lock = Lock::take(folder)?;
        let (spares, rest): (Vec<Spare>, Vec<_>) = found.into_iter().map(|(_, found)| found.split()).unzip();
        let (keyring, mended) = Keyring::open_healing(Box::new(store(folder)?), slot.open(folder)?, &spares)?;
        healed.extend(mended.slots.iter().chain(&mended.packs).map(|name| folder.join(name)));
        let mut strongbox = Strongbox::new(folder, mirrors, keyring, household, slot, lock);
        strongbox.healed = healed;
        strongbox.lost_mirrors = lost_mirrors;
        for (spare, found) in spares.iter().zip(&rest) {
            let standing = strongbox.check_standing(spare, found.holding.clone())?;
            let note = found.checkpoint.clone();
            let followed = standing == Some(Standing::Same);
            strongbox.spared.extend(note.map(|note| Spared { note, followed }));
        }
        strongbox.heal_household(rest.iter().map(|found| &found.documents))?;
        strongbox.remove_other_documents();
        // It is written anew from memory where it rots later.
        strongbox.document();
        strongbox.remember_mirrors();
        strongbox.look_over();
        Ok(strongbox)
    }

    fn new(
        folder: &Path,
        mirrors: Mirrors,
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
            mirrors,
            past: None,
            settling: Settling::default(),
            document: None,
            spared: Vec::new(),
            healed: Vec::new(),
            renewed: Vec::new(),
            checkpoint: None,
            watermarks: BTreeMap::new(),
            lost_marks: LostMarks::read(folder),
            lost_mirrors: false,
            broken: watch::Sender::new(false),
            rot: Rot::default(),
            place: InPlace::of(folder).ok(),
            lock: Some(lock),
        }
    }

    /// The household.
    pub(crate) fn household_id(&self) -> &str {
        &self.household
    }

    /// Takes in that a file beside the strongbox was damaged as well, and is whole again.
    pub(crate) fn note_healed(&mut self, file: PathBuf) {
        if !self.healed.contains(&file) {
            self.healed.push(file);
        }
    }

    /// The folder in use.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder in use, and those of its mirrors.
    pub(crate) fn folders(&self) -> Vec<PathBuf> {
        std::iter::once(self.folder.as_path()).chain(self.mirrors.paths()).map(Path::to_owned).collect()
    }

    /// Where the root key lies.
    pub(crate) fn slot(&self) -> &SlotKind {
        &self.slot
    }

    /// Whether the slot has failed, so that only opening the strongbox again helps.
    pub(crate) fn is_broken(&self) -> bool {
        self.keyring.is_poisoned()
    }

    /// Tells of it, whoever asked for the commit in which it failed.
    pub(crate) fn broken(&self) -> watch::Receiver<bool> {
        self.broken.subscribe()
    }

    /// Lets another process have the folder, and writes nothing there any more. It is not left to the end of this process, which a
    /// mirror's disk that never answers can hold up for as long as it likes.
    pub(crate) fn leave(&mut self) {
        self.keyring.retire();
        self.lock = None;
    }

    pub(crate) fn generation(&self) -> u64 {
        self.keyring.generation()
    }

    /// A new id of a class. Where that leases a segment, the mirrors are to learn of it before the id is used.
    pub(crate) fn allocate(&mut self, class: u32) -> Result<Id, Error> {
        self.check_place()?;
        let before = self.keyring.generation();
        let id = self.keyring.allocate(class);
        self.note_broken();
        let id = id?;
        if self.keyring.generation() != before {
            self.changed();
        }
        Ok(Id(id))
    }

    /// The leaves of these ids, in order.
    pub(crate) fn leaves(&mut self, ids: impl IntoIterator<Item = Id>) -> Result<Vec<Leaf>, Error> {
        ids.into_iter().map(|id| Ok(self.keyring.leaf(id.get())?)).collect()
    }

    /// Reads the keys of these ids, so that whoever uses them next need not.
    pub(crate) fn read_keys(&mut self, ids: &[Id]) -> Result<(), Error> {
        ids.iter().try_for_each(|id| self.keyring.contains(id.get()).map(drop)).map_err(Error::from)
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
    /// When it returns they are irrecoverable from this strongbox, and its mirrors have been told.
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

    /// One commit of the keyring, of which the mirrors are told.
    pub(crate) fn apply(&mut self, change: Change) -> Result<u64, Error> {
        self.check_place()?;
        faults::write(&self.folder).map_err(Error::io("write", &self.folder))?;
        let generation = self.keyring.apply(change);
        self.note_broken();
        let generation = generation?;
        self.changed();
        Ok(generation)
    }

    /// After each commit: what is durable is not known once the slot has failed, and nobody is to go on until they meet it by chance.
    fn note_broken(&self) {
        if self.is_broken() {
            self.broken.send_replace(true);
        }
    }
}

/// The folder in use, which comes first, and the mirrors.
fn in_use(folders: &[PathBuf]) -> Result<(&PathBuf, &[PathBuf]), Error> {
    folders.split_first().ok_or_else(|| Error::BadInput("a vault needs a strongbox".into()))
}

/// The households that the marks of a strongbox and its mirrors name, and the checkpoint in it, as far as they can be read, those of a
/// folder in use first.
pub(crate) fn households(folders: &[PathBuf]) -> Vec<String> {
    let Ok((folder, named)) = in_use(folders) else { return Vec::new() };
    let all = std::iter::once(folder)
        .chain(named)
        .cloned()
        .chain(known::read(folder).into_iter().map(|(mirror, _)| mirror));
    let marks = all.map(|folder| folder.join(STRONGBOX_MARK));
    // One that never answers holds up nobody for long.
    let read = |mark: PathBuf| in_time(move || Mark::read(&mark).ok().flatten()).flatten();
    let signed = documents::household_of(folder);
    marks.filter_map(read).map(|mark| mark.household).chain(signed).collect()
}

/// The mark of a strongbox whose root key lies in files, put right where it is damaged or lost: that it is the household's is known
/// by the root key, which is that of a mirror's keyring, or by the checkpoint beside that key.
fn mend_mark(
    folder: &Path,
    household: &str,
    mirrors: &[(PathBuf, Found)],
    why: Error,
    healed: &mut Vec<PathBuf>,
) -> Result<SlotKind, Error> {
    let roots = SlotKind::File.open(folder).and_then(|slot| slot.load().map_err(Error::io("read", folder)));
    let slot_rotted =
        matches!(&roots, Err(Error::Io { source, .. }) if source.kind() == ErrorKind::InvalidData);
    let ours = roots.unwrap_or_default();
    let is_of_ours = |(_, found): &(PathBuf, Found)| match (found.spare.newest(), &why) {
        (
            Some((keyring, _)),
            Error::BadFile { .. } | Error::OtherHousehold { .. } | Error::NoStrongbox(_),
        ) => ours.iter().any(|root| root.keyring() == keyring),
        // A newer release that has used it would have gone on from where the mirror is.
        (Some((keyring, generation)), Error::Newer { .. }) => {
            ours.iter().any(|root| root.keyring() == keyring && root.generation() == generation)
        }
        _ => false,
    };
    // Without a mirror it is the ledger's checkpoint, which is signed for its household, that says whose it is.
    let alone = || {
        let is_rot =
            matches!(why, Error::BadFile { .. } | Error::OtherHousehold { .. } | Error::NoStrongbox(_));
        is_rot && !ours.is_empty() && documents::household_of(folder).as_deref() == Some(household)
    };
    // Where the root rotted too, the checkpoint says so beside a mirror that has the root whole. Whether that is of what lies here, and not
    // older, is asked of the packs.
    let by_mirror = || {
        let is_rot =
            matches!(why, Error::BadFile { .. } | Error::OtherHousehold { .. } | Error::NoStrongbox(_));
        let has_root = mirrors.iter().any(|(_, found)| found.spare.newest().is_some());
        is_rot && slot_rotted && has_root && documents::household_of(folder).as_deref() == Some(household)
    };
    if !mirrors.iter().any(is_of_ours) && !alone() && !by_mirror() {
        let path = folder.join(STRONGBOX_MARK);
        return Err(match why {
            Error::BadFile { .. } => Error::BadMark { path, household: household.to_owned() },
            Error::NoStrongbox(_) if !ours.is_empty() => {
                Error::BadMark { path, household: household.to_owned() }
            }
            why => why,
        });
    }
    let path = folder.join(STRONGBOX_MARK);
    Mark::new(household).write(&path)?;
    healed.push(path);
    Ok(SlotKind::File)
}
