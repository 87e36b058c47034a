//! Seals recordings, finds them, releases them and forgets them.
