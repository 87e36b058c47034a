//! That a watermark was damaged or missing at a start: what a database had lost before could not be told then. It is told for two weeks,
//! and not only until the next start, which may come before anybody has looked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::folder;

pub(super) const FILE: &str = "watermarks-lost.json";
const FORMAT: u64 = 1;
const TOLD: SignedDuration = SignedDuration::from_hours(14 * 24);

/// The watermarks that were lost, each with the start that found it out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LostMarks(BTreeMap<String, Timestamp>);

#[derive(Serialize, Deserialize)]
struct Noted {
    format: u64,
    lost: BTreeMap<String, Timestamp>,
}

impl LostMarks {
    /// Those that are noted in a strongbox. A note that cannot be read is a help that is missing.
    pub(super) fn read(strongbox: &Path) -> LostMarks {
        let bytes = folder::read(&strongbox.join(FILE)).ok().flatten();
        let noted = bytes.and_then(|bytes| serde_json::from_slice::<Noted>(&bytes).ok());
        LostMarks(noted.filter(|noted| noted.format == FORMAT).map(|noted| noted.lost).unwrap_or_default())
    }

    /// Takes one in, and notes it in the strongbox.
    pub(super) fn add(&mut self, strongbox: &Path, name: &str, now: Timestamp) {
        self.0.retain(|_, at| is_told(*at, now));
        self.0.insert(name.to_owned(), now);
        let noted = serde_json::to_vec_pretty(&Noted { format: FORMAT, lost: self.0.clone() })
            .map_err(|why| why.to_string())
            .and_then(|bytes| folder::write(&strongbox.join(FILE), &bytes).map_err(|why| why.to_string()));
        if let Err(why) = noted {
            tracing::warn!(%why, "that a watermark was lost could not be noted, and is told until the next start alone");
        }
    }

    /// Those that are told still, and the newest start that found one out.
    pub(super) fn told(&self, strongbox: &Path, now: Timestamp) -> Option<(Vec<PathBuf>, Timestamp)> {
        let told = self.0.iter().filter(|(_, at)| is_told(**at, now));
        let (files, at): (Vec<_>, Vec<_>) = told.map(|(name, at)| (strongbox.join(name), *at)).unzip();
        Some((files, at.into_iter().max()?))
    }
}

fn is_told(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at).abs() < TOLD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_that_was_lost_is_told_for_two_weeks_whatever_is_started_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let at = |days: i64| Timestamp::from_second(1_800_000_000 + 86_400 * days).unwrap();
        assert_eq!(LostMarks::read(path).told(path, at(0)), None);
        LostMarks::read(path).add(path, "watermark", at(0));
        LostMarks::read(path).add(path, "watermark-beside", at(10));
        let told = |days| LostMarks::read(path).told(path, at(days));
        let both = vec![path.join("watermark"), path.join("watermark-beside")];
        assert_eq!(told(13), Some((both, at(10))));
        assert_eq!(told(15), Some((vec![path.join("watermark-beside")], at(10))));
        assert_eq!(told(24), None);
        folder::write(&path.join(FILE), b"{").unwrap();
        assert_eq!(told(13), None);
    }
}
