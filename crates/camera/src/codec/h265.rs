//! The parameters of H.265 (ITU-T H.265, sections 7.3.1.2, 7.3.2 and 7.3.3), read only as far as a file needs them.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use super::bits::Bits;
use super::sample_entry;
use crate::mp4::boxed;
use crate::track::VideoTrack;

const MOST_SETS: usize = 8;
const LONGEST_SET: usize = 4 << 10;

const VIDEO: u8 = 32;
const SEQUENCE: u8 = 33;
const PICTURE: u8 = 34;

/// The parameter sets of a stream, by their kinds and numbers.
#[derive(Default)]
pub(crate) struct ParameterSets {
    sets: BTreeMap<(u8, u32), Vec<u8>>,
    latest: u32,
}

/// What a sequence's parameters say of its pictures.
#[derive(Debug, PartialEq, Eq)]
struct Sequence {
    number: u32,
    /// Profile space, tier and profile; what it is compatible with; its constraints; its level.
    profile: [u8; 12],
    nested: bool,
    layers: u8,
    chroma: u8,
    depths: [u8; 2],
    width: u32,
    height: u32,
}

impl ParameterSets {
    /// Takes a set; whether it is another than the one known under its number. What is no set is passed over.
    pub(crate) fn take(&mut self, unit: &[u8]) -> bool {
        let kind = unit.first().map_or(0, |head| head >> 1 & 0x3f);
        let number = match kind {
            VIDEO => behind_header(unit).number(4),
            SEQUENCE => sequence(unit).map(|sequence| sequence.number),
            PICTURE => behind_header(unit).unsigned(),
            _ => None,
        };
        let Some(number) = number.filter(|_| unit.len() <= LONGEST_SET) else { return false };
        if kind == SEQUENCE {
            self.latest = number;
        }
        if self.sets.get(&(kind, number)).is_some_and(|known| known == unit) {
            return false;
        }
        if self.of(kind).count() >= MOST_SETS {
            self.sets.retain(|(known, _), _| *known != kind);
        }
        self.sets.insert((kind, number), unit.to_vec());
        true
    }

    fn of(&self, kind: u8) -> impl Iterator<Item = &Vec<u8>> {
        self.sets.range((kind, 0)..=(kind, u32::MAX)).map(|(_, set)| set)
    }

    /// What the pictures are now; `None` until all kinds of sets are known.
    pub(crate) fn track(&self) -> Option<VideoTrack> {
        let sequence = sequence(self.sets.get(&(SEQUENCE, self.latest))?)?;
        let kinds = [VIDEO, SEQUENCE, PICTURE];
        if kinds.iter().any(|kind| self.of(*kind).next().is_none()) {
            return None;
        }
        let size = (sequence.width, sequence.height);
        // ISO/IEC 14496-15, section 8.3.3.1.
        let sample_entry = sample_entry::of_pictures(b"hvc1", size, None, |out| {
            boxed(out, b"hvcC", |out| {
                out.push(1);
                out.extend_from_slice(&sequence.profile);
                let [luma, chroma] = sequence.depths;
                out.extend_from_slice(&[
                    0xf0,
                    0,
                    0xfc,
                    0xfc | sequence.chroma,
                    0xf8 | luma,
                    0xf8 | chroma,
                    0,
                    0,
                ]);
                out.push(sequence.layers << 3 | u8::from(sequence.nested) << 2 | 3);
                out.push(kinds.len() as u8);
                for kind in kinds {
                    // All sets of this kind are here; others come with the pictures that they are for.
                    out.push(0x80 | kind);
                    out.extend_from_slice(&(self.of(kind).count() as u16).to_be_bytes());
                    for set in self.of(kind) {
                        out.extend_from_slice(&(set.len() as u16).to_be_bytes());
                        out.extend_from_slice(set);
                    }
                }
            });
        });
        let (width, height) = size;
        Some(VideoTrack {
            sample_entry,
            codec: codec_name(&sequence.profile),
            width,
            height,
            picture_ticks: None,
        })
    }
}

