//! A disk that knows what may be left after a power cut, and can be made to fail at any write or sync.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::folder::Files;

/// What a disk writes at once; a larger write can be torn between any two of them.
const BLOCK: usize = 512;

/// Up to so many outcomes of one power cut are all tried; of more, so many by chance.
const OUTCOMES: usize = 256;

/// One folder on a simulated disk. Clones share it.
///
/// What is unsynced reaches it in any order: after a power cut each block, each length and each name is, independently of all
/// others, what it was at the last sync or anything it has been since.
#[derive(Clone, Default)]
pub(super) struct Disk(Arc<Mutex<State>>);

#[derive(Clone, Default)]
struct State {
    files: Vec<File>,
    /// The file of each name; `None` where it was removed.
    names: BTreeMap<String, Cell<Option<usize>>>,
    /// Every file ever created, with what was written to it.
    history: Vec<(String, Vec<u8>)>,
    steps: usize,
    syncs: usize,
    reads: usize,
    fault: Option<(usize, Fault)>,
    power_is_off: bool,
    unreadable: BTreeSet<String>,
}

#[derive(Clone)]
struct File {
    /// What programs see.
    live: Vec<u8>,
    length: Cell<usize>,
    blocks: Vec<Cell<[u8; BLOCK]>>,
}

/// The smallest thing that is written wholly or not at all.
#[derive(Clone)]
struct Cell<T> {
    /// What may be found after a power cut; the last is what programs see.
    versions: Vec<T>,
    /// Whether a sync would write it. After a sync that failed it would not, as with Linux, which takes it for written: then
    /// only writing it again helps.
    dirty: bool,
}

impl<T: Clone + PartialEq> Cell<T> {
    fn synced(value: T) -> Cell<T> {
        Cell { versions: vec![value], dirty: false }
    }

    fn live(&self) -> &T {
        self.versions.last().unwrap()
    }

    fn set(&mut self, value: T) {
        self.versions.retain(|version| *version != value);
        self.versions.push(value);
        self.dirty = true;
    }

    fn sync(&mut self, succeeds: bool) {
        if self.dirty && succeeds {
            self.versions.drain(..self.versions.len() - 1);
        }
        self.dirty = false;
    }

    fn after_power_cut(&self, outcome: &mut Outcome) -> T {
        self.versions[outcome.choose(self.versions.len())].clone()
    }
}

/// What happens at the chosen step.
#[derive(Clone, Copy)]
pub(super) enum Fault {
    /// The power goes: this step and all after it fail.
    PowerCut,
    /// This step alone fails.
    Fails(io::ErrorKind),
}

/// What becomes of unsynced writes when the power goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unsynced {
    Lost,
    Kept,
    /// Each block, length and name is lost or kept by chance.
    Torn(u64),
}

impl Disk {
    pub(super) fn fault_at(&self, step: usize, fault: Fault) {
        self.state().fault = Some((step, fault));
    }

    /// How many writes and syncs there have been.
    pub(super) fn steps(&self) -> usize {
        self.state().steps
    }

    pub(super) fn syncs(&self) -> usize {
        self.state().syncs
    }

    pub(super) fn reads(&self) -> usize {
        self.state().reads
    }

    /// The disk as it is found after a power cut.
    pub(super) fn after_power_cut(&self, unsynced: Unsynced) -> Disk {
        self.state().after_power_cut(&mut Outcome::new(unsynced))
    }

    /// The disk in every state in which a power cut may leave it, if they are few; else in some of them by chance, and always in
    /// those where all or nothing was kept.
    pub(super) fn after_every_power_cut(&self, seed: u64) -> Vec<Disk> {
        let state = self.state();
        let mut outcome = Outcome::Given { digits: Vec::new(), bases: Vec::new(), at: 0 };
        let mut disks = Vec::new();
        while disks.len() < OUTCOMES {
            disks.push(state.after_power_cut(&mut outcome));
            if !outcome.advance() {
                return disks;
            }
        }
        let torn = (1..OUTCOMES as u64 / 4).map(|more| Unsynced::Torn(seed * 1000 + more));
        let some = [Unsynced::Lost, Unsynced::Kept].into_iter().chain(torn);
        some.map(|unsynced| state.after_power_cut(&mut Outcome::new(unsynced))).collect()
    }

    /// A disk of its own with the same files, all of them synced.
    pub(super) fn copy(&self) -> Disk {
        let copy = Disk::default();
        for (name, bytes) in self.files() {
            copy.put(&name, bytes);
        }
        copy
    }

    /// Puts a file there, synced, whatever was there before.
    pub(super) fn put(&self, name: &str, bytes: Vec<u8>) {
        self.state().put(name, bytes);
    }

    /// Has a file rot: some byte of whatever is read of it is another.
    pub(super) fn spoil(&self, name: &str) {
        let mut bytes = self.files()[name].clone();
        for at in (0..bytes.len()).step_by(16) {
            bytes[at] ^= 0x41;
        }
        self.put(name, bytes);
    }

