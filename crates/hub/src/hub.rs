//! The hub itself: what it holds, and how it starts and stops.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use porchlight_household::{Household, Lineage};
use porchlight_vault::{Clock, SystemClock, Vault, strongbox_beside};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::admission::Admission;
use crate::answered::Answered;
use crate::api;
use crate::api::types::Sentence;
use crate::cameras::Cameras;
use crate::confinement::Confinement;
use crate::conversations::Conversations;
use crate::effects::Effects;
use crate::error::HubError;
use crate::events::{Events, Happening};
use crate::familiar::Familiar;
use crate::heard::Heard;
use crate::https::{GivenCertificate, Https, Served};
use crate::listener::{self, Listener, Phones, Server};
use crate::looks::Looks;
use crate::proofs::Proofs;
use crate::sentences::CATALOG_DAMAGED;
use crate::settings::Settings;
use crate::sign_in::SignIns;
use crate::store::{DATABASE, HubStore};
use crate::unproven::UnprovenDeeds;
use crate::voice::{Loaded, Mind, Voice};
use crate::{failed_tries, intents, metrics, mirrors, permissions, schedule, secrets};

/// The certificate of the household's authority, in the data folder: what phones and computers are to trust.
pub const AUTHORITY: &str = "authority.pem";
/// Where a hub finds its household, and where it listens.
#[derive(Clone)]
pub struct HubConfig {
    /// The data folder.
    pub data: PathBuf,
    /// The strongbox in use and its mirrors; empty for the one beside the data folder.
    pub strongboxes: Vec<PathBuf>,
    /// The folder of speech models; none to look in the usual places.
    pub models: Option<PathBuf>,
    /// The address to listen on; port 0 for any free one. A loopback address is served plain, every other one by HTTPS alone.
    pub listen: SocketAddr,
    /// Serve a loopback address by HTTPS too.
    pub https: bool,
    /// Serve the home's network beside a loopback address: at the same port, by HTTPS alone.
    pub phones: bool,
    /// Where numbers for a monitor are served, on this computer alone.
    pub metrics: Option<SocketAddr>,
    /// A certificate to use in the place of one of the household's own authority.
    pub certificate: Option<GivenCertificate>,
    /// Answer to `porchlight.local` where a network is served.
    pub announce: bool,
    /// Whether this process is kept from what is not the hub's.
    pub confinement: Confinement,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
}

impl HubConfig {
    /// The computer's own clock.
    pub fn system_clock() -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }

    /// These folders, and all else as it is by itself.
    pub(crate) fn of_folders(data: &Path, strongboxes: &[PathBuf]) -> HubConfig {
        HubConfig {
            data: data.to_owned(),
            strongboxes: strongboxes.to_vec(),
            models: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            https: false,
            phones: false,
            metrics: None,
            certificate: None,
            announce: false,
            confinement: Confinement::None("nobody asked for it".to_owned()),
            clock: HubConfig::system_clock(),
        }
    }

    /// The strongbox in use.
    pub fn in_use(&self) -> PathBuf {
        self.strongboxes.first().cloned().unwrap_or_else(|| strongbox_beside(&self.data))
    }
}

/// What every part of a running hub shares.
pub(crate) struct Hub {
    pub vault: Vault,
    pub store: HubStore,
    pub clock: Arc<dyn Clock>,
    pub voice: Result<Voice, String>,
    pub mind: Result<Mind, String>,
    pub events: Events,
    pub heard: Heard,
    pub answered: Answered,
    pub conversations: Conversations,
    pub effects: Effects,
    pub cameras: Cameras,
    pub sign_ins: SignIns,
    pub familiar: Familiar,
    pub proofs: Proofs,
    pub unproven: UnprovenDeeds,
    pub looks: Looks,
    pub admission: Admission,
    pub data: PathBuf,
    /// The strongbox mirrors, beside the one in use.
    pub mirrors: Vec<PathBuf>,
    pub stop: CancellationToken,
    /// Where phones find it.
    pub served: Served,
    /// By which they are let in.
    pub phones: Phones,
    /// How it serves, for the next start.
    pub config: HubConfig,
    /// One change of the household at a time, from reading the version to acting on the change.
    pub changing: tokio::sync::Mutex<()>,
    /// That the catalog is damaged, once that was met: it is not whole again before another start.
    pub damage: OnceLock<Sentence>,
    /// The time has become certain: what waits for that need not wait for its turn.
    pub clock_is_certain: tokio::sync::Notify,
    home: RwLock<Arc<Home>>,
}

/// Held by whoever changes the household or an account.
pub(crate) type Changing<'a> = tokio::sync::MutexGuard<'a, ()>;

/// The household as it is now: the checked document, the signed text it came from and the steps that led to it.
pub(crate) struct Home {
    pub household: Household,
    pub lineage: Lineage,
}

