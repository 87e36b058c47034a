//! Asking a disk that may never answer.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long anybody waits for a disk, or a mirror on it. A disk that has to spin up may take longer: it is named as pending then, and follows.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// Asks a disk something that it may never answer: what it said in time.
pub(crate) fn in_time<T: Send + 'static>(ask: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (told, answer) = mpsc::channel();
    // Where nobody waits any more the answer goes nowhere.
    thread::Builder::new().spawn(move || drop(told.send(ask()))).ok()?;
    answer.recv_timeout(PATIENCE).ok()
}
