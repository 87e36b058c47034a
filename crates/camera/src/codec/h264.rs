//! The parameters of H.264 (ITU-T H.264, sections 7.3.2.1, 7.3.2.2, 7.3.3 and annex E), read only as far as a file needs them:
//! what lies behind may be damaged.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use super::bits::Bits;
use super::sample_entry;
use crate::mp4::boxed;
use crate::track::{VIDEO_RATE, VideoTrack};

/// More sets than a camera uses; a stream that names more begins anew to name them.
const MOST_SETS: usize = 8;

/// One set is no longer than this.
const LONGEST_SET: usize = 4 << 10;

const SEQUENCE: u8 = 7;
const PICTURE: u8 = 8;

/// The parameter sets of a stream, by their numbers.
#[derive(Default)]
pub(crate) struct ParameterSets {
    sequences: BTreeMap<u32, Vec<u8>>,
    pictures: BTreeMap<u32, Vec<u8>>,
    /// The number of the sequence's set that came last.
    latest: u32,
}

/// What a sequence's parameters say of its pictures.
#[derive(Debug, PartialEq, Eq)]
struct Shape {
    width: u32,
    height: u32,
    pixel: Option<(u32, u32)>,
    picture_ticks: Option<u32>,
}

impl ParameterSets {
    /// Takes a set; whether it is another than the one known under its number. What is no set is passed over.
    pub(crate) fn take(&mut self, unit: &[u8]) -> bool {
        let kind = unit.first().map_or(0, |head| head & 0x1f);
        let number = match kind {
            SEQUENCE => sequence_number(unit).filter(|_| shape(unit).is_some()),
            PICTURE => behind_header(unit).unsigned(),
            _ => None,
        };
        let Some(number) = number.filter(|_| unit.len() <= LONGEST_SET) else { return false };
        let sets = if kind == SEQUENCE { &mut self.sequences } else { &mut self.pictures };
        if kind == SEQUENCE {
            self.latest = number;
        }
        if sets.get(&number).is_some_and(|known| known == unit) {
            return false;
        }
        if sets.len() >= MOST_SETS {
            sets.clear();
        }
        sets.insert(number, unit.to_vec());
        true
    }

    /// What the pictures are now; `None` until both kinds of sets are known.
    pub(crate) fn track(&self) -> Option<VideoTrack> {
        let sequence = self.sequences.get(&self.latest)?;
        self.pictures.first_key_value()?;
        let Shape { width, height, pixel, picture_ticks } = shape(sequence)?;
        let [_, profile, constraints, level, ..] = sequence[..] else { return None };
        let sample_entry = sample_entry::of_pictures(b"avc1", (width, height), pixel, |out| {
            boxed(out, b"avcC", |out| {
                out.extend_from_slice(&[
                    1,
                    profile,
                    constraints,
                    level,
                    0xff,
                    0xe0 | self.sequences.len() as u8,
                ]);
                put_sets(out, &self.sequences);
                out.push(self.pictures.len() as u8);
                put_sets(out, &self.pictures);
                if let Some((chroma, luma_depth, chroma_depth)) = formats(sequence) {
                    out.extend_from_slice(&[0xfc | chroma, 0xf8 | luma_depth, 0xf8 | chroma_depth, 0]);
                }
            });
        });
        let codec = format!("avc1.{profile:02x}{constraints:02x}{level:02x}");
        Some(VideoTrack { sample_entry, codec, width, height, picture_ticks })
    }
}

fn put_sets(out: &mut Vec<u8>, sets: &BTreeMap<u32, Vec<u8>>) {
    for set in sets.values() {
        out.extend_from_slice(&(set.len() as u16).to_be_bytes());
        out.extend_from_slice(set);
    }
}

fn behind_header(unit: &[u8]) -> Bits<'_> {
    Bits::behind(unit, NonZeroUsize::MIN)
}

/// The reader behind profile, constraints and level, and the set's number.
fn begin_sequence(unit: &[u8]) -> Option<(Bits<'_>, u32)> {
    let mut bits = behind_header(unit);
    bits.skip(24)?;
    let number = bits.unsigned().filter(|number| *number < 32)?;
    Some((bits, number))
}

fn sequence_number(unit: &[u8]) -> Option<u32> {
    begin_sequence(unit).map(|(_, number)| number)
}

fn is_high(profile: u8) -> bool {
    matches!(profile, 100 | 110 | 122 | 244 | 44 | 83 | 86 | 118 | 128 | 138 | 139 | 134 | 135)
}

/// The format of colours and the bits a sample has beyond eight, for the profiles that tell them.
fn formats(unit: &[u8]) -> Option<(u8, u8, u8)> {
    let (mut bits, _) = begin_sequence(unit).filter(|_| is_high(unit[1]))?;
    let chroma = bits.unsigned().filter(|format| *format <= 3)?;
    if chroma == 3 {
        bits.flag()?;
    }
    let mut depth = || bits.unsigned().filter(|depth| *depth <= 6);
    Some((chroma as u8, depth()? as u8, depth()? as u8))
}

