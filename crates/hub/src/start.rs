//! How a hub wakes, what it does by itself, and how it ends.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock, RwLock};
use std::time::Duration;

use porchlight_household::Lineage;
use porchlight_vault::Vault;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::accounts::failed_tries;
use crate::accounts::familiar::Familiar;
use crate::accounts::invitations::Invitations;
use crate::accounts::inviting;
use crate::accounts::proofs::Proofs;
use crate::accounts::sign_in::SignIns;
use crate::assistant::admission::Admission;
use crate::assistant::effects::Effects;
use crate::assistant::engines::Loaded;
use crate::assistant::pending_questions::PendingQuestions;
use crate::assistant::recent_utterances::RecentUtterances;
use crate::assistant::unrecorded::Unrecorded;
use crate::config::HubConfig;
use crate::deletion::previews::Previews;
use crate::deletion::unproven::UnprovenDeeds;
use crate::error::HubError;
use crate::events::Events;
use crate::passes::Passes;
use crate::recording::{self, Cameras, LiveLooks};
use crate::state::{Home, Hub};
use crate::store::{DATABASE, HubStore};
use crate::{intents, mirrors, permissions, schedule, secrets};

/// Opens the vault of a household, for its only hub. Everything in its folders is its owner's alone from then on. With the mirrors of its
/// strongbox.
pub async fn open(config: &HubConfig) -> Result<(Vault, Vec<PathBuf>), HubError> {
    let (vault, mirrors) = mirrors::open(config).await?;
    permissions::tighten([config.data.clone(), config.in_use()].into_iter().chain(mirrors.clone())).await;
    Ok((vault, mirrors))
}

impl Hub {
    /// Wakes the household in a vault that was opened.
    pub async fn awake(
        vault: Vault,
        mirrors: Vec<PathBuf>,
        config: &HubConfig,
        stop: &CancellationToken,
    ) -> Result<Arc<Hub>, HubError> {
        let models = config.models.clone();
        // Loading the models takes seconds and blocks; a hub without them still records and lists.
        let loaded = tokio::task::spawn_blocking(move || Loaded::from(models.as_deref()))
            .await
            .unwrap_or_else(|error| Loaded { voice: Err(error.to_string()), mind: Err(error.to_string()) });
        Hub::awake_with(loaded, vault, mirrors, config, stop).await
    }

    /// The same, with what hears, understands and speaks.
    pub async fn awake_with(
        Loaded { voice, mind }: Loaded,
        vault: Vault,
        mirrors: Vec<PathBuf>,
        config: &HubConfig,
        stop: &CancellationToken,
    ) -> Result<Arc<Hub>, HubError> {
        let home = read_home(&vault).await?;
        let database = config.data.join(DATABASE);
        // Before there is a key for its sessions it has never been: from then on one that is not there was lost.
        if !secrets::has_session_key(&vault).await {
            HubStore::make(&database).await?;
        }
        let mut store = HubStore::open_or_begin_anew(&database, secrets::session_key(&vault).await?).await?;
        let expected = store.begun_anew || vault.opening().restored();
        let watermark = vault.watermark(store.writes().await?).await?;
        store.hold_to(watermark, expected, config.clock.now()).await?;
        let (tree, restored) = vault.ledger(|ledger| Ok((ledger.tree(), ledger.after_older_copy()?))).await?;
        let ended = store.end_all_of_before(tree, restored, vault.opening().restored()).await?;
        if vault.opening().restored() {
            info!(target: "porchlight", "an older copy of the data folder was put back: {ended} sessions ended, what had been forgotten swept");
        }
        let sign_ins = SignIns::new(&secrets::sign_in_server(&vault).await?)?;
        sign_ins.limits.go_on_from(store.passphrase_tries().await?);
        let familiar = Familiar::load(&store, config.clock.now()).await?;
        let effects = Effects::load(&vault).await?;
        if let Err(why) = &voice {
            warn!(target: "porchlight", "Porchlight cannot hear or speak: {why}");
        }
        let hub = Arc::new(Hub {
            vault,
            store,
            clock: config.clock.clone(),
            voice,
            mind,
            events: Events::new(),
            recent_utterances: RecentUtterances::default(),
            unrecorded: Unrecorded::default(),
            pending_questions: PendingQuestions::default(),
            effects,
            cameras: Cameras::none().map_err(HubError::NoThread)?,
            live: LiveLooks::none(),
            sign_ins,
            invitations: Invitations::default(),
            familiar,
            proofs: Proofs::default(),
            unproven: UnprovenDeeds::default(),
            passes: Passes::default(),
            previews: Previews::default(),
            admission: Admission::new(stop),
            data: config.data.clone(),
            mirrors,
            stop: stop.clone(),
            changing: tokio::sync::Mutex::new(()),
            damage: OnceLock::new(),
            clock_is_certain: tokio::sync::Notify::new(),
            home: RwLock::new(Arc::new(home)),
        });
        intents::finish_left(&hub).await;
        recording::finish_left_looks(&hub).await;
        recording::count_downtime(&hub).await;
        recording::follow_household(&hub).await;
        Ok(hub)
    }

