//! The cameras that are being watched, whatever is kept of them.

use std::collections::BTreeMap;

use porchlight_camera::{Camera, CameraThread, Live, State};
use porchlight_household::DeviceId;
use tokio::sync::{Mutex, Semaphore, watch};
use tokio::task::JoinHandle;
use tracing::warn;

use super::report::Storage;

/// So many look for cameras, or try one, at a time.
const TRYING: usize = 2;

/// The cameras that are being watched, by device id.
pub struct Cameras {
    pub(super) watched: Mutex<BTreeMap<DeviceId, Watched>>,
    pub(super) thread: CameraThread,
    /// Those who look for cameras or try one, of whom there are few at a time.
    pub(super) trying: Semaphore,
}

/// One camera, with who keeps its film and who tells of it.
pub(super) struct Watched {
    pub(super) camera: Camera,
    pub(super) state: watch::Receiver<State>,
    pub(super) storage: watch::Receiver<Storage>,
    pub(super) keeper: JoinHandle<()>,
    pub(super) reporter: JoinHandle<()>,
}

impl Cameras {
    /// None yet, and the thread that will read them.
    pub fn none() -> std::io::Result<Cameras> {
        Ok(Cameras {
            watched: Mutex::default(),
            thread: CameraThread::start()?,
            trying: Semaphore::new(TRYING),
        })
    }

    /// What a camera sends now; none where it is not watched.
    pub(super) async fn live(&self, camera: &DeviceId) -> Option<Live> {
        self.watched.lock().await.get(camera).map(|watched| watched.camera.live())
    }

    /// Ends the watching of every camera; what was open is sealed first.
    pub async fn stop_all(&self) {
        let all = std::mem::take(&mut *self.watched.lock().await);
        futures::future::join_all(all.into_values().map(Watched::end)).await;
    }
}

impl Watched {
    /// Ends the watching; what was open is sealed first.
    pub(super) async fn end(self) {
        self.camera.stop().await;
        // The keeper ends by itself once the last segment is sealed.
        if self.keeper.await.is_err() {
            warn!(target: "porchlight", "the last segment of a camera could not be sealed");
        }
        self.reporter.abort();
    }
}
