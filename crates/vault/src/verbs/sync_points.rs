//! Places in the vault's work where a test decides who goes on.
//!
//! Outside the tests of this crate they are nothing, and the locks are tokio's own. The tests are in [`super::races`].

#[cfg(test)]
pub(super) use super::races::scheduler::{alone, at, carry, exclusively, shared};
#[cfg(not(test))]
pub(super) use untested::{alone, at, carry, exclusively, shared};

#[cfg(not(test))]
mod untested {
    use tokio::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

    /// A step of the caller's work ends here.
    #[inline]
    pub(in super::super) async fn at(_step: &'static str) {}

    /// Work that goes on in a task of its own, on behalf of the caller.
    pub(in super::super) fn carry<F>(work: F) -> F {
        work
    }

    pub(in super::super) async fn alone<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
        lock.lock().await
    }

    pub(in super::super) async fn shared<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
        lock.read().await
    }

    pub(in super::super) async fn exclusively<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
        lock.write().await
    }
}
