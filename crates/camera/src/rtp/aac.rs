//! AAC in RTP: as RFC 3640 has it (with lengths in front, in whole or in fragments), and as RFC 6416 does (LATM).

use zeroize::Zeroizing;

use super::packet::Packet;
use crate::rtsp::description::Format;

/// A frame of AAC is no longer than this (six channels of 768 bytes have less).
const MOST_BYTES: usize = 8 << 10;

pub(crate) struct Unpacker {
    layout: Layout,
    /// A frame of which not all fragments are there, and how long it is to be.
    begun: Zeroizing<Vec<u8>>,
    whole: usize,
}

enum Layout {
    /// Bits of a frame's length, of its number, and of the difference to the number before.
    Generic {
        length: u32,
        index: u32,
        difference: u32,
    },
    Latm,
}

impl Unpacker {
    /// RFC 3640: what is not told is as in its mode AAC-hbr, which most mean.
    pub(crate) fn generic(format: &Format) -> Self {
        let low = format.parameter("mode").is_some_and(|mode| mode.eq_ignore_ascii_case("AAC-lbr"));
        let usual = if low { [6, 2, 2] } else { [13, 3, 3] };
        let [length, index, difference] =
            ["sizelength", "indexlength", "indexdeltalength"].map(|name| format.number(name));
        let [length, index, difference] = match (length, format.number("constantsize")) {
            // Each packet is a frame, and nothing is in front of it.
            (None, Some(_)) => [0, 0, 0],
            _ => [length.unwrap_or(usual[0]), index.unwrap_or(usual[1]), difference.unwrap_or(usual[2])],
        };
        let [length, index, difference] = [length, index, difference].map(|bits| bits.min(16));
        Self::of(Layout::Generic { length, index, difference })
    }

    pub(crate) fn latm() -> Self {
        Self::of(Layout::Latm)
    }

    fn of(layout: Layout) -> Self {
        Self { layout, begun: Zeroizing::default(), whole: 0 }
    }

    /// Some packets are missing.
    pub(crate) fn lose(&mut self) {
        self.begun.clear();
        self.whole = 0;
    }

    /// Takes the frames out of a packet; gives each, with how many came before it.
    pub(crate) fn unpack(&mut self, packet: &Packet<'_>, mut frame: impl FnMut(u32, &[u8])) {
        match self.layout {
            Layout::Generic { length: 0, .. } => frame(0, packet.payload),
            Layout::Generic { length, index, difference } => {
                self.unpack_generic(packet, [length, index, difference], frame);
            }
            Layout::Latm => {
                self.begun.extend_from_slice(packet.payload);
                if packet.marker {
                    latm_frames(&self.begun, frame);
                }
                if packet.marker || self.begun.len() > MOST_BYTES {
                    self.lose();
                }
            }
        }
    }

    fn unpack_generic(
        &mut self,
        packet: &Packet<'_>,
        [length, index, difference]: [u32; 3],
        mut frame: impl FnMut(u32, &[u8]),
    ) {
        let Some((bits, rest)) = packet.payload.split_first_chunk::<2>() else { return };
        let bits = usize::from(u16::from_be_bytes(*bits));
        let Some((heads, mut data)) = rest.split_at_checked(bits.div_ceil(8)) else { return self.lose() };
        let (mut place, mut count) = (0, 0);
        let mut bit = |many: u32| {
            (0..many).fold(0usize, |number, _| {
                let byte = heads.get(place / 8).copied().unwrap_or(0);
                place += 1;
                number << 1 | usize::from(byte >> (7 - (place - 1) % 8) & 1)
            })
        };
        let (first, each) = ((length + index) as usize, ((length + difference) as usize).max(1));
        let frames = if bits < first { 0 } else { 1 + (bits - first) / each };
        for _ in 0..frames.min(64) {
            let size = bit(length);
            bit(if count == 0 { index } else { difference });
            let (part, after) = data.split_at(size.min(data.len()));
            if part.len() < size || !self.begun.is_empty() {
                return self.take_fragment(size, data, packet.marker, frame);
            }
            frame(count, without_adts(part));
            (data, count) = (after, count + 1);
        }
    }

