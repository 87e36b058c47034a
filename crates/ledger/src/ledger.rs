//! The log itself.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::num::NonZeroU64;
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use ed25519_dalek::SigningKey;

use crate::load::Loaded;
use crate::note::Verifier;
use crate::origin::Signers;
use crate::tiles::{TILE_WIDTH, TilePath};
use crate::tree::Tree;
use crate::{Because, Checkpoint, Continuation, Error, Hash, LogProof, Store, Succession, addendum, frame};

/// So many entries are in memory at once when all are read.
const READ_AT_ONCE: usize = 1024;

/// An append-only Merkle log of opaque entries.
///
/// Its hashes are held in memory, some 40 bytes an entry; its entries stay in the [`Store`]. It blocks while
/// it reads and writes. Only one may be open on a store at a time.
pub struct Ledger {
    store: Box<dyn Store>,
    key: SigningKey,
    signers: Signers,
    /// The notes by which one key took over from another, oldest first.
    successions: Vec<String>,
    /// The number of the open tree.
    number: u32,
    /// Its name and key.
    verifier: Verifier,
    loaded: Loaded,
    checkpoint: String,
    /// Set when an append failed: what is in the file beyond `loaded` is then unknown, and is cut off before anything else is
    /// written, for no checkpoint may be signed over a guess.
    torn: bool,
    /// A succession of keys that the log is still to be told of, before anything else.
    untold: Option<Vec<u8>>,
    /// The entries that had rotted since it was opened when all were [looked over](Ledger::look_over) last.
    rotten: BTreeSet<u64>,
}

/// What [`Ledger::append`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The index of the first of the new entries; the others follow it.
    pub first: u64,
    /// The signed checkpoint that covers them. Pin it before it is shown to anyone.
    pub checkpoint: String,
}

impl Ledger {
    /// Creates a ledger without entries, with its first tree named `origin`.
    ///
    /// Pin its [`Ledger::checkpoint`] at once.
    ///
    /// # Errors
    ///
    /// [`Error::Exists`] when the store has a ledger; [`Error::BadName`] when no note can be signed under the
    /// origin (it must have no spaces and no plus signs, and at most 255 bytes); [`Error::Store`].
    pub fn create(mut store: Box<dyn Store>, key: SigningKey, origin: &str) -> Result<Ledger, Error> {
        let signers = Signers::new(&Verifier::new(origin, key.verifying_key())?, &[])?;
        if !store.trees().map_err(Error::store("list the ledger's files"))?.is_empty() {
            return Err(Error::Exists);
        }
        let number = 1;
        let verifier = Verifier::new(&signers.origin.of_tree(number), key.verifying_key())?;
        store.begin(number, &frame::header(&verifier)).map_err(Error::store("create the ledger"))?;
        let loaded = Loaded::read(&*store, number, &signers)?;
        Ledger::new(store, key, signers, number, loaded, Vec::new())
    }

    /// Appends entries, all or none, with one fsync: they are durable when this returns.
    ///
    /// Appending no entries changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::EntryTooLong`] and [`Error::AppendTooLarge`]; [`Error::Store`]. After any of them nothing is appended, and the same
    /// can be appended again.
    pub fn append(&mut self, entries: &[Vec<u8>]) -> Result<Appended, Error> {
        if let Some(entry) = self.untold.clone() {
            self.write(&[entry])?;
            self.untold = None;
        }
        let first = self.size();
        if !entries.is_empty() {
            self.write(entries)?;
        }
        Ok(Appended { first, checkpoint: self.checkpoint.clone() })
    }

