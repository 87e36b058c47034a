//! What a piece of film says of itself: its tracks, and where and when each of its samples is. Of what `mp4` writes; anything else is no
//! piece, and no bytes whatever make more of it.

use std::ops::Range;

use crate::mp4::Kind;

/// A piece as it lies there.
pub(super) struct Piece {
    /// Pictures first.
    pub(super) tracks: Vec<Part>,
    /// Its `mdat` box, whole.
    pub(super) media: Range<usize>,
}

/// One track's part of a piece.
pub(super) struct Part {
    pub(super) form: Form,
    /// When its first sample is decoded, in ticks of its own from where the piece begins.
    pub(super) start: u64,
    /// Where its samples lie, one after the other, from where the `mdat` box begins.
    pub(super) at: u64,
    /// At least one.
    pub(super) samples: Vec<Sample>,
}

/// How the samples of a track are made: those of another form do not go on where these end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) kind: Kind,
    /// Ticks a second, of which there are some.
    pub(super) rate: u32,
    pub(super) entry: Vec<u8>,
}

#[derive(Clone, Copy)]
pub(super) struct Sample {
    pub(super) duration: u32,
    pub(super) size: u32,
    pub(super) key: bool,
    pub(super) composition: u32,
}

/// More than any piece has.
const MOST_SAMPLES: u32 = 1 << 16;
const IS_NO_KEY: u32 = 0x1_0000;

impl Piece {
    /// Reads a piece; none of what is none.
    pub(super) fn read(film: &[u8]) -> Option<Piece> {
        let movie = find(film, 0..film.len(), b"moov")?;
        let fragment = find(film, 0..film.len(), b"moof")?;
        let media = find(film, 0..film.len(), b"mdat")?;
        let heads: Vec<Range<usize>> = all(film, inside(&movie), b"trak").collect();
        let runs: Vec<Range<usize>> = all(film, inside(&fragment), b"traf").collect();
        let tracks = heads.iter().zip(&runs);
        let tracks: Vec<Part> = tracks
            .map(|(head, run)| Part::read(film, head.clone(), run.clone(), fragment.start, &media))
            .collect::<Option<_>>()?;
        let pictures = tracks.first()?;
        let is_film = matches!(pictures.form.kind, Kind::Video { .. }) && pictures.samples.first()?.key;
        (is_film && heads.len() == runs.len() && pictures.start == 0).then_some(Piece { tracks, media })
    }

    /// How much later than on its own time it presents everything, in ticks of its pictures: the first of them says it.
    pub(super) fn delay(&self) -> u32 {
        let first = self.tracks.first().and_then(|pictures| pictures.samples.first());
        first.map_or(0, |first| first.composition)
    }
}

impl Part {
    fn read(
        film: &[u8],
        head: Range<usize>,
        run: Range<usize>,
        fragment: usize,
        media: &Range<usize>,
    ) -> Option<Part> {
        let header = find(film, inside(&head), b"tkhd")?;
        let described = find(film, inside(&head), b"mdia")?;
        let time = find(film, inside(&described), b"mdhd")?;
        let handler = find(film, inside(&described), b"hdlr")?;
        let entries = find(film, inside(&described), b"minf")
            .and_then(|within| find(film, inside(&within), b"stbl"))
            .and_then(|within| find(film, inside(&within), b"stsd"))?;
        // Of version 0 all of them: two times, then the number that is looked for.
        let id = u32_at(film, header.start + 20)?;
        let rate = u32_at(film, time.start + 20).filter(|rate| *rate > 0)?;
        let kind = match film.get(handler.start + 16..handler.start + 20)? {
            b"vide" => Kind::Video {
                width: u32_at(film, header.start + 84)? >> 16,
                height: u32_at(film, header.start + 88)? >> 16,
            },
            b"soun" => Kind::Sound,
            _ => return None,
        };
        let entry = film.get(entries.start + 16..entries.end)?.to_vec();
        let named = find(film, inside(&run), b"tfhd")?;
        let begins = find(film, inside(&run), b"tfdt")?;
        let table = find(film, inside(&run), b"trun")?;
        if u32_at(film, named.start + 12)? != id || film.get(begins.start + 8)? != &1 {
            return None;
        }
        let start =
            u64::from(u32_at(film, begins.start + 12)?) << 32 | u64::from(u32_at(film, begins.start + 16)?);
        let (at, samples) = samples(film, table)?;
        let at = (fragment + at as usize).checked_sub(media.start)?;
        let bytes: usize = samples.iter().map(|sample| sample.size as usize).sum();
        let lies_there = at >= 8 && at + bytes <= media.len() && start <= u64::from(u32::MAX);
        (lies_there && !samples.is_empty()).then_some(Part {
            form: Form { kind, rate, entry },
            start,
            at: at as u64,
            samples,
        })
    }
}

/// Where the samples of a run begin, from where its fragment begins, and what each is.
fn samples(film: &[u8], run: Range<usize>) -> Option<(u32, Vec<Sample>)> {
    let flags = u32_at(film, run.start + 8)? & 0xff_ffff;
    let reordered = match flags {
        0x701 => false,
        0xf01 => true,
        _ => return None,
    };
    let (count, offset) = (u32_at(film, run.start + 12)?, u32_at(film, run.start + 16)?);
    let each = if reordered { 16 } else { 12 };
    if count > MOST_SAMPLES || run.start + 20 + count as usize * each > run.end {
        return None;
    }
    let samples = (0..count as usize).map(|sample| {
        let at = run.start + 20 + sample * each;
        Some(Sample {
            duration: u32_at(film, at)?,
            size: u32_at(film, at + 4)?,
            key: u32_at(film, at + 8)? & IS_NO_KEY == 0,
            composition: if reordered { u32_at(film, at + 12)? } else { 0 },
        })
    });
    Some((offset, samples.collect::<Option<_>>()?))
}

/// The first box of a kind in a part of a file.
fn find(film: &[u8], within: Range<usize>, kind: &[u8; 4]) -> Option<Range<usize>> {
    all(film, within, kind).next()
}

/// The boxes of a kind in a part of a file, up to what is none.
fn all<'f>(
    film: &'f [u8],
    within: Range<usize>,
    kind: &'f [u8; 4],
) -> impl Iterator<Item = Range<usize>> + use<'f> {
    let mut at = within.start;
    let boxes = std::iter::from_fn(move || {
        let size = u32_at(film, at)? as usize;
        let place = at..at.checked_add(size)?;
        at = place.end;
        (size >= 8 && place.end <= within.end).then_some(place)
    });
    boxes.filter(move |place| film.get(place.start + 4..place.start + 8) == Some(&kind[..]))
}

/// What a box holds that has nothing else before.
fn inside(place: &Range<usize>) -> Range<usize> {
    place.start + 8..place.end
}

fn u32_at(film: &[u8], at: usize) -> Option<u32> {
    film.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_be_bytes)
}
