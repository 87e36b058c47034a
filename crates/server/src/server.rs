//! A hub that serves, from its start to its end.

use std::sync::Arc;

use porchlight_hub::Hub;
use tokio_util::sync::CancellationToken;

use crate::config::{ServeError, ServerConfig};
use crate::https::Https;
use crate::listener::{self, Listener, Server};
use crate::site::{Site, show_authority};
use crate::{api, metrics};

/// A hub that serves, until it is stopped.
pub struct RunningHub {
    site: Site,
    server: Server,
    metrics: Option<Server>,
}

impl RunningHub {
    /// Opens the household and serves it. Everything that a crash left undone is finished first.
    pub async fn start(config: ServerConfig) -> Result<RunningHub, ServeError> {
        metrics::check(&config)?;
        // The vault holds the lock of the folder, so from here on this is its only hub.
        let (vault, mirrors) = porchlight_hub::open(&config.hub).await?;
        let listener = Listener::bind(&config).await?;
        let https = match listener::is_network(&config) || config.https {
            true => {
                let now = config.hub.clock.now();
                Some(Https::of(&vault, config.certificate.as_ref(), listener::address(&config), now).await?)
            }
            false => None,
        };
        let stop = CancellationToken::new();
        let served = listener.served(https.as_ref());
        let phones = listener.phones(&config, &served, &stop);
        show_authority(&served, &config.hub.data)?;
        let hub = Hub::awake(vault, mirrors, &config.hub, &stop).await?;
        let site = Site { hub, served, phones, config: Arc::new(config.clone()) };
        let server = listener.serve(https, &config, api::router(site.clone()), stop);
        site.remember_or_warn().await;
        Ok(RunningHub::behind(server, site))
    }

    /// The hub of this household answers where it is served already.
    pub(crate) fn behind(server: Server, site: Site) -> RunningHub {
        site.hub.tend(&server.tasks, &server.stop);
        RunningHub { site, server, metrics: None }
    }

    /// Where it listens: `http://127.0.0.1:8420`, or `https://…`.
    pub fn address(&self) -> String {
        self.server.address()
    }

    /// Serves numbers for a monitor too, where they were asked for; at which address.
    ///
    /// # Errors
    /// [`ServeError::Listen`].
    pub async fn serve_metrics(&mut self) -> Result<Option<String>, ServeError> {
        let Site { hub, config, .. } = &self.site;
        let Some(at) = config.metrics else { return Ok(None) };
        let server = metrics::serve(hub, config, at, &self.server.stop).await?;
        let address = server.address();
        self.metrics = Some(server);
        Ok(Some(address))
    }

    /// The address that a phone at home opens first, with what it has to trust; none where it cannot come in.
    pub fn phone_address(&self) -> Option<String> {
        let address = self.site.served.addresses().into_iter().next()?;
        Some(match self.site.served.authority() {
            Some(_) => format!("{address}/#/trust"),
            None => address,
        })
    }

    /// What the household should know about how this hub is set up, one sentence each.
    pub async fn warnings(&self) -> Vec<String> {
        self.site.hub.warnings().await
    }

    /// Waits until the hub cannot go on; why, in a sentence.
    pub async fn broken(&self) -> String {
        self.site.hub.broken().await
    }

    /// Stops: open segments are sealed, streams end, nothing that was acknowledged is lost. It takes no longer than five seconds,
    /// whatever is queued or running: what is not closed by then is looked over by the next start, as after a power cut.
    pub async fn stop(self) {
        let numbers = async {
            if let Some(metrics) = &self.metrics {
                metrics.close().await;
            }
        };
        tokio::join!(self.site.hub.stop_cameras(), self.server.close(), numbers);
        self.site.hub.close().await;
    }
}
