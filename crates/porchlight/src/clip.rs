//! One film out of pieces that are each a whole film of their own (fragmented MP4, ISO/IEC 14496-12, as `crates/camera/src/mp4.rs` writes
//! it): the beginning of the first, then every piece's pictures and sound, moved to where the one before it ends. The app does the same
//! in `web/src/media/clip.ts`.

use std::collections::BTreeMap;
use std::ops::Range;

/// A film that grows by pieces.
#[derive(Debug, Default)]
pub(crate) struct Clip {
    /// The beginning of the first piece, without how long it is.
    head: Option<Vec<u8>>,
    /// Ticks a second of each track, by its number.
    rates: BTreeMap<u32, u32>,
    /// Where the next piece begins, in seconds.
    end: f64,
    fragments: u32,
}

impl Clip {
    /// Moves a piece to where this ends, and gives what is to be written of it; none of one that is no film, or whose pictures are made in
    /// another way: another clip begins with that. `seconds` is how long the whole will be, about.
    pub(crate) fn add<'p>(&mut self, piece: &'p mut [u8], seconds: f64) -> Option<&'p [u8]> {
        let fragment = boxes(piece, 0..piece.len()).find(|(kind, _)| kind == b"moof")?.1.start;
        let bare = lasting(&piece[..fragment], 0.0);
        let first = match &self.head {
            None => {
                self.rates = rates(&piece[..fragment]);
                self.head = Some(bare);
                true
            }
            Some(head) if *head == bare => false,
            Some(_) => return None,
        };
        if first {
            let head = lasting(&piece[..fragment], seconds);
            piece[..fragment].copy_from_slice(&head);
        }
        self.fragments += 1;
        self.end = self.moved(&mut piece[fragment..]);
        Some(&piece[if first { 0 } else { fragment }..])
    }

    /// Moves a fragment to begin where this ends; where it ends then.
    fn moved(&self, rest: &mut [u8]) -> f64 {
        let mut end = self.end;
        let parts: Vec<_> = inside(rest, &[b"moof"]).collect();
        for (kind, place) in parts {
            if kind == *b"mfhd" {
                put_u32(rest, place.start + 12, self.fragments);
            }
            if kind != *b"traf" {
                continue;
            }
            let within: Vec<_> = boxes(rest, place.start + 8..place.end).collect();
            let at = |wanted: &[u8; 4]| {
                within.iter().find(|(kind, _)| kind == wanted).map(|(_, place)| place.start)
            };
            let (Some(header), Some(time), Some(run)) = (at(b"tfhd"), at(b"tfdt"), at(b"trun")) else {
                continue;
            };
            let rate =
                f64::from(self.rates.get(&u32_at(rest, header + 12)).copied().unwrap_or(90_000).max(1));
            let begins = u64_at(rest, time + 12).saturating_add((self.end * rate).round() as u64);
            put_u64(rest, time + 12, begins);
            end = end.max((begins as f64 + ticks(rest, run) as f64) / rate);
        }
        end
    }
}

/// A beginning that says how long the whole is.
fn lasting(head: &[u8], seconds: f64) -> Vec<u8> {
    let mut changed = head.to_vec();
    let movie = inside(head, &[b"moov"]).find(|(kind, _)| kind == b"mvhd");
    let rate = movie.map_or(90_000, |(_, place)| u32_at(head, place.start + 20));
    for (kind, place) in inside(head, &[b"moov", b"mvex"]) {
        // In its version 1, as every piece has it.
        if kind == *b"mehd" {
            put_u64(&mut changed, place.start + 12, (seconds * f64::from(rate)).round() as u64);
        }
    }
    changed
}

fn rates(head: &[u8]) -> BTreeMap<u32, u32> {
    let tracks = inside(head, &[b"moov"]).filter(|(kind, _)| kind == b"trak");
    let rates = tracks.filter_map(|(_, track)| {
        let find = |within: Range<usize>, wanted: &[u8; 4]| {
            boxes(head, within.start + 8..within.end).find(|(kind, _)| kind == wanted).map(|(_, place)| place)
        };
        let header = find(track.clone(), b"tkhd")?;
        let time = find(find(track, b"mdia")?, b"mdhd")?;
        // Of version 0 both: a number after two times.
        Some((u32_at(head, header.start + 20), u32_at(head, time.start + 20)))
    });
    rates.collect()
}

/// How long the samples of a run are together.
fn ticks(bytes: &[u8], run: usize) -> u64 {
    let flags = u32_at(bytes, run + 8);
    if flags & 0x100 == 0 {
        return 0;
    }
    let first = run + 16 + if flags & 0x1 == 0 { 0 } else { 4 } + if flags & 0x4 == 0 { 0 } else { 4 };
    let each = 4 * (flags & 0xf00).count_ones() as usize;
    let samples = (u32_at(bytes, run + 12) as usize).min(bytes.len());
    (0..samples).map(|sample| u64::from(u32_at(bytes, first + sample * each))).sum()
}

/// Its kind, and where it lies.
type Found = ([u8; 4], Range<usize>);

