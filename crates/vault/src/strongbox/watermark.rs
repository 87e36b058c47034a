//! How much had been written into the catalog when something was written last.
//!
//! A database whose newest pages rotted, or that an older copy took the place of, opens as if what was written last had never been. The
//! strongbox never goes back, so the count lies there. It is noted after the catalog's commit is durable and is not synced itself: a
//! power cut can leave it behind the catalog, which means nothing, and nothing leaves it ahead but a catalog that has lost something.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::Strongbox;

pub(super) const FILE: &str = "watermark";

const MAGIC: &[u8; 8] = b"PWATERMK";
const VERSION: u32 = 1;
/// `MAGIC ‖ version u32 ‖ writes u64 ‖ recordings u64 ‖ BLAKE3 of all before it`, big-endian: less than a sector, so that no power cut
/// tears it.
const BYTES: usize = 28 + 32;

/// How much was ever written into a catalog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Watermark {
    /// Transactions.
    pub(crate) writes: u64,
    /// Recordings, without the details of the ledger's lines.
    pub(crate) recordings: u64,
}

impl Watermark {
    fn encode(self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_be_bytes());
        bytes[12..20].copy_from_slice(&self.writes.to_be_bytes());
        bytes[20..28].copy_from_slice(&self.recordings.to_be_bytes());
        let hash = blake3::hash(&bytes[..28]);
        bytes[28..].copy_from_slice(hash.as_bytes());
        bytes
    }

    /// None for bytes that were never written whole, or have rotted: the mark is then begun anew with what the catalog says.
    fn decode(bytes: &[u8; BYTES]) -> Option<Watermark> {
        let whole = blake3::hash(&bytes[..28]) == bytes[28..] && bytes[..8] == *MAGIC;
        let number = |at: usize| Some(u64::from_be_bytes(bytes[at..at + 8].try_into().ok()?));
        let known = bytes[8..12] == VERSION.to_be_bytes();
        (whole && known).then_some(Watermark { writes: number(12)?, recordings: number(20)? })
    }
}

/// The file of a strongbox that holds its watermark.
#[derive(Clone)]
pub(crate) struct WatermarkFile {
    /// None where it could not be opened.
    file: Option<Arc<File>>,
    newest: Arc<Mutex<Watermark>>,
}

impl WatermarkFile {
    fn open(folder: &Path) -> WatermarkFile {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(folder.join(FILE)).inspect_err(not_noted).ok();
        let mut bytes = [0; BYTES];
        let read = file.as_ref().and_then(|file| file.read_exact_at(&mut bytes, 0).ok());
        let newest = read.and_then(|()| Watermark::decode(&bytes)).unwrap_or_default();
        WatermarkFile { file: file.map(Arc::new), newest: Arc::new(Mutex::new(newest)) }
    }

    /// The newest mark; nothing at all where none can be read.
    pub(crate) fn newest(&self) -> Watermark {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what the catalog says, once that is durable there. A mark that cannot be written is a help that is missing, and nothing else.
    pub(crate) async fn note(&self, mark: Watermark) {
        let this = self.clone();
        let noted = tokio::task::spawn_blocking(move || {
            let mut newest = this.newest.lock().unwrap_or_else(PoisonError::into_inner);
            if mark <= *newest {
                return Ok(());
            }
            *newest = mark;
            this.file.as_ref().map_or(Ok(()), |file| file.write_all_at(&mark.encode(), 0))
        });
        if let Ok(Err(why)) = noted.await {
            not_noted(&why);
        }
    }
}

fn not_noted(why: &std::io::Error) {
    tracing::warn!(%why, "how much the catalog holds could not be noted in the strongbox");
}

impl Strongbox {
    /// The file that holds its watermark, made where it is missing.
    pub(crate) fn watermark(&self) -> WatermarkFile {
        WatermarkFile::open(&self.folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_mark_never_goes_back_and_one_that_rotted_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let mark = |writes| Watermark { writes, recordings: 3 };
        let file = WatermarkFile::open(folder.path());
        assert_eq!(file.newest(), Watermark::default());
        file.note(mark(5)).await;
        file.note(mark(4)).await;
        assert_eq!(WatermarkFile::open(folder.path()).newest(), mark(5));
        let whole = std::fs::read(folder.path().join(FILE)).unwrap();
        for byte in 0..whole.len() {
            let mut spoiled = whole.clone();
            spoiled[byte] ^= 1;
            std::fs::write(folder.path().join(FILE), spoiled).unwrap();
            assert_eq!(WatermarkFile::open(folder.path()).newest(), Watermark::default(), "{byte}");
        }
    }
}
