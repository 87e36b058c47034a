//! A clip on its way to a file: its media is written as it comes, and its table when all of it is there, so that no more of it than one
//! piece is in memory, however long it is.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use porchlight_client::{Clip, Opener, Sealing};

use crate::files;

/// The file, under another name until it is whole: what is there under its own name plays.
pub(crate) struct ClipFile {
    place: PathBuf,
    to: To,
}

enum To {
    /// The table stands before the media, so that it plays from a web server too: it goes where room was left for it.
    Plain { file: File, room: u64, media: u64 },
    /// What is sealed is written once, from its beginning to its end: the table stands behind.
    Sealed(Sealing<File>),
}

/// A table that begins before the media cannot end a little before it: what is left over is a box of its own, which has a head.
const LEAST_FREE: u64 = 8;
/// So much is moved at once.
const BLOCK: usize = 1 << 20;

impl ClipFile {
    /// Begins one that whoever has it can play, in this folder. `table` is how large its table will be, about.
    pub(crate) fn plain(folder: &Path, table: u64) -> io::Result<ClipFile> {
        let place = folder.join(UNFINISHED);
        let mut file = files::create_new(&place)?;
        let room = Clip::file_type().len() as u64 + table;
        file.seek(SeekFrom::Start(room))?;
        Ok(ClipFile { place, to: To::Plain { file, room, media: 0 } })
    }

    /// Begins one that is sealed to whoever takes it.
    pub(crate) fn sealed(folder: &Path, opener: &Opener<'_>) -> anyhow::Result<ClipFile> {
        let place = folder.join(UNFINISHED);
        let mut sealing = opener.seal(files::create_new(&place)?)?;
        sealing.write_all(&Clip::file_type())?;
        Ok(ClipFile { place, to: To::Sealed(sealing) })
    }

    /// Writes the media of the next piece.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.to {
            To::Plain { file, media, .. } => {
                *media += bytes.len() as u64;
                file.write_all(bytes)
            }
            To::Sealed(file) => file.write_all(bytes),
        }
    }

    /// Ends it, durably, under its own name.
    pub(crate) fn finish(self, clip: &Clip, made: Timestamp, name: &Path) -> io::Result<()> {
        let ClipFile { place, to } = self;
        let written = match to {
            To::Plain { file, room, media } => put_before(&file, room, media, clip, made).map(|()| file),
            To::Sealed(mut sealing) => {
                let table = clip.movie(Clip::file_type().len() as u64, Some(made));
                sealing.write_all(&table).and_then(|()| sealing.finish())
            }
        };
        let done = written.and_then(|file| file.sync_all()).and_then(|()| fs::rename(&place, name));
        if done.is_err() {
            let _ = fs::remove_file(&place);
        }
        done
    }

    /// Takes away what was written.
    pub(crate) fn discard(self) {
        let _ = fs::remove_file(self.place);
    }
}

/// What it is called while it is written.
pub(crate) const UNFINISHED: &str = ".clip.part";

/// Puts the table before the media, which begins at `room`; further on where that is too little.
fn put_before(file: &File, room: u64, media: u64, clip: &Clip, made: Timestamp) -> io::Result<()> {
    let kind = Clip::file_type();
    let needed = kind.len() as u64 + clip.movie(room, Some(made)).len() as u64;
    let from = match room.checked_sub(needed) {
        Some(0) => room,
        Some(free) if free >= LEAST_FREE => room,
        Some(_) => room + LEAST_FREE,
        None => needed,
    };
    move_on(file, room, media, from - room)?;
    let mut head = kind;
    head.extend_from_slice(&clip.movie(from, Some(made)));
    let free = from - head.len() as u64;
    if free > 0 {
        head.extend_from_slice(&u32::try_from(free).map_err(io::Error::other)?.to_be_bytes());
        head.extend_from_slice(b"free");
    }
    file.write_all_at(&head, 0)
}

/// Moves bytes further on in a file, the last first.
fn move_on(file: &File, from: u64, length: u64, by: u64) -> io::Result<()> {
    if by == 0 {
        return Ok(());
    }
    let mut block = vec![0; BLOCK];
    let mut left = length;
    while left > 0 {
        let size = left.min(BLOCK as u64);
        left -= size;
        // No more than a block.
        let block = &mut block[..size as usize];
        file.read_exact_at(block, from + left)?;
        file.write_all_at(block, from + left + by)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_its_place_before_the_media_however_much_room_was_left_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/vectors/clip.json")).unwrap();
        let pieces = vectors[0]["pieces"].as_array().unwrap();
        let pieces: Vec<Vec<u8>> = pieces.iter().map(|piece| unhex(piece.as_str().unwrap())).collect();
        let mut whole = Clip::default();
        for piece in &pieces {
            whole.add(piece).unwrap();
        }
        let table = whole.movie(0, None).len() as u64;
        for room in [0, 1, table - 9, table - 1, table, table + 1, table + 7, table + 8, table + 4_000] {
            let mut clip = Clip::default();
            let mut file = ClipFile::plain(folder.path(), room).unwrap();
            let mut media = Vec::new();
            for piece in &pieces {
                let part = clip.add(piece).unwrap();
                file.write(&piece[part.clone()]).unwrap();
                media.extend_from_slice(&piece[part]);
            }
            let name = folder.path().join("clip.mp4");
            file.finish(&clip, Timestamp::UNIX_EPOCH, &name).unwrap();
            let written = fs::read(&name).unwrap();
            let kinds = kinds(&written);
            let expected: &[&str] = match kinds.len() {
                n if n == 2 + pieces.len() => &["ftyp", "moov"],
                _ => &["ftyp", "moov", "free"],
            };
            assert_eq!(kinds[..expected.len()], *expected, "{room}");
            assert!(kinds[expected.len()..].iter().all(|kind| kind == "mdat"), "{room}: {kinds:?}");
            assert!(written.ends_with(&media), "{room}");
            let at = (written.len() - media.len()) as u64;
            let moov = clip.movie(at, Some(Timestamp::UNIX_EPOCH));
            let first = Clip::file_type().len();
            assert_eq!(written[first..first + moov.len()], moov, "{room}: its places are those of the media");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing unfinished is left");
        }
    }

    fn kinds(mut file: &[u8]) -> Vec<String> {
        let mut kinds = Vec::new();
        while !file.is_empty() {
            kinds.push(String::from_utf8(file[4..8].to_vec()).unwrap());
            file = &file[u32::from_be_bytes(file[..4].try_into().unwrap()) as usize..];
        }
        kinds
    }

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }
}
