//! What the handlers share: the hub, and how it is served.

use std::path::Path;
use std::sync::Arc;

use axum::extract::FromRef;
use porchlight_household::PersonId;
use porchlight_hub::{Hub, HubError, ledger, serving};
use porchlight_protocol::LineKind;
use porchlight_vault::write_whole;
use serde_json::json;
use tracing::warn;

use crate::config::{ServeError, ServerConfig};
use crate::https::Served;
use crate::listener::Phones;
use crate::settings::{Remembered, SETTINGS, Settings, digest};

/// The certificate of the household's authority, in the data folder: what phones and computers are to trust.
pub const AUTHORITY: &str = "authority.pem";

/// A hub where it is served.
#[derive(Clone)]
pub(crate) struct Site {
    pub hub: Arc<Hub>,
    pub served: Served,
    /// By which phones are let in.
    pub phones: Phones,
    /// How it serves, for the next start.
    pub config: Arc<ServerConfig>,
}

impl Site {
    /// Serves the home's network from now on, after the next start too. The line comes first: wherever the hub is stopped, no phone comes
    /// in of which the ledger says nothing.
    pub(crate) async fn let_phones_in(&self, by: &PersonId) -> Result<(), ServeError> {
        // Phones that come in until the next start alone would be a riddle.
        self.what_is_remembered()?;
        if !self.served.network() {
            let detail = json!({ "v": 1, "who": by, "at": self.hub.now() });
            let told = ledger::write(&self.hub, LineKind::Phones, detail).await;
            told.map_err(|why| ServeError::Untold(why.to_string()))?;
        }
        self.phones.let_in(&self.hub.vault).await?;
        show_authority(&self.served, &self.hub.data)?;
        self.remember().await
    }

    /// Remembers how it serves, for the next start. What cannot be read there stays, for somebody wrote it, unless this is to take its
    /// place.
    ///
    /// # Errors
    /// [`ServeError::Forgetful`]: the hub goes on as it is, and its next start as it was told before.
    pub(crate) async fn remember(&self) -> Result<(), ServeError> {
        let (data, vault) = (&self.hub.data, &self.hub.vault);
        let phones = self.config.phones || self.config.listen.ip().is_loopback() && self.served.network();
        let config = ServerConfig { phones, ..(*self.config).clone() };
        let text = Settings::of(&config).and_then(|settings| settings.text()).map_err(forgetful)?;
        let new = digest(&text);
        let found = self.what_is_remembered()?;
        let is_there = found.settings().is_some_and(|settings| settings.read == Some(new));
        if let Some((_, mirrors)) = config.hub.strongboxes.split_first() {
            serving::remember_mirrors(vault, mirrors).await?;
        }
        serving::remember(vault, new, || match is_there {
            true => Ok(()),
            false => {
                write_whole(&data.join(SETTINGS), text.as_bytes()).map_err(|why| HubError::from(why).into())
            }
        })
        .await
    }

    fn what_is_remembered(&self) -> Result<Remembered, ServeError> {
        let found = Remembered::read(&self.hub.data);
        match (&found, found.careful()) {
            (Remembered::Unreadable(_), Some(careful)) if !self.config.anew => {
                Err(ServeError::Forgetful(careful))
            }
            _ => Ok(found),
        }
    }

    /// The same at a start, which goes on where that fails, and says so.
    pub(crate) async fn remember_or_warn(&self) {
        if let Err(why) = self.remember().await {
            warn!(target: "porchlight", "{why}");
        }
    }
}

fn forgetful(why: std::io::Error) -> ServeError {
    ServeError::Forgetful(why.to_string())
}

/// Puts the authority's certificate where computers of the household find it.
pub(crate) fn show_authority(served: &Served, data: &Path) -> Result<(), ServeError> {
    let Some(authority) = served.authority() else { return Ok(()) };
    let path = data.join(AUTHORITY);
    // It is the same at every start, and a full disk must not keep a hub from starting.
    if std::fs::read_to_string(&path).is_ok_and(|pem| pem != authority.pem) || !path.exists() {
        write_whole(&path, authority.pem.as_bytes()).map_err(HubError::from)?;
    }
    Ok(())
}

impl FromRef<Site> for Arc<Hub> {
    fn from_ref(site: &Site) -> Arc<Hub> {
        site.hub.clone()
    }
}

impl FromRef<Site> for Served {
    fn from_ref(site: &Site) -> Served {
        site.served.clone()
    }
}