    fn write(&mut self, entries: &[Vec<u8>]) -> Result<(), Error> {
        let end = self.loaded.end;
        let frame = frame::encode(end, entries)?;
        if std::mem::replace(&mut self.torn, true) {
            let cut_off = self.store.truncate(self.number, end);
            cut_off.map_err(Error::store("cut off what an append that failed left in the ledger"))?;
        }
        self.store.append(self.number, end, &frame).map_err(Error::store("write to the ledger"))?;
        self.torn = false;
        // The entries are durable; the hashes are noted for the day when they rot.
        let hashes: Vec<u8> = entries.iter().flat_map(|entry| *Hash::leaf(entry).as_bytes()).collect();
        let _ = self.store.note_hashes(self.number, 32 * self.size(), &hashes);
        self.loaded.push(entries, frame.len());
        self.checkpoint = self.loaded.checkpoint(self.verifier.name()).sign(&self.key)?;
        Ok(())
    }

    /// Lets another key sign from now on. The log is told of it in an entry that both keys have signed.
    ///
    /// Remember the succession and the key, durably, before this is called, and give both to [`Ledger::open`] from then on:
    /// whatever a crash leaves, the next opening finishes.
    ///
    /// # Errors
    ///
    /// [`Error::OtherKey`] when the succession is not from the present key to this one; those of [`Ledger::append`].
    pub fn succeed(&mut self, key: SigningKey, succession: &Succession) -> Result<Appended, Error> {
        let mut successions = self.successions.clone();
        successions.push(succession.note.clone());
        let leads_here = *succession.old.key() == self.key.verifying_key();
        let name = Verifier::new(self.signers.origin.as_str(), key.verifying_key())?;
        let signers = Signers::new(&name, &successions)?;
        if !leads_here {
            return Err(Error::OtherKey { what: "the succession of keys" });
        }
        self.verifier = Verifier::new(&signers.origin.of_tree(self.number), key.verifying_key())?;
        (self.key, self.signers, self.successions) = (key, signers, successions);
        let first = self.size();
        self.untold = Some(succession.to_bytes());
        Ok(Appended { first, ..self.append(&[])? })
    }

    /// Tells the log of a succession, unless it has been told.
    pub(crate) fn announce(&mut self, succession: &Succession) -> Result<(), Error> {
        let entry = succession.to_bytes();
        if self.index_of(&entry)?.is_none() {
            self.append(&[entry])?;
        }
        Ok(())
    }

    /// The number of entries of the open tree.
    pub fn size(&self) -> u64 {
        self.loaded.size()
    }

    /// The entries that were damaged when the ledger was opened, or when it was [looked over](Ledger::look_over) last, ascending. What they
    /// said is lost; their hashes are known.
    pub fn damaged(&self) -> Vec<u64> {
        let all: BTreeSet<u64> = self.loaded.damaged().chain(self.rotten.iter().copied()).collect();
        all.into_iter().collect()
    }

    /// Reads every entry of the open tree, to know by now of what has rotted since it was opened.
    ///
    /// # Errors
    ///
    /// [`Error::Store`]: what was known before stays known.
    pub fn look_over(&mut self) -> Result<(), Error> {
        let mut rotten = BTreeSet::new();
        for start in (0..self.size()).step_by(READ_AT_ONCE) {
            let read = self.readable_entries(start..start + READ_AT_ONCE as u64)?;
            rotten.extend((start..).zip(read).filter(|(_, entry)| entry.is_none()).map(|(index, _)| index));
        }
        self.rotten = rotten;
        Ok(())
    }

    /// Whether the header of its file was damaged when it was opened, and put right.
    pub fn was_mended(&self) -> bool {
        self.loaded.mended
    }

    /// Whether a signed checkpoint is one that this ledger has passed: of this tree as it is, or of one that it continued.
    /// Nothing where it is no checkpoint of this ledger.
    pub fn has_passed(&self, note: &str) -> Option<bool> {
        let (before, tree) = self.signers.read(note).ok()?;
        if tree == self.number {
            return Some(self.root_at(before.size).is_ok_and(|root| root == before.root));
        }
        Some(tree < self.number && self.continues(&before, tree).unwrap_or(false))
    }

