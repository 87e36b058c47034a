//! How often the thread that reads cameras wakes up.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// What cameras send is left with the kernel for so long, and read at once.
///
/// It is well below what a receive buffer holds: Linux lets that grow with what was read in one go, which the first
/// segments of a connection, read without a rest, have shown it.
const REST: Duration = Duration::from_millis(200);

/// The rests of the thread, shared with its cameras.
///
/// A camera sends a few kilobytes fifteen times a second. Being woken for each picture costs several times what is then done
/// with it, so the thread rests between reading, as long as no camera is in a [`Hurry`].
#[derive(Clone, Default)]
pub(crate) struct Pace {
    hurried: Arc<AtomicUsize>,
}

/// Somebody waits for a camera: while this lives, what is sent is read as it comes.
pub(crate) struct Hurry(Pace);

impl Pace {
    /// Rests, unless there is hurry. Called by the thread that reads cameras when it has read everything there is.
    pub(crate) fn rest(&self) {
        if self.hurried.load(Ordering::Relaxed) == 0 {
            std::thread::sleep(REST);
        }
    }

    pub(crate) fn hurry(&self) -> Hurry {
        self.hurried.fetch_add(1, Ordering::Relaxed);
        Hurry(self.clone())
    }
}

impl Drop for Hurry {
    fn drop(&mut self) {
        self.0.hurried.fetch_sub(1, Ordering::Relaxed);
    }
}
