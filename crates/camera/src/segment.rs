//! What a camera yields: pieces of film, and word of what is missing between them.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::Error;

/// The next thing a camera has to tell, in the order of time.
#[derive(Debug)]
pub enum Captured {
    /// A piece of film.
    Segment(Segment),
    /// A time of which there is no film.
    Missed(Missed),
}

/// A piece of film that plays alone: fragmented MP4 (`ftyp moov moof mdat`, ISO/IEC 14496-12) that begins with a key frame.
///
/// The segments of one connection follow each other without a gap, the end of one being the start of the next, unless something was
/// [`Missed`] between them, or the hub's clock was set. Where that was set back they lie over each other.
pub struct Segment {
    /// When its first picture arrived, smoothed by the camera's own clock.
    pub start: Timestamp,
    /// When its last picture ends. Never before `start`, and no later than a second after it arrived.
    pub end: Timestamp,
    /// The file itself. Wiped when dropped.
    pub bytes: Zeroizing<Vec<u8>>,
    /// Width of the picture, in pixels.
    pub width: u32,
    /// Height of the picture, in pixels.
    pub height: u32,
    /// What a browser's Media Source Extensions want to know (RFC 6381): `avc1.640028`, or `avc1.640028,mp4a.40.2` with sound.
    pub codecs: String,
    /// Whether it holds sound.
    pub sound: bool,
    /// How many pictures it holds.
    pub frames: u32,
}

impl Segment {
    /// The media type for `MediaSource.isTypeSupported`, such as `video/mp4; codecs="avc1.640028"`.
    pub fn media_type(&self) -> String {
        format!("video/mp4; codecs=\"{}\"", self.codecs)
    }
}

/// Whether film of this media type holds sound: it names a second codec.
pub fn holds_sound(media_type: &str) -> bool {
    media_type.split_once("codecs=").is_some_and(|(_, codecs)| codecs.contains(','))
}

impl fmt::Debug for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Segment")
            .field("start", &self.start)
            .field("end", &self.end)
            .field("bytes", &format_args!("{} bytes", self.bytes.len()))
            .field("frames", &self.frames)
            .field("codecs", &self.codecs)
            .finish_non_exhaustive()
    }
}

/// A time of which there is no film, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missed {
    /// The end of what was recorded before, or when watching began.
    pub from: Timestamp,
    /// The start of what was recorded next, or when watching ended. Never before `from`.
    pub to: Timestamp,
    /// What was the matter when it was last tried.
    pub why: Error,
}

impl fmt::Display for Missed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nothing was recorded from {} to {}. {}", self.from, self.to, self.why)
    }
}
