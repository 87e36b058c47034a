//! Opening a vault: everything a crash, or an old copy of the data folder, left to do is done before it serves.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use age::x25519::Identity;
use porchlight_ledger::note::Verifier;
use porchlight_ledger::{Because, Ledger, Signers};

use super::create::origin;
use super::ending::check_not_ended;
use super::making::{Making, is_being_made};
use super::marks::Marks;
use super::opening::Opening;
use super::plans::Plans;
use super::succession::{present_key, successions};
use super::tasks::blocking;
use super::whose::open_strongbox;
use super::{Config, Core, Vault};
use crate::blobs::Blobs;
use crate::catalog::{Catalog, NewErasure, Restored};
use crate::clock_guard::ClockGuard;
use crate::disk::DiskProbe;
use crate::error::Error;
use crate::file_names::{BLOBS, CATALOG, IDENTITY, LEDGER};
use crate::folder_identity::misplaced;
use crate::in_time::in_time;
use crate::ledger_files::{LedgerFiles, LedgerPlace};
use crate::misplaced::Misplaced;
use crate::reason::Reason;
use crate::reserve::Reserve;
use crate::strongbox::{Pin, Strongbox};

impl Vault {
    /// Opens a vault.
    ///
    /// # Errors
    /// In the order in which they are looked for: [`Error::Misplaced`] for a strongbox that is named twice, [`Error::BeingEnded`], [`Error::NoVault`] or [`Error::Unfinished`], [`Error::Newer`], [`Error::Locked`],
    /// [`Error::StrongboxAsData`], [`Error::DataAsStrongbox`], [`Error::NoStrongbox`] or [`Error::OtherHousehold`] (a strongbox is never made anew), [`Error::OldStrongbox`],
    /// [`Error::Keyring`], [`Error::Catalog`], [`Error::Ledger`].
    pub async fn open(config: Config) -> Result<Vault, Error> {
        let (data, folders) = (config.data.clone(), config.folders());
        blocking(move || check_not_ended(&data, &folders)).await?;
        if is_being_made(&config.data) {
            return Err(Error::Unfinished(config.data));
        }
        Vault::open_made(config, None).await
    }