    /// Does what is to be done by itself from time to time, until it stops.
    pub fn tend(self: &Arc<Hub>, tasks: &TaskTracker, stop: &CancellationToken) {
        tasks.spawn(schedule::ring_on_time(self.clone(), stop.clone()));
        tasks.spawn(schedule::expire(self.clone(), stop.clone()));
        tasks.spawn(inviting::end_in_time(self.clone(), stop.clone()));
        tasks.spawn(failed_tries::tell(self.clone(), stop.clone()));
    }

    /// What the household should know about how this hub is set up, one sentence each.
    pub async fn warnings(&self) -> Vec<String> {
        let mut sentences: Vec<String> = match self.vault.warnings().await {
            Ok(warnings) => warnings.iter().map(ToString::to_string).collect(),
            Err(error) => vec![error.to_string()],
        };
        if let Err(why) = &self.voice {
            sentences.push(format!("Porchlight cannot hear or speak: {why}"));
        }
        sentences
    }

    /// Waits until the hub cannot go on: the strongbox's slot has failed, so that nothing that was destroyed is known to be. Why, in a
    /// sentence. Only another start helps, which puts the newest root once more.
    pub async fn broken(&self) -> String {
        self.vault.broken().await;
        "the strongbox's slot could not be written, so it is not known what is durable; see to its disk. Porchlight ends, and the next \
         start sets it right"
            .to_owned()
    }

    /// Stops the cameras: open segments are sealed, and live looks have their end.
    pub async fn stop_cameras(&self) {
        let cameras = within("the cameras", CAMERAS_STOP, self.cameras.stop_all());
        tokio::join!(cameras, within("live pictures", CAMERAS_STOP, self.live.close()));
    }

    /// Closes what it has open. What does not close in time is looked over by the next start, as after a power cut.
    pub async fn close(&self) {
        within("the hub's own database", STORES_CLOSE, self.store.close()).await;
        if let Some(Err(error)) = within("the vault", STORES_CLOSE, self.vault.close()).await {
            warn!(target: "porchlight", "the vault did not close cleanly; the next start looks it over: {error}");
        }
    }
}

/// How long open segments may take to be sealed and live looks to have their end, and each database to close.
const CAMERAS_STOP: Duration = Duration::from_secs(3);
const STORES_CLOSE: Duration = Duration::from_millis(900);

/// What comes of something that must not hold up the end.
async fn within<T>(what: &str, long: Duration, work: impl Future<Output = T>) -> Option<T> {
    let done = tokio::time::timeout(long, work).await;
    done.inspect_err(
        |_| warn!(target: "porchlight", "{what} did not close in time; the next start looks it over"),
    )
    .ok()
}

/// Reads the household document out of the strongbox. The vault has checked that it is the one that was pinned.
pub async fn read_home(vault: &Vault) -> Result<Home, HubError> {
    home_in(&vault.household().await?.ok_or(HubError::NoHousehold)?)
}

/// The household that a document describes, which the vault has checked against its pin.
pub fn home_in(document: &[u8]) -> Result<Home, HubError> {
    let lineage = Lineage::from_bytes(document)?;
    let household = lineage.signed().household_already_verified()?;
    Ok(Home { household, lineage })
}