    /// A frame that does not fit into a packet has its length in front of each part (RFC 3640, section 3.2.3).
    fn take_fragment(&mut self, size: usize, part: &[u8], last: bool, mut frame: impl FnMut(u32, &[u8])) {
        if self.whole != size {
            self.lose();
        }
        self.whole = size;
        if self.begun.len() + part.len() > MOST_BYTES {
            return self.lose();
        }
        self.begun.extend_from_slice(part);
        if self.begun.len() >= size {
            frame(0, without_adts(&self.begun[..size]));
            self.lose();
        } else if last {
            self.lose();
        }
    }
}

/// RFC 6416, section 6: each frame after its length, which is as many 255 as it takes, and a rest.
fn latm_frames(mut bytes: &[u8], mut frame: impl FnMut(u32, &[u8])) {
    let mut count = 0;
    while !bytes.is_empty() {
        let full = bytes.iter().take_while(|byte| **byte == 255).count();
        let Some(rest) = bytes.get(full) else { return };
        let length = full * 255 + usize::from(*rest);
        let Some((data, after)) = bytes[full + 1..].split_at_checked(length) else { return };
        if !data.is_empty() {
            frame(count, data);
        }
        (bytes, count) = (after, count + 1);
    }
}

/// Some cameras leave the head of another format before the frame.
fn without_adts(frame: &[u8]) -> &[u8] {
    match frame {
        [0xff, flags, _, high, middle, low, ..] if flags & 0xf6 == 0xf0 => {
            let length = usize::from(high & 3) << 11 | usize::from(*middle) << 3 | usize::from(low >> 5);
            let head = if flags & 1 == 1 { 7 } else { 9 };
            if length == frame.len() { frame.get(head..).unwrap_or(frame) } else { frame }
        }
        _ => frame,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frames(unpacker: &mut Unpacker, payload: &[u8], marker: bool) -> Vec<(u32, Vec<u8>)> {
        let packet = Packet { marker, payload_type: 97, sequence: 0, timestamp: 0, source: 0, payload };
        let mut all = Vec::new();
        unpacker.unpack(&packet, |count, frame| all.push((count, frame.to_vec())));
        all
    }

    #[test]
    fn frames_come_out_of_packets_whole() {
        let mut generic = Unpacker::generic(&Format::default());
        // Two heads of 13 and 3 bits: 3 and 2 bytes.
        let two = [0, 32, 0, 3 << 3, 0, 2 << 3, b'a', b'b', b'c', b'd', b'e'];
        assert_eq!(frames(&mut generic, &two, true), [(0, b"abc".to_vec()), (1, b"de".to_vec())]);
        let part = |text: &[u8]| [&[0, 16, 0, 5 << 3][..], text].concat();
        assert!(frames(&mut generic, &part(b"abc"), false).is_empty());
        assert_eq!(frames(&mut generic, &part(b"de"), true), [(0, b"abcde".to_vec())]);
        assert!(frames(&mut generic, &part(b"abc"), true).is_empty(), "its end did not come");
        assert_eq!(frames(&mut generic, &two, true).len(), 2);
        let adts = [0xff, 0xf1, 0x60, 0x40, 0x01, 0x3f, 0xfc, b'x', b'y'];
        assert_eq!(without_adts(&adts), b"xy");
        assert_eq!(without_adts(&adts[..8]), &adts[..8]);
    }

    #[test]
    fn latm_has_its_lengths_in_between() {
        let mut latm = Unpacker::latm();
        assert!(frames(&mut latm, b"\x05ab", false).is_empty());
        assert_eq!(frames(&mut latm, b"cde\x01f", true), [(0, b"abcde".to_vec()), (1, b"f".to_vec())]);
        let long = [&[255, 45][..], &[7; 300]].concat();
        assert_eq!(frames(&mut latm, &long, true), [(0, vec![7; 300])]);
    }

    proptest! {
        #[test]
        fn whatever_comes_memory_is_bounded(payloads in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..600), any::<bool>()), 1..40), latm in any::<bool>()) {
            let mut unpacker = if latm { Unpacker::latm() } else { Unpacker::generic(&Format::default()) };
            for (payload, marker) in payloads {
                for (_, frame) in frames(&mut unpacker, &payload, marker) {
                    prop_assert!(frame.len() <= MOST_BYTES + 600);
                }
                prop_assert!(unpacker.begun.len() <= MOST_BYTES + 600);
            }
        }
    }
}