fn shape(unit: &[u8]) -> Option<Shape> {
    let (mut bits, _) = begin_sequence(unit)?;
    let mut chroma = 1;
    if is_high(*unit.get(1)?) {
        chroma = bits.unsigned()?;
        if chroma == 3 {
            bits.flag()?;
        }
        bits.unsigned()?;
        bits.unsigned()?;
        bits.flag()?;
        if bits.flag()? {
            for list in 0..if chroma == 3 { 12 } else { 8 } {
                if bits.flag()? {
                    skip_scaling_list(&mut bits, if list < 6 { 16 } else { 64 })?;
                }
            }
        }
    }
    bits.unsigned()?;
    match bits.unsigned()? {
        0 => drop(bits.unsigned()?),
        1 => {
            bits.flag()?;
            bits.signed()?;
            bits.signed()?;
            for _ in 0..bits.unsigned().filter(|count| *count < 256)? {
                bits.signed()?;
            }
        }
        _ => {}
    }
    bits.unsigned()?;
    bits.flag()?;
    let across = bits.unsigned()?.checked_add(1).filter(|units| *units <= 1_024)?;
    let down = bits.unsigned()?.checked_add(1).filter(|units| *units <= 1_024)?;
    let whole_frames = bits.flag()?;
    if !whole_frames {
        bits.flag()?;
    }
    bits.flag()?;
    let (mut width, mut height) = (across * 16, down * 16 * if whole_frames { 1 } else { 2 });
    if bits.flag()? {
        let (wide, high) = match chroma {
            0 | 3 => (1, 1),
            1 => (2, 2),
            _ => (2, 1),
        };
        let high = high * if whole_frames { 1 } else { 2 };
        let mut cropped =
            |unit: u32| Some(bits.unsigned()?.checked_add(bits.unsigned()?)?.saturating_mul(unit));
        width = width.checked_sub(cropped(wide)?).filter(|width| *width > 0)?;
        height = height.checked_sub(cropped(high)?).filter(|height| *height > 0)?;
    }
    // What follows is for show; cameras that get it wrong are many.
    let (pixel, picture_ticks) = usability(&mut bits);
    Some(Shape { width, height, pixel, picture_ticks })
}

fn skip_scaling_list(bits: &mut Bits<'_>, size: usize) -> Option<()> {
    let (mut last, mut next) = (8i32, 8i32);
    for _ in 0..size {
        if next != 0 {
            next = last.wrapping_add(bits.signed()?) & 0xff;
        }
        last = if next == 0 { last } else { next };
    }
    Some(())
}

/// The shape of a pixel that is not square, and how long a picture lasts (annex E), as far as they are told.
fn usability(bits: &mut Bits<'_>) -> (Option<(u32, u32)>, Option<u32>) {
    const SHAPES: [(u32, u32); 17] = [
        (1, 1),
        (1, 1),
        (12, 11),
        (10, 11),
        (16, 11),
        (40, 33),
        (24, 11),
        (20, 11),
        (32, 11),
        (80, 33),
        (18, 11),
        (15, 11),
        (64, 33),
        (160, 99),
        (4, 3),
        (3, 2),
        (2, 1),
    ];
    let mut pixel = None;
    let mut read = || -> Option<u32> {
        if !bits.flag()? {
            return None;
        }
        if bits.flag()? {
            let told = match bits.number(8)? {
                255 => (bits.number(16)?, bits.number(16)?),
                index => SHAPES.get(index as usize).copied().unwrap_or((1, 1)),
            };
            pixel = Some(told).filter(|(across, down)| across != down && *across > 0 && *down > 0);
        }
        if bits.flag()? {
            bits.flag()?;
        }
        if bits.flag()? {
            bits.skip(4)?;
            if bits.flag()? {
                bits.skip(24)?;
            }
        }
        if bits.flag()? {
            bits.unsigned()?;
            bits.unsigned()?;
        }
        if !bits.flag()? {
            return None;
        }
        let (units, scale) = (bits.number(32)?, bits.number(32)?);
        // Two units a picture: one for each of its fields.
        let ticks = u64::from(units) * 2 * u64::from(VIDEO_RATE) / u64::from(scale.max(1));
        u32::try_from(ticks).ok().filter(|ticks| (1..=10 * VIDEO_RATE).contains(ticks))
    };
    let ticks = read();
    (pixel, ticks)
}

/// Whether a slice, given without the unit's header, is the first of its picture: its first macroblock is number 0.
pub(crate) fn slice_begins_picture(slice: &[u8]) -> bool {
    slice.first().is_some_and(|byte| byte & 0x80 != 0)
}

/// Whether all slices of a picture are intra-coded, and it says by a recovery point (annex D) that decoding can begin there.
pub(crate) fn holds_only_intra(picture: &[u8]) -> bool {
    const SEI: u8 = 6;
    const RECOVERY_POINT: u8 = 6;
    let (mut recovers, mut slices) = (false, 0);
    for unit in units(picture) {
        match unit.first().map_or(0, |head| head & 0x1f) {
            SEI => recovers |= messages(&unit[1..]).any(|kind| kind == RECOVERY_POINT),
            SEQUENCE => recovers = true,
            1 => {
                let mut bits = behind_header(unit);
                let kind = bits.unsigned().and_then(|_| bits.unsigned());
                if !matches!(kind, Some(2 | 4 | 7 | 9)) {
                    return false;
                }
                slices += 1;
            }
            2..=4 => return false,
            _ => {}
        }
    }
    recovers && slices > 0
}

/// The kinds of the messages in a unit of supplemental information.
fn messages(mut bytes: &[u8]) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let (kind, rest) = bytes.split_first().filter(|(_, rest)| rest.len() > 1)?;
        let (mut length, mut rest) = (0, rest);
        loop {
            let (byte, after) = rest.split_first()?;
            (length, rest) = (length + usize::from(*byte), after);
            if *byte < 255 {
                break;
            }
        }
        bytes = rest.get(length..).unwrap_or_default();
        Some(*kind)
    })
}

/// The units of a picture, each with its length before it.
fn units(mut picture: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = picture.split_first_chunk::<4>()?;
        let (unit, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        picture = rest;
        Some(unit)
    })
}
