//! The clocks of adults' own phones and computers, which come with what they ask: evidence that the hub's is right.
//!
//! It moves no clock. It only says that two clocks show the same which nobody sets together, and so it counts from an adult's
//! session alone, and only from another machine.

use jiff::Timestamp;
use porchlight_household::Viewer;
use tracing::{info, warn};

use crate::state::Hub;

/// Hears what the clock of somebody shows who asks from another machine, where that is evidence.
pub async fn hear(hub: &Hub, viewer: &Viewer, theirs: Timestamp) {
    if viewer.member().is_none() {
        return;
    }
    match hub.vault.hear_clock(theirs).await {
        Ok(true) => {
            info!(target: "porchlight", "an adult's own clock shows the same time as the hub's");
            hub.clock_is_certain.notify_one();
        }
        Ok(false) => {}
        Err(error) => {
            warn!(target: "porchlight", "that an adult's clock shows the same time could not be noted: {error}")
        }
    }
}
