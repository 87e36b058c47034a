//! What a service manager is told: that the hub serves, that it is alive, and that it stops. Where none asks, nothing is done.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use sd_notify::NotifyState;
use tokio::task::JoinHandle;

/// What waits for a service manager that does not listen; what comes on top of it is dropped.
const WAITING: usize = 8;

/// A hub under a service manager, or under none.
pub(crate) struct Service {
    told: SyncSender<Told>,
    alive: Option<JoinHandle<()>>,
}

enum Told {
    Ready(String),
    Alive,
    Stopping,
}

impl Service {
    /// From now on the service manager hears that this program is alive, as often as it wants to. It does so as long as the hub's own
    /// work goes on: both wait for the same threads.
    pub(crate) fn begin() -> Service {
        let (told, waiting) = sync_channel(WAITING);
        // A service manager that does not read must not hold the hub up. Without the thread nobody is told.
        let _ = thread::Builder::new().name("service".into()).spawn(move || tell_all(&waiting));
        let alive = sd_notify::watchdog_enabled().map(|within| {
            let told = told.clone();
            tokio::spawn(async move {
                let mut turn = tokio::time::interval(within / 2);
                loop {
                    turn.tick().await;
                    let _ = told.try_send(Told::Alive);
                }
            })
        });
        Service { told, alive }
    }

    /// It does what it was started for; what that is, in a few words.
    pub(crate) fn is_ready(&self, what: &str) {
        let _ = self.told.try_send(Told::Ready(what.to_owned()));
    }

    /// It is about to end.
    pub(crate) fn is_stopping(&self) {
        let _ = self.told.try_send(Told::Stopping);
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(alive) = &self.alive {
            alive.abort();
        }
    }
}

/// A service manager that does not hear it does what it thinks right.
fn tell_all(waiting: &Receiver<Told>) {
    for told in waiting {
        let _ = match &told {
            Told::Ready(what) => sd_notify::notify(&[NotifyState::Ready, NotifyState::Status(what)]),
            Told::Alive => sd_notify::notify(&[NotifyState::Watchdog]),
            Told::Stopping => sd_notify::notify(&[NotifyState::Stopping]),
        };
    }
}