    /// The same, of one that somebody may be making.
    pub(super) async fn open_made(config: Config, making: Option<Making>) -> Result<Vault, Error> {
        let (data, folders, clock) = (config.data.clone(), config.folders(), config.clock.clone());
        let (beside, named) = (data.clone(), folders.clone());
        // A mirror whose disk does not answer is told of by the strongbox.
        let twice = blocking(move || Ok(in_time(move || named_twice(&beside, &named)))).await?;
        if let Some(twice) = twice.transpose()?.flatten() {
            return Err(Error::Misplaced(twice));
        }
        let (mut strongbox, household, held) =
            blocking(move || open_strongbox(&data, &folders, clock)).await?;
        let (identity, marks) = read_identity(&strongbox)?;
        // A start writes, and it finishes deletions.
        let reserve = Reserve::open(&config.data, strongbox.folder());

        let mut catalog = Catalog::open(&config.data.join(CATALOG)).await?;
        let state = catalog.state().await?;
        let watermark = strongbox.watermark(state.written);
        let written = watermark.newest().max(state.written);
        catalog.note_in(watermark);
        let generation = strongbox.generation();
        if generation < state.generation {
            let path = strongbox.folder().to_owned();
            return Err(Error::OldStrongbox { path, found: generation, newest: state.generation });
        }

        // What was asked to be forgotten goes first, before anything else can fail.
        let unfinished = catalog.unfinished().await?;
        let doomed: BTreeSet<_> = unfinished
            .iter()
            .flat_map(|erasure| erasure.doomed.moments.iter().chain(&erasure.doomed.recordings).copied())
            .collect();
        let folder = config.data.join(LEDGER);
        let (mut strongbox, ledger, ledger_place, continued) = blocking(move || {
            // Where that fails, each deletion is tried by itself below, and what is left of them is told of.
            if !doomed.is_empty()
                && let Err(why) = strongbox.puncture(doomed)
            {
                tracing::error!(%why, "what was asked to be forgotten cannot all be forgotten yet");
            }
            let (ledger, place, continued) = open_ledger(&mut strongbox, &folder, &household)?;
            Ok((strongbox, Arc::new(Mutex::new(ledger)), place, continued))
        })
        .await?;
        // A mirror may be older than the ledger, and never of another past.
        let passed = ledger.clone();
        strongbox.follow(Arc::new(move |note| passed.lock().ok()?.has_passed(note)));

        let clock = &config.clock;
        let guard = ClockGuard::since(state.latest, state.anchor, clock.counts_since(), clock.monotonic());
        let broken = strongbox.broken();
        let probes = [&config.data, strongbox.folder()].map(DiskProbe::of);
        let mut core = Core {
            strongbox: Arc::new(Mutex::new(strongbox)),
            ledger,
            ledger_place,
            catalog,
            blobs: Blobs::local(&config.data.join(BLOBS))?,
            identity,
            marks,
            clock: config.clock,
            clock_guard: Mutex::new(guard),
            too_much: Mutex::default(),
            restored: Mutex::default(),
            orphans: Mutex::default(),
            reserve,
            probes,
            plans: Mutex::new(Plans::default()),
            gone: Mutex::default(),
            begun_looks: Mutex::default(),
            owing: tokio::sync::Mutex::new(()),
            row_writes: tokio::sync::RwLock::new(()),
            erasing: tokio::sync::Mutex::new(()),
            unfinished: Mutex::default(),
            opening: Opening::default(),
            data: config.data,
            broken,
            held: Mutex::new(Some(held)),
            _making: making,
        };
        // A crash can leave the catalog behind the keyring too, and then nothing is dead. Behind the ledger it never is: every
        // deletion, sign-in and look is a line, pinned in the strongbox before anybody hears of it.
        let mut opening = Opening { continued, ..Opening::default() };
        // Of an older copy the rest is older too; where only the catalog is, its newest pages rotted, or it alone was put back.
        let lost = written.recordings.saturating_sub(state.written.recordings);
        opening.lost = (written.writes > state.written.writes && !opening.restored()).then_some(lost);
        let incomplete = opening.restored() || opening.lost.is_some();
        let behind = generation != state.generation || incomplete;
        let asked_before = core.catalog.restored().await?;
        if incomplete {
            let below = core.on_strongbox(|strongbox| Ok(strongbox.next_id())).await?;
            let before = asked_before.as_ref();
            let made = before.map_or(state.latest, |before| before.made.min(state.latest));
            let lost_before = before.and_then(|before| before.lost).unwrap_or(0);
            let lost = opening.lost.map(|lost| lost + lost_before);
            let restored = Restored { below, made, lost, agreed: false };
            core.catalog.note_restored(&restored, written).await?;
        }
        if behind {
            opening.swept = core.mark_dead().await?;
        }
        opening.finished = unfinished.iter().map(|erasure| erasure.id).collect();
        core.tell_owed().await?;
        core.finish_unfinished().await?;
        if state.serving || behind || asked_before.is_some() {
            opening.orphans = core.blobs.delete_unfinished()?;
            let orphans = core.blobs.orphans(&core.catalog).await?;
            // What a catalog has lost a newer copy of it may own: nothing is cleared away before somebody has agreed.
            if incomplete || asked_before.is_some() {
                core.orphans = Mutex::new(orphans);
            } else {
                core.blobs.delete_all(&orphans).await?;
                opening.orphans += orphans.len() as u64;
            }
        }
        opening.paused = core.judge_clock().pause;
        core.note_clock().await?;
        match core.catalog.restored().await? {
            Some(restored) if restored.agreed => core.end_newer_copies(&restored).await?,
            restored => core.restored = Mutex::new(restored),
        }
        core.catalog.set_serving(true, core.generation().await?).await?;
        core.opening = opening;
        Ok(Vault { core: Arc::new(core) })
    }
}

