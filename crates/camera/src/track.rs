//! What a stream is made of: the codec's parameters, ready for a file, and the frames as they arrive.

use jiff::Timestamp;
use retina::codec::{AudioParameters, VideoParameters};
use zeroize::Zeroizing;

/// RTP counts H.264 in 90,000ths of a second (RFC 6184, section 8.2.1), and so do the files.
pub(crate) const VIDEO_RATE: u32 = 90_000;

/// The picture of a stream.
#[derive(PartialEq, Eq)]
pub(crate) struct VideoTrack {
    /// The sample entry of the file's `stsd` box.
    pub(crate) sample_entry: Vec<u8>,
    pub(crate) codec: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Ticks of [`VIDEO_RATE`] that a picture lasts, where the camera says it.
    pub(crate) picture_ticks: Option<u32>,
}

/// The sound of a stream.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SoundTrack {
    /// The sample entry of the file's `stsd` box.
    pub(crate) sample_entry: Vec<u8>,
    pub(crate) codec: String,
    /// Ticks a second.
    pub(crate) rate: u32,
}

/// One picture, in the order of decoding.
pub(crate) struct Picture {
    /// Length-prefixed NAL units, as MP4 holds them.
    pub(crate) data: Zeroizing<Vec<u8>>,
    /// The sender's time of presentation, in ticks of [`VIDEO_RATE`] from where it likes.
    pub(crate) ticks: i64,
    /// Whether it can be shown without any other.
    pub(crate) key: bool,
    pub(crate) arrived: Timestamp,
}

/// One frame of sound.
pub(crate) struct Sound {
    pub(crate) data: Zeroizing<Vec<u8>>,
    /// The sender's time, in ticks of the track's rate.
    pub(crate) ticks: i64,
    /// How long it lasts, in the same ticks.
    pub(crate) length: u32,
    pub(crate) arrived: Timestamp,
}

impl VideoTrack {
    /// `None` where the parameters cannot be put into a file.
    pub(crate) fn from_parameters(parameters: &VideoParameters) -> Option<Self> {
        let (width, height) = parameters.pixel_dimensions();
        let mut entry = parameters.mp4_sample_entry();
        if let Some(shape) = parameters.pixel_aspect_ratio().and_then(pixel_shape) {
            entry = entry.with_aspect_ratio(shape);
        }
        let picture_ticks = parameters.frame_rate().and_then(|(seconds, parts)| {
            u32::try_from(u64::from(seconds) * u64::from(VIDEO_RATE) / u64::from(parts.max(1)))
                .ok()
                .filter(|ticks| *ticks > 0)
        });
        Some(Self {
            sample_entry: entry.build().ok()?,
            codec: parameters.rfc6381_codec().to_owned(),
            width,
            height,
            picture_ticks,
        })
    }
}

/// The shape of a pixel that is not square.
fn pixel_shape((width, height): (u32, u32)) -> Option<(u16, u16)> {
    (width != height).then_some((u16::try_from(width).ok()?, u16::try_from(height).ok()?))
}

impl SoundTrack {
    /// `None` unless it is AAC, the only sound of cameras that browsers play from MP4.
    pub(crate) fn from_parameters(parameters: &AudioParameters) -> Option<Self> {
        Some(Self {
            sample_entry: parameters.mp4_sample_entry().build().ok()?,
            codec: parameters.rfc6381_codec()?.to_owned(),
            rate: parameters.clock_rate(),
        })
    }
}

/// Whether a picture of length-prefixed NAL units holds a slice of an IDR picture (H.264, table 7-1: type 5).
///
/// A camera can mark a unit without any slice as complete; it must not pass for a key frame.
pub(crate) fn holds_idr_slice(mut units: &[u8]) -> bool {
    while let Some((length, rest)) = units.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        if rest.first().is_some_and(|header| header & 0b1_1111 == 5) {
            return true;
        }
        units = rest.get(length..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_frame_needs_a_slice() {
        assert!(holds_idr_slice(&[0, 0, 0, 2, 0x06, 0x80, 0, 0, 0, 2, 0x65, 0x88]));
        assert!(!holds_idr_slice(&[0, 0, 0, 2, 0x06, 0x80]));
        assert!(!holds_idr_slice(&[0, 0, 0, 2, 0x41, 0x9a]));
        assert!(!holds_idr_slice(&[]));
        assert!(!holds_idr_slice(&[0xff, 0xff, 0xff, 0xff, 0x41]));
        assert!(!holds_idr_slice(&[0, 0]));
    }
}