    /// Whether a checkpoint of an older tree agrees with what that tree was continued from, and with what is left of it.
    fn continues(&self, before: &Checkpoint, tree: u32) -> Result<bool, Error> {
        let Some(first) = self.first_of(tree + 1)? else { return Ok(false) };
        let (continued, _) = self.signers.read(&Continuation::from_bytes(&first)?.checkpoint)?;
        let mut held = Tree::default();
        for entry in self.entries_of_tree(tree)?.unwrap_or_default() {
            held.push(Hash::leaf(&entry));
        }
        if let Ok(root) = held.root_at(before.size) {
            return Ok(root == before.root);
        }
        Ok(before.size < continued.size || *before == continued)
    }

    /// The first entry of a tree; nothing where it is damaged, or the tree is not here.
    fn first_of(&self, tree: u32) -> Result<Option<Vec<u8>>, Error> {
        match tree == self.number {
            true => Ok(self.readable_entries(0..1)?.pop().flatten()),
            false => Ok(self.entries_of_tree(tree)?.and_then(|entries| entries.into_iter().next())),
        }
    }

    /// The number of the newest tree that was begun because an older copy was put back; 1 where none was. One that does not say why
    /// it was begun counts as such, as the one that asks for the most care.
    ///
    /// # Errors
    ///
    /// As [`Ledger::entries_of_tree`].
    pub fn after_older_copy(&self) -> Result<u32, Error> {
        for tree in (2..=self.number).rev() {
            let first = self.first_of(tree)?.and_then(|entry| Continuation::from_bytes(&entry).ok());
            let because = first.and_then(|first| first.because).unwrap_or(Because::OlderCopy);
            if because == Because::OlderCopy {
                return Ok(tree);
            }
        }
        Ok(1)
    }

    /// The root of all entries.
    pub fn root(&self) -> Hash {
        self.loaded.tree.root()
    }

    /// The root that the tree had when it had `size` entries.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] when it never had as many.
    pub fn root_at(&self, size: u64) -> Result<Hash, Error> {
        self.loaded.tree.root_at(size)
    }

    /// The signed checkpoint of all entries.
    pub fn checkpoint(&self) -> &str {
        &self.checkpoint
    }

    /// The name of the open tree and the key that signs it: what others need to check this ledger.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// The name of the whole ledger and the key that signs it now: what [`Receipt`](crate::Receipt)s are checked with. A tree's own name
    /// begins with it.
    pub fn key(&self) -> Result<Verifier, Error> {
        Verifier::new(self.signers.origin.as_str(), self.key.verifying_key())
    }

    /// The notes by which one key took over from another, oldest first: see [`follow`](crate::follow).
    pub fn successions(&self) -> &[String] {
        &self.successions
    }

    /// The number of the open tree: 1, and one more for every time that a tree could not [go on](Because).
    pub fn tree(&self) -> u32 {
        self.number
    }

