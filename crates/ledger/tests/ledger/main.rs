//! The ledger as others see it: known vectors, proofs of every shape, crashes, copies put back, rot, receipts, and a verifier that shares
//! no code with it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
mod crash;
mod independent;
mod proofs;
mod receipts;
mod restore;
mod rot;
mod vectors;
