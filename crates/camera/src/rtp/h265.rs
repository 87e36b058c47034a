//! H.265 in RTP (RFC 7798): single units, aggregated ones and fragments.

use super::packet::Packet;
use super::picture::{FIRST, Kind, PictureBuilder, Units};
use crate::codec::h265::ParameterSets;

const AGGREGATED: u8 = 48;
const FRAGMENT: u8 = 49;
const WITH_CONTROLS: u8 = 50;

pub(crate) fn kind_of(unit: &[u8]) -> u8 {
    unit.first().map_or(63, |head| head >> 1 & 0x3f)
}

impl Units for ParameterSets {
    /// H.265, table 7-1, and which units begin a picture by section 7.4.2.4.4.
    fn kind(&self, unit: &[u8]) -> Kind {
        match kind_of(unit) {
            number @ 0..32 => Kind::Slice {
                first: unit.get(2).is_some_and(|flags| flags & 0x80 != 0),
                key: (16..24).contains(&number),
            },
            32..35 => Kind::Parameters,
            35 => Kind::Delimiter,
            39 | 41..45 | 48..56 => Kind::Before,
            40 | 45..48 => Kind::After,
            _ => Kind::Filler,
        }
    }

    fn learn(&mut self, unit: &[u8]) -> bool {
        self.take(unit)
    }

    fn is_key(&self, _: &[u8]) -> bool {
        false
    }
}

/// Whether a stream could begin with this packet: with parameters, or with a key frame.
pub(crate) fn begins(payload: &[u8]) -> bool {
    let inner = match kind_of(payload) {
        AGGREGATED => payload.get(4..).map(kind_of),
        FRAGMENT => payload.get(2).filter(|flags| **flags & 0x80 != 0).map(|flags| flags & 0x3f),
        number => Some(number),
    };
    matches!(inner, Some(16..24 | 32 | 33))
}

/// Takes the units out of a packet. `numbered`: the units carry the order in which they are decoded.
pub(crate) fn unpack(packet: &Packet<'_>, numbered: bool, builder: &mut PictureBuilder<ParameterSets>) {
    let (timestamp, payload) = (packet.timestamp, packet.payload);
    let Some((head, rest)) = payload.split_first_chunk::<2>() else { return };
    match kind_of(payload) {
        AGGREGATED => aggregated(timestamp, rest, numbered, builder),
        FRAGMENT => fragment(timestamp, *head, rest, numbered, builder),
        WITH_CONTROLS => {}
        _ if numbered && !payload.starts_with(&[0, 0]) => {
            let unit = [&head[..], rest.get(2..).unwrap_or_default()].concat();
            builder.unit(timestamp, &unit);
        }
        _ => builder.unit(timestamp, payload),
    }
}

fn aggregated(timestamp: u32, mut rest: &[u8], numbered: bool, builder: &mut PictureBuilder<ParameterSets>) {
    let mut skipped = if numbered { 2 } else { 0 };
    while let Some((length, after)) = rest.get(skipped..).and_then(|rest| rest.split_first_chunk::<2>()) {
        let length = usize::from(u16::from_be_bytes(*length));
        let (unit, next) = after.split_at(length.min(after.len()));
        if unit.len() < length {
            return builder.lose();
        }
        if !unit.is_empty() {
            builder.unit(timestamp, unit);
        }
        (rest, skipped) = (next, usize::from(numbered));
    }
}

fn fragment(
    timestamp: u32,
    head: [u8; 2],
    rest: &[u8],
    numbered: bool,
    builder: &mut PictureBuilder<ParameterSets>,
) {
    let Some((flags, data)) = rest.split_first() else { return };
    let head = [head[0] & 0x81 | (flags & 0x3f) << 1, head[1]];
    let data = if numbered && flags & FIRST != 0 { data.get(2..).unwrap_or_default() } else { data };
    builder.fragment(timestamp, &head, *flags, data);
}
