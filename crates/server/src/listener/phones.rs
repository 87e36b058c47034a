//! Letting the home's phones in while the hub serves this computer: at the same port, by HTTPS alone. This computer goes on as before.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use porchlight_vault::{Clock, Vault};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::sockets::{bind, everywhere};
use crate::config::ServeError;
use crate::https::{Announced, GivenCertificate, Https, Served};

/// By which phones are let in.
#[derive(Clone)]
pub(crate) struct Phones {
    pub(super) at: SocketAddr,
    pub(super) announce: bool,
    pub(super) given: Option<GivenCertificate>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) served: Served,
    pub(super) announced: Arc<Mutex<Option<Announced>>>,
    pub(super) tls: Arc<RwLock<Option<TlsAcceptor>>>,
    pub(super) mover: mpsc::Sender<Move>,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
    /// Once at a time.
    pub(super) letting: Arc<tokio::sync::Mutex<()>>,
}

/// Where it is to listen from now on.
pub(super) struct Move {
    from: SocketAddr,
    to: SocketAddr,
    moved: oneshot::Sender<io::Result<()>>,
}

impl Phones {
    /// Serves the home's network from now on, with a certificate of the household's own authority or the one that was brought along.
    /// Whoever is let in already stays so.
    ///
    /// # Errors
    /// [`ServeError::Https`] where there is nothing to encrypt with; [`ServeError::Listen`] where the addresses are somebody else's. Nothing
    /// has changed then.
    pub(crate) async fn let_in(&self, vault: &Vault) -> Result<(), ServeError> {
        let _once = self.letting.lock().await;
        if self.served.network() {
            return Ok(());
        }
        let all = everywhere(self.at);
        let https = Https::of(vault, self.given.as_ref(), all, self.clock.now()).await?;
        // First what encrypts, and only then whoever is served by it.
        *self.tls.write().unwrap_or_else(PoisonError::into_inner) = Some(https.acceptor.clone());
        self.listen(all).await.map_err(|source| ServeError::Listen { address: all, source })?;
        let announced = self.announce.then(|| Announced::at(self.at.port())).flatten();
        self.served.widen(all, &https, announced.is_some());
        *self.announced.lock().unwrap_or_else(PoisonError::into_inner) = announced;
        self.tasks.spawn(https.renew(all, self.clock.clone(), self.stop.clone()));
        Ok(())
    }

    async fn listen(&self, to: SocketAddr) -> io::Result<()> {
        let (moved, done) = oneshot::channel();
        let stopped = || io::Error::other("the hub is being stopped");
        self.mover.send(Move { from: self.at, to, moved }).await.map_err(|_| stopped())?;
        done.await.map_err(|_| stopped())?
    }
}

impl Move {
    /// Listens there in the place of this; where that cannot be, as before. None where neither can be any more.
    pub(super) async fn follow(self, socket: TcpListener) -> Option<TcpListener> {
        // The same port cannot be taken while it is held.
        drop(socket);
        let (socket, moved) = match bind(self.to) {
            Ok(socket) => (Some(socket), Ok(())),
            Err(why) => (bind(self.from).ok(), Err(why)),
        };
        let _ = self.moved.send(moved);
        socket
    }
}
