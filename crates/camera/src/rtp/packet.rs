//! One RTP packet (RFC 3550, section 5.1), and the end of a stream as reports tell it (section 6.6).

/// A packet without what pads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packet<'a> {
    pub(crate) marker: bool,
    pub(crate) payload_type: u8,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) source: u32,
    pub(crate) payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// `None` if it is no packet. Padding that is longer than the packet is none.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (head, mut rest) = bytes.split_first_chunk::<12>()?;
        let [flags, kind, s0, s1, t0, t1, t2, t3, x0, x1, x2, x3] = *head;
        if flags >> 6 != 2 {
            return None;
        }
        rest = rest.get(4 * usize::from(flags & 0x0f)..)?;
        if flags & 0x10 != 0 {
            let ([_, _, high, low], extended) = rest.split_first_chunk::<4>()?;
            rest = extended.get(4 * usize::from(u16::from_be_bytes([*high, *low]))..)?;
        }
        if flags & 0x20 != 0 {
            let padding = usize::from(*rest.last()?);
            rest = rest.len().checked_sub(padding).and_then(|length| rest.get(..length)).unwrap_or(rest);
        }
        Some(Self {
            marker: kind & 0x80 != 0,
            payload_type: kind & 0x7f,
            sequence: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            source: u32::from_be_bytes([x0, x1, x2, x3]),
            payload: rest,
        })
    }
}

/// Whether it is a report and no packet: on a channel that both share, their kinds tell them apart (RFC 5761, section 4).
pub(crate) fn is_report(bytes: &[u8]) -> bool {
    bytes.get(1).is_some_and(|kind| (192..224).contains(kind))
}

/// Whether reports say that this source has ended. Only those that are whole are believed; the rest is nothing to us.
pub(crate) fn says_goodbye(mut reports: &[u8], source: Option<u32>) -> bool {
    const BYE: u8 = 203;
    let mut goodbye = false;
    while !reports.is_empty() {
        let [flags, kind, high, low, ..] = *reports else { return false };
        let length = 4 + 4 * usize::from(u16::from_be_bytes([high, low]));
        if flags >> 6 != 2 || length > reports.len() {
            return false;
        }
        let (report, rest) = reports.split_at(length);
        let mut sources = report[4..].chunks_exact(4).take(usize::from(flags & 0x1f));
        goodbye |=
            kind == BYE && sources.any(|bytes| source.is_none_or(|source| bytes == source.to_be_bytes()));
        reports = rest;
    }
    goodbye
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEAD: [u8; 12] = [0x80, 0xe0, 0, 7, 0, 0, 0, 9, 1, 2, 3, 4];

    fn with(flags: u8, rest: &[u8]) -> Vec<u8> {
        let mut packet = HEAD.to_vec();
        packet[0] |= flags;
        packet.extend_from_slice(rest);
        packet
    }

    #[test]
    fn a_packet_is_taken_apart() {
        let packet = with(0, b"xyz");
        let read = Packet::read(&packet).unwrap();
        assert_eq!((read.marker, read.payload_type, read.sequence, read.timestamp), (true, 96, 7, 9));
        assert_eq!((read.source, read.payload), (0x0102_0304, &b"xyz"[..]));
        let payload = |flags, rest: &[u8]| Packet::read(&with(flags, rest)).map(|read| read.payload.to_vec());
        assert_eq!(payload(0x02, b"12345678xyz").unwrap(), b"xyz");
        assert_eq!(payload(0x10, b"\0\0\0\x011234xyz").unwrap(), b"xyz");
        assert_eq!(payload(0x20, b"xyz\0\0\x03").unwrap(), b"xyz");
        assert_eq!(payload(0x20, b"xyz\x99").unwrap(), b"xyz\x99");
        assert!(payload(0x10, b"\0\0\xff\xff1234").is_none() && payload(0x20, b"").is_none());
        assert!(Packet::read(&HEAD[..11]).is_none() && Packet::read(&[0; 12]).is_none());
    }

    #[test]
    fn only_a_whole_goodbye_of_this_source_is_one() {
        let bye = [0x81, 203, 0, 1, 1, 2, 3, 4];
        let report = [0x80, 200, 0, 1, 9, 9, 9, 9];
        assert!(says_goodbye(&bye, Some(0x0102_0304)) && says_goodbye(&bye, None));
        assert!(says_goodbye(&[report, bye].concat(), Some(0x0102_0304)));
        assert!(!says_goodbye(&bye, Some(5)));
        assert!(!says_goodbye(&[&bye[..], &[0x80, 200, 0, 6, 1]].concat(), None), "garbled");
        assert!(is_report(&bye) && !is_report(&HEAD) && !is_report(&[0x80]));
        assert!(!says_goodbye(&bye[..6], None) && !says_goodbye(&report, None) && !says_goodbye(&[], None));
    }

    proptest! {
        #[test]
        fn whatever_comes_a_payload_is_a_part_of_it(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Some(packet) = Packet::read(&bytes) {
                prop_assert!(packet.payload.len() + 12 <= bytes.len());
            }
            let _ = says_goodbye(&bytes, None);
        }
    }
}
