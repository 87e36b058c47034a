//! How much had been written into a database when something was written last.
//!
//! A database whose newest pages rotted, or that an older copy took the place of, opens as if what was written last had never been. The
//! strongbox never goes back, so the count lies there. It is noted after the database's commit is durable and is not synced itself: a
//! power cut can leave it behind the database, which means nothing, and nothing leaves it ahead but a database that has lost something.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::Error;
use crate::folder;
use crate::in_place::InPlace;

/// That of the catalog.
pub(crate) const FILE: &str = "watermark";
/// That of the database which whoever uses a vault keeps beside the catalog.
pub(crate) const BESIDE_FILE: &str = "watermark-beside";

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
    path: PathBuf,
    was_lost: bool,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    /// None where it could not be opened.
    open: Option<(File, InPlace)>,
    newest: Watermark,
    /// Whether it was written anew since, because it was removed or had rotted.
    was_put_back: bool,
}

impl WatermarkFile {
    /// Opens the file beside a database that counts this much. It is made where it is missing, before anything is counted there: one that
    /// is missing beside a database that counts something was lost.
    pub(crate) fn open(path: &Path, counted: Watermark) -> WatermarkFile {
        let read = folder::read(path);
        let is_new = matches!(read, Ok(None)) && counted.writes == 0;
        let known = read.ok().flatten().and_then(|bytes| Watermark::decode(&bytes));
        // Made whole or not at all, so that a power cut leaves none that seems to have rotted.
        if known.is_none() {
            let begun = folder::write(path, &counted.encode());
            let _ =
                begun.inspect_err(|why| tracing::warn!(%why, "a watermark cannot be begun in the strongbox"));
        }
        let open = open(path).inspect_err(not_noted).ok();
        let state = State { open, newest: known.unwrap_or(counted), was_put_back: false };
        let was_lost = known.is_none() && !is_new;
        WatermarkFile { path: path.to_owned(), was_lost, state: Arc::new(Mutex::new(state)) }
    }

    /// Makes the file of a database that is still to be made.
    pub(crate) fn begin(path: &Path) -> Result<(), Error> {
        folder::write(path, &Watermark::default().encode())
    }

    /// Whether it was damaged or missing when it was opened, so that nobody knows what the database had lost.
    pub fn was_lost(&self) -> bool {
        self.was_lost
    }

    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it was removed or had rotted since it was opened, and is written anew.
    pub(crate) fn was_put_back(&self) -> bool {
        self.lock().was_put_back
    }

    /// The newest mark; what the database counts where none can be read.
    pub fn newest(&self) -> Watermark {
        self.lock().newest
    }

    /// Notes what the database says, once that is durable there. A mark that cannot be written is a help that is missing, and nothing else.
    pub async fn note(&self, mark: Watermark) {
        let this = self.clone();
        let noted = tokio::task::spawn_blocking(move || {
            let mut state = this.lock();
            if mark <= state.newest {
                return Ok(());
            }
            state.newest = mark;
            match &state.open {
                Some((file, place)) if place.is_there() => file.write_all_at(&mark.encode(), 0),
                _ => this.put_back(&mut state).map_err(io::Error::other),
            }
        });
        if let Ok(Err(why)) = noted.await {
            not_noted(&why);
        }
    }

    /// Sees to it that the next start finds it: one that was removed, or has rotted, is written anew.
    pub(crate) fn look_over(&self) -> Result<(), Error> {
        let mut state = self.lock();
        let is_there = state.open.as_ref().is_some_and(|(_, place)| place.is_there());
        let lies_there = folder::read(&self.path).ok().flatten().and_then(|bytes| Watermark::decode(&bytes));
        if !is_there || lies_there != Some(state.newest) {
            // One that a full disk left behind has not rotted.
            let is_behind = is_there && lies_there.is_some_and(|mark| mark < state.newest);
            let before = state.was_put_back;
            self.put_back(&mut state)?;
            state.was_put_back = before || !is_behind;
        }
        Ok(())
    }

