//! The hub itself: what it holds, and how it starts and stops.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use jiff::Timestamp;
use porchlight_household::{Household, SignedDocument};
use porchlight_vault::{Clock, Config, SystemClock, Vault};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::answered::Answered;
use crate::api;
use crate::cameras::Cameras;
use crate::conversations::Conversations;
use crate::effects::Effects;
use crate::error::HubError;
use crate::events::{Events, Happening};
use crate::heard::Heard;
use crate::https::{Announced, GivenCertificate, Https};
use crate::looks::Looks;
use crate::sign_in::SignIns;
use crate::store::HubStore;
use crate::voice::{Loaded, Mind, Voice};
use crate::{schedule, secrets};

/// The certificate of the household's authority, in the data folder: what phones and computers are to trust.
pub const AUTHORITY: &str = "authority.pem";
/// How long requests that are being answered have when the hub stops.
const LAST_ANSWERS: std::time::Duration = std::time::Duration::from_secs(3);

/// Where a hub finds its household, and where it listens.
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
    /// A certificate to use in the place of one of the household's own authority.
    pub certificate: Option<GivenCertificate>,
    /// Answer to `porchlight.local` where a network is served.
    pub announce: bool,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
}

impl HubConfig {
    /// The computer's own clock.
    pub fn system_clock() -> Arc<dyn Clock> {
        Arc::new(SystemClock)
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
    pub looks: Looks,
    pub data: PathBuf,
    /// The strongbox mirrors, beside the one in use.
    pub mirrors: Vec<PathBuf>,
    pub stop: CancellationToken,
    /// Whether it is served by HTTPS.
    pub https: bool,
    /// One change of the household at a time, from reading the version to acting on the change.
    pub changing: tokio::sync::Mutex<()>,
    home: RwLock<Arc<Home>>,
}

/// The household as it is now: the checked document and the signed text it came from.
pub(crate) struct Home {
    pub household: Household,
    pub signed: SignedDocument,
}

impl Hub {
    /// The household as it is now. What holds it keeps seeing this version.
    pub(crate) fn home(&self) -> Arc<Home> {
        self.home.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_home(&self, home: Home) {
        *self.home.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(home);
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
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
    address: SocketAddr,
    scheme: &'static str,
    tasks: TaskTracker,
    _announced: Option<Announced>,
}

impl RunningHub {
    /// Opens the household and serves it. Everything that a crash left undone is finished first.
    pub async fn start(config: HubConfig) -> Result<RunningHub, HubError> {
        let vault = Vault::open(Config {
            data: config.data.clone(),
            strongboxes: config.strongboxes.clone(),
            clock: config.clock.clone(),
        })
        .await?;
        // The vault holds the lock of the folder, so from here on this is its only hub.
        let listener = TcpListener::bind(config.listen)
            .await
            .map_err(|source| HubError::Listen { address: config.listen, source })?;
        let address =
            listener.local_addr().map_err(|source| HubError::Listen { address: config.listen, source })?;

        let network = !config.listen.ip().is_loopback();
        let https = match network || config.https {
            true => {
                let now = config.clock.now();
                Some(Https::new(&vault, config.certificate.as_ref(), config.listen, now).await?)
            }
            false => None,
        };
        if let Some(authority) = https.as_ref().and_then(|https| https.authority.as_ref()) {
            let path = config.data.join(AUTHORITY);
            std::fs::write(&path, authority.pem()).map_err(|source| HubError::Write { path, source })?;
        }

        let home = read_home(&vault).await?;
        let store =
            HubStore::open(&config.data.join("hub.sqlite"), secrets::session_key(&vault).await?).await?;
        if vault.opening().restored {
            let ended = store.end_sessions(None).await?;
            info!(target: "porchlight", "an older copy of the data folder was put back: {ended} sessions ended, what had been forgotten swept");
        }
        let sign_ins = SignIns::new(&secrets::sign_in_server(&vault).await?)?;
        let effects = Effects::load(&vault).await?;
        let models = config.models;
        // Loading the models takes seconds and blocks; a hub without them still records and lists.
        let Loaded { voice, mind } = tokio::task::spawn_blocking(move || Loaded::from(models.as_deref()))
            .await
            .unwrap_or_else(|error| Loaded { voice: Err(error.to_string()), mind: Err(error.to_string()) });
        if let Err(why) = &voice {
            warn!(target: "porchlight", "Porchlight cannot hear or speak: {why}");
        }

        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let hub = Arc::new(Hub {
            vault,
            store,
            clock: config.clock,
            voice,
            mind,
            events: Events::new(),
            heard: Heard::default(),
            answered: Answered::default(),
            conversations: Conversations::default(),
            effects,
            cameras: Cameras::none().map_err(HubError::NoThread)?,
            sign_ins,
            looks: Looks::default(),
            data: config.data,
            mirrors: config.strongboxes.into_iter().skip(1).collect(),
            stop: stop.clone(),
            https: https.is_some(),
            changing: tokio::sync::Mutex::new(()),
            home: RwLock::new(Arc::new(home)),
        });
        Cameras::count_downtime(&hub).await;
        Cameras::follow_household(&hub).await;
        tasks.spawn(schedule::ring_on_time(hub.clone(), stop.clone()));
        tasks.spawn(schedule::expire(hub.clone(), stop.clone()));
        let scheme = if https.is_some() { "https" } else { "http" };
        let announced = (network && config.announce).then(|| Announced::at(address.port())).flatten();
        let app = api::router(hub.clone());
        match https {
            Some(https) => {
                tasks.spawn(serve_https(listener, app, https.config.clone(), stop.clone()));
                tasks.spawn(https.renew(config.listen, hub.clock.clone(), stop));
            }
            None => drop(tasks.spawn(serve_plain(listener, app, stop))),
        }
        tasks.close();
        Ok(RunningHub { hub, address, scheme, tasks, _announced: announced })
    }

    /// Where it listens: `http://127.0.0.1:8420`, or `https://…`.
    pub fn address(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
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

    /// Stops: open segments are sealed, streams end, nothing that was acknowledged is lost.
    pub async fn stop(self) {
        self.hub.cameras.stop_all().await;
        self.hub.stop.cancel();
        // A client that holds a connection open must not hold up the end.
        let _ = tokio::time::timeout(std::time::Duration::from_secs(5), self.tasks.wait()).await;
        self.hub.store.close().await;
        if let Err(error) = self.hub.vault.close().await {
            warn!(target: "porchlight", "the vault did not close cleanly; the next start looks it over: {error}");
        }
    }
}

/// Serves this computer alone.
async fn serve_plain(listener: TcpListener, app: Router, stop: CancellationToken) {
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, service).with_graceful_shutdown(stop.cancelled_owned()).await;
    if let Err(error) = served {
        warn!(target: "porchlight", "serving ended: {error}");
    }
}

/// Serves a network. Whoever does not speak TLS gets no answer.
async fn serve_https(listener: TcpListener, app: Router, config: RustlsConfig, stop: CancellationToken) {
    let handle = Handle::new();
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    let served = async {
        let server = axum_server::from_tcp_rustls(listener.into_std()?, config)?;
        server.handle(handle.clone()).serve(service).await
    };
    let stopped = async {
        stop.cancelled().await;
        handle.graceful_shutdown(Some(LAST_ANSWERS));
        std::future::pending::<()>().await;
    };
    tokio::select! {
        served = served => if let Err(error) = served {
            warn!(target: "porchlight", "serving ended: {error}");
        },
        () = stopped => {}
    }
}

/// Reads the household document out of the strongbox. The vault has checked that it is the one that was pinned.
async fn read_home(vault: &Vault) -> Result<Home, HubError> {
    let bytes = vault.household().await?.ok_or(HubError::NoHousehold)?;
    let signed = SignedDocument::from_bytes(&bytes)?;
    let household = signed.household_already_verified()?;
    Ok(Home { household, signed })
}
