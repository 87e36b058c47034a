//! What rings too late says so.

use jiff::SignedDuration;

/// What rings this much too late says so: the hub was off when its time came.
pub(super) const TOLD_AS_LATE: SignedDuration = SignedDuration::from_secs(60);
