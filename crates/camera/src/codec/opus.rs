//! Opus (RFC 6716): how long a packet lasts, and what a file says of it.

use super::sample_entry;
use crate::mp4::boxed;
use crate::track::SoundTrack;

/// Opus counts in 48,000ths of a second whatever it carries (RFC 7587, section 4.1).
const RATE: u32 = 48_000;

/// What a decoder leaves out at the start: nothing of a stream that is joined in its midst.
const SKIPPED: u16 = 0;

pub(crate) fn track(channels: u8) -> SoundTrack {
    let channels = channels.clamp(1, 2);
    let sample_entry = sample_entry::of_sound(b"Opus", channels, RATE, |out| {
        boxed(out, b"dOps", |out| {
            out.extend_from_slice(&[0, channels]);
            out.extend_from_slice(&SKIPPED.to_be_bytes());
            out.extend_from_slice(&RATE.to_be_bytes());
            out.extend_from_slice(&[0, 0, 0]);
        });
    });
    SoundTrack { sample_entry, codec: "opus".into(), rate: RATE }
}

/// How long a packet lasts in ticks (RFC 6716, section 3.1); `None` if it is none.
pub(crate) fn ticks(packet: &[u8]) -> Option<u32> {
    let (head, rest) = packet.split_first()?;
    let each = match head >> 3 {
        silk @ 0..12 => [480, 960, 1_920, 2_880][usize::from(silk & 3)],
        hybrid @ 12..16 => [480, 960][usize::from(hybrid & 1)],
        celt => [120, 240, 480, 960][usize::from(celt & 3)],
    };
    let frames = match head & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(rest.first()? & 0x3f),
    };
    Some(each * frames).filter(|ticks| (120..=5_760).contains(ticks))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_says_how_long_it_lasts() {
        for (packet, lasts) in [
            (&[0x78][..], Some(960)),  // hybrid, 20 ms, one frame
            (&[0xfc, 0], Some(960)),   // CELT, 20 ms
            (&[0xf9, 0], Some(1_920)), // two of them
            (&[0xfb, 3], Some(2_880)), // three
            (&[0x18], Some(2_880)),    // SILK, 60 ms
            (&[0xfb, 63], None),       // longer than any
            (&[0xfb], None),
            (&[], None),
        ] {
            assert_eq!(ticks(packet), lasts, "{packet:?}");
        }
    }
}
