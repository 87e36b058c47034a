//! Where the root key of a strongbox lies.

use std::path::Path;

use porchlight_keyring::{FileSlot, Slot};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Where a strongbox keeps its root key, the one thing that is destroyed when something is forgotten.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SlotKind {
    /// In files of the strongbox itself.
    #[default]
    File,
    /// In a TPM 2.0, named as the TPM2 tools name it: `device:/dev/tpmrm0`. Needs the feature `tpm`.
    Tpm(String),
}

impl SlotKind {
    /// The slot of a strongbox that is being made.
    pub(crate) fn create(&self, folder: &Path) -> Result<Box<dyn Slot>, Error> {
        match self {
            SlotKind::File => self.open(folder),
            #[cfg(feature = "tpm")]
            SlotKind::Tpm(tpm) => boxed(folder, porchlight_keyring::TpmSlot::create(folder, tpm)),
            #[cfg(not(feature = "tpm"))]
            SlotKind::Tpm(_) => Err(Error::NoTpm(folder.into())),
        }
    }

    /// Gives a TPM the memory of a strongbox's slot back, and with it destroys the root key. One in files is overwritten by whoever ends
    /// the strongbox.
    pub(crate) fn destroy(&self, folder: &Path) -> Result<(), Error> {
        match self {
            SlotKind::File => Ok(()),
            #[cfg(feature = "tpm")]
            SlotKind::Tpm(tpm) => porchlight_keyring::TpmSlot::open(folder, tpm)
                .and_then(porchlight_keyring::TpmSlot::destroy)
                .map_err(Error::io("destroy", folder)),
            #[cfg(not(feature = "tpm"))]
            SlotKind::Tpm(_) => Err(Error::NoTpm(folder.into())),
        }
    }

    /// The slot of a strongbox that is there.
    pub(crate) fn open(&self, folder: &Path) -> Result<Box<dyn Slot>, Error> {
        match self {
            SlotKind::File => boxed(folder, FileSlot::open(folder)),
            #[cfg(feature = "tpm")]
            SlotKind::Tpm(tpm) => boxed(folder, porchlight_keyring::TpmSlot::open(folder, tpm)),
            #[cfg(not(feature = "tpm"))]
            SlotKind::Tpm(_) => Err(Error::NoTpm(folder.into())),
        }
    }
}

fn boxed<S: Slot + 'static>(folder: &Path, slot: std::io::Result<S>) -> Result<Box<dyn Slot>, Error> {
    Ok(Box::new(slot.map_err(Error::io("open", folder))?))
}
