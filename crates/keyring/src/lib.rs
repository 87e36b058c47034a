//! Puncturable keys: derive a key for an id, forget it for good.
