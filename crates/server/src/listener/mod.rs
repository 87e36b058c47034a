//! Where a hub is reached: its address, how it is encrypted there, and what answers.
//!
//! What answers can change while it serves: first what lets a household be made, then the household's hub. What comes before a session
//! is bounded in number, in time and in bytes, and costs nobody else anything: see [`connections`] and [`connection`].

mod connection;
pub(crate) mod connections;
pub(crate) mod descriptors;
mod phones;
mod serve;
mod sockets;
mod swap_router;
mod visit;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) use phones::Phones;
pub(crate) use swap_router::SwapRouter;
pub(crate) use visit::{Encrypted, Socket, Visit};

use crate::config::{ServeError, ServerConfig};
use crate::https::{Announced, Https, Served};
use connections::{Connections, Room};
use phones::Move;
use serve::{LAST_ANSWERS, Serving};
use sockets::{bind, everywhere};

/// How long all that serves has to end after that.
const LAST_TASKS: Duration = Duration::from_secs(1);
/// Open files that a listener for few reckons with.
const LITTLE_ROOM: u64 = 64;

/// An address that is ours, and at which nobody is answered yet.
pub(crate) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    announced: Arc<Mutex<Option<Announced>>>,
    room: Room,
    /// What phones are served with, once they are.
    tls: Arc<RwLock<Option<TlsAcceptor>>>,
    /// By which it is told to listen elsewhere.
    mover: mpsc::Sender<Move>,
    moves: mpsc::Receiver<Move>,
    tasks: TaskTracker,
}

/// An address at which everybody is answered until it is closed.
pub(crate) struct Server {
    /// How this computer reaches it.
    address: String,
    router: SwapRouter,
    pub stop: CancellationToken,
    pub tasks: TaskTracker,
    _announced: Arc<Mutex<Option<Announced>>>,
}

impl Listener {
    /// Takes the address.
    pub(crate) async fn bind(config: &ServerConfig) -> Result<Listener, ServeError> {
        let room = Room::within(descriptors::raise());
        let listen = address(config);
        let bound = || {
            let socket = bind(listen)?;
            let address = socket.local_addr()?;
            let announced = is_network(config) && config.announce;
            let announced = announced.then(|| Announced::at(address.port())).flatten();
            let (mover, moves) = mpsc::channel(1);
            let (announced, tls) = (Arc::new(Mutex::new(announced)), Arc::default());
            Ok(Listener { socket, address, announced, room, tls, mover, moves, tasks: TaskTracker::new() })
        };
        bound().map_err(|source| ServeError::Listen { address: listen, source })
    }

    /// For few: what only programs of this computer ask.
    pub(crate) fn with_little_room(self) -> Listener {
        Listener { room: Room::within(LITTLE_ROOM), ..self }
    }

    /// How it is served, and where phones find it.
    pub(crate) fn served(&self, https: Option<&Https>) -> Served {
        let announced = self.announced.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        Served::new(self.address, https, announced)
    }

    /// By which phones are let in later, should this computer alone be served at first.
    pub(crate) fn phones(&self, config: &ServerConfig, served: &Served, stop: &CancellationToken) -> Phones {
        Phones {
            at: self.address,
            announce: config.announce,
            given: config.certificate.clone(),
            clock: config.hub.clock.clone(),
            served: served.clone(),
            announced: self.announced.clone(),
            tls: self.tls.clone(),
            mover: self.mover.clone(),
            tasks: self.tasks.clone(),
            stop: stop.clone(),
            letting: Arc::default(),
        }
    }

    /// Serves it, until `stop`: by HTTPS where there is something to do that with.
    pub(crate) fn serve(
        self,
        https: Option<Https>,
        config: &ServerConfig,
        app: Router,
        stop: CancellationToken,
    ) -> Server {
        let Listener { tasks, tls, .. } = self;
        let router = SwapRouter::new(app);
        *tls.write().unwrap_or_else(PoisonError::into_inner) =
            https.as_ref().map(|https| https.acceptor.clone());
        let plain_here = config.listen.ip().is_loopback() && !config.https;
        let serving = Serving {
            router: router.clone(),
            tls,
            plain_here,
            http: serve::http(),
            connections: Connections::within(self.room),
            stop: stop.clone(),
            tasks: tasks.clone(),
        };
        tasks.spawn(Arc::new(serving).accept(self.socket, self.moves));
        if let Some(https) = https {
            tasks.spawn(https.renew(self.address, config.hub.clock.clone(), stop.clone()));
        }
        let address = SocketAddr::new(config.listen.ip(), self.address.port());
        let scheme = if plain_here { "http" } else { "https" };
        let address = format!("{scheme}://{address}");
        Server { address, router, stop, tasks, _announced: self.announced }
    }
}

impl Server {
    /// Where it is: `http://127.0.0.1:8420`, or `https://…`.
    pub(crate) fn address(&self) -> String {
        self.address.clone()
    }

    /// What answers, to be replaced.
    pub(crate) fn router(&self) -> SwapRouter {
        self.router.clone()
    }

    /// Closes it. A client that holds a connection open does not hold up the end.
    pub(crate) async fn close(&self) {
        self.stop.cancel();
        self.tasks.close();
        let _ = tokio::time::timeout(LAST_ANSWERS + LAST_TASKS, self.tasks.wait()).await;
    }
}

/// Whether others than this computer are served, and so by HTTPS alone.
pub(crate) fn is_network(config: &ServerConfig) -> bool {
    config.phones || !config.listen.ip().is_loopback()
}

/// The address that it listens at: where phones may come in, every one of this computer's.
pub(crate) fn address(config: &ServerConfig) -> SocketAddr {
    match config.phones && config.listen.ip().is_loopback() {
        true => everywhere(config.listen),
        false => config.listen,
    }
}
