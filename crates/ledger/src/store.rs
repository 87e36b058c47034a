//! Where the bytes of a ledger lie.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Append-only files, one for each tree of a ledger, numbered from 1.
///
/// What returns `Ok` is durable: it survives a power cut. What returns an error may have happened in part.
pub trait Store: Send {
    /// The numbers of the trees of which there is anything, be it the noted hashes alone, in ascending order.
    fn trees(&self) -> io::Result<Vec<u32>>;

    /// Makes the file of a tree that is not there yet, with these first bytes: after a crash it is there with
    /// all of them, or not at all.
    fn begin(&mut self, tree: u32, bytes: &[u8]) -> io::Result<()>;

    /// The length of a tree's file in bytes; nothing has none.
    fn length(&self, tree: u32) -> io::Result<u64>;

    /// Reads bytes of a tree's file from `at` until `into` is full.
    fn read(&self, tree: u32, at: u64, into: &mut [u8]) -> io::Result<()>;

    /// Adds bytes at the end of a tree's file, which is at `at`. After a crash any part of them may be there.
    fn append(&mut self, tree: u32, at: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts a tree's file off at `length` bytes.
    fn truncate(&mut self, tree: u32, length: u64) -> io::Result<()>;

    /// Overwrites the first bytes of a tree's file, which is made where it is gone.
    fn mend(&mut self, tree: u32, bytes: &[u8]) -> io::Result<()>;

    /// The hashes of a tree's entries that were noted beside it, one after the other; none where there are none. They are made of
    /// the entries and count only where entries are damaged, so they need not be durable, nor whole.
    fn hashes(&self, _tree: u32) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    /// Notes hashes from byte `at` on; nothing remains behind them.
    fn note_hashes(&mut self, _tree: u32, _at: u64, _bytes: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

/// A folder with a file `entries-N` for each tree, and beside it `hashes-N`.
///
/// The folder and its files are for their owner alone (0700, 0600). Nothing here keeps two processes from
/// appending at once; that lock is the caller's.
#[derive(Debug)]
pub struct FolderStore {
    folder: PathBuf,
}

impl FolderStore {
    /// The store in `folder`, which is made when it is missing; the folder above it must be there.
    ///
    /// # Errors
    ///
    /// What the system says when the folder cannot be made.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<FolderStore> {
        let folder = folder.into();
        match DirBuilder::new().mode(0o700).create(&folder) {
            Ok(()) => sync_folder(
                folder.parent().filter(|above| *above != Path::new("")).unwrap_or(Path::new(".")),
            )?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
            Err(error) => return Err(error),
        }
        Ok(FolderStore { folder })
    }

    fn path(&self, tree: u32) -> PathBuf {
        self.folder.join(format!("{PREFIX}{tree}"))
    }

    fn hashes_path(&self, tree: u32) -> PathBuf {
        self.folder.join(format!("{HASHES}{tree}"))
    }
}

const PREFIX: &str = "entries-";
const HASHES: &str = "hashes-";

impl Store for FolderStore {
    fn trees(&self) -> io::Result<Vec<u32>> {
        let mut trees = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            let number = |prefix| name.to_str()?.strip_prefix(prefix)?.parse().ok();
            // `entries-01` or a leftover `entries-2.new` is not a tree.
            let of = |path: PathBuf| path.file_name() == Some(&name);
            trees.extend(number(PREFIX).filter(|tree: &u32| of(self.path(*tree))));
            trees.extend(number(HASHES).filter(|tree: &u32| of(self.hashes_path(*tree))));
        }
        trees.sort_unstable();
        trees.dedup();
        Ok(trees)
    }

    fn begin(&mut self, tree: u32, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(tree);
        if path.try_exists()? {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                format!("{} is there already", path.display()),
            ));
        }
        let new = path.with_file_name(format!("{PREFIX}{tree}.new"));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        sync_folder(&self.folder)
    }

    fn length(&self, tree: u32) -> io::Result<u64> {
        match fs::metadata(self.path(tree)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            found => Ok(found?.len()),
        }
    }

    fn read(&self, tree: u32, at: u64, into: &mut [u8]) -> io::Result<()> {
        let file = File::open(self.path(tree))?;
        read_around(|at, into| file.read_exact_at(into, at), at, into)
    }

    fn append(&mut self, tree: u32, at: u64, bytes: &[u8]) -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(self.path(tree))?;
        let length = file.metadata()?.len();
        if length != at {
            let message = format!("the file has {length} bytes instead of {at}: something else wrote to it");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        file.write_all_at(bytes, at)?;
        // The one fsync of an append. The new length is part of what is needed to read the bytes, so it is
        // synced too.
        file.sync_data()
    }

    fn truncate(&mut self, tree: u32, length: u64) -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(self.path(tree))?;
        file.set_len(length)?;
        file.sync_all()
    }

    fn mend(&mut self, tree: u32, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(tree);
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
        file.write_all_at(bytes, 0)?;
        file.sync_all()?;
        sync_folder(&self.folder)
    }

    fn hashes(&self, tree: u32) -> io::Result<Vec<u8>> {
        match fs::read(self.hashes_path(tree)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read,
        }
    }

    fn note_hashes(&mut self, tree: u32, at: u64, bytes: &[u8]) -> io::Result<()> {
        let path = self.hashes_path(tree);
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
        file.write_all_at(bytes, at)?;
        file.set_len(at + bytes.len() as u64)
    }
}

