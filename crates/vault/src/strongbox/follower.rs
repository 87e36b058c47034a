//! One mirror, and the thread that reads it and brings it up to date. A disk that never answers holds up nobody but this thread,
//! of which there is one for each mirror, however much is asked of it: it does the newest, and what was asked before is done with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use jiff::Timestamp;
use porchlight_keyring::{Error as KeyringError, Snapshot, Spare};

use super::documents::{self, Document, read_checkpoint};
use super::file_system::of_file_system;
use super::known::Seen;
use super::opening::{check_mark, store};
use crate::clock::Clock;
use crate::error::Error;
use crate::file_names::STRONGBOX_MARK;
use crate::folder::Mark;
use crate::holding::Holding;
use crate::in_time::PATIENCE;
use crate::mirror_state::Mirror;
use crate::named_folder::NamedFolder;
use crate::slot_kind::SlotKind;
use crate::warning::Warning;
use crate::watermark::{self, Watermark};

/// What a mirror is to be brought to.
pub(super) struct Wanted {
    pub(super) snapshot: Snapshot,
    pub(super) document: Option<Document>,
    pub(super) checkpoint: Option<String>,
    /// By the names of their files.
    pub(super) watermarks: Vec<(&'static str, Watermark)>,
    pub(super) past: Past,
    /// How far this strongbox has come.
    pub(super) holding: Holding,
}

/// Whether a signed checkpoint is of the ledger's past; nothing where it is not a checkpoint of this ledger at all.
pub(crate) type Past = Arc<dyn Fn(&str) -> Option<bool> + Send + Sync>;

/// What a mirror held when it was read first.
pub(super) struct Found {
    pub(super) spare: Spare,
    pub(super) rest: Rest,
}

impl Found {
    pub(super) fn split(self) -> (Spare, Rest) {
        (self.spare, self.rest)
    }
}

/// What a mirror held beside its keys.
pub(super) struct Rest {
    /// The household documents by their versions.
    pub(super) documents: BTreeMap<u64, Vec<u8>>,
    pub(super) checkpoint: Option<String>,
    pub(super) holding: Option<Holding>,
}

/// See the head of this file.
pub(super) struct Follower {
    path: PathBuf,
    household: String,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    seen: Seen,
    /// The number of what was asked last, and of what was done last.
    asked: u64,
    done: u64,
    /// What it is to be brought to; nothing while it is to be read only.
    wanted: Option<Arc<Wanted>>,
    /// Since when the thread has been at its present work.
    busy: Option<(Instant, Timestamp)>,
    /// Its folder as the system knows it, once that answered.
    real: Option<PathBuf>,
    found: Option<Found>,
    /// The newest generation that it was brought to.
    reached: Option<u64>,
    /// Why it has not followed, and since when.
    pending: Option<(String, Timestamp)>,
    /// What had rotted there since the start, and is whole again.
    healed: Vec<PathBuf>,
    slot: SlotKind,
    place: Option<Warning>,
    stopped: bool,
}

impl Follower {
    /// The number of the first thing that is asked: that it be read.
    pub(super) const FIRST_ASKED: u64 = 1;

