//! The Real Time Streaming Protocol (RFC 2326), as cameras speak it: what they send is read leniently, and within bounds.

pub(crate) mod authentication;
pub(crate) mod client;
pub(crate) mod connection;
pub(crate) mod description;
pub(crate) mod message;
pub(crate) mod transport;
