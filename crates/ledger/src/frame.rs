//! How entries lie in a tree's file.
//!
//! ```text
//! file   = "porchlight-ledger 1\n" ‖ verifier key ‖ "\n" ‖ frame…
//! frame  = length of body (u32) ‖ body ‖ checksum                 one append
//! body   = (length of entry (u16) ‖ entry)…                       as in an entry bundle
//! check  = SHA-256(position of the frame in the file (u64) ‖ length of body (u32) ‖ body)[:8]
//! ```
//!
//! Numbers are big-endian. The checksum tells an append that a crash left unfinished from a whole one, so an
//! append is there with all its entries or not at all. It guards against accidents only; against people there
//! is the root.

use sha2::{Digest, Sha256};

use crate::limits::MAX_BODY;
use crate::note::Verifier;
use crate::{Error, Store};

const FORMAT: &str = "porchlight-ledger ";
const VERSION: u64 = 1;
const CHECKSUM: usize = 8;

/// The first bytes of a tree's file.
pub(crate) fn header(verifier: &Verifier) -> Vec<u8> {
    format!("{FORMAT}{VERSION}\n{verifier}\n").into_bytes()
}

/// Reads the header of a tree's file: whose it is, and where the first frame begins.
pub(crate) fn read_header(bytes: &[u8], tree: u32) -> Result<(Verifier, u64), Error> {
    let bad = || Error::NotALedger { tree };
    let mut lines = bytes.splitn(3, |byte| *byte == b'\n');
    let (Some(format), Some(key), Some(_)) = (lines.next(), lines.next(), lines.next()) else {
        return Err(bad());
    };
    let version =
        std::str::from_utf8(format).ok().and_then(|line| line.strip_prefix(FORMAT)).ok_or_else(bad)?;
    match version.parse() {
        Ok(VERSION) => {}
        Ok(found) if found > VERSION => {
            return Err(Error::Newer { what: "the ledger", found, known: VERSION });
        }
        _ => return Err(bad()),
    }
    let verifier = std::str::from_utf8(key).map_err(|_| bad())?.parse().map_err(|_| bad())?;
    Ok((verifier, (format.len() + key.len() + 2) as u64))
}

/// A frame of these entries, to be written at `position`.
pub(crate) fn encode(position: u64, entries: &[Vec<u8>]) -> Result<Vec<u8>, Error> {
    let length: usize = entries.iter().map(|entry| 2 + entry.len()).sum();
    let long = || Error::AppendTooLarge { length };
    if length > MAX_BODY {
        return Err(long());
    }
    let mut frame = Vec::with_capacity(4 + length + CHECKSUM);
    frame.extend_from_slice(&u32::try_from(length).map_err(|_| long())?.to_be_bytes());
    for entry in entries {
        push_entry(&mut frame, entry)?;
    }
    let checksum = checksum(position, &frame);
    frame.extend_from_slice(&checksum);
    Ok(frame)
}

/// Adds an entry with its length, as in a frame's body and in an entry bundle.
pub(crate) fn push_entry(bytes: &mut Vec<u8>, entry: &[u8]) -> Result<(), Error> {
    let length = u16::try_from(entry.len()).map_err(|_| Error::EntryTooLong { length: entry.len() })?;
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(entry);
    Ok(())
}

/// Splits the first entry off a body; nothing when the body does not begin with a whole one.
pub(crate) fn split_entry(body: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = body.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

/// A look at the frames of one tree's file, through a buffer that moves along with the reader.
pub(crate) struct Frames<'a> {
    store: &'a dyn Store,
    tree: u32,
    /// The length of the file.
    length: u64,
    /// Where `buffer` begins in the file.
    start: u64,
    buffer: Vec<u8>,
}

/// How much of a file is read at a time.
const BUFFER: u64 = 1024 * 1024;

impl<'a> Frames<'a> {
    pub(crate) fn new(store: &'a dyn Store, tree: u32) -> Result<Frames<'a>, Error> {
        let length = store.length(tree).map_err(Error::store("read the ledger's length"))?;
        Ok(Frames { store, tree, length, start: 0, buffer: Vec::new() })
    }

    /// The length of the file.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// At most `count` bytes from `at`, fewer only at the end of the file.
    pub(crate) fn bytes(&mut self, at: u64, count: usize) -> Result<&[u8], Error> {
        let end = self.length.min(at.saturating_add(count as u64));
        let at = at.min(end);
        if at < self.start || end > self.start + self.buffer.len() as u64 {
            let ahead = self.length.min(end.max(at.saturating_add(BUFFER)));
            self.buffer.clear();
            self.buffer.resize((ahead - at) as usize, 0);
            self.start = at;
            self.store.read(self.tree, at, &mut self.buffer).map_err(Error::store("read the ledger"))?;
        }
        Ok(&self.buffer[(at - self.start) as usize..(end - self.start) as usize])
    }

    /// The body of the frame at `position`, or nothing when no whole and intact frame is there. It begins 4
    /// bytes after the position.
    pub(crate) fn body(&mut self, position: u64) -> Result<Option<&[u8]>, Error> {
        let Some(length) = self.body_length(position)? else { return Ok(None) };
        let frame = self.bytes(position, 4 + length + CHECKSUM)?;
        let Some((content, found)) = frame.split_last_chunk::<CHECKSUM>() else { return Ok(None) };
        let intact = content.len() == 4 + length && checksum(position, content) == *found;
        Ok(intact.then(|| &content[4..]))
    }

    /// The next whole and intact frame at `from` or after it, byte by byte: a length that was damaged leads nowhere. The
    /// position is part of each frame's checksum, so nothing else is taken for one.
    pub(crate) fn next_whole(&mut self, from: u64) -> Result<Option<u64>, Error> {
        for position in from..self.length {
            if self.body(position)?.is_some() {
                return Ok(Some(position));
            }
        }
        Ok(None)
    }

    /// Where the frame at `position` ends by its own account, be it intact or not.
    pub(crate) fn end(&mut self, position: u64) -> Result<Option<u64>, Error> {
        Ok(self.body_length(position)?.map(|length| position + (4 + length + CHECKSUM) as u64))
    }

    fn body_length(&mut self, position: u64) -> Result<Option<usize>, Error> {
        let Some(length) = self.bytes(position, 4)?.first_chunk::<4>() else { return Ok(None) };
        let length = u32::from_be_bytes(*length) as usize;
        Ok((length > 0 && length <= MAX_BODY).then_some(length))
    }
}

/// `content` is the length of the body and the body. The position is hashed too, so that old bytes of another
/// place in the file, which a crash may bring back, are not taken for a frame.
fn checksum(position: u64, content: &[u8]) -> [u8; CHECKSUM] {
    let digest = Sha256::new().chain_update(position.to_be_bytes()).chain_update(content).finalize();
    let mut checksum = [0; CHECKSUM];
    checksum.copy_from_slice(&digest[..CHECKSUM]);
    checksum
}
