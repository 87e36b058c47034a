//! What may be asked again where the connection broke: it is the same however often it is asked.

use std::thread;
use std::time::Duration;

use crate::ClientError;

/// How often a hub is asked again that does not answer: as long as one may take to start.
const TRIES: u32 = 40;
const PAUSE: Duration = Duration::from_millis(500);

/// Asks until there is an answer, be it a refusal, or the hub has been away for too long.
pub(crate) fn patiently<T>(ask: impl Fn() -> Result<T, ClientError>) -> Result<T, ClientError> {
    for _ in 1..TRIES {
        match ask() {
            Err(ClientError::NoHub { .. } | ClientError::Io(_) | ClientError::Http(_)) => {
                thread::sleep(PAUSE);
            }
            done => return done,
        }
    }
    ask()
}
