//! One RTSP session: from an address to frames.

use std::sync::Arc;

use futures::StreamExt;
use jiff::Timestamp;
use retina::client::{
    Demuxed, InitialTimestampPolicy, PlayOptions, SessionIdPolicy, SessionOptions, SetupOptions, Stream,
};
use retina::codec::{CodecItem, FrameFormat, ParametersRef, VideoFrame};
use zeroize::Zeroizing;

use crate::track::{Picture, Sound, SoundTrack, VideoTrack, holds_idr_slice};
use crate::{Error, Source};

/// A camera that is playing.
pub(crate) struct Session {
    frames: Demuxed,
    video: usize,
    /// What the camera last said about its picture; `None` until it did.
    track: Option<Arc<VideoTrack>>,
    sound: Option<SoundTrack>,
}

/// What a camera sent.
pub(crate) enum Frame {
    Picture(Picture, Arc<VideoTrack>),
    Sound(Sound),
}

impl Session {
    /// Connects, asks for the streams and has them played, over one TCP connection. The sound is set up only if `sound`, and
    /// only if it is AAC.
    pub(crate) async fn open(source: &Source, sound: bool) -> Result<Self, Error> {
        let signed_in = source.credentials.is_some();
        let meant = |error: retina::Error| Error::of(&error, signed_in);

        let mut session =
            retina::client::Session::describe(source.url.clone(), options(source)).await.map_err(meant)?;
        let video = choose_video(session.streams())?;
        session.setup(video, setup()).await.map_err(meant)?;
        let sound = if sound { choose_sound(session.streams()) } else { None };
        if let Some((stream, _)) = &sound {
            session.setup(*stream, setup()).await.map_err(meant)?;
        }
        let play = PlayOptions::default().initial_timestamp(InitialTimestampPolicy::Permissive);
        let frames = session.play(play).await.and_then(retina::client::Session::demuxed).map_err(meant)?;

        let mut session = Self { frames, video, track: None, sound: sound.map(|(_, track)| track) };
        session.read_track()?;
        Ok(session)
    }

    /// The sound that comes with the pictures, if any.
    pub(crate) fn sound_track(&self) -> Option<SoundTrack> {
        self.sound.clone()
    }

    /// Waits for the next frame.
    pub(crate) async fn next(
        &mut self,
        clock: &(dyn Fn() -> Timestamp + Send + Sync),
    ) -> Result<Frame, Error> {
        loop {
            let item = self.frames.next().await.ok_or(Error::StreamEnded)?;
            match item.map_err(|error| Error::of(&error, true))? {
                CodecItem::VideoFrame(frame) if frame.stream_id() == self.video => {
                    if let Some(frame) = self.picture(frame, clock())? {
                        return Ok(frame);
                    }
                }
                CodecItem::AudioFrame(frame) => {
                    return Ok(Frame::Sound(Sound {
                        data: Zeroizing::new(frame.data().to_vec()),
                        ticks: frame.timestamp().elapsed(),
                        length: frame.frame_length().get(),
                        arrived: clock(),
                    }));
                }
                CodecItem::Rtcp(report) if report.stream_id() == self.video => {
                    const BYE: u8 = 203; // RFC 3550, section 6.6
                    if report.pkts().any(|packet| packet.payload_type() == BYE) {
                        return Err(Error::StreamEnded);
                    }
                }
                _ => {}
            }
        }
    }

    /// `None` while the camera has not said what its picture is.
    fn picture(&mut self, frame: VideoFrame, arrived: Timestamp) -> Result<Option<Frame>, Error> {
        if frame.has_new_parameters() || self.track.is_none() {
            self.read_track()?;
        }
        let ticks = frame.timestamp().elapsed();
        let marked_key = frame.is_random_access_point();
        let data = Zeroizing::new(frame.into_data());
        let key = marked_key && holds_idr_slice(&data);
        Ok(self.track.clone().map(|track| Frame::Picture(Picture { data, ticks, key, arrived }, track)))
    }

    fn read_track(&mut self) -> Result<(), Error> {
        let Some(ParametersRef::Video(parameters)) = self.frames.streams()[self.video].parameters() else {
            return Ok(());
        };
        let track = VideoTrack::from_parameters(parameters)
            .ok_or_else(|| Error::Garbage("its description of the picture cannot be kept".into()))?;
        if self.track.as_deref() != Some(&track) {
            self.track = Some(Arc::new(track));
        }
        Ok(())
    }
}

fn options(source: &Source) -> SessionOptions {
    let credentials = source.credentials.as_ref().map(|credentials| retina::client::Credentials {
        username: credentials.user().to_owned(),
        password: credentials.password().to_owned(),
    });
    SessionOptions::default()
        .creds(credentials)
        .user_agent("Porchlight".into())
        .session_id(SessionIdPolicy::UseFirst)
}

fn setup() -> SetupOptions {
    SetupOptions::default().frame_format(FrameFormat::MP4)
}

fn choose_video(streams: &[Stream]) -> Result<usize, Error> {
    let mut video = streams.iter().enumerate().filter(|(_, stream)| stream.media() == "video");
    let first = video.clone().next().ok_or(Error::NoVideo)?.1;
    match video.find(|(_, stream)| stream.encoding_name() == "h264") {
        Some((index, _)) => Ok(index),
        None => Err(Error::UnsupportedCodec(codec_name(first.encoding_name()).into())),
    }
}

/// Our own names: what the camera writes there is not repeated.
fn codec_name(encoding: &str) -> &'static str {
    match encoding {
        "h265" => "H.265 (HEVC)",
        "h266" => "H.266 (VVC)",
        "jpeg" => "Motion JPEG",
        "mp4v-es" => "MPEG-4 Part 2",
        "vp8" | "vp9" => "VP8 or VP9",
        "av1" => "AV1",
        _ => "a video format",
    }
}

fn choose_sound(streams: &[Stream]) -> Option<(usize, SoundTrack)> {
    streams.iter().enumerate().find_map(|(index, stream)| match stream.parameters() {
        Some(ParametersRef::Audio(parameters)) => Some((index, SoundTrack::from_parameters(parameters)?)),
        _ => None,
    })
}
