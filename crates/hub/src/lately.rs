//! What was noted by the clock and is compared with it later. The clock may have been set in between, forth or back: what was
//! noted by one that was wrong counts for nothing by the one that is right, and for no longer than it was meant to.

use jiff::{SignedDuration, Timestamp};

/// Whether something that was noted at `at` is less than `span` from now. What lies further ahead of the clock was noted by another.
pub(crate) fn lately(at: Timestamp, span: SignedDuration, now: Timestamp) -> bool {
    now.duration_since(at).abs() < span
}

/// Whether what was to count for `span`, until `until`, counts now. What has longer to go than it was given had it from another clock.
pub(crate) fn counts(until: Timestamp, span: SignedDuration, now: Timestamp) -> bool {
    let left = until.duration_since(now);
    left > SignedDuration::ZERO && left <= span
}
