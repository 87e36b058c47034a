//! Which packets belong to a stream, in spite of what else comes on its channel, and whether some are missing.

use super::packet::Packet;

/// So many packets of another source in a row are the stream from now on.
const MOST_HELD: usize = 16;
const MOST_HELD_BYTES: usize = 256 << 10;

/// How far a number may go on under another source to be of the same stream.
const NEAR: u16 = 64;

/// So many packets in order make a camera's numbers worth believing; each that is not in order costs more.
const BELIEVED: i32 = 4;
const MOST_BELIEF: i32 = 24;
const DISBELIEF: i32 = 6;

/// How a stream's packets arrive. They come by TCP, in order: what is missing the camera itself dropped.
#[derive(Default)]
pub(crate) struct Reception {
    source: Option<u32>,
    /// The number of the next packet.
    next: Option<u16>,
    /// Some cameras number packets with no sense; then their numbers are not believed.
    belief: i32,
    /// What was taken last, to know it again.
    last: Print,
    held: Option<Held>,
}

/// Packets of another source, which may be the stream's new one.
struct Held {
    source: u32,
    /// Whether a stream can begin with the first of them.
    begins: bool,
    packets: Vec<Vec<u8>>,
    bytes: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It is the next; `lost` if some before it are missing.
    Next { lost: bool },
    /// It is not of this stream, or came before, or is yet to be seen.
    Not,
    /// The stream goes on with these, this one the last; `lost` if it does not begin anew with them.
    Instead { packets: Vec<Vec<u8>>, lost: bool },
}

impl Reception {
    /// The source that is being received.
    pub(crate) fn source(&self) -> Option<u32> {
        self.source
    }

    /// `begins`: whether a stream could begin with it, as with a key frame.
    pub(crate) fn admit(&mut self, packet: &Packet<'_>, whole: &[u8], begins: bool) -> Admission {
        let ahead = self.next.map(|next| packet.sequence.wrapping_sub(next));
        // Where the numbers go on it is the same stream under another name.
        let goes_on =
            ahead == Some(0) || (self.belief >= BELIEVED && ahead.is_some_and(|ahead| ahead < NEAR));
        if self.source.is_some_and(|source| source != packet.source) && !goes_on {
            return self.hold(packet, whole, begins);
        }
        self.held = None;
        let print = Print::of(packet.payload);
        let repeated = ahead == Some(u16::MAX) && print == self.last;
        if repeated {
            return Admission::Not;
        }
        let in_order = ahead.is_none_or(|ahead| ahead == 0);
        let lost = !in_order && self.belief >= BELIEVED;
        let change = if in_order { 1 } else { -DISBELIEF };
        self.belief = (self.belief + change).clamp(0, MOST_BELIEF);
        self.follow(packet);
        Admission::Next { lost }
    }

    fn follow(&mut self, packet: &Packet<'_>) {
        self.source = Some(packet.source);
        self.next = Some(packet.sequence.wrapping_add(1));
        self.last = Print::of(packet.payload);
    }

    fn hold(&mut self, packet: &Packet<'_>, whole: &[u8], begins: bool) -> Admission {
        let mut held = match self.held.take() {
            Some(held) if held.source == packet.source && held.bytes < MOST_HELD_BYTES => held,
            _ => Held { source: packet.source, begins, packets: Vec::new(), bytes: 0 },
        };
        held.bytes += whole.len();
        held.packets.push(whole.to_vec());
        if held.packets.len() >= if held.begins { 2 } else { MOST_HELD } {
            self.follow(packet);
            return Admission::Instead { packets: held.packets, lost: !held.begins };
        }
        self.held = Some(held);
        Admission::Not
    }
}

/// Enough of a payload to know it again.
#[derive(Default, PartialEq, Eq)]
struct Print {
    length: usize,
    ends: [[u8; 8]; 2],
}

impl Print {
    fn of(payload: &[u8]) -> Self {
        let eight = |bytes: &[u8]| {
            let mut eight = [0; 8];
            eight.iter_mut().zip(bytes).for_each(|(into, byte)| *into = *byte);
            eight
        };
        Self {
            length: payload.len(),
            ends: [eight(payload), eight(&payload[payload.len().saturating_sub(8)..])],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(source: u32, sequence: u16, payload: &[u8]) -> Packet<'_> {
        Packet { marker: true, payload_type: 96, sequence, timestamp: 0, source, payload }
    }

    fn admitted(reception: &mut Reception, source: u32, sequence: u16, begins: bool) -> Admission {
        let payload = sequence.to_be_bytes();
        reception.admit(&packet(source, sequence, &payload), &payload, begins)
    }

    const NEXT: Admission = Admission::Next { lost: false };

    #[test]
    fn what_is_missing_is_known_once_the_numbers_are_believed() {
        let mut reception = Reception::default();
        for sequence in [65_534, 65_535, 0, 1, 2] {
            assert_eq!(admitted(&mut reception, 1, sequence, false), NEXT);
        }
        assert_eq!(admitted(&mut reception, 1, 2, false), Admission::Not, "the same again");
        assert_eq!(admitted(&mut reception, 1, 4, false), Admission::Next { lost: true });
        let mut senseless = Reception::default();
        for (place, sequence) in [5, 900, 900, 3, 77, 2_000, 4].into_iter().enumerate() {
            let payload = [place as u8];
            assert_eq!(senseless.admit(&packet(1, sequence, &payload), &payload, false), NEXT);
        }
        assert_eq!(
            senseless.admit(&packet(1, 4, b"another"), b"", false),
            NEXT,
            "another under the same number"
        );
    }

    #[test]
    fn a_stray_source_is_passed_over_and_a_new_one_followed() {
        let mut reception = Reception::default();
        for sequence in 0..9 {
            assert_eq!(admitted(&mut reception, 1, sequence, false), NEXT);
            assert_eq!(admitted(&mut reception, 7, 9_000 + sequence, false), Admission::Not, "a stray one");
        }
        assert_eq!(admitted(&mut reception, 2, 9, false), NEXT, "its numbers go on");
        assert_eq!(admitted(&mut reception, 3, 500, true), Admission::Not);
        let Admission::Instead { packets, lost: false } = admitted(&mut reception, 3, 501, false) else {
            panic!("it began anew")
        };
        assert_eq!(packets, [500u16.to_be_bytes(), 501u16.to_be_bytes()]);
        assert_eq!((reception.source(), admitted(&mut reception, 3, 502, false)), (Some(3), NEXT));
        let instead =
            (0..MOST_HELD as u16).map(|sequence| admitted(&mut reception, 4, sequence, false)).last();
        assert!(matches!(instead, Some(Admission::Instead { lost: true, .. })), "in mid-stream");
    }
}
