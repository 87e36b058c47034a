//! The vault itself: what ties strongbox, catalog, blobs and ledger together.

mod audit;
mod begun_looks;
mod clock;
mod create;
mod ending;
mod expire;
mod finish;
mod forget;
mod gone;
mod hold;
mod keep;
mod keys;
mod look;
mod making;
mod marks;
mod open;
mod opening;
mod owed;
mod plans;
mod prepared;
#[cfg(test)]
mod races;
mod receipt;
mod request;
mod restored;
mod secrets;
mod succession;
mod sync_points;
mod tasks;
mod unfinished;
mod whose;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use age::x25519::{Identity, Recipient};
use jiff::Timestamp;
use porchlight_ledger::{Because, Ledger};
use tokio::sync::watch;

pub use audit::{LedgerEntry, Line, read_detail};
pub use clock::ClockState;
pub use ending::{Ended, Ending, KnownPlaces, Unreached};
pub use expire::Expiry;
pub use forget::Why;
pub use gone::Gone;
pub use look::{Look, Opened, Pass, Released, Survey};
pub use making::{clear_unmade, is_unmade};
pub use opening::Opening;
pub use owed::OwedLine;
pub use receipt::LineProof;
pub use request::{KeptRequest, NewRequest};
pub use secrets::StrongboxChange;
pub use succession::NextLedgerKey;

use marks::Marks;

use crate::beside::strongbox_beside;
use crate::blobs::Blobs;
use crate::catalog::{Catalog, Restored};
use crate::clock::Clock;
use crate::clock_guard::{ClockGuard, Pause};
use crate::disk::{DiskProbe, DiskTrouble};
use crate::error::Error;
use crate::folder::Lock;
use crate::folder_identity::check_apart;
use crate::id::Id;
use crate::ledger_files::LedgerPlace;
use crate::mirror_state::MirrorState;
use crate::moment::Entry;
use crate::query::Filter;
use crate::reserve::Reserve;
use crate::strongbox::Strongbox;
use crate::terms::Basis;
use crate::warning::Warning;
use crate::watermark::{Watermark, WatermarkFile};
use making::Making;
use plans::Plans;
use tasks::{blocking, lock, readable, stopped};
use unfinished::Unfinished;

/// Where a vault lies, and what it takes the time from.
#[derive(Clone)]
pub struct Config {
    /// The data folder: recordings, catalog and ledger. It may be copied at any time, any number of times.
    pub data: PathBuf,
    /// The strongbox in use, and its mirrors after it. None given: the one [beside](strongbox_beside) the data folder.
    pub strongboxes: Vec<PathBuf>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

impl Config {
    /// The strongbox in use, and its mirrors.
    fn folders(&self) -> Vec<PathBuf> {
        if !self.strongboxes.is_empty() {
            return self.strongboxes.clone();
        }
        vec![strongbox_beside(&self.data)]
    }
}

/// An open vault.
///
/// Its methods may be called at once from many tasks. What changes it runs to its end even where the caller goes away, so a
/// dropped request leaves nothing half done. Call [`Vault::close`] before the last one is dropped.
pub struct Vault {
    core: Arc<Core>,
}

/// What the tasks of a vault share.
struct Core {
    strongbox: Arc<Mutex<Strongbox>>,
    /// Taken before the strongbox where both are needed.
    ledger: Arc<Mutex<Ledger>>,
    ledger_place: Arc<LedgerPlace>,
    catalog: Catalog,
    blobs: Blobs,
    identity: Identity,
    marks: Marks,
    clock: Arc<dyn Clock>,
    clock_guard: Mutex<ClockGuard>,
    /// Why the last run of expiry left more than the clock made it.
    too_much: Mutex<Option<Pause>>,
    /// The older copy that was put back, or the catalog that has lost something, until it is said what becomes of newer ones.
    restored: Mutex<Option<Restored>>,
    /// The payloads that no recording owned when the vault was opened, until then.
    orphans: Mutex<BTreeSet<String>>,
    reserve: Reserve,
    /// Of the data folder, and of the strongbox in use.
    probes: [DiskProbe; 2],
    plans: Mutex<Plans>,
    /// What was forgotten since somebody asked last.
    gone: Mutex<Gone>,
    /// Looks whose line could not be appended, or pinned.
    begun_looks: Mutex<begun_looks::BegunLooks>,
    /// Held by whoever tells the ledger of a line that is owed.
    owing: tokio::sync::Mutex<()>,
    /// Held shared while rows are written, alone while a deletion settles what it takes: nothing slips in between.
    row_writes: tokio::sync::RwLock<()>,
    /// Held by the one deletion that runs.
    erasing: tokio::sync::Mutex<()>,
    /// The deletions that could not be finished yet.
    unfinished: Mutex<Unfinished>,
    opening: Opening,
    data: PathBuf,
    /// Whether the strongbox's slot has failed.
    broken: watch::Receiver<bool>,
    /// Keeps other processes out of the data folder, until it is left.
    held: Mutex<Option<Lock>>,
    /// Held while it is being made.
    _making: Option<Making>,
}

impl Vault {
    /// What opening found and did.
    pub fn opening(&self) -> &Opening {
        &self.core.opening
    }