    pub(super) fn delete(&self, name: &str) {
        self.state().names.remove(name);
    }

    /// Makes reading a file fail with an I/O error, or stop failing.
    pub(super) fn set_unreadable(&self, name: &str, unreadable: bool) {
        let names = &mut self.state().unreadable;
        if unreadable {
            names.insert(name.to_owned())
        } else {
            names.remove(name)
        };
    }

    pub(super) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        self.state().live()
    }

    pub(super) fn history(&self) -> Vec<(String, Vec<u8>)> {
        self.state().history.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl State {
    fn put(&mut self, name: &str, bytes: Vec<u8>) {
        self.files.push(File::synced(&bytes));
        self.names.insert(name.to_owned(), Cell::synced(Some(self.files.len() - 1)));
    }

    fn live(&self) -> BTreeMap<String, Vec<u8>> {
        let present = self.names.iter().filter_map(|(name, file)| Some((name, (*file.live())?)));
        present.map(|(name, file)| (name.clone(), self.files[file].live.clone())).collect()
    }

    fn after_power_cut(&self, outcome: &mut Outcome) -> Disk {
        let mut after = State { history: self.history.clone(), ..State::default() };
        for (name, file) in &self.names {
            if let Some(file) = file.after_power_cut(outcome) {
                after.put(name, self.files[file].after_power_cut(outcome));
            }
        }
        Disk(Arc::new(Mutex::new(after)))
    }

    /// Counts a write or a sync, and fails if its time has come.
    fn step(&mut self) -> io::Result<()> {
        let now = self.steps;
        self.steps += 1;
        if self.power_is_off {
            return Err(io::Error::other("the power is off"));
        }
        match self.fault {
            Some((at, Fault::PowerCut)) if at == now => {
                self.power_is_off = true;
                Err(io::Error::other("the power went"))
            }
            Some((at, Fault::Fails(kind))) if at == now => Err(kind.into()),
            _ => Ok(()),
        }
    }

    /// Alters what programs see, and gives the error that is to be said of it. The step at which the power goes is under way
    /// when it goes; later ones do nothing.
    fn write(&mut self, write: impl FnOnce(&mut State)) -> io::Result<()> {
        let was_off = self.power_is_off;
        let step = self.step();
        if !was_off {
            write(self);
        }
        step
    }

    fn sync(&mut self, sync: impl FnOnce(&mut State, bool)) -> io::Result<()> {
        let step = self.step();
        if !self.power_is_off {
            sync(self, step.is_ok());
        }
        self.syncs += usize::from(step.is_ok());
        step
    }

    fn find(&self, name: &str) -> io::Result<usize> {
        let file = self.names.get(name).and_then(|file| *file.live());
        file.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn name(&mut self, name: &str, file: Option<usize>) {
        self.names.entry(name.to_owned()).or_insert_with(|| Cell::synced(None)).set(file);
    }
}

impl Files for Disk {
    fn list(&self) -> io::Result<Vec<(String, u64)>> {
        let state = self.state();
        let present = state.names.iter().filter_map(|(name, file)| Some((name, (*file.live())?)));
        Ok(present.map(|(name, file)| (name.clone(), state.files[file].live.len() as u64)).collect())
    }

    fn read(&self, name: &str, range: Range<u64>) -> io::Result<Option<Vec<u8>>> {
        let mut state = self.state();
        state.reads += 1;
        if state.unreadable.contains(name) {
            return Err(io::Error::other(format!("{name}: bad sector")));
        }
        let Ok(file) = state.find(name) else { return Ok(None) };
        let bytes = &state.files[file].live;
        let end = bytes.len().min(usize::try_from(range.end).unwrap_or(usize::MAX));
        let start = end.min(usize::try_from(range.start).unwrap_or(usize::MAX));
        Ok(Some(bytes[start..end].to_vec()))
    }

    fn create(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        if state.find(name).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let file = state.files.len();
        state.write(|state| {
            let mut new = File::synced(b"");
            new.write(0, bytes);
            state.files.push(new);
            state.name(name, Some(file));
            state.history.push((name.to_owned(), bytes.to_vec()));
        })?;
        state.sync(|state, succeeds| state.files[file].sync(succeeds))
    }

    fn overwrite(&self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        let file = state.find(name)?;
        state.write(|state| state.files[file].write(offset as usize, bytes))?;
        state.sync(|state, succeeds| state.files[file].sync(succeeds))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.state();
        state.find(name)?;
        state.step()?;
        state.name(name, None);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        self.state().sync(|state, succeeds| state.names.values_mut().for_each(|name| name.sync(succeeds)))
    }
}

impl File {
    fn synced(bytes: &[u8]) -> File {
        let mut file = File { live: Vec::new(), length: Cell::synced(0), blocks: Vec::new() };
        file.write(0, bytes);
        file.sync(true);
        file
    }

    fn write(&mut self, offset: usize, bytes: &[u8]) {
        let end = offset + bytes.len();
        if end > self.live.len() {
            self.live.resize(end, 0);
            self.length.set(end);
            self.blocks.resize(end.div_ceil(BLOCK), Cell::synced([0; BLOCK]));
        }
        self.live[offset..end].copy_from_slice(bytes);
        for at in offset / BLOCK..end.div_ceil(BLOCK) {
            let live = &self.live[at * BLOCK..self.live.len().min((at + 1) * BLOCK)];
            let mut block = [0; BLOCK];
            block[..live.len()].copy_from_slice(live);
            self.blocks[at].set(block);
        }
    }

    fn sync(&mut self, succeeds: bool) {
        self.length.sync(succeeds);
        self.blocks.iter_mut().for_each(|block| block.sync(succeeds));
    }

    fn after_power_cut(&self, outcome: &mut Outcome) -> Vec<u8> {
        let length = self.length.after_power_cut(outcome);
        let mut bytes = Vec::with_capacity(self.blocks.len() * BLOCK);
        for block in &self.blocks[..length.div_ceil(BLOCK)] {
            bytes.extend_from_slice(&block.after_power_cut(outcome));
        }
        bytes.truncate(length);
        bytes
    }
}

/// Which version of each cell is found.
enum Outcome {
    Lost,
    Kept,
    /// By chance, with the state of a small generator (xorshift), never zero.
    Torn(u64),
    /// As these digits say, the first ones where they end. They count through all outcomes.
    Given {
        digits: Vec<usize>,
        bases: Vec<usize>,
        at: usize,
    },
}

impl Outcome {
    fn new(unsynced: Unsynced) -> Outcome {
        match unsynced {
            Unsynced::Lost => Outcome::Lost,
            Unsynced::Kept => Outcome::Kept,
            Unsynced::Torn(seed) => Outcome::Torn(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
        }
    }

    fn choose(&mut self, versions: usize) -> usize {
        match self {
            _ if versions == 1 => 0,
            Outcome::Lost => 0,
            Outcome::Kept => versions - 1,
            Outcome::Torn(state) => {
                *state ^= *state << 13;
                *state ^= *state >> 7;
                *state ^= *state << 17;
                (*state >> 32) as usize % versions
            }
            Outcome::Given { digits, bases, at } => {
                if *at == digits.len() {
                    digits.push(0);
                    bases.push(versions);
                }
                *at += 1;
                digits[*at - 1]
            }
        }
    }

    /// Goes on to the next outcome; false after the last one. What there is to choose depends on what was chosen before, so
    /// the digits after the one that moved start anew.
    fn advance(&mut self) -> bool {
        let Outcome::Given { digits, bases, at } = self else { return false };
        *at = 0;
        while let (Some(digit), Some(base)) = (digits.pop(), bases.pop()) {
            if digit + 1 < base {
                digits.push(digit + 1);
                bases.push(base);
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(disks: &[Disk]) -> BTreeSet<Vec<(String, Vec<u8>)>> {
        disks.iter().map(|disk| disk.files().into_iter().collect()).collect()
    }

    #[test]
    fn every_subset_of_what_is_unsynced_may_reach_the_disk() {
        let disk = Disk::default();
        disk.put("a", vec![0; 3 * BLOCK]);
        disk.put("b", vec![0; BLOCK]);
        // A write of two blocks is cut before its sync; the removal of a name was never synced.
        disk.remove("b").unwrap();
        disk.fault_at(disk.steps() + 1, Fault::PowerCut);
        disk.overwrite("a", BLOCK as u64, &[1; 2 * BLOCK]).unwrap_err();
        let found = contents(&disk.after_every_power_cut(0));
        assert_eq!(found.len(), 8, "two blocks and a name");
        for seed in 0..40 {
            assert!(found.contains(
                &disk.after_power_cut(Unsynced::Torn(seed)).files().into_iter().collect::<Vec<_>>()
            ));
        }
    }

    #[test]
    fn a_block_written_twice_may_be_found_as_it_was_in_between() {
        let disk = Disk::default();
        disk.put("a", vec![0; BLOCK]);
        for byte in [1, 2] {
            disk.fault_at(disk.steps() + 1, Fault::Fails(io::ErrorKind::Other));
            disk.overwrite("a", 0, &[byte; BLOCK]).unwrap_err();
        }
        let found: BTreeSet<u8> =
            disk.after_every_power_cut(0).iter().map(|disk| disk.files()["a"][0]).collect();
        assert_eq!(found, [0, 1, 2].into());
    }

    #[test]
    fn a_sync_after_one_that_failed_writes_nothing_of_what_came_before() {
        let disk = Disk::default();
        disk.put("a", vec![0; 2 * BLOCK]);
        disk.fault_at(disk.steps() + 1, Fault::Fails(io::ErrorKind::Other));
        disk.overwrite("a", 0, &[1; BLOCK]).unwrap_err();
        disk.overwrite("a", BLOCK as u64, &[2; BLOCK]).unwrap();
        let lost = disk.after_power_cut(Unsynced::Lost).files().remove("a").unwrap();
        assert_eq!((lost[0], lost[BLOCK]), (0, 2));
    }
}
