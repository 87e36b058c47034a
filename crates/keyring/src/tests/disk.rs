//! A disk that knows what would survive a power cut, and can be made to fail at any write or sync.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::folder::Files;

/// What a disk writes at once; a larger write can be torn between any two of them.
const BLOCK: usize = 512;

/// One folder on a simulated disk. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Disk(Arc<Mutex<State>>);

#[derive(Clone, Default)]
struct State {
    files: Vec<File>,
    /// Names in the folder, as programs see them, and as they would be after a power cut.
    live: BTreeMap<String, usize>,
    durable: BTreeMap<String, usize>,
    /// Every file ever created, with what was written to it.
    history: Vec<(String, Vec<u8>)>,
    steps: usize,
    syncs: usize,
    fault: Option<(usize, Fault)>,
    power_is_off: bool,
    unreadable: BTreeSet<String>,
}

#[derive(Clone, Default)]
struct File {
    live: Vec<u8>,
    durable: Vec<u8>,
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
    /// Each block and each name is lost or kept by chance.
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

    /// The disk as it is found after a power cut.
    pub(super) fn after_power_cut(&self, unsynced: Unsynced) -> Disk {
        let before = self.state().clone();
        let mut chance = Chance::new(unsynced);
        let mut after = State { history: before.history, ..State::default() };
        let names: BTreeSet<&String> = before.live.keys().chain(before.durable.keys()).collect();
        for name in names {
            let (live, durable) = (before.live.get(name), before.durable.get(name));
            let kept = if live != durable && chance.keeps() { live } else { durable };
            if let Some(file) = kept {
                let bytes = before.files[*file].after_power_cut(&mut chance);
                after.put(name, bytes);
            }
        }
        Disk(Arc::new(Mutex::new(after)))
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

    pub(super) fn delete(&self, name: &str) {
        let mut state = self.state();
        state.live.remove(name);
        state.durable.remove(name);
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
        let state = self.state();
        state.live.iter().map(|(name, file)| (name.clone(), state.files[*file].live.clone())).collect()
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
        self.files.push(File { live: bytes.clone(), durable: bytes });
        self.live.insert(name.to_owned(), self.files.len() - 1);
        self.durable.insert(name.to_owned(), self.files.len() - 1);
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

    fn sync(&mut self, file: usize) -> io::Result<()> {
        self.step()?;
        self.syncs += 1;
        self.files[file].durable = self.files[file].live.clone();
        Ok(())
    }

    fn find(&self, name: &str) -> io::Result<usize> {
        self.live.get(name).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Files for Disk {
    fn list(&self) -> io::Result<Vec<(String, u64)>> {
        Ok(self.files().into_iter().map(|(name, bytes)| (name, bytes.len() as u64)).collect())
    }

    fn read(&self, name: &str, range: Range<u64>) -> io::Result<Option<Vec<u8>>> {
        let state = self.state();
        if state.unreadable.contains(name) {
            return Err(io::Error::other(format!("{name}: bad sector")));
        }
        let Some(file) = state.live.get(name) else { return Ok(None) };
        let bytes = &state.files[*file].live;
        let end = bytes.len().min(usize::try_from(range.end).unwrap_or(usize::MAX));
        let start = end.min(usize::try_from(range.start).unwrap_or(usize::MAX));
        Ok(Some(bytes[start..end].to_vec()))
    }

    fn create(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        if state.live.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let written = state.step();
        if state.power_is_off && state.fault.is_none_or(|(at, _)| at + 1 != state.steps) {
            return written;
        }
        let file = state.files.len();
        state.files.push(File { live: bytes.to_vec(), durable: Vec::new() });
        state.live.insert(name.to_owned(), file);
        state.history.push((name.to_owned(), bytes.to_vec()));
        written?;
        state.sync(file)
    }

    fn overwrite(&self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        let file = state.find(name)?;
        let written = state.step();
        if state.power_is_off && state.fault.is_none_or(|(at, _)| at + 1 != state.steps) {
            return written;
        }
        let live = &mut state.files[file].live;
        let end = offset as usize + bytes.len();
        if live.len() < end {
            live.resize(end, 0);
        }
        live[offset as usize..end].copy_from_slice(bytes);
        written?;
        state.sync(file)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.state();
        state.find(name)?;
        state.step()?;
        state.live.remove(name);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.state();
        state.step()?;
        state.syncs += 1;
        state.durable = state.live.clone();
        Ok(())
    }
}

impl File {
    fn after_power_cut(&self, chance: &mut Chance) -> Vec<u8> {
        let length = if self.live.len() != self.durable.len() && chance.keeps() {
            self.live.len()
        } else {
            self.durable.len()
        };
        let mut bytes = self.durable.clone();
        bytes.resize(length, 0);
        for (index, block) in bytes.chunks_mut(BLOCK).enumerate() {
            let written = self.live.get(index * BLOCK..).unwrap_or_default();
            let written = &written[..written.len().min(block.len())];
            if chance.keeps() {
                block[..written.len()].copy_from_slice(written);
            }
        }
        bytes
    }
}

/// Whether each unsynced thing is kept.
struct Chance {
    unsynced: Unsynced,
    /// The state of a small generator (xorshift), never zero.
    state: u64,
}

impl Chance {
    fn new(unsynced: Unsynced) -> Chance {
        let seed = if let Unsynced::Torn(seed) = unsynced { seed } else { 0 };
        Chance { unsynced, state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1 }
    }

    fn keeps(&mut self) -> bool {
        match self.unsynced {
            Unsynced::Lost => false,
            Unsynced::Kept => true,
            Unsynced::Torn(_) => {
                self.state ^= self.state << 13;
                self.state ^= self.state >> 7;
                self.state ^= self.state << 17;
                self.state >> 32 & 1 == 1
            }
        }
    }
}