    fn put_back(&self, state: &mut State) -> Result<(), Error> {
        folder::write(&self.path, &state.newest.encode())?;
        state.open = Some(open(&self.path).map_err(Error::io("open", &self.path))?);
        state.was_put_back = true;
        tracing::error!(file = %self.path.display(), "it was removed or had rotted, and is written anew");
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open(path: &Path) -> io::Result<(File, InPlace)> {
    Ok((OpenOptions::new().write(true).open(path)?, InPlace::of(path)?))
}

/// Puts a mark into a mirror, which may be behind and is never without one.
pub(crate) fn put(folder: &Path, name: &str, mark: Watermark) -> Result<(), Error> {
    let path = folder.join(name);
    match folder::read(&path) {
        Ok(Some(there)) if Watermark::decode(&there) == Some(mark) => Ok(()),
        // In place and without an fsync, as here.
        Ok(Some(there)) if there.len() == BYTES => {
            let file = OpenOptions::new().write(true).open(&path);
            file.and_then(|file| file.write_all_at(&mark.encode(), 0)).map_err(Error::io("write", &path))
        }
        _ => folder::write(&path, &mark.encode()),
    }
}

fn not_noted(why: &io::Error) {
    tracing::warn!(%why, "how much a database holds could not be noted in the strongbox");
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Watermark = Watermark { writes: 0, recordings: 0 };

    fn mark(writes: u64) -> Watermark {
        Watermark { writes, recordings: 3 }
    }

    #[tokio::test]
    async fn a_mark_never_goes_back_and_one_that_rotted_or_is_gone_is_begun_anew_and_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let open = |counted| {
            let file = WatermarkFile::open(&path, counted);
            (file.newest(), file.was_lost())
        };
        let file = WatermarkFile::open(&path, NOTHING);
        assert_eq!((file.newest(), file.was_lost()), (NOTHING, false), "a new strongbox has none");
        assert_eq!(open(mark(1)), (NOTHING, false), "nothing was noted yet");
        file.note(mark(5)).await;
        file.note(mark(4)).await;
        assert_eq!(open(mark(5)), (mark(5), false));
        assert_eq!(open(mark(2)), (mark(5), false), "a database that has lost something");
        let whole = std::fs::read(&path).unwrap();
        let flipped = (0..whole.len()).map(|byte| {
            let mut spoiled = whole.clone();
            spoiled[byte] ^= 1;
            spoiled
        });
        for spoiled in flipped.chain([Vec::new(), vec![0; BYTES], [&whole[..], b"more"].concat()]) {
            std::fs::write(&path, &spoiled).unwrap();
            assert_eq!(open(mark(5)), (mark(5), true), "{spoiled:?}");
            assert_eq!(open(mark(5)), (mark(5), false), "told once, and begun anew");
        }
        std::fs::remove_file(&path).unwrap();
        assert_eq!(open(mark(5)), (mark(5), true), "lost: the database counts something");
        assert_eq!(open(mark(5)), (mark(5), false));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(open(NOTHING), (NOTHING, false), "an earlier release counted nothing");
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert_eq!(open(NOTHING), (NOTHING, true), "one that cannot be read");
    }

    #[tokio::test]
    async fn one_that_is_removed_or_rots_while_it_is_open_is_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let read = || Watermark::decode(&std::fs::read(&path).unwrap());
        let file = WatermarkFile::open(&path, NOTHING);
        file.note(mark(1)).await;
        file.look_over().unwrap();
        assert!(!file.lock().was_put_back);
        std::fs::remove_file(&path).unwrap();
        file.note(mark(2)).await;
        assert_eq!(read(), Some(mark(2)), "by the next count");
        assert!(file.lock().was_put_back);
        for spoiled in [None, Some(vec![0; BYTES]), Some(NOTHING.encode().to_vec())] {
            match spoiled {
                None => std::fs::remove_file(&path).unwrap(),
                Some(bytes) => std::fs::write(&path, bytes).unwrap(),
            }
            file.look_over().unwrap();
            assert_eq!(read(), Some(mark(2)), "by a look-over");
        }
        file.note(mark(3)).await;
        assert_eq!(read(), Some(mark(3)));
    }

    #[test]
    fn a_mirror_is_given_a_mark_and_what_rotted_there_is_put_right() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        for there in [None, Some(vec![0; BYTES]), Some(b"short".to_vec()), Some(mark(9).encode().to_vec())] {
            if let Some(there) = there {
                std::fs::write(&path, there).unwrap();
            }
            put(folder.path(), FILE, mark(7)).unwrap();
            assert_eq!(Watermark::decode(&std::fs::read(&path).unwrap()), Some(mark(7)));
        }
    }
}
