//! How much had been written into a database when something was written last.
//!
//! A database whose newest pages rotted, or that an older copy took the place of, opens as if what was written last had never been. The
//! strongbox never goes back, so the count lies there. It is noted after the database's commit is durable and is not synced itself: a
//! power cut can leave it behind the database, which means nothing, and nothing leaves it ahead but a database that has lost something.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::Strongbox;
use crate::folder;

/// That of the catalog.
pub(super) const FILE: &str = "watermark";
/// That of the database which whoever uses a vault keeps beside the catalog.
pub(super) const BESIDE_FILE: &str = "watermark-beside";

const MAGIC: &[u8; 8] = b"PWATERMK";
const VERSION: u32 = 1;
/// `MAGIC ‖ version u32 ‖ writes u64 ‖ recordings u64 ‖ BLAKE3 of all before it`, big-endian: less than a sector, so that no power cut
/// tears it.
const BYTES: usize = 28 + 32;

/// How much was ever written into a database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Watermark {
    /// Transactions.
    pub writes: u64,
    /// Of the catalog, recordings, without the details of the ledger's lines.
    pub recordings: u64,
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

    /// None for bytes that have rotted: the mark is then begun anew with what the database says.
    fn decode(bytes: &[u8]) -> Option<Watermark> {
        let bytes: &[u8; BYTES] = bytes.try_into().ok()?;
        let whole = blake3::hash(&bytes[..28]) == bytes[28..] && bytes[..8] == *MAGIC;
        let number = |at: usize| Some(u64::from_be_bytes(bytes[at..at + 8].try_into().ok()?));
        let known = bytes[8..12] == VERSION.to_be_bytes();
        (whole && known).then_some(Watermark { writes: number(12)?, recordings: number(20)? })
    }
}

/// The file of a strongbox that holds the watermark of a database.
#[derive(Clone, Debug)]
pub struct WatermarkFile {
    /// None where it could not be opened.
    file: Option<Arc<File>>,
    newest: Arc<Mutex<Watermark>>,
}

impl WatermarkFile {
    /// Opens the file, which is made where it is missing. The other value says whether it had rotted, or could not be read.
    fn open(path: &Path) -> (WatermarkFile, bool) {
        let read = folder::read(path);
        let known = match &read {
            Ok(Some(bytes)) => Watermark::decode(bytes),
            Ok(None) => Some(Watermark::default()),
            Err(_) => None,
        };
        // Made whole or not at all, so that a power cut leaves none that seems to have rotted.
        if known.is_none() || matches!(read, Ok(None)) {
            let begun = folder::write(path, &Watermark::default().encode());
            let _ =
                begun.inspect_err(|why| tracing::warn!(%why, "a watermark cannot be begun in the strongbox"));
        }
        let file = OpenOptions::new().write(true).open(path).inspect_err(not_noted).ok();
        let newest = Arc::new(Mutex::new(known.unwrap_or_default()));
        (WatermarkFile { file: file.map(Arc::new), newest }, known.is_none())
    }

    /// The newest mark; nothing at all where none can be read.
    pub fn newest(&self) -> Watermark {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what the database says, once that is durable there. A mark that cannot be written is a help that is missing, and nothing else.
    pub async fn note(&self, mark: Watermark) {
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

fn not_noted(why: &io::Error) {
    tracing::warn!(%why, "how much a database holds could not be noted in the strongbox");
}

impl Strongbox {
    /// The file that holds the watermark of the catalog.
    pub(crate) fn watermark(&mut self) -> WatermarkFile {
        self.open_watermark(FILE)
    }

    /// The file that holds that of the database beside it.
    pub(crate) fn watermark_beside(&mut self) -> WatermarkFile {
        self.open_watermark(BESIDE_FILE)
    }

    fn open_watermark(&mut self, name: &str) -> WatermarkFile {
        let path = self.folder.join(name);
        let (file, is_lost) = WatermarkFile::open(&path);
        if is_lost {
            self.note_lost_watermark(path);
        }
        file
    }

    fn note_lost_watermark(&mut self, path: PathBuf) {
        tracing::error!(file = %path.display(), "it is damaged, so what a database has lost before this start could not be told");
        self.lost_watermarks.push(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_mark_never_goes_back_and_one_that_rotted_is_none_and_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let mark = |writes| Watermark { writes, recordings: 3 };
        let open = || {
            let (file, is_lost) = WatermarkFile::open(&path);
            (file.newest(), is_lost)
        };
        let (file, is_lost) = WatermarkFile::open(&path);
        assert_eq!((file.newest(), is_lost), (Watermark::default(), false), "a new strongbox has none");
        assert_eq!(open(), (Watermark::default(), false), "nothing was noted yet");
        file.note(mark(5)).await;
        file.note(mark(4)).await;
        assert_eq!(open(), (mark(5), false));
        let whole = std::fs::read(&path).unwrap();
        let flipped = (0..whole.len()).map(|byte| {
            let mut spoiled = whole.clone();
            spoiled[byte] ^= 1;
            spoiled
        });
        for spoiled in flipped.chain([Vec::new(), vec![0; BYTES], [&whole[..], b"more"].concat()]) {
            std::fs::write(&path, &spoiled).unwrap();
            assert_eq!(open(), (Watermark::default(), true), "{spoiled:?}");
            assert_eq!(open(), (Watermark::default(), false), "told once, and begun anew");
        }
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert_eq!(open(), (Watermark::default(), true), "one that cannot be read");
    }
}
