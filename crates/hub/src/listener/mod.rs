//! Where a hub is reached: its address, how it is encrypted there, and what answers.
//!
//! What answers can change while it serves: first what lets a household be made, then the household's hub. What comes before a session
//! is bounded in number, in time and in bytes, and costs nobody else anything: see [`connections`] and [`connection`].

mod connection;
pub(crate) mod connections;
pub(crate) mod descriptors;
mod serve;

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpSocket};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) use connection::Visit;

use crate::error::HubError;
use crate::https::{Announced, Https, Served};
use crate::hub::HubConfig;
use connections::{Connections, Room};
use serve::Serving;

/// How long requests that are being answered have when the hub stops.
const LAST_ANSWERS: Duration = Duration::from_secs(2);
/// How long all that serves has to end after that.
const LAST_TASKS: Duration = Duration::from_secs(1);
/// Connections that the system holds until they are let in.
const BACKLOG: u32 = 4096;

/// An address that is ours, and at which nobody is answered yet.
pub(crate) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    announced: Option<Announced>,
    room: Room,
}

/// An address at which everybody is answered until it is closed.
pub(crate) struct Server {
    address: SocketAddr,
    scheme: &'static str,
    router: SwapRouter,
    pub stop: CancellationToken,
    pub tasks: TaskTracker,
    _announced: Option<Announced>,
}

/// What answers now.
#[derive(Clone)]
pub(crate) struct SwapRouter(Arc<RwLock<Router>>);

impl Listener {
    /// Takes the address.
    pub(crate) async fn bind(config: &HubConfig) -> Result<Listener, HubError> {
        let room = Room::within(descriptors::raise());
        let bound = async {
            let socket = match config.listen {
                SocketAddr::V4(_) => TcpSocket::new_v4()?,
                SocketAddr::V6(_) => TcpSocket::new_v6()?,
            };
            // A hub that starts again has its address at once.
            socket.set_reuseaddr(true)?;
            socket.bind(config.listen)?;
            let socket = socket.listen(BACKLOG)?;
            let address = socket.local_addr()?;
            let announced = is_network(config) && config.announce;
            let announced = announced.then(|| Announced::at(address.port())).flatten();
            Ok(Listener { socket, address, announced, room })
        };
        bound.await.map_err(|source| HubError::Listen { address: config.listen, source })
    }

    /// How it is served, and where phones find it.
    pub(crate) fn served(&self, https: Option<&Https>) -> Served {
        Served::new(self.address, https, self.announced.is_some())
    }

    /// Serves it, until `stop`: by HTTPS where there is something to do that with.
    pub(crate) fn serve(
        self,
        https: Option<Https>,
        config: &HubConfig,
        app: Router,
        stop: CancellationToken,
    ) -> Server {
        let tasks = TaskTracker::new();
        let router = SwapRouter(Arc::new(RwLock::new(app)));
        let scheme = if https.is_some() { "https" } else { "http" };
        let serving = Serving {
            router: router.clone(),
            tls: https.as_ref().map(|https| https.acceptor.clone()),
            http: serve::http(),
            connections: Connections::within(self.room),
            stop: stop.clone(),
            tasks: tasks.clone(),
        };
        tasks.spawn(Arc::new(serving).accept(self.socket));
        if let Some(https) = https {
            tasks.spawn(https.renew(config.listen, config.clock.clone(), stop.clone()));
        }
        Server { address: self.address, scheme, router, stop, tasks, _announced: self.announced }
    }
}

impl Server {
    /// Where it is: `http://127.0.0.1:8420`, or `https://…`.
    pub(crate) fn address(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
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

impl SwapRouter {
    /// From now on this answers. What is being answered is answered to its end.
    pub(crate) fn replace(&self, app: Router) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = app;
    }

    fn now(&self) -> Router {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Whether others than this computer are served, and so by HTTPS alone.
pub(crate) fn is_network(config: &HubConfig) -> bool {
    !config.listen.ip().is_loopback()
}
