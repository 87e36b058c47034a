//! One film out of pieces that are each a film of their own: an ordinary MP4 file (ISO/IEC 14496-12) that any player and editor takes,
//! with one table for all of it in place of a fragment for each piece. Nothing is encoded anew.
//!
//! The media of each piece is written as it is, one piece after the other; what is held is the tables alone, some ten bytes a picture.
//! The app does the same (`web/src/media/clip.ts`), and both are held to `tests/vectors/clip.json`.

mod piece;
mod table;

use std::ops::Range;

use jiff::Timestamp;

use crate::mp4::{Lasting, boxed, movie_header};
use piece::Piece;
use table::Table;

/// Seconds from the beginning of 1904, from which MP4 counts, to that of 1970.
const SINCE_1904: i64 = 2_082_844_800;
/// With more media than this its places may take 64 bits.
const MANY: u64 = 3 << 30;

/// A film that grows by pieces.
#[derive(Debug, Default)]
pub struct Clip {
    /// The first is that of the pictures.
    tracks: Vec<Table>,
    /// How many bytes of media there are.
    media: u64,
}

/// Why a piece is not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoFit {
    /// Its bytes are not those of a piece.
    #[error("it is no film")]
    NoFilm,
    /// Its pictures or its sound are made in another way: another clip begins with it.
    #[error("it does not go on where this ends")]
    Another,
}

impl Clip {
    /// Adds a piece of film as [`Segment`](crate::Segment) has it, that goes on where the one before ends. Which part of it is to be written
    /// behind the media of those before. After an error the clip is as it was.
    ///
    /// # Errors
    /// [`NoFit`].
    pub fn add(&mut self, film: &[u8]) -> Result<Range<usize>, NoFit> {
        let piece = Piece::read(film).ok_or(NoFit::NoFilm)?;
        if self.tracks.is_empty() {
            self.tracks = piece.tracks.iter().map(|part| Table::of(part.form.clone())).collect();
        } else if !self.tracks.iter().map(Table::form).eq(piece.tracks.iter().map(|part| &part.form)) {
            return Err(NoFit::Another);
        }
        let (begins, rate) =
            self.tracks.first().map_or((0, 1), |pictures| (pictures.ends(), pictures.rate()));
        let delay = piece.delay();
        for (table, part) in self.tracks.iter_mut().zip(&piece.tracks) {
            // Sound lies on the time of the pictures, from which a piece counts by how late it presents them.
            let at = |ticks: u64| in_ticks_of(ticks, rate, table.rate());
            let begins = match table.is_sound() {
                true => at(begins).saturating_add(part.start).saturating_sub(at(u64::from(delay))),
                false => begins,
            };
            table.add(part, begins, self.media, delay);
        }
        self.media += piece.media.len() as u64;
        Ok(piece.media)
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.tracks.is_empty()
    }

    /// How long its pictures are, in seconds.
    pub fn seconds(&self) -> f64 {
        self.tracks.first().map_or(0.0, |pictures| pictures.ends() as f64 / f64::from(pictures.rate()))
    }

    /// What a file begins with.
    pub fn file_type() -> Vec<u8> {
        let mut out = Vec::new();
        boxed(&mut out, b"ftyp", |out| out.extend_from_slice(b"isom\0\0\x02\0isomiso2avc1mp41"));
        out
    }

    /// The table of all of it, for media that begins at this byte of the file. `made` is when the film begins.
    pub fn movie(&self, media: u64, made: Option<Timestamp>) -> Vec<u8> {
        let mut out = Vec::new();
        let made = made.map_or(0, |made| made.as_second().saturating_add(SINCE_1904));
        // Players show the time in which it was made from a number that does not go further in the version that most films need.
        let made = u32::try_from(made).map_or(0, u64::from);
        let lasting = self.tracks.iter().map(Table::shown).max().unwrap_or(0);
        let wide = self.media > MANY;
        boxed(&mut out, b"moov", |out| {
            movie_header(out, self.tracks.len(), Lasting(lasting), made);
            for (track, id) in self.tracks.iter().zip(1..) {
                track.write(out, id, media, wide);
            }
        });
        out
    }

    /// What stands before the media, in a file that begins to play before all of it is there.
    pub fn head(&self, made: Option<Timestamp>) -> Vec<u8> {
        let mut head = Self::file_type();
        // How long it is does not depend on where the media lies.
        let media = head.len() + self.movie(0, made).len();
        head.extend_from_slice(&self.movie(media as u64, made));
        head
    }
}

/// Ticks of one rate in those of another, which is what a piece counts in.
fn in_ticks_of(ticks: u64, from: u32, to: u32) -> u64 {
    u64::try_from(u128::from(ticks) * u128::from(to) / u128::from(from)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
