//! Making a vault.

use std::path::Path;
use std::sync::Arc;

use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use porchlight_ledger::{Ledger, SigningKey};
use zeroize::Zeroizing;

use super::making::{self, Making};
use super::tasks::blocking;
use super::{Config, Vault};
use crate::catalog::Catalog;
use crate::clock::Clock;
use crate::clock_guard::{ClockGuard, Reading};
use crate::error::Error;
use crate::file_names::{BLOBS, CATALOG, DATA_MARK, IDENTITY, LEDGER, ORIGIN, STRONGBOX_MARK};
use crate::folder::{self, Mark};
use crate::folder_identity::check_apart;
use crate::ledger_files::LedgerFiles;
use crate::named_folder::NamedFolder;
use crate::slot_kind::SlotKind;
use crate::strongbox::Strongbox;

/// The secret that holds the seed of the ledger's Ed25519 key.
pub(super) const LEDGER_KEY: &str = "vault/ledger";

impl Vault {
    /// Makes a vault for a household and opens it. Folders are for their owner alone (0700).
    ///
    /// # Errors
    /// [`Error::AlreadyExists`] when a folder is there and not empty; [`Error::Unfinished`] where the making of a vault was
    /// interrupted; [`Error::BadInput`] for a household id that is not 1 to
    /// 64 of `a-z`, `0-9` and `-`; [`Error::Misplaced`] where the folders are not apart from each other; others when something cannot be written.
    pub async fn create(config: Config, household: &str) -> Result<Vault, Error> {
        Vault::create_with(config, household, SlotKind::File).await
    }

    /// The same, with the strongbox's root key in a slot of this kind. Mirrors keep theirs in files.
    ///
    /// # Errors
    /// Those of [`create`](Vault::create), and [`Error::NoTpm`] for a TPM in a build without the feature `tpm`.
    pub async fn create_with(config: Config, household: &str, slot: SlotKind) -> Result<Vault, Error> {
        let vault = Vault::begin(config, household, slot).await?;
        vault.is_made().await?;
        Ok(vault)
    }

    /// Begins to make a vault, for whoever has more to put into it before it counts: until [`Vault::is_made`] it is one that was cut
    /// off, and [`clear_unmade`](crate::clear_unmade) clears it away.
    ///
    /// # Errors
    /// Those of [`create_with`](Vault::create_with).
    pub async fn begin(config: Config, household: &str, slot: SlotKind) -> Result<Vault, Error> {
        check_household(household)?;
        check_apart(&config.data, &config.folders())?;
        let (data, folders, id) = (config.data.clone(), config.folders(), household.to_owned());
        let clock = config.clock.clone();
        let (making, generation) = blocking(move || make_folders(&data, &folders, &id, &slot, clock)).await?;

        let catalog = Catalog::create(&config.data.join(CATALOG)).await?;
        // Whoever makes a household sits before it.
        let clock = &config.clock;
        let mut guard = ClockGuard::since(clock.now(), None, clock.counts_since(), clock.monotonic());
        let reading = Reading { now: clock.now(), monotonic: clock.monotonic(), synchronised: false };
        let (anchor, moved) = guard.confirm(reading);
        catalog.set_anchor(&anchor, moved, None).await?;
        catalog.set_serving(false, generation).await?;
        catalog.close().await;

        // The mark is last: a folder without one is no vault.
        let mark = Mark::new(household);
        let path = config.data.join(DATA_MARK);
        blocking(move || mark.write(&path)).await?;
        Vault::open_made(config, Some(making)).await
    }

    /// The vault is made, to the end: what was [begun](Vault::begin) counts from when this returns.
    ///
    /// # Errors
    /// [`Error::Io`]: then it is not made, and is cleared away by whoever makes one there next.
    pub async fn is_made(&self) -> Result<(), Error> {
        let data = self.core.data.clone();
        blocking(move || making::end(&data)).await
    }
}

fn make_folders(
    data: &Path,
    folders: &[std::path::PathBuf],
    household: &str,
    slot: &SlotKind,
    clock: Arc<dyn Clock>,
) -> Result<(Making, u64), Error> {
    // Before it is written down that they are being made: what lies in them already is not half made.
    folders.iter().try_for_each(|folder| folder::must_be_free(folder))?;
    folder::make_private(data).map_err(|why| match why {
        Error::AlreadyExists(_) if !data.join(DATA_MARK).exists() => unmarked(data),
        why => why,
    })?;
    let making = Making::begin(data, household, folders)?;
    folder::make_private(&data.join(BLOBS))?;
    let identity = Zeroizing::new(Identity::generate().to_string().expose_secret().as_bytes().to_vec());
    let mut seed = Zeroizing::new(vec![0; 32]);
    getrandom::fill(&mut seed).map_err(|why| Error::Stopped(format!("no random bytes: {why}")))?;
    let key = signing_key(&seed)?;
    let mut strongbox =
        Strongbox::create(folders, household, slot, vec![(IDENTITY, identity), (LEDGER_KEY, seed)], clock)?;

    let store = LedgerFiles::open(&data.join(LEDGER))?;
    let ledger = Ledger::create(Box::new(store), key, &origin(household))?;
    strongbox.pin_checkpoint(ledger.checkpoint())?;
    strongbox.follow(Arc::new(|_| None));
    strongbox.settling().settle();
    Ok((making, strongbox.generation()))
}

/// What a data folder without a mark is: none, or one that was never made to its end. It can be of a vault that lost its mark,
/// so nothing here clears it away.
pub(super) fn unmarked(data: &Path) -> Error {
    if data.join(STRONGBOX_MARK).exists() && !data.join(CATALOG).exists() {
        return Error::StrongboxAsData(data.into());
    }
    let something = std::fs::read_dir(data).is_ok_and(|mut inside| inside.next().is_some());
    if something { Error::Unfinished(data.into()) } else { Error::NoVault(NamedFolder::at(data)) }
}

/// The name under which a household's ledger signs.
pub(crate) fn origin(household: &str) -> String {
    format!("{ORIGIN}{household}")
}

pub(super) fn signing_key(seed: &[u8]) -> Result<SigningKey, Error> {
    let seed: &[u8; 32] = seed.try_into().map_err(|_| Error::NoSecret(LEDGER_KEY))?;
    Ok(SigningKey::from_bytes(seed))
}

fn check_household(id: &str) -> Result<(), Error> {
    let plain = id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if plain && (1..=64).contains(&id.len()) {
        return Ok(());
    }
    Err(Error::BadInput(format!("a household id is 1 to 64 of a-z, 0-9 and hyphens, not {id:?}")))
}
