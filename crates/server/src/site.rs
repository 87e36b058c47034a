//! What the handlers share: the hub, and how it is served.

use std::path::Path;
use std::sync::Arc;

use axum::extract::FromRef;
use porchlight_household::PersonId;
use porchlight_hub::{Hub, ledger, permissions};
use porchlight_protocol::LineKind;
use serde_json::json;
use tracing::warn;

use crate::config::{ServeError, ServerConfig};
use crate::https::Served;
use crate::listener::Phones;
use crate::settings::Settings;

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
        if !self.served.network() {
            let detail = json!({ "v": 1, "who": by, "at": self.hub.now() });
            let told = ledger::write(&self.hub, LineKind::Phones, detail).await;
            told.map_err(|why| ServeError::Untold(why.to_string()))?;
        }
        self.phones.let_in(&self.hub.vault).await?;
        show_authority(&self.served, &self.hub.data)?;
        self.remember();
        Ok(())
    }

    /// Remembers how it serves, for the next start. A hub that cannot note that goes on, and says so.
    pub(crate) fn remember(&self) {
        let phones = self.config.phones || self.config.listen.ip().is_loopback() && self.served.network();
        let config = ServerConfig { phones, ..(*self.config).clone() };
        if let Err(why) = Settings::of(&config).and_then(|settings| settings.remember(&self.hub.data)) {
            warn!(target: "porchlight", "how this hub serves could not be remembered for its next start: {why}");
        }
    }
}

/// Puts the authority's certificate where computers of the household find it.
pub(crate) fn show_authority(served: &Served, data: &Path) -> Result<(), ServeError> {
    let Some(authority) = served.authority() else { return Ok(()) };
    let path = data.join(AUTHORITY);
    // It is the same at every start, and a full disk must not keep a hub from starting.
    if std::fs::read_to_string(&path).is_ok_and(|pem| pem != authority.pem) || !path.exists() {
        permissions::write(&path, &authority.pem).map_err(|source| ServeError::Write { path, source })?;
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
