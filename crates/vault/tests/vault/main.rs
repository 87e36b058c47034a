//! The promises of the vault, tried on real folders.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod apart;
mod clock;
mod closure;
mod copies;
mod crashes;
mod damage;
mod forgetting;
mod full_disk;
mod holds;
#[allow(dead_code, reason = "the tests of power cuts use other parts of it")]
mod house;
mod keeping;
mod ledger;
mod looking;
mod mirrors;
mod opening;
mod parts;
mod prove;
mod receipts;
mod rot;
mod rot_running;
mod strongbox;
mod sweep;
mod years;