/// What a disk says of a block that it cannot read: `EIO`.
const UNREADABLE: i32 = 5;

/// Reads around blocks that the disk cannot read, which are as good as damaged: zeros take their place.
fn read_around(read: impl Fn(u64, &mut [u8]) -> io::Result<()>, at: u64, into: &mut [u8]) -> io::Result<()> {
    const BLOCK: usize = 4096;
    let unreadable = |error: &io::Error| error.raw_os_error() == Some(UNREADABLE);
    match read(at, into) {
        Err(error) if unreadable(&error) => {}
        read => return read,
    }
    let mut from = 0;
    while from < into.len() {
        // Up to where a block of the file ends.
        let to = into.len().min(from + BLOCK - (at as usize + from) % BLOCK);
        match read(at + from as u64, &mut into[from..to]) {
            Err(error) if unreadable(&error) => into[from..to].fill(0),
            read => read?,
        }
        from = to;
    }
    Ok(())
}

/// Makes the names in a folder durable.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_keeps_trees_apart() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = FolderStore::open(dir.path().join("ledger")).unwrap();
        store.begin(2, b"two").unwrap();
        store.begin(1, b"one").unwrap();
        store.append(2, 3, b" and more").unwrap();
        store.truncate(2, 9).unwrap();
        for stray in ["entries-03", "entries-4.new", "entries-", "else"] {
            fs::write(dir.path().join("ledger").join(stray), b"").unwrap();
        }
        assert_eq!(store.trees().unwrap(), [1, 2]);
        let mut bytes = [0; 7];
        store.read(2, 2, &mut bytes).unwrap();
        assert_eq!(&bytes, b"o and m");
        assert_eq!(store.length(1).unwrap(), 3);
        assert!(store.read(1, 1, &mut bytes).is_err());
        assert_eq!(store.begin(1, b"").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(store.append(1, 2, b"x").unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn only_the_owner_may_read() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("ledger");
        FolderStore::open(&folder).unwrap().begin(1, b"").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        assert_eq!(mode(&folder.join("entries-1")), 0o600);
    }

    #[test]
    fn a_block_that_cannot_be_read_costs_no_other() {
        let file: Vec<u8> = (0..20_000_u32).map(|n| n as u8 | 1).collect();
        let bad = 8192..12_288;
        let read = |at: u64, into: &mut [u8]| {
            let range = at as usize..at as usize + into.len();
            if range.start < bad.end && bad.start < range.end {
                return Err(io::Error::from_raw_os_error(UNREADABLE));
            }
            into.copy_from_slice(&file[range]);
            Ok(())
        };
        let mut bytes = vec![0; 15_000];
        read_around(read, 3000, &mut bytes).unwrap();
        for (at, byte) in (3000..).zip(&bytes) {
            assert_eq!(*byte, if bad.contains(&at) { 0 } else { file[at] }, "{at}");
        }
        let other = |_: u64, _: &mut [u8]| Err(io::ErrorKind::PermissionDenied.into());
        assert!(read_around(other, 0, &mut bytes).is_err());
    }
}
