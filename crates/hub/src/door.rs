//! Where a hub is reached: its address, how it is encrypted there, and what answers.
//!
//! What answers can change while the door is open: first what lets a household be made, then the household's hub.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::extract::Request;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;
use tracing::warn;

use crate::error::HubError;
use crate::https::{Announced, Https};
use crate::hub::HubConfig;

/// How long requests that are being answered have when the hub stops.
const LAST_ANSWERS: std::time::Duration = std::time::Duration::from_secs(3);

/// An address that is ours, and at which nobody is answered yet.
pub(crate) struct Door {
    listener: TcpListener,
    address: SocketAddr,
}

/// A door at which everybody is answered until it is closed.
pub(crate) struct OpenDoor {
    address: SocketAddr,
    scheme: &'static str,
    behind: Behind,
    pub stop: CancellationToken,
    pub tasks: TaskTracker,
    _announced: Option<Announced>,
}

/// What answers now.
#[derive(Clone)]
pub(crate) struct Behind(Arc<RwLock<Router>>);

impl Door {
    /// Takes the address.
    pub(crate) async fn take(config: &HubConfig) -> Result<Door, HubError> {
        let taken = async {
            let listener = TcpListener::bind(config.listen).await?;
            let address = listener.local_addr()?;
            Ok(Door { listener, address })
        };
        taken.await.map_err(|source| HubError::Listen { address: config.listen, source })
    }

    /// Opens it, until `stop`: by HTTPS where there is something to do that with.
    pub(crate) fn open(
        self,
        https: Option<Https>,
        config: &HubConfig,
        app: Router,
        stop: CancellationToken,
    ) -> OpenDoor {
        let tasks = TaskTracker::new();
        let behind = Behind(Arc::new(RwLock::new(app)));
        let announced = is_network(config) && config.announce;
        let announced = announced.then(|| Announced::at(self.address.port())).flatten();
        let scheme = if https.is_some() { "https" } else { "http" };
        let app = behind.router();
        match https {
            Some(https) => {
                tasks.spawn(serve_https(self.listener, app, https.config.clone(), stop.clone()));
                tasks.spawn(https.renew(config.listen, config.clock.clone(), stop.clone()));
            }
            None => drop(tasks.spawn(serve_plain(self.listener, app, stop.clone()))),
        }
        OpenDoor { address: self.address, scheme, behind, stop, tasks, _announced: announced }
    }
}

impl OpenDoor {
    /// Where it is: `http://127.0.0.1:8420`, or `https://…`.
    pub(crate) fn address(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// What answers, to be replaced.
    pub(crate) fn behind(&self) -> Behind {
        self.behind.clone()
    }

    /// Closes it. A client that holds a connection open does not hold up the end.
    pub(crate) async fn close(&self) {
        self.stop.cancel();
        self.tasks.close();
        let _ = tokio::time::timeout(std::time::Duration::from_secs(5), self.tasks.wait()).await;
    }
}

impl Behind {
    /// From now on this answers. What is being answered is answered to its end.
    pub(crate) fn replace(&self, app: Router) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = app;
    }

    fn router(&self) -> Router {
        let behind = self.clone();
        Router::new().fallback(async move |request: Request| {
            let now = behind.0.read().unwrap_or_else(PoisonError::into_inner).clone();
            now.oneshot(request).await
        })
    }
}

/// Whether others than this computer are served, and so by HTTPS alone.
pub(crate) fn is_network(config: &HubConfig) -> bool {
    !config.listen.ip().is_loopback()
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