    /// Everything that weakens what this vault can promise, now.
    ///
    /// # Errors
    /// [`Error::Stopped`] when the strongbox is in an unknown state.
    pub async fn warnings(&self) -> Result<Vec<Warning>, Error> {
        let data = self.core.data.clone();
        let mut warnings = self.core.on_strongbox(move |strongbox| Ok(strongbox.warnings(&data))).await?;
        warnings.extend(self.core.place_warnings());
        warnings.extend(self.core.unreadable_keys_warning().await?);
        let damaged = self.ledger(|ledger| Ok(ledger.damaged())).await?;
        if !damaged.is_empty() {
            warnings.push(Warning::LinesDamaged { lines: damaged });
        }
        warnings.extend(match self.core.opening.continued {
            Some(Because::Damage) => Some(Warning::LedgerBrokenOff),
            Some(Because::CheckpointLost) => Some(Warning::CheckpointLost),
            Some(Because::OlderCopy) | None => None,
        });
        warnings.extend(self.core.not_forgotten_warning());
        Ok(warnings)
    }

    /// Which disk an error of this vault comes from, and what is the matter with it; none where no disk is to blame.
    pub fn disk_trouble(&self, error: &Error) -> Option<DiskTrouble> {
        DiskTrouble::of(error, self.core.reserve.folders())
    }

    /// Writes a little to the disk of the data folder and to that of the strongbox in use, and takes it away again: what is the matter
    /// with each that does not take it now. A disk may fail where the catalog lies and nowhere else, so what failed there is tried too.
    pub async fn disk_troubles(&self) -> Vec<DiskTrouble> {
        let [data, strongbox] = &self.core.probes;
        let (data, strongbox) = tokio::join!(data.trouble(), strongbox.trouble());
        let data = match data {
            None => self.core.catalog.write_trouble().await.and_then(|error| self.disk_trouble(&error)),
            data => data,
        };
        [data, strongbox].into_iter().flatten().collect()
    }

    /// The recordings that a filter finds, without a word of what they say: oldest first by the start of their moment, then
    /// by moment, then by id. A row that cannot be read is left out; [`Vault::check`] names it.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a filter that names too many ids; [`Error::Catalog`].
    pub async fn list(&self, filter: &Filter) -> Result<Vec<Entry>, Error> {
        let found = self.core.catalog.find(filter).await?;
        Ok(readable(found))
    }

    /// Everything that recordings of moments since an instant rest on, each once. What waits for the end of a hold is left out: it has
    /// been judged.
    ///
    /// # Errors
    /// [`Error::Catalog`].
    pub async fn bases(&self, since: Timestamp) -> Result<Vec<Basis>, Error> {
        self.core.catalog.bases(since).await
    }

    /// The moments of which a recording rests on exactly this.
    ///
    /// # Errors
    /// [`Error::Catalog`].
    pub async fn moments_on(&self, basis: &Basis) -> Result<Vec<Id>, Error> {
        Ok(self.core.catalog.moments_on(basis).await?.into_iter().collect())
    }

    /// The time of day, where it can be trusted with what cannot be undone.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn trusted_now(&self) -> Result<Timestamp, Pause> {
        self.core.trusted_now()
    }

    /// Gives up the room that is set aside where the disk is full: before something that takes away, or that must not wait for room.
    /// It is set aside again as soon as there is room.
    pub fn make_room(&self) {
        self.core.reserve.make_room();
    }

    /// The folders that are written to without a thread of their own: the data folder, and the strongbox in use.
    pub fn written_folders(&self) -> [&Path; 2] {
        self.core.reserve.folders()
    }

    /// Whether there is room for something new.
    ///
    /// # Errors
    /// [`Error::Full`] names the disk that is full.
    pub fn check_room(&self) -> Result<(), Error> {
        self.core.reserve.check()
    }

    /// Waits until the strongbox's slot has failed: what is durable is not known then, every later change is refused, and only opening
    /// the vault again helps, which puts the newest root once more.
    pub async fn broken(&self) {
        let mut broken = self.core.broken.clone();
        // The sender lives as long as the strongbox, and that as long as the vault.
        let _ = broken.wait_for(|broken| *broken).await;
    }

