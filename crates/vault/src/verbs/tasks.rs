//! Work that blocks, locks that a failed call has poisoned, and rows that cannot be read.

use std::sync::{Mutex, MutexGuard};

use crate::error::Error;
use crate::moment::Entry;

/// Runs work that blocks off the async threads.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(stopped)?
}

/// A lock, unless an earlier call failed while it held it.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> Result<MutexGuard<'_, T>, Error> {
    mutex.lock().map_err(|_| Error::Stopped("an earlier call failed in the middle".into()))
}

/// What became of a task that did not end.
pub(super) fn stopped(why: tokio::task::JoinError) -> Error {
    Error::Stopped(why.to_string())
}

/// Leaves out what cannot be read, and says so in the log.
pub(super) fn readable(found: Vec<Result<Entry, Error>>) -> Vec<Entry> {
    let named = |found: Result<Entry, Error>| found.inspect_err(|why| tracing::error!(%why)).ok();
    found.into_iter().filter_map(named).collect()
}
