//! Where packs lie.

use std::io;
use std::ops::Range;

/// A place for packs: files that are written once, read in parts, and removed.
///
/// It may hold other files too; a keyring touches only names of the form `pack-NUMBER`. Nothing in a pack can be opened
/// without the root key, so a store need not be secret, and copies of it may be any age.
///
/// It may be read from several threads at once: a mirror is brought up to date while the keyring goes on.
///
/// Any error stops what the keyring is doing; it is never taken to mean that a file is absent.
pub trait Store: Send + Sync {
    /// Every file here with its length in bytes.
    fn list(&self) -> io::Result<Vec<(String, u64)>>;

    /// The bytes of a file in `range`, as far as the file reaches; `Ok(None)` only if there is certainly no such file.
    fn read(&self, name: &str, range: Range<u64>) -> io::Result<Option<Vec<u8>>>;

    /// Writes a new file. When this returns, the bytes *and* the name survive a power cut.
    ///
    /// # Errors
    /// [`AlreadyExists`](io::ErrorKind::AlreadyExists) if the name is taken. After any error part of the file may be there; the
    /// keyring removes it before it writes the file again.
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Removes a file. It need not be durable: the keyring removes only what nothing can open, and tries again.
    ///
    /// # Errors
    /// [`NotFound`](io::ErrorKind::NotFound) if there is none.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Lets another keyring use the same files while this object still lives. The keyring asks for nothing any more after this.
    fn leave(&self) {}
}
