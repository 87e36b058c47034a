//! How often the thread that reads cameras wakes up.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// What cameras send is left with the kernel for so long, and read at once.
const REST_BETWEEN_ROUNDS: Duration = Duration::from_millis(400);

/// A round of reading that brought this many bytes is followed by another without a rest. It is half of what a connection
/// may have under way at first, so a sender that fills the kernel's buffer is not kept waiting; with use, Linux lets that
/// buffer grow to several times what was read in one go.
const ROUND_WITHOUT_REST: usize = 32 << 10;

/// The rests of the thread, shared with its cameras.
///
/// A camera sends a few kilobytes fifteen times a second. Being woken for each picture costs several times what is then done
/// with it, so the thread rests between rounds of reading, as long as no camera is in a [`Hurry`].
#[derive(Clone, Default)]
pub(crate) struct Batching(Arc<Round>);

#[derive(Default)]
struct Round {
    hurried: AtomicUsize,
    /// Bytes that were read since the last rest, or since there should have been one.
    read: AtomicUsize,
}

/// Somebody waits for a camera: while this lives, what is sent is read as it comes.
pub(crate) struct Hurry(Batching);

impl Batching {
    /// Ends a round: rests, unless there is hurry or much to read. For the thread that reads cameras, when there is no more.
    pub(crate) fn rest(&self) {
        if self.end_round() {
            std::thread::sleep(REST_BETWEEN_ROUNDS);
        }
    }

    /// Whether a rest is due.
    fn end_round(&self) -> bool {
        let read = self.0.read.swap(0, Ordering::Relaxed);
        read < ROUND_WITHOUT_REST && self.0.hurried.load(Ordering::Relaxed) == 0
    }

    /// Counts what a camera sent.
    pub(crate) fn count(&self, bytes: usize) {
        self.0.read.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Whether nobody is in a hurry.
    #[cfg(test)]
    pub(crate) fn is_at_rest(&self) -> bool {
        self.0.hurried.load(Ordering::Relaxed) == 0
    }

    pub(crate) fn hurry(&self) -> Hurry {
        self.0.hurried.fetch_add(1, Ordering::Relaxed);
        Hurry(self.clone())
    }
}

impl Drop for Hurry {
    fn drop(&mut self) {
        self.0.0.hurried.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_rests_while_one_is_in_a_hurry() {
        let batching = Batching::default();
        assert!(batching.end_round());
        let (one, other) = (batching.hurry(), batching.clone().hurry());
        assert!(!batching.end_round());
        drop(one);
        assert!(!batching.end_round());
        drop(other);
        assert!(batching.end_round());
    }

    #[test]
    fn a_round_that_brought_much_is_followed_by_another() {
        let batching = Batching::default();
        batching.count(ROUND_WITHOUT_REST - 1);
        assert!(batching.end_round());
        batching.count(ROUND_WITHOUT_REST - 1);
        batching.count(1);
        assert!(!batching.end_round());
        assert!(batching.end_round(), "each round counts for itself");
    }
}