/// The boxes inside of the box at this path.
fn inside<'b>(bytes: &'b [u8], path: &[&[u8; 4]]) -> impl Iterator<Item = Found> + use<'b> {
    let mut within = 0..bytes.len();
    for step in path {
        let found = boxes(bytes, within.clone()).find(|(kind, _)| kind == *step);
        within = found.map_or(0..0, |(_, place)| place.start + 8..place.end);
    }
    boxes(bytes, within)
}

/// The boxes in a part of a file; up to one that is none.
fn boxes(bytes: &[u8], within: Range<usize>) -> impl Iterator<Item = Found> + use<'_> {
    let mut at = within.start;
    std::iter::from_fn(move || {
        let size = u32_at(bytes, at) as usize;
        let kind = bytes.get(at + 4..at + 8)?.try_into().ok()?;
        let place = at..at.checked_add(size)?;
        at = place.end;
        (size >= 8 && place.end <= within.end).then_some((kind, place))
    })
}

/// Zero where there is none: a piece that is cut short is no film.
fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_be_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) << 32 | u64::from(u32_at(bytes, at + 4))
}

fn put_u32(bytes: &mut [u8], at: usize, number: u32) {
    if let Some(four) = bytes.get_mut(at..at + 4) {
        four.copy_from_slice(&number.to_be_bytes());
    }
}

fn put_u64(bytes: &mut [u8], at: usize, number: u64) {
    put_u32(bytes, at, (number >> 32) as u32);
    put_u32(bytes, at + 4, number as u32);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
    }

    fn numbers(numbers: &[u32]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
    }

    /// A piece with one track of 100 ticks a second and two samples of a second each.
    fn piece(entry: &[u8]) -> Vec<u8> {
        let movie = boxed(b"mvhd", &numbers(&[0, 0, 0, 1_000, 0]));
        let track = boxed(b"mdia", &boxed(b"mdhd", &numbers(&[0, 0, 0, 100, 0])));
        let track =
            boxed(b"trak", &[boxed(b"tkhd", &numbers(&[0, 0, 0, 7])), track, entry.to_vec()].concat());
        let extends = boxed(b"mvex", &boxed(b"mehd", &numbers(&[0x0100_0000, 0, 2_000])));
        let run = boxed(b"trun", &numbers(&[0x0701, 2, 0, 100, 1, 0, 100, 1, 0]));
        let time = boxed(b"tfdt", &numbers(&[0x0100_0000, 0, 0]));
        let track_run = boxed(b"traf", &[boxed(b"tfhd", &numbers(&[0, 7])), time, run].concat());
        let fragment = boxed(b"moof", &[boxed(b"mfhd", &numbers(&[0, 1])), track_run].concat());
        let head = boxed(b"moov", &[movie, track, extends].concat());
        [boxed(b"ftyp", b"iso6"), head, fragment, boxed(b"mdat", b"ab")].concat()
    }

    fn content(film: &[u8], nth: usize, path: &[&[u8; 4]]) -> Vec<u8> {
        let fragment = boxes(film, 0..film.len()).filter(|(kind, _)| kind == path[0]).nth(nth).unwrap().1;
        let last = path[1..].iter().fold(fragment, |within, step| {
            boxes(film, within.start + 8..within.end).find(|(kind, _)| kind == *step).unwrap().1
        });
        film[last.start + 12..last.end].to_vec()
    }

    #[test]
    fn pieces_become_one_film_whose_times_go_on() {
        let mut clip = Clip::default();
        let mut film = Vec::new();
        for _ in 0..3 {
            film.extend_from_slice(clip.add(&mut piece(b"\0\0\0\x08avc1"), 6.0).unwrap());
        }
        let kinds: Vec<_> = boxes(&film, 0..film.len()).map(|(kind, _)| kind).collect();
        assert_eq!(kinds.concat(), b"ftypmoovmoofmdatmoofmdatmoofmdat");
        for (nth, begins) in [0, 200, 400].into_iter().enumerate() {
            assert_eq!(content(&film, nth, &[b"moof", b"traf", b"tfdt"]), numbers(&[0, begins]));
            assert_eq!(content(&film, nth, &[b"moof", b"mfhd"]), numbers(&[nth as u32 + 1]));
        }
        assert_eq!(content(&film, 0, &[b"moov", b"mvex", b"mehd"]), numbers(&[0, 6_000]), "the whole of it");
    }

    #[test]
    fn another_form_of_picture_and_what_is_no_film_are_left_for_another_clip() {
        let mut clip = Clip::default();
        assert!(clip.add(&mut piece(b"\0\0\0\x08avc1"), 2.0).is_some());
        assert!(clip.add(&mut piece(b"\0\0\0\x08hvc1"), 2.0).is_none());
        assert!(Clip::default().add(&mut b"no film at all".to_vec(), 2.0).is_none());
        for cut in 0..piece(b"").len() {
            let _ = Clip::default().add(&mut piece(b"")[..cut], 2.0);
        }
    }
}
