//! H.264 in RTP (RFC 6184): single units, aggregated ones and fragments.

use super::packet::Packet;
use super::picture::{FIRST, Kind, PictureBuilder, Units};
use crate::codec::h264::{ParameterSets, holds_only_intra, slice_begins_picture};

const SINGLE_TIME: [(u8, usize); 2] = [(24, 0), (25, 2)];
const MULTI_TIME: [(u8, usize); 2] = [(26, 2), (27, 3)];
const FRAGMENT: u8 = 28;
const FRAGMENT_OUT_OF_ORDER: u8 = 29;

impl Units for ParameterSets {
    /// H.264, table 7-1, and which units begin a picture by section 7.4.1.2.3.
    fn kind(&self, unit: &[u8]) -> Kind {
        match unit.first().map_or(0, |head| head & 0x1f) {
            number @ (1 | 2 | 5) => Kind::Slice { first: slice_begins_picture(&unit[1..]), key: number == 5 },
            3 | 4 => Kind::Slice { first: false, key: false },
            7 | 8 => Kind::Parameters,
            9 => Kind::Delimiter,
            6 | 14..=18 => Kind::Before,
            19 | 20 => Kind::After,
            _ => Kind::Filler,
        }
    }

    fn learn(&mut self, unit: &[u8]) -> bool {
        self.take(unit)
    }

    /// A picture of nothing but intra slices that says that decoding can begin with it: some cameras send no others.
    fn is_key(&self, picture: &[u8]) -> bool {
        holds_only_intra(picture)
    }
}

/// Whether a stream could begin with this packet: with parameters, or with a key frame.
pub(crate) fn begins(payload: &[u8]) -> bool {
    let kind = payload.first().map_or(0, |head| head & 0x1f);
    let inner = match kind {
        24 => payload.get(3),
        25 => payload.get(5),
        FRAGMENT => payload.get(1).filter(|head| **head & 0x80 != 0),
        _ => payload.first(),
    };
    matches!(inner.map(|head| head & 0x1f), Some(5 | 7))
}

/// Takes the units out of a packet.
pub(crate) fn unpack(packet: &Packet<'_>, builder: &mut PictureBuilder<ParameterSets>) {
    let (timestamp, payload) = (packet.timestamp, packet.payload);
    let Some((head, rest)) = payload.split_first() else { return };
    let kind = head & 0x1f;
    if let Some((_, skipped)) = SINGLE_TIME.iter().find(|(number, _)| *number == kind) {
        aggregated(timestamp, rest.get(*skipped..).unwrap_or_default(), 0, builder);
    } else if let Some((_, offset)) = MULTI_TIME.iter().find(|(number, _)| *number == kind) {
        // The order of decoding, and of each unit its place in it and how much later it is shown.
        aggregated(timestamp, rest.get(2..).unwrap_or_default(), 1 + offset, builder);
    } else if kind == FRAGMENT || kind == FRAGMENT_OUT_OF_ORDER {
        fragment(timestamp, *head, rest, kind == FRAGMENT_OUT_OF_ORDER, builder);
    } else {
        builder.unit(timestamp, payload);
    }
}

/// Units with their lengths before them, and `between` bytes more.
fn aggregated(timestamp: u32, mut rest: &[u8], between: usize, builder: &mut PictureBuilder<ParameterSets>) {
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length));
        let Some(after) = after.get(between..) else { return };
        let later = match (between, rest.get(3..2 + between)) {
            (2.., Some(offset)) => offset.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)),
            _ => 0,
        };
        let (unit, next) = after.split_at(length.min(after.len()));
        if unit.len() < length {
            return builder.lose();
        }
        if !unit.is_empty() {
            builder.unit(timestamp.wrapping_add(later), unit);
        }
        rest = next;
    }
}

fn fragment(
    timestamp: u32,
    indicator: u8,
    rest: &[u8],
    numbered: bool,
    builder: &mut PictureBuilder<ParameterSets>,
) {
    let Some((flags, data)) = rest.split_first() else { return };
    let head = [(indicator & 0xe0) | (flags & 0x1f)];
    let data = if numbered && flags & FIRST != 0 { data.get(2..).unwrap_or_default() } else { data };
    builder.fragment(timestamp, &head, *flags, data);
}
