//! Open files, of which the system gives a program so many: every connection takes one, and so do cameras, recordings and databases.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What is never given to connections: for cameras, recordings, the databases, the models and the strongbox.
pub(crate) const RESERVED: u64 = 256;
/// More than the hub can use, where a system sets no limit.
const ENOUGH: u64 = 8192;

/// Raises the limit as far as this program may; the limit from then on.
pub(crate) fn raise() -> u64 {
    let now = getrlimit(Resource::Nofile);
    let wanted = now.maximum.unwrap_or(ENOUGH).min(ENOUGH);
    if now.current.is_some_and(|current| current < wanted) {
        // Where it is refused there are fewer connections, and `doctor` says so.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: now.maximum });
    }
    limit()
}

/// How many files this program may have open.
pub(crate) fn limit() -> u64 {
    getrlimit(Resource::Nofile).current.unwrap_or(ENOUGH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_raised_to_what_is_allowed() {
        let allowed = getrlimit(Resource::Nofile).maximum.unwrap_or(ENOUGH);
        assert!(raise() >= allowed.min(ENOUGH));
        assert_eq!(limit(), raise(), "a second time changes nothing");
    }
}
