//! A hub that waits for its household to be made, in a browser.
//!
//! Whoever reads the code on the hub's own screen makes the household; nobody else on the network can. The owner's keys are made in
//! their browser, as everywhere: the hub gets the signed document and the account, as it would from `porchlight init`.

use std::path::Path;
use std::sync::Arc;

use porchlight_hub::HubError;
use porchlight_hub::init::Folders;
use porchlight_vault::{clear_unmade, is_unmade};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::config::{ServeError, ServerConfig};
use crate::https::Https;
use crate::listener::{self, Listener};
use crate::making::{SetUp, Waiting, is_empty};
use crate::server::RunningHub;
use crate::site::Site;
use crate::{api, metrics};

/// A hub that waits for its household.
pub struct SettingUp {
    serving: Option<listener::Server>,
    state: Arc<SetUp>,
    made: oneshot::Receiver<Result<Site, ServeError>>,
}

/// Whether a data folder holds no household, nor anything else but what a set-up left that was cut off.
pub fn is_new(data: &Path) -> bool {
    is_unmade(data)
}

impl SettingUp {
    /// Serves what makes a household, and nothing else.
    pub async fn start(config: ServerConfig) -> Result<SettingUp, ServeError> {
        metrics::check(&config)?;
        clear_unmade(&config.hub.data).map_err(HubError::Vault)?;
        let strongbox = config.hub.in_use();
        if !is_empty(&strongbox) {
            return Err(ServeError::Hub(HubError::Refused(format!(
                "there is a strongbox at {} and no data folder at {}: put the data folder back, or name other folders",
                strongbox.display(),
                config.hub.data.display()
            ))));
        }
        let folders = Folders { data: config.hub.data.clone(), strongboxes: config.hub.strongboxes.clone() };
        folders.check()?;
        let listener = Listener::bind(&config).await?;
        let now = config.hub.clock.now();
        let (https, authority) = match listener::is_network(&config) || config.https {
            true => {
                let at = listener::address(&config);
                let (https, authority) = Https::before(config.certificate.as_ref(), at, now)?;
                (Some(https), authority)
            }
            false => (None, None),
        };
        let (made, receiver) = oneshot::channel();
        let stop = CancellationToken::new();
        let served = listener.served(https.as_ref());
        let phones = listener.phones(&config, &served, &stop);
        let state = Arc::new(SetUp::new(config, (served, phones), authority, stop.clone())?);
        let serving = listener.serve(https, state.config(), api::set_up_router(state.clone()), stop);
        state.wait(Waiting { made, router: serving.router(), answers: api::router }).await;
        Ok(SettingUp { serving: Some(serving), state, made: receiver })
    }

    /// Where it listens: `http://127.0.0.1:8420`, or `https://…`.
    pub fn address(&self) -> String {
        self.serving.as_ref().map(listener::Server::address).unwrap_or_default()
    }

    /// The code that makes the household, to be shown to whoever sits at the hub, and to nobody else.
    pub fn code(&self) -> &str {
        self.state.code()
    }

    /// Waits until the household is made: it is served from then on, at the same address.
    ///
    /// # Errors
    /// When the household was made and cannot be served.
    pub async fn made(&mut self) -> Result<RunningHub, ServeError> {
        let site = match (&mut self.made).await {
            Ok(site) => site?,
            // The state, and with it who tells of the household, is ours: it goes when we do.
            Err(_) => std::future::pending().await,
        };
        match self.serving.take() {
            Some(serving) => Ok(RunningHub::behind(serving, site)),
            None => std::future::pending().await,
        }
    }

    /// Stops without a household. One that is just being made is made to its end.
    pub async fn stop(self) {
        self.state.wait_no_more().await;
        if let Some(serving) = self.serving {
            serving.close().await;
        }
    }
}
