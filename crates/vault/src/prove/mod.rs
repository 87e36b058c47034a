//! Proving that something is gone: searching folders as a thief would, with every key that lies in them.
//!
//! This shares nothing with a running vault. It takes no lock, writes to none of the folders, and trusts no file's name: packs,
//! slots, catalogs, exports and identities are known by what is in them, wherever they lie and however old they are.

mod attack;
mod findings;
mod scan;

use std::path::PathBuf;

pub use findings::{Findings, Listed, Opened, OpenedBy, Remains, Tried};

use crate::error::Error;
use crate::receipt::Deletion;

/// Searches every byte below these folders for what a deletion destroyed, and tries every key that lies in them on it.
///
/// # Errors
/// [`Error::BadReceipt`] when the receipt's marks cannot be read; [`Error::Io`] when there is no room for a copy of a catalog.
pub async fn prove_gone(deletion: &Deletion, folders: &[PathBuf]) -> Result<Findings, Error> {
    let marks = deletion.marks()?;
    let searched = {
        let (marks, folders) = (marks.clone(), folders.to_vec());
        tokio::task::spawn_blocking(move || scan::scan(&folders, &marks))
            .await
            .map_err(|why| Error::Stopped(why.to_string()))?
    };
    let mut findings = Findings {
        files: searched.files,
        bytes: searched.bytes,
        unread: searched.unread.clone(),
        marks: marks.len() as u64,
        remains: searched.remains.clone(),
        exports: searched.exports.clone(),
        ..Findings::default()
    };
    attack::attack(deletion, searched, &mut findings).await?;
    Ok(findings)
}