    /// An entry, or nothing when there are not as many.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when the entry is not the one that was appended; [`Error::Store`].
    pub fn entry(&self, index: u64) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.entries(index..index.saturating_add(1))?.pop())
    }

    /// The entries of a range, as many of them as there are.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when an entry is not the one that was appended; [`Error::Store`].
    pub fn entries(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>, Error> {
        read_entries(&*self.store, self.number, &self.loaded, range)
    }

    /// The entries of a range, as many of them as there are; nothing in the place of one that is damaged.
    ///
    /// # Errors
    ///
    /// [`Error::Store`].
    pub fn readable_entries(&self, range: Range<u64>) -> Result<Vec<Option<Vec<u8>>>, Error> {
        let read = read_some(&*self.store, self.number, &self.loaded, range)?;
        Ok(read.into_iter().map(Result::ok).collect())
    }

    /// The index of an entry in the open tree, looked for from its end; nothing when it is not there.
    ///
    /// # Errors
    ///
    /// As [`Ledger::entries`].
    pub fn index_of(&self, entry: &[u8]) -> Result<Option<u64>, Error> {
        let leaf = Hash::leaf(entry);
        Ok((0..self.size()).rev().find(|index| self.loaded.tree.leaf(*index) == Some(leaf)))
    }

    /// The entries that remain of an older tree, which a restored copy left behind, up to the first that is damaged; nothing when
    /// there is no such tree.
    ///
    /// # Errors
    ///
    /// As [`Ledger::open`] for that tree's file.
    pub fn entries_of_tree(&self, number: u32) -> Result<Option<Vec<Vec<u8>>>, Error> {
        if !self.store.trees().map_err(Error::store("list the ledger's files"))?.contains(&number) {
            return Ok(None);
        }
        let loaded = Loaded::read(&*self.store, number, &self.signers)?;
        let read = read_some(&*self.store, number, &loaded, 0..loaded.size())?;
        Ok(Some(read.into_iter().map_while(Result::ok).collect()))
    }

    /// The proof that entry `index` is in the tree of the first `size` entries, for
    /// [`crate::proof::verify_inclusion`].
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] when there is no such entry or no such tree.
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Hash>, Error> {
        self.loaded.tree.inclusion(index, size)
    }

    /// The proof that entry `index` is in the tree as it is now, as one text for others.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] when there is no such entry.
    pub fn prove(&self, index: u64) -> Result<LogProof, Error> {
        let hashes = self.inclusion(index, self.size())?;
        Ok(LogProof { index, hashes, checkpoint: self.checkpoint.clone() })
    }

    /// Signs one line of text about an entry: see [`addendum`].
    ///
    /// # Errors
    ///
    /// [`Error::Addendum`] when the text is not one line.
    pub fn addendum(&self, entry: &[u8], text: &str) -> Result<String, Error> {
        addendum::sign(self.verifier.name(), &self.key, entry, text)
    }

    /// The proof that the first `old` entries are the beginning of the first `new`, for
    /// [`crate::proof::verify_consistency`].
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] when there are not as many entries, or `old` is larger than `new`.
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, Error> {
        self.loaded.tree.consistency(old, new)
    }

    /// A tile: `width` hashes of 32 bytes each, 1 to 256 of them. Nothing when the tree has no such tile.
    pub fn tile(&self, level: u8, n: u64, width: u16) -> Option<Vec<u8>> {
        let hashes = self.loaded.tree.tile(level, n, width)?;
        Some(hashes.iter().flat_map(|hash| *hash.as_bytes()).collect())
    }

    /// An entry bundle: `width` entries, 1 to 256 of them, each after its length as a big-endian `u16`.
    /// Nothing when the tree has no such bundle.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when an entry is not the one that was appended; [`Error::Store`].
    pub fn entry_bundle(&self, n: u64, width: u16) -> Result<Option<Vec<u8>>, Error> {
        if self.loaded.tree.tile(0, n, width).is_none() {
            return Ok(None);
        }
        let first = n * TILE_WIDTH as u64;
        let mut bundle = Vec::new();
        for entry in self.entries(first..first + u64::from(width))? {
            frame::push_entry(&mut bundle, &entry)?;
        }
        Ok(Some(bundle))
    }

    /// The bytes at a path of the tiled log. Nothing when the tree has no such tile or bundle.
    ///
    /// # Errors
    ///
    /// As [`Ledger::entry_bundle`].
    pub fn resource(&self, path: TilePath) -> Result<Option<Vec<u8>>, Error> {
        match path {
            TilePath::Tile { level, n, width } => Ok(self.tile(level, n, width)),
            TilePath::Entries { n, width } => self.entry_bundle(n, width),
        }
    }

    /// Lays the open tree out in `folder` as static files that a verifier of tiled logs can read:
    /// `checkpoint`, `tile/L/N` and `tile/entries/N`.
    ///
    /// The checkpoint comes last and at once, so that whoever reads the folder meanwhile finds all that it
    /// speaks of.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when a file cannot be written, and as [`Ledger::entry_bundle`].
    pub fn write_tiles(&self, folder: &Path) -> Result<(), Error> {
        for path in TilePath::all(self.loaded.tree.level_sizes()) {
            if let Some(bytes) = self.resource(path)? {
                replace(&folder.join(path.to_string()), &bytes).map_err(Error::store("write a tile"))?;
            }
        }
        let checkpoint = folder.join("checkpoint");
        replace(&checkpoint, self.checkpoint.as_bytes()).map_err(Error::store("write the checkpoint"))
    }

    /// The ledger of tree `number`, whose file ends where its last whole append ends.
    pub(crate) fn new(
        store: Box<dyn Store>,
        key: SigningKey,
        signers: Signers,
        number: u32,
        loaded: Loaded,
        successions: Vec<String>,
    ) -> Result<Ledger, Error> {
        let verifier = Verifier::new(&signers.origin.of_tree(number), key.verifying_key())?;
        // Ed25519 signs the same text alike every time, so a ledger opened again has the checkpoint that it
        // had.
        let checkpoint = loaded.checkpoint(verifier.name()).sign(&key)?;
        let (torn, untold, rotten) = (false, None, BTreeSet::new());
        Ok(Ledger {
            store,
            key,
            signers,
            successions,
            number,
            verifier,
            loaded,
            checkpoint,
            torn,
            untold,
            rotten,
        })
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger")
            .field("origin", &self.verifier.name())
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}