    /// Begins to read a mirror.
    pub(super) fn start(path: PathBuf, household: &str, clock: Arc<dyn Clock>, seen: Seen) -> Arc<Follower> {
        let state = Mutex::new(State { asked: Follower::FIRST_ASKED, seen, ..State::default() });
        let follower =
            Arc::new(Follower { path, household: household.into(), clock, state, changed: Condvar::new() });
        let work = follower.clone();
        if let Err(why) = thread::Builder::new().name("mirror".into()).spawn(move || work.run()) {
            let mut state = follower.lock();
            state.stopped = true;
            state.pending = Some((format!("the system gives no thread for it: {why}"), follower.clock.now()));
        }
        follower
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What is known of its folder.
    pub(super) fn seen(&self) -> Seen {
        self.lock().seen
    }

    /// Takes in what is known of its folder from elsewhere.
    pub(super) fn has_been(&self, seen: Seen) {
        let mut state = self.lock();
        if state.seen != Seen::Copy && seen != Seen::Never {
            state.seen = seen;
        }
    }

    /// Asks it to follow to this, and gives the number to wait for.
    pub(super) fn ask(&self, wanted: Arc<Wanted>) -> u64 {
        let mut state = self.lock();
        state.wanted = Some(wanted);
        state.asked += 1;
        self.changed.notify_all();
        state.asked
    }

    /// Asks for it to be read once more, and gives the number to wait for. Whoever asks has it follow again afterwards.
    pub(super) fn ask_to_read(&self) -> u64 {
        let mut state = self.lock();
        state.wanted = None;
        state.asked += 1;
        self.changed.notify_all();
        state.asked
    }

    /// Waits until what has this number is done, or the thread has been at one thing for longer than anybody waits.
    pub(super) fn wait_for(&self, number: u64, begun: Instant) {
        self.wait_while(begun, |state| state.done < number && !state.stopped);
    }

    pub(super) fn wait_until_idle(&self, begun: Instant) {
        self.wait_while(begun, |state| state.busy.is_some());
    }

    fn wait_while(&self, begun: Instant, goes_on: impl Fn(&State) -> bool) {
        let mut state = self.lock();
        while goes_on(&state) {
            let since = state.busy.map_or(begun, |(since, _)| since.min(begun));
            let left = PATIENCE.saturating_sub(since.elapsed());
            if left.is_zero() {
                return;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Its folder as the system knows it, once it answered.
    pub(super) fn real(&self) -> Option<PathBuf> {
        self.lock().real.clone()
    }

    /// What was found when it was read last, once.
    pub(super) fn take_found(&self) -> Option<Found> {
        self.lock().found.take()
    }

    /// Whether it has followed to this generation.
    pub(super) fn state(&self, generation: u64) -> Mirror {
        let state = self.lock();
        let pending = |why: &str, since| Mirror::Pending { why: why.to_owned(), since };
        match (state.reached, state.busy, &state.pending) {
            (Some(reached), ..) if reached >= generation => Mirror::Acknowledged { generation: reached },
            (_, Some((since, at)), _) if since.elapsed() >= PATIENCE => {
                pending("it does not answer; see to its disk or its connection", Some(at))
            }
            (_, _, Some((why, since))) => pending(why, Some(*since)),
            (None, ..) => pending("it has not been reached yet", None),
            _ => pending("it is being brought up to date", None),
        }
    }

    /// Whether it has been read, and keeps nobody waiting for longer than anybody waits.
    pub(super) fn answers(&self) -> bool {
        let state = self.lock();
        state.done > 0 && state.busy.is_none_or(|(since, _)| since.elapsed() < PATIENCE)
    }

    /// Where its root key lies, and what its file system means for that.
    pub(super) fn place(&self) -> (SlotKind, Option<Warning>) {
        let state = self.lock();
        (state.slot.clone(), state.place.clone())
    }

    /// What had rotted there since the start, and is whole again.
    pub(super) fn healed(&self) -> Vec<PathBuf> {
        self.lock().healed.clone()
    }

    /// Lets the thread end once it has done what it is at.
    pub(super) fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The thread: the newest that was asked, until it is stopped.
    fn run(&self) {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return;
            }
            if state.done == state.asked {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let (number, wanted) = (state.asked, state.wanted.clone());
            state.busy = Some((Instant::now(), self.clock.now()));
            drop(state);
            let done = match &wanted {
                None => self.read().map(Done::Read),
                Some(wanted) => self.bring(wanted).map(Done::Brought),
            };
            // The mount table is read here, since asking where a path leads may never end either.
            let place = of_file_system(&self.path, &SlotKind::File, &mounts());
            state = self.lock();
            state.note(done, place, self);
            (state.done, state.busy) = (number, None);
            self.changed.notify_all();
        }
    }

    fn read(&self) -> Result<(SlotKind, Found), Error> {
        let real = self.path.canonicalize().map_err(|_| Error::NoStrongbox(NamedFolder::at(&self.path)))?;
        self.lock().real = Some(real);
        let slot = check_mark(&self.path, &self.household)?;
        let spare = Spare::read(&store(&self.path)?, &*slot.open(&self.path)?)?;
        let checkpoint = read_checkpoint(&self.path)?;
        let last = checkpoint.as_ref().and_then(|signed| signed.last);
        let found = Found {
            rest: Rest {
                documents: documents::read_all(&self.path)?,
                checkpoint: checkpoint.map(|signed| signed.note),
                holding: spare.newest().map(|(_, generation)| Holding {
                    path: self.path.clone(),
                    generation,
                    last,
                }),
            },
            spare,
        };
        Ok((slot, found))
    }

    fn bring(&self, wanted: &Wanted) -> Result<Brought, Error> {
        let mut healed = Vec::new();
        let slot = match check_mark(&self.path, &self.household) {
            Ok(slot) => slot,
            Err(why) => {
                let slot = self.mend_mark(wanted, &why).ok_or(why)?;
                healed.push(self.path.join(STRONGBOX_MARK));
                slot
            }
        };
        // What was signed there and is not of our past was signed while it was used by itself.
        let checkpoint = read_checkpoint(&self.path)?;
        let last = checkpoint.as_ref().and_then(|signed| signed.last);
        let apart = |generation| Error::Apart {
            here: Box::new(wanted.holding.clone()),
            there: Box::new(Holding { path: self.path.clone(), generation, last }),
        };
        let (store, slot_there) = (store(&self.path)?, slot.open(&self.path)?);
        let signed = checkpoint.map(|signed| (wanted.past)(&signed.note));
        if signed == Some(Some(false)) {
            let roots = slot_there.load().unwrap_or_default();
            return Err(apart(roots.iter().map(|root| root.generation()).max().unwrap_or_default()));
        }
        // The document before the keyring that pins it, as here: a mirror that is cut off between them opens too.
        if let Some(document) = &wanted.document {
            healed.extend(document.put(&self.path)?);
        }
        // A strongbox that is served without them would seem to have lost them.
        for (name, mark) in &wanted.watermarks {
            watermark::put(&self.path, name, *mark)?;
        }
        let brought = wanted.snapshot.bring(&store, &*slot_there).map_err(|why| match why {
            KeyringError::MirrorApart { theirs, .. } => apart(theirs),
            KeyringError::MirrorAhead { ours, theirs } => {
                Error::OldStrongbox { path: wanted.holding.path.clone(), found: ours, newest: theirs }
            }
            why => why.into(),
        })?;
        if let Some(document) = &wanted.document {
            document.remove_others(&self.path);
        }
        healed.extend(brought.healed.iter().map(|name| self.path.join(name)));
        if let Some(checkpoint) = &wanted.checkpoint {
            // What is there and is no checkpoint of this ledger was one.
            if signed != Some(Some(true)) && self.path.join(documents::CHECKPOINT).exists() {
                healed.push(self.path.join(documents::CHECKPOINT));
            }
            documents::put_checkpoint(&self.path, checkpoint)?;
        }
        Ok(Brought { slot, generation: brought.generation, healed })
    }

    /// A mirror whose mark is damaged or lost is known by its root key; where that is lost too, by having been seen as a copy. One whose
    /// mark is a newer release's may have been used by that, and then it is ahead.
    fn mend_mark(&self, wanted: &Wanted, why: &Error) -> Option<SlotKind> {
        let slot = SlotKind::File.open(&self.path).ok()?;
        let newest = wanted.holding.generation;
        let ours = match slot.load() {
            Ok(roots) => {
                let behind = roots.iter().all(|root| root.generation() <= newest);
                let ours = roots.iter().any(|root| root.keyring() == wanted.snapshot.keyring());
                ours && (behind || !matches!(why, Error::Newer { .. }))
            }
            // Whether what lies there is newer is asked of its packs before anything is written over.
            Err(lost) => {
                let is_rot = lost.kind() == std::io::ErrorKind::InvalidData;
                is_rot && matches!(why, Error::BadFile { .. }) && self.seen() == Seen::Copy
            }
        };
        let mark = ours.then(|| Mark::new(&self.household))?;
        mark.write(&self.path.join(STRONGBOX_MARK)).ok()?;
        Some(SlotKind::File)
    }
}

/// What became of a mirror that was brought up to date.
struct Brought {
    slot: SlotKind,
    generation: u64,
    /// What had rotted there and is whole again.
    healed: Vec<PathBuf>,
}

enum Done {
    Read((SlotKind, Found)),
    Brought(Brought),
}

impl State {
    /// Takes in what became of the work.
    fn note(&mut self, done: Result<Done, Error>, place: Option<Warning>, follower: &Follower) {
        if done.is_ok() {
            self.seen = Seen::Copy;
        }
        let why = match done {
            Ok(Done::Read((slot, found))) => {
                (self.slot, self.place) = (slot, place);
                // Read too late: it is compared again before anything is written there.
                self.found = self.wanted.is_none().then_some(found);
                return;
            }
            Ok(Done::Brought(Brought { slot, generation, healed })) => {
                (self.slot, self.place, self.reached, self.pending) = (slot, place, Some(generation), None);
                for file in healed {
                    tracing::error!(file = %file.display(), "it had rotted, and is whole again: the disk of this mirror may be failing");
                    if !self.healed.contains(&file) {
                        self.healed.push(file);
                    }
                }
                return;
            }
            // The newer one is asked for already.
            Err(Error::Keyring(KeyringError::Superseded(_))) => return,
            // A missing strongbox is the end of the vault; a missing mirror is a stick in a drawer.
            Err(Error::NoStrongbox(_)) => "it is missing; attach its disk".to_owned(),
            Err(why) => why.to_string(),
        };
        let since = self.pending.as_ref().map_or_else(|| follower.clock.now(), |(_, since)| *since);
        if self.pending.as_ref().is_none_or(|(before, _)| *before != why) {
            tracing::warn!(mirror = %follower.path.display(), why, "a mirror of the strongbox is pending");
        }
        self.pending = Some((why, since));
    }
}

fn mounts() -> String {
    std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default()
}
