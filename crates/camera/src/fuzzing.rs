//! Doors for the fuzz targets to what reads a camera, and to what becomes of its frames. Only with the feature `fuzzing`.

use std::sync::Arc;

use jiff::Timestamp;

use url::Url;

use crate::clock::Arrival;
use crate::cutter::Cutter;
use crate::rtp::packet::{Packet, says_goodbye};
use crate::rtp::sound::SoundReceiver;
use crate::rtp::video::VideoReceiver;
use crate::rtsp::authentication::Authentication;
use crate::rtsp::description::Description;
use crate::rtsp::message::Head;
use crate::rtsp::transport::{Channels, SessionName, addresses, origins};
use crate::track::{Picture, Sound, SoundTrack, VideoTrack};
use crate::{Credentials, Segment};

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
                let arrived = Arrival::at(arrived);
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
                let arrived = Arrival::at(arrived);
                cutter.sound(Sound { data: data.into(), ticks, length, arrived });
            }
            Frame::Silence => cutter.silence(),
        }
    }
    cutter.finish();
    std::iter::from_fn(|| cutter.take()).map(|cut| cut.segment).collect()
}

/// Reads messages, one after the other, as far as they go; gives how many there were.
pub fn messages(mut bytes: &[u8]) -> usize {
    let mut count = 0;
    while let Head::Whole(message, length) = Head::read(bytes) {
        assert!(length > 0 && length <= bytes.len());
        let transport = message.header("transport");
        let channels = Channels { data: 0, reports: 1 };
        let _ =
            (Channels::agreed(transport, channels), message.header("session").and_then(SessionName::read));
        let _ = origins(message.header("rtp-info").unwrap_or_default(), 2);
        if let Ok(asked) = Url::parse("rtsp://cam/stream") {
            for address in addresses(&asked, message.header("content-base"), message.header("control")) {
                assert!(
                    address.bytes().all(|byte| byte.is_ascii_graphic()),
                    "it stands in a line of a request"
                );
            }
        }
        let mut authentication = Authentication::default();
        if authentication.refused(message.headers("www-authenticate")).is_ok() {
            let header = authentication.header(&Credentials::new("porch", "secret"), "PLAY", "rtsp://cam/");
            assert!(header.is_none_or(|header| !header.contains(['\r', '\n'])), "it is one line");
        }
        bytes = &bytes[length..];
        count += 1;
    }
    count
}

/// Reads a description, and receives packets as it has them: of its first stream of pictures, and of its first of sound. Gives
/// the pictures, in the order in which they came.
pub fn stream<'p>(description: &[u8], packets: impl IntoIterator<Item = &'p [u8]>) -> Vec<Vec<u8>> {
    let Some(description) = Description::read(description) else { return Vec::new() };
    let formats = || description.media.iter().flat_map(|media| &media.formats);
    let mut video = formats().find_map(VideoReceiver::new);
    let mut sound = formats().find_map(SoundReceiver::new);
    let mut pictures = Vec::new();
    for bytes in packets {
        let Some(packet) = Packet::read(bytes) else { continue };
        let _ = says_goodbye(bytes, Some(packet.source));
        if let Some(video) = &mut video {
            video.receive(bytes, &packet);
            video.take(
                || Arrival::at(Timestamp::UNIX_EPOCH),
                |picture, track| {
                    assert!(track.width > 0 && track.height > 0);
                    pictures.push(picture.data.to_vec());
                },
            );
        }
        if let Some(sound) = &mut sound {
            sound.receive(bytes, &packet, Arrival::at(Timestamp::UNIX_EPOCH), |frame| {
                assert!(frame.length > 0)
            });
        }
    }
    pictures
}
