//! Which mirrors a strongbox has, beside it and not under its root: where the root cannot be read, a mirror is the way back.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::folder;

pub(super) const FILE: &str = "mirrors.json";
const FORMAT: u64 = 1;

#[derive(Serialize, Deserialize)]
struct Known {
    format: u64,
    mirrors: Vec<PathBuf>,
}

/// The mirrors that were followed last. A file that cannot be read names none: it is a help, and written anew.
pub(super) fn read(strongbox: &Path) -> Vec<PathBuf> {
    let bytes = folder::read(&strongbox.join(FILE)).ok().flatten();
    let known = bytes.and_then(|bytes| serde_json::from_slice::<Known>(&bytes).ok());
    known.filter(|known| known.format <= FORMAT).map(|known| known.mirrors).unwrap_or_default()
}

/// Remembers the mirrors.
pub(super) fn write<'a>(strongbox: &Path, mirrors: impl Iterator<Item = &'a Path>) {
    let known = Known { format: FORMAT, mirrors: mirrors.map(Path::to_owned).collect() };
    if known.mirrors == read(strongbox) {
        return;
    }
    let written = serde_json::to_vec_pretty(&known)
        .map_err(|why| why.to_string())
        .and_then(|bytes| folder::write(&strongbox.join(FILE), &bytes).map_err(|why| why.to_string()));
    if let Err(why) = written {
        tracing::warn!(%why, "which mirrors the strongbox has could not be noted");
    }
}
