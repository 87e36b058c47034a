//! How it goes, told while it goes.

/// Tells how it goes, on standard error.
pub(crate) fn say(line: impl std::fmt::Display) {
    eprintln!("{line}");
}
