//! What a stream is made of: the codec's parameters, ready for a file, and the frames as they arrive.

use zeroize::Zeroizing;

use crate::clock::Arrival;

/// RTP counts H.264 and H.265 in 90,000ths of a second (RFC 6184, section 8.2.1; RFC 7798, section 7.1), and so do the files.
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
    pub(crate) arrived: Arrival,
}

/// One frame of sound.
pub(crate) struct Sound {
    pub(crate) data: Zeroizing<Vec<u8>>,
    /// The sender's time, in ticks of the track's rate.
    pub(crate) ticks: i64,
    /// How long it lasts, in the same ticks.
    pub(crate) length: u32,
    pub(crate) arrived: Arrival,
}
