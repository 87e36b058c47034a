//! Which mirrors a strongbox has, beside it and not under its root: where the root cannot be read, a mirror is the way back. A folder
//! that was named and never held a copy is not among them.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::folder;

pub(super) const FILE: &str = "mirrors.json";
const FORMAT: u64 = 2;

/// What is known of a folder that may be a mirror.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Seen {
    /// A copy of this strongbox was there.
    Copy,
    /// An earlier release noted that it was named, and not whether there was anything.
    Unsure,
    /// It is named, and nothing was seen there yet.
    #[default]
    Never,
}

#[derive(Serialize, Deserialize)]
struct Known {
    format: u64,
    /// Those that were seen to be copies.
    mirrors: Vec<PathBuf>,
    /// Those that an earlier release noted, until they are seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unsure: Vec<PathBuf>,
}

/// The mirrors that are known. A file that cannot be read names none: it is a help, and written anew.
pub(super) fn read(strongbox: &Path) -> Vec<(PathBuf, Seen)> {
    let Some(known) = read_file(strongbox) else { return Vec::new() };
    let seen = if known.format == 1 { Seen::Unsure } else { Seen::Copy };
    let mirrors = known.mirrors.into_iter().map(|mirror| (mirror, seen));
    mirrors.chain(known.unsure.into_iter().map(|mirror| (mirror, Seen::Unsure))).collect()
}

/// Whether nothing can be read there of which mirrors there are.
pub(super) fn is_lost(strongbox: &Path) -> bool {
    read_file(strongbox).is_none()
}

/// The same, though something lies there. An earlier release wrote nothing.
pub(super) fn is_damaged(strongbox: &Path) -> bool {
    is_lost(strongbox) && strongbox.join(FILE).exists()
}

/// The folders that a strongbox knows as its mirrors, attached or not.
pub fn known_mirrors(strongbox: &Path) -> Vec<PathBuf> {
    read(strongbox).into_iter().map(|(mirror, _)| mirror).collect()
}

fn read_file(strongbox: &Path) -> Option<Known> {
    let bytes = folder::read_without_waiting(&strongbox.join(FILE)).ok().flatten()?;
    serde_json::from_slice::<Known>(&bytes).ok().filter(|known| known.format <= FORMAT)
}

/// Remembers the mirrors, as far as there is anything to remember of them.
pub(super) fn write(strongbox: &Path, mirrors: &[(PathBuf, Seen)]) {
    let of = |wanted| {
        let all = mirrors.iter().filter(move |(_, seen)| *seen == wanted);
        all.map(|(mirror, _)| mirror.clone()).collect::<Vec<_>>()
    };
    let known = Known { format: FORMAT, mirrors: of(Seen::Copy), unsure: of(Seen::Unsure) };
    let same = |there: Known| there.mirrors == known.mirrors && there.unsure == known.unsure;
    if read_file(strongbox).is_some_and(|there| there.format == FORMAT && same(there)) {
        return;
    }
    let written = serde_json::to_vec_pretty(&known)
        .map_err(|why| why.to_string())
        .and_then(|bytes| folder::write(&strongbox.join(FILE), &bytes).map_err(|why| why.to_string()));
    if let Err(why) = written {
        tracing::warn!(%why, "which mirrors the strongbox has could not be noted");
    }
}