impl Loaded {
    /// Takes in entries that were appended as a frame of `length` bytes.
    fn push(&mut self, entries: &[Vec<u8>], length: usize) {
        let mut place = self.end + 4;
        for entry in entries {
            self.tree.push(Hash::leaf(entry));
            self.places.push(NonZeroU64::new(place));
            place += 2 + entry.len() as u64;
        }
        self.end += length as u64;
    }
}

/// The entries of a range, as many as there are, each checked against its hash.
pub(crate) fn read_entries(
    store: &dyn Store,
    number: u32,
    loaded: &Loaded,
    range: Range<u64>,
) -> Result<Vec<Vec<u8>>, Error> {
    read_some(store, number, loaded, range)?.into_iter().collect()
}

/// The same, with what is wrong with each that is not as it was appended.
fn read_some(
    store: &dyn Store,
    number: u32,
    loaded: &Loaded,
    range: Range<u64>,
) -> Result<Vec<Result<Vec<u8>, Error>>, Error> {
    // An index into what is in memory fits a usize; anything larger is past the end.
    let end = usize::try_from(range.end).unwrap_or(usize::MAX).min(loaded.places.len());
    let start = usize::try_from(range.start).unwrap_or(usize::MAX).min(end);
    let known = |places: &[Option<NonZeroU64>]| places.iter().flatten().next().map(|place| place.get());
    let from = known(&loaded.places[start..end]).unwrap_or(loaded.end);
    let to = known(&loaded.places[end..]).unwrap_or(loaded.end);
    let mut bytes = vec![0; to.saturating_sub(from) as usize];
    // What a file that was cut off has no more is damaged, and keeps nothing before it from being read.
    let length = store.length(number).map_err(Error::store("read the ledger"))?;
    let there = to.min(length).saturating_sub(from) as usize;
    store.read(number, from, &mut bytes[..there]).map_err(Error::store("read the ledger"))?;
    let read = (start..end).map(|index| {
        let place = loaded.places[index].map_or(0, NonZeroU64::get);
        let found = place.checked_sub(from).and_then(|at| bytes.get(at as usize..));
        match found.and_then(frame::split_entry).map(|(entry, _)| entry) {
            Some(entry) if loaded.tree.leaf(index as u64) == Some(Hash::leaf(entry)) => Ok(entry.to_vec()),
            _ => Err(Error::Damaged { tree: number, at: place }),
        }
    });
    Ok(read.collect())
}

/// Writes a file so that it appears with all its bytes.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(bytes)?;
    drop(file);
    fs::rename(new, path)
}