    /// The hub's own age recipient (`age1…`).
    pub fn hub_recipient(&self) -> String {
        self.core.recipient().to_string()
    }

    /// Where whoever keeps a database of their own beside the catalog notes, once each transaction is durable, how much was written there: one
    /// that says less at a start has lost something, or is an older one. `writes` is how much it counts now; a mark that is missing beside a
    /// database that counts something was lost.
    ///
    /// # Errors
    /// [`Error::Stopped`] when the strongbox is in an unknown state.
    pub async fn watermark(&self, writes: u64) -> Result<WatermarkFile, Error> {
        let counted = Watermark { writes, recordings: 0 };
        self.core.on_strongbox(move |strongbox| Ok(strongbox.watermark_beside(counted))).await
    }

    /// Follows a new, empty mirror of the strongbox from now on. One that does not answer once it is made is pending.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`] when the folder is not empty; [`Error::Misplaced`] when it is not apart from the others; others
    /// when it cannot be made.
    pub async fn add_mirror(&self, path: &Path) -> Result<(), Error> {
        let (path, data) = (path.to_owned(), self.core.data.clone());
        let (household, folders) = self
            .core
            .on_strongbox(|strongbox| Ok((strongbox.household_id().to_owned(), strongbox.folders())))
            .await?;
        let made = path.clone();
        blocking(move || {
            check_apart(&data, &[folders, vec![made.clone()]].concat())?;
            Strongbox::make_mirror(&made, &household)
        })
        .await?;
        self.core
            .on_strongbox(move |strongbox| {
                strongbox.add_mirror(&path);
                Ok(())
            })
            .await
    }

    /// The mirrors that are followed.
    ///
    /// # Errors
    /// [`Error::Stopped`] when the strongbox is in an unknown state.
    pub async fn mirrors(&self) -> Result<Vec<PathBuf>, Error> {
        Ok(self.core.mirrors(0).await?.into_iter().map(|state| state.path).collect())
    }

    /// Follows a mirror that was made before. One that cannot be reached, or does not answer, is pending.
    ///
    /// # Errors
    /// [`Error::OldStrongbox`] when the mirror is newer than the strongbox in use; [`Error::Apart`] when both were used since
    /// they were the same.
    pub async fn follow_mirror(&self, path: &Path) -> Result<(), Error> {
        let path = path.to_owned();
        self.core.on_strongbox(move |strongbox| strongbox.follow_mirror(&path)).await
    }

    /// Notes that the vault was left in order, closes the catalog and lets go of both folders. Every later call fails.
    ///
    /// # Errors
    /// [`Error::Catalog`]: the next start then looks for what a crash would have left.
    pub async fn close(&self) -> Result<(), Error> {
        let _last = self.core.erasing.lock().await;
        let generation = self.core.generation().await?;
        self.core.blobs.settle()?;
        let noted = self.core.catalog.set_serving(false, generation).await;
        self.core.catalog.close().await;
        lock(&self.core.strongbox)?.leave();
        drop(lock(&self.core.held)?.take());
        noted
    }

    /// Runs work to its end whatever becomes of the caller.
    async fn finish<T, F>(&self, work: impl FnOnce(Arc<Core>) -> F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let done = tokio::spawn(sync_points::carry(work(self.core.clone()))).await.map_err(stopped)?;
        done.map_err(|why| self.core.reserve.named(why))
    }
}

impl Core {
    /// Runs blocking work on the strongbox. Where it changed something the mirrors follow before this returns, or are pending;
    /// the strongbox is not held meanwhile, so that a disk that does not answer holds up nobody else.
    async fn on_strongbox<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Strongbox) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let strongbox = self.strongbox.clone();
        blocking(move || {
            let (done, settling) = {
                let mut strongbox = lock(&strongbox)?;
                (work(&mut strongbox), strongbox.settling())
            };
            settling.settle();
            done
        })
        .await
    }

    /// Every mirror, and whether it has followed to a generation.
    async fn mirrors(&self, generation: u64) -> Result<Vec<MirrorState>, Error> {
        let states = self.on_strongbox(move |strongbox| Ok(strongbox.mirrors(generation))).await?;
        Ok(states.into_iter().map(|(path, mirror)| MirrorState { path, mirror }).collect())
    }

    async fn generation(&self) -> Result<u64, Error> {
        self.on_strongbox(|strongbox| Ok(strongbox.generation())).await
    }

    fn recipient(&self) -> Recipient {
        self.identity.to_public()
    }
}
