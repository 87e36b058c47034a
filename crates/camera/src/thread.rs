//! The one thread on which all cameras are read.

use std::io;

use jiff::Timestamp;
use tokio::runtime::{Builder, Handle};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::batching::Batching;
use crate::clock::Clock;
use crate::{Camera, Segments, Source};

/// A thread that reads cameras, however many, until this is dropped.
///
/// It is theirs alone, so that no other work of the hub, however long, keeps a camera waiting until it drops pictures; and so
/// that it can rest between reading (under half a second, once a camera records steadily), which halves what recording costs.
pub struct CameraThread {
    runtime: Handle,
    batching: Batching,
    _end: DropGuard,
}

impl CameraThread {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// When the system gives no thread or no way to wait for the network.
    pub fn start() -> io::Result<Self> {
        let batching = Batching::default();
        let rest = batching.clone();
        let runtime =
            Builder::new_current_thread().enable_all().on_thread_park(move || rest.rest()).build()?;
        let handle = runtime.handle().clone();
        let end = CancellationToken::new();
        let ended = end.clone();
        std::thread::Builder::new()
            .name("cameras".into())
            .spawn(move || runtime.block_on(ended.cancelled()))?;
        Ok(Self { runtime: handle, batching, _end: end.drop_guard() })
    }

    /// Begins to watch a camera. The segments and gaps come out of [`Segments`]; dropping those ends the watching too.
    /// `clock` tells the time of what arrives.
    ///
    /// A camera is stopped before its thread is dropped; otherwise what was open is lost.
    pub fn watch(
        &self,
        source: Source,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> (Camera, Segments) {
        Camera::watch(source, Clock::new(Box::new(clock)), &self.runtime, self.batching.clone())
    }
}
