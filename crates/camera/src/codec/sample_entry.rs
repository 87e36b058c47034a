//! The sample entries of a file's `stsd` box (ISO/IEC 14496-12, sections 12.1.3 and 12.2.3).

use crate::mp4::{boxed, put_u32};

/// Of pictures: `inner` writes the codec's own box. `shape` is that of a pixel, where it is not square.
pub(super) fn of_pictures(
    kind: &[u8; 4],
    (width, height): (u32, u32),
    shape: Option<(u32, u32)>,
    inner: impl FnOnce(&mut Vec<u8>),
) -> Vec<u8> {
    let mut entry = Vec::with_capacity(256);
    boxed(&mut entry, kind, |out| {
        head(out);
        out.extend_from_slice(&[0; 16]);
        for number in [width, height] {
            out.extend_from_slice(&u16::try_from(number).unwrap_or(u16::MAX).to_be_bytes());
        }
        // 72 dots an inch, one picture a sample, no name of the encoder, 24 bits of colour.
        for number in [0x48_0000, 0x48_0000, 0] {
            put_u32(out, number);
        }
        out.extend_from_slice(&[0, 1]);
        out.extend_from_slice(&[0; 32]);
        out.extend_from_slice(&[0, 0x18, 0xff, 0xff]);
        inner(out);
        if let Some((across, down)) = shape {
            boxed(out, b"pasp", |out| {
                put_u32(out, across);
                put_u32(out, down);
            });
        }
    });
    entry
}

/// Of sound of 16 bits.
pub(super) fn of_sound(kind: &[u8; 4], channels: u8, rate: u32, inner: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut entry = Vec::with_capacity(128);
    boxed(&mut entry, kind, |out| {
        head(out);
        out.extend_from_slice(&[0; 8]);
        out.extend_from_slice(&[0, channels, 0, 16, 0, 0, 0, 0]);
        put_u32(out, u16::try_from(rate).map_or(0, |rate| u32::from(rate) << 16));
        inner(out);
    });
    entry
}

/// The media lies where the first data reference says.
fn head(out: &mut Vec<u8>) {
    out.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 1]);
}
