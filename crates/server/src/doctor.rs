//! What the hub's own looking over does not see: how it is served, what its next start does by itself, and what keeps it to its own.

use std::path::{Path, PathBuf};

use porchlight_hub::doctor::{self, whole};
use porchlight_hub::{HubError, serving};
use porchlight_protocol::{Check, CheckState, Depth};
use porchlight_vault::Vault;

use crate::confinement::Confinement;
use crate::listener::connections;
use crate::settings::{Remembered, SETTINGS};
use crate::site::Site;

/// Looks over a running hub.
pub(crate) async fn look_over(site: &Site, depth: Depth) -> Vec<Check> {
    let mut checks = doctor::look_over(&site.hub, depth).await;
    checks.extend(remembered(&site.hub.data, Some(&site.hub.vault)).await);
    checks.push(confinement(&site.config.confinement));
    checks.push(connections::check());
    checks
}

/// Looks over a data folder and its strongbox with no hub running. Opening them finishes what a crash left undone, as a start does.
pub async fn look_over_folders(data: &Path, strongboxes: &[PathBuf], depth: Depth) -> Vec<Check> {
    let mut checks = doctor::look_over_folders(data, strongboxes, depth).await;
    checks.extend(remembered(data, None).await);
    checks
}

/// Whether what breaks into the hub reaches more than what is the hub's.
fn confinement(confinement: &Confinement) -> Check {
    let state = match confinement {
        Confinement::Whole(_) | Confinement::Partly(_) => CheckState::Good,
        Confinement::None(_) => CheckState::Warning,
    };
    check("confinement", state, whole(&format!("{confinement}.")))
}

/// What the next start does by itself, as far as its strongbox knows what is written there.
async fn remembered(data: &Path, vault: Option<&Vault>) -> Option<Check> {
    let remembered = Remembered::read(data);
    let careful = remembered.careful();
    if let (Some(vault), Some(read)) =
        (vault, remembered.clone().settings().and_then(|settings| settings.read))
        && !serving::is_known(vault, &read).await
    {
        let foreign = HubError::ForeignSettings(data.to_owned());
        return Some(check("settings", CheckState::Bad, whole(&format!("{foreign}."))));
    }
    Some(match (remembered, careful) {
        (Remembered::Nothing, _) => return None,
        (Remembered::Settings(settings), _) => check(
            "settings",
            CheckState::Good,
            format!("Told last, and remembered in {SETTINGS} for the next start: {settings}."),
        ),
        (Remembered::Unreadable(_), careful) => {
            check("settings", CheckState::Bad, format!("{}.", careful.unwrap_or_default()))
        }
        (Remembered::Elsewhere(..), careful) => {
            check("settings", CheckState::Warning, format!("{}.", careful.unwrap_or_default()))
        }
    })
}

fn check(name: &str, state: CheckState, sentence: String) -> Check {
    Check { name: name.to_owned(), state, sentence }
}
