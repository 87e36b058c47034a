//! An append-only Merkle log with signed checkpoints.