/// ISO/IEC 14496-15, annex E.3.
fn codec_name(profile: &[u8; 12]) -> String {
    let [general, c0, c1, c2, c3, constraints @ .., level] = profile;
    let space = ["", "A", "B", "C"][usize::from(general >> 6)];
    let tier = if general & 0x20 == 0 { 'L' } else { 'H' };
    let compatible = u32::from_be_bytes([*c0, *c1, *c2, *c3]).reverse_bits();
    let mut name = format!("hvc1.{space}{}.{compatible:X}.{tier}{level}", general & 0x1f);
    let told = constraints.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    for byte in &constraints[..told] {
        name.push_str(&format!(".{byte:X}"));
    }
    name
}

fn behind_header(unit: &[u8]) -> Bits<'_> {
    const HEADER: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);
    Bits::behind(unit, HEADER)
}

fn sequence(unit: &[u8]) -> Option<Sequence> {
    let mut bits = behind_header(unit);
    bits.skip(4)?;
    let more_layers = bits.number(3)?;
    let nested = bits.flag()?;
    let mut profile = [0; 12];
    for byte in &mut profile {
        *byte = bits.number(8)? as u8;
    }
    let told: Vec<_> = (0..more_layers).map(|_| Some((bits.flag()?, bits.flag()?))).collect::<Option<_>>()?;
    if more_layers > 0 {
        bits.skip(2 * (8 - more_layers))?;
    }
    for (has_profile, has_level) in told {
        bits.skip(if has_profile { 88 } else { 0 } + if has_level { 8 } else { 0 })?;
    }
    let number = bits.unsigned().filter(|number| *number < 16)?;
    let chroma = bits.unsigned().filter(|format| *format <= 3)?;
    if chroma == 3 {
        bits.flag()?;
    }
    let side = |length: u32| (1..=16_384).contains(&length).then_some(length);
    let (mut width, mut height) = (side(bits.unsigned()?)?, side(bits.unsigned()?)?);
    if bits.flag()? {
        let (wide, high) = match chroma {
            1 => (2, 2),
            2 => (2, 1),
            _ => (1, 1),
        };
        let mut cropped =
            |unit: u32| Some(bits.unsigned()?.checked_add(bits.unsigned()?)?.saturating_mul(unit));
        width = width.checked_sub(cropped(wide)?).and_then(side)?;
        height = height.checked_sub(cropped(high)?).and_then(side)?;
    }
    let mut depth = || bits.unsigned().filter(|depth| *depth <= 8).map(|depth| depth.min(7) as u8);
    let depths = [depth()?, depth()?];
    let layers = more_layers as u8 + 1;
    Some(Sequence { number, profile, nested, layers, chroma: chroma as u8, depths, width, height })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of x265, 320 by 180: the main profile.
    const SETS: [&[u8]; 3] = [
        &[0x40, 1, 0x0c, 1, 0xff, 0xff, 1, 0x60, 0, 0, 3, 0, 0x90, 0, 0, 3, 0, 0, 3, 0, 0x3c, 0x95, 0x98, 9],
        &[
            0x42, 1, 1, 1, 0x60, 0, 0, 3, 0, 0x90, 0, 0, 3, 0, 0, 3, 0, 0x3c, 0xa0, 0x0a, 8, 0x0b, 0x9f,
            0x79, 0x65, 0x66, 0x92, 0x4c, 0xaf, 1, 0x6a, 2, 2, 2, 8, 0, 0, 3, 0, 8, 0, 0, 3, 0, 0x78, 0x40,
        ],
        &[0x44, 1, 0xc1, 0x72, 0xb4, 0x62, 0x40],
    ];

    #[test]
    fn the_sets_say_what_the_pictures_are() {
        let mut sets = ParameterSets::default();
        for set in SETS {
            assert!(sets.track().is_none());
            assert!(sets.take(set) && !sets.take(set));
        }
        let track = sets.track().unwrap();
        assert_eq!((track.width, track.height, track.codec.as_str()), (320, 180, "hvc1.1.6.L60.90"));
        assert_eq!(
            u32::from_be_bytes(track.sample_entry[..4].try_into().unwrap()) as usize,
            track.sample_entry.len()
        );
        assert!(!sets.take(&SETS[1][..9]) && !sets.take(&[]) && !sets.take(&[0x26, 1, 0x80]));
    }
}
