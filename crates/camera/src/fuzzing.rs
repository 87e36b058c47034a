//! A door for the fuzz targets to what becomes of a camera's frames. Only with the feature `fuzzing`.

use std::sync::Arc;

use jiff::Timestamp;

use crate::Segment;
use crate::cutter::Cutter;
use crate::track::{Picture, Sound, SoundTrack, VideoTrack};

/// What a camera sends next.
pub enum Frame {
    /// A picture.
    Picture {
        /// Its bytes.
        data: Vec<u8>,
        /// The sender's time in 90,000ths of a second.
        ticks: i64,
        /// Whether it can be shown without any other.
        key: bool,
        /// When it came.
        arrived: Timestamp,
        /// Its width in pixels; another width is another track.
        width: u32,
        /// Ticks that a picture lasts, where the camera says it.
        picture_ticks: Option<u32>,
    },
    /// A frame of sound.
    Sound {
        /// Its bytes.
        data: Vec<u8>,
        /// The sender's time in ticks of the track.
        ticks: i64,
        /// How long it lasts, in the same ticks.
        length: u32,
        /// When it came.
        arrived: Timestamp,
    },
    /// Consent for the sound is withdrawn.
    Silence,
}

/// The segments of one connection, each of at most `bytes` bytes of pictures and `pictures` pictures. `sound` is the rate of
/// the sound in hertz, where there is any.
pub fn film(
    frames: impl IntoIterator<Item = Frame>,
    sample_entry: &[u8],
    sound: Option<u32>,
    bytes: usize,
    pictures: usize,
) -> Vec<Segment> {
    let entry = || sample_entry.to_vec();
    let sound = sound.map(|rate| SoundTrack { sample_entry: entry(), codec: "mp4a.40.2".into(), rate });
    let mut cutter = Cutter::within(sound, bytes, pictures);
    for frame in frames {
        match frame {
            Frame::Picture { data, ticks, key, arrived, width, picture_ticks } => {
                let track = VideoTrack {
                    sample_entry: entry(),
                    codec: "avc1.640028".into(),
                    width,
                    height: 360,
                    picture_ticks,
                };
                if cutter
                    .picture(Picture { data: data.into(), ticks, key, arrived }, &Arc::new(track))
                    .is_err()
                {
                    break;
                }
            }
            Frame::Sound { data, ticks, length, arrived } => {
                cutter.sound(Sound { data: data.into(), ticks, length, arrived });
            }
            Frame::Silence => cutter.silence(),
        }
    }
    cutter.finish();
    std::iter::from_fn(|| cutter.take()).collect()
}