impl Hub {
    /// Wakes the household in a vault that was opened.
    pub(crate) async fn awake(
        vault: Vault,
        mirrors: Vec<PathBuf>,
        config: &HubConfig,
        (served, phones): (&Served, &Phones),
        stop: &CancellationToken,
    ) -> Result<Arc<Hub>, HubError> {
        let models = config.models.clone();
        // Loading the models takes seconds and blocks; a hub without them still records and lists.
        let loaded = tokio::task::spawn_blocking(move || Loaded::from(models.as_deref()))
            .await
            .unwrap_or_else(|error| Loaded { voice: Err(error.to_string()), mind: Err(error.to_string()) });
        Hub::awake_with(loaded, vault, mirrors, config, (served, phones), stop).await
    }

    /// The same, with what hears, understands and speaks.
    pub(crate) async fn awake_with(
        Loaded { voice, mind }: Loaded,
        vault: Vault,
        mirrors: Vec<PathBuf>,
        config: &HubConfig,
        (served, phones): (&Served, &Phones),
        stop: &CancellationToken,
    ) -> Result<Arc<Hub>, HubError> {
        write_authority(&config.data, served)?;
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
            heard: Heard::default(),
            answered: Answered::default(),
            conversations: Conversations::default(),
            effects,
            cameras: Cameras::none().map_err(HubError::NoThread)?,
            sign_ins,
            familiar,
            proofs: Proofs::default(),
            unproven: UnprovenDeeds::default(),
            looks: Looks::default(),
            admission: Admission::new(stop),
            data: config.data.clone(),
            mirrors,
            stop: stop.clone(),
            served: served.clone(),
            phones: phones.clone(),
            config: config.clone(),
            changing: tokio::sync::Mutex::new(()),
            damage: OnceLock::new(),
            clock_is_certain: tokio::sync::Notify::new(),
            home: RwLock::new(Arc::new(home)),
        });
        intents::finish_left(&hub).await;
        Cameras::count_downtime(&hub).await;
        Cameras::follow_household(&hub).await;
        Ok(hub)
    }

    /// The household as it is now. What holds it keeps seeing this version.
    pub(crate) fn home(&self) -> Arc<Home> {
        self.home.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_home(&self, home: Home) {
        *self.home.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(home);
    }

    /// Remembers what a failure says, where it is that the catalog is damaged: whoever opens a page is told.
    pub(crate) fn note_damage(&self, said: &Sentence) {
        if said.code == CATALOG_DAMAGED && self.damage.set(said.clone()).is_ok() {
            error!(target: "porchlight", "{}", said.text);
            self.events.tell(self.now(), Happening::trouble(said.clone()));
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Serves the home's network from now on, after the next start too.
    pub(crate) async fn let_phones_in(&self) -> Result<(), HubError> {
        self.phones.let_in(&self.vault).await?;
        write_authority(&self.data, &self.served)?;
        self.remember();
        Ok(())
    }

    /// Remembers how it serves, for the next start. A hub that cannot note that goes on, and says so.
    pub(crate) fn remember(&self) {
        let phones = self.config.phones || self.config.listen.ip().is_loopback() && self.served.network();
        let config = HubConfig { phones, ..self.config.clone() };
        if let Err(why) = Settings::of(&config).and_then(|settings| settings.remember(&self.data)) {
            warn!(target: "porchlight", "how this hub serves could not be remembered for its next start: {why}");
        }
    }

    /// Everything in memory lets go of what was forgotten, and every open page is told to.
    pub(crate) fn let_go(&self, moments: &BTreeSet<u64>, recordings: impl IntoIterator<Item = u64>) {
        let moments: Vec<u64> = moments.iter().copied().collect();
        self.heard.forget(&moments);
        self.drop_effects(recordings);
        self.events.tell(self.now(), Happening::Forgotten { moments });
    }

    /// Lets go of those of these recordings that are effects.
    pub(crate) fn drop_effects(&self, recordings: impl IntoIterator<Item = u64>) {
        if self.effects.drop_all(recordings) {
            self.effects_changed();
        }
    }

    /// Tells every open page that timers, lists or reminders are not what they were.
    pub(crate) fn effects_changed(&self) {
        self.events.tell(self.now(), Happening::EffectsChanged);
    }
}

/// A hub that serves, until it is stopped.
pub struct RunningHub {
    hub: Arc<Hub>,
    server: Server,
    metrics: Option<Server>,
}

impl RunningHub {
    /// Opens the household and serves it. Everything that a crash left undone is finished first.
    pub async fn start(config: HubConfig) -> Result<RunningHub, HubError> {
        metrics::check(&config)?;
        // The vault holds the lock of the folder, so from here on this is its only hub.
        let (vault, mirrors) = mirrors::open(&config).await?;
        permissions::tighten([config.data.clone(), config.in_use()].into_iter().chain(mirrors.clone())).await;
        let listener = Listener::bind(&config).await?;
        let https = match listener::is_network(&config) || config.https {
            true => {
                let now = config.clock.now();
                Some(Https::of(&vault, config.certificate.as_ref(), listener::address(&config), now).await?)
            }
            false => None,
        };
        let stop = CancellationToken::new();
        let served = listener.served(https.as_ref());
        let phones = listener.phones(&config, &served, &stop);
        let hub = Hub::awake(vault, mirrors, &config, (&served, &phones), &stop).await?;
        let server = listener.serve(https, &config, api::router(hub.clone()), stop);
        hub.remember();
        Ok(RunningHub::behind(server, hub))
    }

    /// The hub of this household answers where it is served already.
    pub(crate) fn behind(server: Server, hub: Arc<Hub>) -> RunningHub {
        server.tasks.spawn(schedule::ring_on_time(hub.clone(), server.stop.clone()));
        server.tasks.spawn(schedule::expire(hub.clone(), server.stop.clone()));
        server.tasks.spawn(failed_tries::tell(hub.clone(), server.stop.clone()));
        RunningHub { hub, server, metrics: None }
    }

    /// Where it listens: `http://127.0.0.1:8420`, or `https://…`.
    pub fn address(&self) -> String {
        self.server.address()
    }

    /// Serves numbers for a monitor too, where they were asked for; at which address.
    ///
    /// # Errors
    /// [`HubError::Listen`].
    pub async fn serve_metrics(&mut self) -> Result<Option<String>, HubError> {
        let Some(at) = self.hub.config.metrics else { return Ok(None) };
        let server = metrics::serve(&self.hub, at, &self.server.stop).await?;
        let address = server.address();
        self.metrics = Some(server);
        Ok(Some(address))
    }

    /// The address that a phone at home opens first, with what it has to trust; none where it cannot come in.
    pub fn phone_address(&self) -> Option<String> {
        let address = self.hub.served.addresses().into_iter().next()?;
        Some(match self.hub.served.authority() {
            Some(_) => format!("{address}/#/trust"),
            None => address,
        })
    }

    /// What the household should know about how this hub is set up, one sentence each.
    pub async fn warnings(&self) -> Vec<String> {
        let mut sentences: Vec<String> = match self.hub.vault.warnings().await {
            Ok(warnings) => warnings.iter().map(ToString::to_string).collect(),
            Err(error) => vec![error.to_string()],
        };
        if let Err(why) = &self.hub.voice {
            sentences.push(format!("Porchlight cannot hear or speak: {why}"));
        }
        sentences
    }

    /// Waits until the hub cannot go on: the strongbox's slot has failed, so that nothing that was destroyed is known to be. Why, in a
    /// sentence. Only another start helps, which puts the newest root once more.
    pub async fn broken(&self) -> String {
        self.hub.vault.broken().await;
        "the strongbox's slot could not be written, so it is not known what is durable; see to its disk. Porchlight ends, and the next \
         start sets it right"
            .to_owned()
    }

    /// Stops: open segments are sealed, streams end, nothing that was acknowledged is lost. It takes no longer than five seconds,
    /// whatever is queued or running: what is not closed by then is looked over by the next start, as after a power cut.
    pub async fn stop(self) {
        let Hub { cameras, store, vault, .. } = &*self.hub;
        let numbers = async {
            if let Some(metrics) = &self.metrics {
                metrics.close().await;
            }
        };
        tokio::join!(within("the cameras", CAMERAS_STOP, cameras.stop_all()), self.server.close(), numbers);
        within("the hub's own database", STORES_CLOSE, store.close()).await;
        if let Some(Err(error)) = within("the vault", STORES_CLOSE, vault.close()).await {
            warn!(target: "porchlight", "the vault did not close cleanly; the next start looks it over: {error}");
        }
    }
}

/// Puts the certificate of the household's authority where computers find it.
fn write_authority(data: &Path, served: &Served) -> Result<(), HubError> {
    let Some(authority) = served.authority() else { return Ok(()) };
    let path = data.join(AUTHORITY);
    // It is the same at every start, and a full disk must not keep a hub from starting.
    if std::fs::read_to_string(&path).is_ok_and(|pem| pem != authority.pem) || !path.exists() {
        permissions::write(&path, &authority.pem).map_err(|source| HubError::Write { path, source })?;
    }
    Ok(())
}

/// How long open segments may take to be sealed, and each database to close.
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
pub(crate) async fn read_home(vault: &Vault) -> Result<Home, HubError> {
    let bytes = vault.household().await?.ok_or(HubError::NoHousehold)?;
    let lineage = Lineage::from_bytes(&bytes)?;
    let household = lineage.signed().household_already_verified()?;
    Ok(Home { household, lineage })
}
