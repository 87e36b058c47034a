//! Reading every byte, and knowing what matters by what it looks like.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use age::x25519::Identity;
use zeroize::Zeroizing;

use super::findings::Remains;
use crate::receipt::MARK_BYTES;

/// How much is read at a time.
const STEP: usize = 4 << 20;
/// How much of what was read before is looked at again, so that nothing is cut in two: more than anything that is looked for.
const OVERLAP: usize = 8192;

const SLOT: &[u8] = b"PKEYSLOT";
/// A slot has its root in a sector of this length.
const SECTOR: usize = 4096;
const PACK: &[u8] = b"PKEYPACK";
const SQLITE: &[u8] = b"SQLite format 3\0";
const CATALOG: &[u8] = b"CREATE TABLE recordings";
const AGE_FILE: &[u8] = b"age-encryption.org/v1\n";
const IDENTITY: &[u8] = b"AGE-SECRET-KEY-1";
/// The length of an age identity as text.
const IDENTITY_LENGTH: usize = 74;

/// What the folders hold.
#[derive(Default)]
pub(super) struct Scan {
    pub(super) files: u64,
    pub(super) bytes: u64,
    pub(super) unread: Vec<(PathBuf, String)>,
    pub(super) remains: Vec<Remains>,
    /// Files that begin like an age file and hold a mark.
    pub(super) exports: Vec<PathBuf>,
    /// Sectors that begin like a slot, with the file each was found in.
    pub(super) slots: Vec<(PathBuf, Zeroizing<Vec<u8>>)>,
    pub(super) packs: Vec<PathBuf>,
    pub(super) catalogs: BTreeSet<PathBuf>,
    /// By what they open for, so that each is there once.
    pub(super) identities: HashMap<String, Identity>,
}

/// Reads everything below the folders, each file once; links are not followed.
pub(super) fn scan(folders: &[PathBuf], marks: &[[u8; MARK_BYTES]]) -> Scan {
    let mut scan = Scan::default();
    let wanted = Wanted::new(marks);
    let mut seen = HashSet::new();
    for folder in folders {
        scan.below(folder, &wanted, &mut seen);
    }
    scan
}

impl Scan {
    fn below(&mut self, path: &Path, wanted: &Wanted, seen: &mut HashSet<PathBuf>) {
        let canonical = match fs::canonicalize(path) {
            Ok(canonical) => canonical,
            Err(why) => return self.unread.push((path.to_owned(), why.to_string())),
        };
        if !seen.insert(canonical) {
            return;
        }
        let kind = match fs::symlink_metadata(path) {
            Ok(metadata) => metadata.file_type(),
            // It went away meanwhile.
            Err(why) if why.kind() == io::ErrorKind::NotFound => return,
            Err(why) => return self.unread.push((path.to_owned(), why.to_string())),
        };
        if kind.is_dir() {
            match fs::read_dir(path) {
                Err(why) => self.unread.push((path.to_owned(), why.to_string())),
                Ok(entries) => {
                    for entry in entries.flatten() {
                        if entry.file_type().is_ok_and(|kind| !kind.is_symlink()) {
                            self.below(&entry.path(), wanted, seen);
                        }
                    }
                }
            }
        } else if kind.is_file()
            && let Err(why) = self.file(path, wanted)
            && why.kind() != io::ErrorKind::NotFound
        {
            self.unread.push((path.to_owned(), why.to_string()));
        }
    }

    fn file(&mut self, path: &Path, wanted: &Wanted) -> io::Result<()> {
        let mut file = File::open(path)?;
        let mut buffer = Zeroizing::new(Vec::with_capacity(STEP + OVERLAP));
        let mut found = HashSet::new();
        let (mut first, mut is_age, mut is_catalog) = (true, false, false);
        loop {
            let read = file.by_ref().take(STEP as u64).read_to_end(&mut buffer)?;
            self.bytes += read as u64;
            if first {
                is_age = buffer.starts_with(AGE_FILE);
                if buffer.starts_with(PACK) {
                    self.packs.push(path.to_owned());
                }
            }
            let last = read < STEP;
            wanted.find(&buffer, &mut found);
            self.slots_in(path, &buffer, last);
            self.identities_in(&buffer);
            is_catalog |= contains(&buffer, CATALOG);
            if last {
                break;
            }
            let done = buffer.len() - OVERLAP;
            buffer.drain(..done);
            first = false;
        }
        self.files += 1;
        if !found.is_empty() {
            self.remains.push(Remains { path: path.to_owned(), recordings: found.len() as u64 });
            if is_age {
                self.exports.push(path.to_owned());
            }
        }
        if is_catalog && let Some(catalog) = catalog_of(path) {
            self.catalogs.insert(catalog);
        }
        Ok(())
    }