impl Core {
    /// An old copy brought back rows whose leaves are gone. They, and whatever was made from them, become an erasure that
    /// needs no line of its own: theirs is in the ledger. Returns how many recordings that are.
    async fn mark_dead(&self) -> Result<u64, Error> {
        let (moments, recordings) = self.catalog.all_ids().await?;
        let (moments, recordings) = self
            .on_strongbox(move |strongbox| {
                let mut gone = |ids: BTreeSet<_>| -> Result<BTreeSet<_>, Error> {
                    let mut dead = BTreeSet::new();
                    for id in ids {
                        if strongbox.is_gone(id)? {
                            dead.insert(id);
                        }
                    }
                    Ok(dead)
                };
                Ok((gone(moments)?, gone(recordings)?))
            })
            .await?;
        let doomed = self.catalog.doom(moments, recordings).await?;
        if doomed.is_empty() {
            return Ok(0);
        }
        let erasure = NewErasure {
            doomed: &doomed,
            reason: Reason::OldCopy.as_str(),
            asked_by: None,
            asked_at: self.clock.now(),
            line: None,
        };
        self.catalog.begin_erasure(erasure, 0, None).await?;
        Ok(doomed.recordings.len() as u64)
    }
}

/// A mirror that is the strongbox in use, or lies in it, cannot follow it. What lies wrong otherwise is opened, and
/// [warned of](Vault::warnings): the household has to be told where it is at home.
fn named_twice(data: &Path, strongboxes: &[PathBuf]) -> Result<Option<Misplaced>, Error> {
    let mut found = misplaced(data, strongboxes)?.into_iter();
    Ok(found.find(|found| matches!(found, Misplaced::Overlapping { .. })))
}

fn read_identity(strongbox: &Strongbox) -> Result<(Identity, Marks), Error> {
    let secret = strongbox.secret(IDENTITY).ok_or(Error::NoSecret(IDENTITY))?;
    let text = std::str::from_utf8(&secret).map_err(|_| Error::NoSecret(IDENTITY))?;
    let identity = text.parse().map_err(|_| Error::NoSecret(IDENTITY))?;
    Ok((identity, Marks::of(&secret)))
}

/// Opens the ledger beside the pinned checkpoint, and pins what it then signs. Gives why it goes on in a new tree, if it does.
fn open_ledger(
    strongbox: &mut Strongbox,
    folder: &Path,
    household: &str,
) -> Result<(Ledger, Arc<LedgerPlace>, Option<Because>), Error> {
    let (key, name) = (present_key(strongbox)?, origin(household));
    let successions = successions(strongbox)?;
    let signers = Signers::new(&Verifier::new(&name, key.verifying_key())?, &successions)?;
    let pin =
        strongbox.newest_checkpoint(|note| signers.read(note).ok().map(|(read, tree)| (tree, read.size)))?;
    let store = Box::new(LedgerFiles::open(folder)?);
    let place = store.place();
    let (ledger, opening) = match &pin {
        Pin::Newest(note) => Ledger::open(store, key, &name, Some(note), &successions)?,
        Pin::Lost(floor) => Ledger::open_after_loss(store, key, &name, floor, &successions)?,
    };
    // What is lost of it is told by its lines, and not as whole again.
    if ledger.was_mended() && ledger.damaged().is_empty() {
        strongbox.note_healed(folder.join(format!("entries-{}", ledger.tree())));
    }
    place.hold(ledger.tree()).map_err(Error::io("open", folder))?;
    strongbox.pin_checkpoint(ledger.checkpoint())?;
    let because = match opening {
        porchlight_ledger::Opening::Whole => None,
        porchlight_ledger::Opening::Continued { because, .. } => Some(because),
    };
    Ok((ledger, place, because))
}
