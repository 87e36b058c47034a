//! Waiting for something to become true.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often is looked. Short enough not to slow a test down, long enough not to disturb what is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Looks again and again until there is something, and gives it. After `seconds` the test fails, and says what did not come.
pub fn until<T>(what: &str, seconds: u64, mut look: impl FnMut() -> Option<T>) -> T {
    let last = Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < last, "{what}: not within {seconds} seconds");
        sleep(LOOK_EVERY);
    }
}