    fn slots_in(&mut self, path: &Path, buffer: &[u8], last: bool) {
        for at in positions(buffer, SLOT) {
            let end = at + SECTOR;
            // One that reaches beyond what was read comes again whole with the next stretch.
            if end <= buffer.len() || last {
                let sector = Zeroizing::new(buffer[at..end.min(buffer.len())].to_vec());
                if !self.slots.iter().any(|(file, known)| file == path && *known == sector) {
                    self.slots.push((path.to_owned(), sector));
                }
            }
        }
    }

    fn identities_in(&mut self, buffer: &[u8]) {
        for at in positions(buffer, IDENTITY) {
            let text = buffer.get(at..at + IDENTITY_LENGTH).and_then(|text| std::str::from_utf8(text).ok());
            if let Some(identity) = text.and_then(|text| text.parse::<Identity>().ok()) {
                self.identities.insert(identity.to_public().to_string(), identity);
            }
        }
    }
}

/// The catalog that a file with its schema is: itself, or the one whose log it is.
fn catalog_of(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let main = match name.strip_suffix("-wal") {
        Some(main) => path.with_file_name(main),
        None => path.to_owned(),
    };
    let mut head = [0; SQLITE.len()];
    File::open(&main).ok()?.read_exact(&mut head).ok()?;
    (head == SQLITE).then_some(main)
}

/// The marks that are looked for, found fast: most places differ from all of them in the first bytes.
struct Wanted {
    /// Whether any mark begins with these two bytes.
    begins: Vec<bool>,
    marks: HashMap<[u8; MARK_BYTES], usize>,
}

impl Wanted {
    fn new(marks: &[[u8; MARK_BYTES]]) -> Wanted {
        let mut begins = vec![false; 1 << 16];
        for mark in marks {
            begins[usize::from(u16::from_be_bytes([mark[0], mark[1]]))] = true;
        }
        Wanted { begins, marks: marks.iter().copied().zip(0..).collect() }
    }

    fn find(&self, buffer: &[u8], found: &mut HashSet<usize>) {
        if self.marks.is_empty() {
            return;
        }
        for window in buffer.windows(MARK_BYTES) {
            if self.begins[usize::from(u16::from_be_bytes([window[0], window[1]]))]
                && let Some(window) = window.first_chunk::<MARK_BYTES>()
                && let Some(mark) = self.marks.get(window)
            {
                found.insert(*mark);
            }
        }
    }
}

fn contains(buffer: &[u8], what: &[u8]) -> bool {
    memchr::memmem::find(buffer, what).is_some()
}

fn positions<'a>(buffer: &'a [u8], what: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    memchr::memmem::find_iter(buffer, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_across_two_stretches_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let mark = *b"a mark of 12";
        for at in [0, STEP - 6, STEP - 1, 2 * STEP + 17] {
            let mut bytes = vec![b'.'; at];
            bytes.extend_from_slice(&mark);
            let mut slot = SLOT.to_vec();
            slot.resize(SECTOR, 7);
            bytes.extend_from_slice(&slot);
            bytes.extend_from_slice(b" and more");
            fs::write(folder.path().join("file"), &bytes).unwrap();
            let found =
                scan(&[folder.path().to_owned(), folder.path().join("file")], &[mark, [0; MARK_BYTES]]);
            assert_eq!((found.files, found.bytes), (1, bytes.len() as u64), "each file once");
            assert_eq!(found.remains, [Remains { path: folder.path().join("file"), recordings: 1 }], "{at}");
            assert_eq!(found.slots.len(), 1, "{at}");
            assert_eq!(**found.slots[0].1, slot);
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let nowhere = PathBuf::from("/nowhere/at/all");
        let found = scan(std::slice::from_ref(&nowhere), &[]);
        assert_eq!(found.unread[0].0, nowhere);
    }
}
