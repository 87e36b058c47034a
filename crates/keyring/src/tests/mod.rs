//! Whole keyrings on a simulated disk.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod attacker;
mod commits;
mod crash;
mod damage;
mod disk;
mod healing;
mod look_over;
mod mirror;
mod model;
mod properties;
mod salvage;
mod scale;
#[cfg(feature = "tpm")]
mod swtpm;
#[cfg(feature = "tpm")]
mod tpm;

use disk::Disk;

use crate::{Error, FileSlot, FolderStore, Keyring};

fn store_on(disk: &Disk) -> Box<FolderStore> {
    Box::new(FolderStore::over(Box::new(disk.clone())))
}

fn slot_on(disk: &Disk) -> Box<FileSlot> {
    Box::new(FileSlot::over(Box::new(disk.clone())))
}

fn create(disk: &Disk) -> Result<Keyring, Error> {
    Keyring::create(store_on(disk), slot_on(disk))
}

fn open(disk: &Disk) -> Result<Keyring, Error> {
    Keyring::open(store_on(disk), slot_on(disk))
}
