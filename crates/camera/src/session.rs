//! One session with a camera: from an address to frames.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout};
use url::Url;

use crate::clock::Clock;
use crate::rtp::packet::{Packet, is_report, says_goodbye};
use crate::rtp::sound::{self, SoundReceiver};
use crate::rtp::video::VideoReceiver;
use crate::rtsp::authentication::DigestOffered;
use crate::rtsp::client::Client;
use crate::rtsp::connection::{Connection, Incoming};
use crate::rtsp::description::{Description, Format, Kind, Media};
use crate::rtsp::message::Message;
use crate::rtsp::transport::{Channels, addresses, origins};
use crate::track::{Picture, Sound, SoundTrack, VideoTrack};
use crate::{Error, NoSound, Source};

/// The port of RTSP.
const PORT: u16 = 554;

/// What a camera may leave unanswered at first, and what it may refuse: its options, and its sound.
const PATIENCE: Duration = Duration::from_secs(2);

/// After saying goodbye a camera may begin again under another name, at once.
const GOODBYE: Duration = Duration::from_secs(1);

/// A camera of which no packet came for so long sends none.
const SILENT: Duration = Duration::from_secs(3);

/// So many packets under a number or on a channel that was not agreed to, and none as agreed, are the stream.
const STRAYS: u32 = 30;

/// A camera that is playing.
pub(crate) struct Session {
    client: Client,
    /// What is asked to keep the session alive.
    address: String,
    video: Stream<VideoReceiver>,
    sound: Option<Stream<SoundReceiver>>,
    no_sound: Option<NoSound>,
    sound_name: &'static str,
    ready: VecDeque<Frame>,
    /// When the last packet of the pictures came.
    heard: Option<Instant>,
    goodbye: Option<Instant>,
}

/// What a camera sent.
pub(crate) enum Frame {
    Picture(Picture, Arc<VideoTrack>),
    Sound(Sound),
}

/// One of the camera's streams, with where its packets come.
struct Stream<R> {
    receiver: R,
    channels: Channels,
    payload_type: u8,
    /// Packets that came as agreed, or `None` once one did; those that came otherwise are counted meanwhile.
    strays: Option<(u8, u8, u32)>,
    /// The address under which it was set up.
    address: String,
}

/// Why the camera is to be asked in another way.
enum Again {
    /// It hung up when it was asked what it can do.
    WithoutOptions,
    /// It lives at another path or port of the same host.
    At(Url),
    /// It cannot be asked for its sound.
    WithoutSound(NoSound),
    No(Error),
}

impl From<Error> for Again {
    fn from(error: Error) -> Self {
        Self::No(error)
    }
}

/// How the camera is asked.
struct Manner {
    url: Url,
    options: bool,
    moved: bool,
    sound: Result<(), NoSound>,
}

impl Session {
    /// Connects, asks for the streams and has them played, over one TCP connection. The sound is set up only if `sound`; what
    /// a camera refuses of it, or hangs up over, costs the sound and not the pictures.
    pub(crate) async fn open(
        source: &Source,
        digest_offered: &DigestOffered,
        sound: bool,
        clock: &Clock,
    ) -> Result<Self, Error> {
        let sound = if sound { Ok(()) } else { Err(NoSound::NotAsked) };
        let mut manner = Manner { url: source.url.clone(), options: true, moved: false, sound };
        loop {
            match Self::try_open(source, digest_offered, &manner, clock).await {
                Ok(session) => return Ok(session),
                Err(Again::WithoutOptions) if manner.options => manner.options = false,
                Err(Again::At(url)) if !manner.moved => (manner.url, manner.moved) = (url, true),
                Err(Again::WithoutSound(why)) if manner.sound.is_ok() => manner.sound = Err(why),
                Err(Again::No(error)) => return Err(error),
                Err(_) => return Err(Error::StreamEnded),
            }
        }
    }

    async fn try_open(
        source: &Source,
        digest_offered: &DigestOffered,
        manner: &Manner,
        clock: &Clock,
    ) -> Result<Self, Again> {
        let url = &manner.url;
        let host = url.host_str().ok_or(Error::UnknownName)?;
        let connection = Connection::to(host, url.port().unwrap_or(PORT)).await?;
        let mut client = Client::new(connection, source.credentials.clone(), digest_offered.clone());
        let (description, base) = describe(&mut client, manner).await?;

        let (video, format) = choose_video(&description.media)?;
        let receiver = VideoReceiver::new(format).ok_or(Error::NoVideo)?;
        let places = addresses(url, base.as_deref(), video.control.as_deref());
        let video = set_up(&mut client, &places, 0, receiver, format).await?;

        let (mut sound, mut no_sound, mut sound_name) = (None, manner.sound.clone().err(), "");
        if manner.sound.is_ok() {
            match choose_sound(&description.media) {
                Ok((media, format, receiver)) => {
                    sound_name = sound::name(&format.encoding);
                    let places = addresses(url, base.as_deref(), media.control.as_deref());
                    let refused = NoSound::Refused(sound_name.into());
                    match timeout(PATIENCE, set_up(&mut client, &places, 2, receiver, format)).await {
                        Ok(Ok(stream)) => sound = Some(stream),
                        Ok(Err(Error::UdpOnly | Error::NotFound | Error::Forbidden)) => {
                            no_sound = Some(refused)
                        }
                        // What became of the connection by that is not certain.
                        _ => return Err(Again::WithoutSound(refused)),
                    }
                }
                Err(why) => no_sound = Some(why),
            }
        }

        let address = addresses(url, base.as_deref(), None).swap_remove(0);
        let mut session = Self {
            client,
            address,
            video,
            sound,
            no_sound,
            sound_name,
            ready: VecDeque::new(),
            heard: None,
            goodbye: None,
        };
        let together = addresses(url, base.as_deref(), None)
            .into_iter()
            .chain(addresses(url, base.as_deref(), description.control.as_deref()))
            .collect();
        match session.play(together, clock).await {
            Ok(()) => Ok(session),
            // With its sound it does not play; perhaps it does without.
            Err(error) if session.sound.is_some() && !error.is_about_signing_in() => {
                Err(Again::WithoutSound(NoSound::Refused(sound_name.into())))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Has the streams played: all at once, or where that is refused one by one. A camera that sends pictures plays, whether
    /// it has answered or not.
    async fn play(&mut self, together: Vec<String>, clock: &Clock) -> Result<(), Error> {
        let mut refusal = Error::NotFound;
        let mut asked: Vec<String> = Vec::new();
        for address in together {
            if asked.contains(&address) {
                continue;
            }
            match self.play_at(&address, clock).await {
                Ok(()) => {
                    self.address = address;
                    return Ok(());
                }
                Err(Error::StreamEnded) => return Err(Error::StreamEnded),
                Err(error) if error.is_about_signing_in() => return Err(error),
                Err(error) => refusal = error,
            }
            asked.push(address);
        }
        let each: Vec<String> =
            self.sound.iter().map(|sound| &sound.address).chain([&self.video.address]).cloned().collect();
        if each.iter().all(|address| asked.contains(address)) {
            return Err(refusal);
        }
        for address in each {
            self.play_at(&address, clock).await?;
        }
        Ok(())
    }

    async fn play_at(&mut self, address: &str, clock: &Clock) -> Result<(), Error> {
        let mut from_start = true;
        let mut asked = 0;
        'ask: while asked < 4 {
            let range = [("Range", "npt=0.000-")];
            self.client.ask("PLAY", address, if from_start { &range } else { &[] }).await?;
            asked += 1;
            loop {
                let message = match self.client.connection.receive().await? {
                    Incoming::Packet { channel, place } => {
                        self.take_packet(channel, place, clock);
                        if self.ready.is_empty() {
                            continue;
                        }
                        return Ok(());
                    }
                    Incoming::Message(message) => message,
                };
                let Some(answer) = self.client.hear(message).await? else { continue };
                if self.client.sign_in_again(&answer)? {
                    continue 'ask;
                }
                match answer.status() {
                    Some(200..300) => {
                        self.learn_origins(&answer);
                        return Ok(());
                    }
                    // It plays from where it is, and from nowhere else.
                    Some(457) if from_start => {
                        from_start = false;
                        continue 'ask;
                    }
                    Some(status) => return Err(Error::of_status(status)),
                    None => {}
                }
            }
        }
        Err(Error::WrongPassword)
    }

    /// Both streams begin at one time, if the camera says so of both: that keeps the sound with its pictures.
    fn learn_origins(&mut self, answer: &Message) {
        let Some(sound) = &mut self.sound else { return };
        if let Some([video, heard]) =
            answer.header("rtp-info").and_then(|header| origins(header, 2)).as_deref()
        {
            self.video.receiver.begin_at(*video);
            sound.receiver.begin_at(*heard);
        }
    }

    /// The sound that comes with the pictures, if any.
    pub(crate) fn sound_track(&self) -> Option<SoundTrack> {
        self.sound.as_ref().map(|sound| sound.receiver.track.clone())
    }

    /// Why there is none, although it was asked for.
    pub(crate) fn no_sound(&self) -> Option<NoSound> {
        self.no_sound.clone()
    }

    /// Whether so much sound comes that none of it is kept.
    pub(crate) fn is_flooded(&self) -> bool {
        self.sound.as_ref().is_some_and(|sound| sound.receiver.is_flooded())
    }

    /// Why the sound which was agreed to is not there.
    pub(crate) fn without_sound(&self) -> NoSound {
        let name = self.sound_name.into();
        if self.is_flooded() { NoSound::TooFast(name) } else { NoSound::Silent(name) }
    }

    /// What it means that no picture came for long.
    pub(crate) fn silence(&self) -> Error {
        let receiver = &self.video.receiver;
        if self.heard.is_none_or(|heard| heard.elapsed() > SILENT) {
            Error::NoAnswer
        } else if receiver.waits_for_key() {
            Error::NoKeyFrames
        } else if receiver.is_unknown() {
            Error::Garbage("it never says what its pictures are".into())
        } else {
            Error::Garbage("its video cannot be taken apart".into())
        }
    }

    /// Says goodbye, so that the camera has room for the next viewer at once; whether it hears that makes no difference.
    pub(crate) async fn leave(mut self) {
        let _ = self.client.ask("TEARDOWN", &self.address, &[]).await;
    }

    /// Waits for the next frame. Cancel safe but for a request that is being sent.
    pub(crate) async fn next(&mut self, clock: &Clock) -> Result<Frame, Error> {
        loop {
            if let Some(frame) = self.ready.pop_front() {
                return Ok(frame);
            }
            if let Some(incoming) = self.client.connection.take()? {
                match incoming {
                    Incoming::Packet { channel, place } => self.take_packet(channel, place, clock),
                    Incoming::Message(message) => self.take_message(message).await?,
                }
                continue;
            }
            let alive_until = self.client.alive_until();
            let until = self.goodbye.map_or(alive_until, |goodbye| goodbye.min(alive_until));
            tokio::select! {
                biased;
                filled = self.client.connection.fill() => filled?,
                () = sleep_until(until) => {
                    if self.goodbye.is_some_and(|goodbye| goodbye <= Instant::now()) {
                        return Err(Error::StreamEnded);
                    }
                    self.client.keep_alive(&self.address).await?;
                }
            }
        }
    }

    async fn take_message(&mut self, message: Message) -> Result<(), Error> {
        match self.client.hear(message).await? {
            Some(answer) => self.client.kept_alive(&answer, &self.address).await,
            None => Ok(()),
        }
    }

    fn take_packet(&mut self, channel: u8, place: std::ops::Range<usize>, clock: &Clock) {
        let bytes = self.client.connection.packet(place);
        if is_report(bytes) {
            let of_video = [self.video.channels.data, self.video.channels.reports].contains(&channel);
            if of_video && says_goodbye(bytes, self.video.receiver.source()) {
                self.goodbye = Some(Instant::now() + GOODBYE);
            }
            return;
        }
        let Some(packet) = Packet::read(bytes) else { return };
        if let Some(sound) = &mut self.sound
            && sound.takes(channel, packet.payload_type)
        {
            let ready = &mut self.ready;
            sound
                .receiver
                .receive(bytes, &packet, clock.arrival(), |sound| ready.push_back(Frame::Sound(sound)));
        } else if self.video.takes(channel, packet.payload_type) {
            self.heard = Some(Instant::now());
            self.goodbye = None;
            self.video.receiver.receive(bytes, &packet);
            let ready = &mut self.ready;
            self.video
                .receiver
                .take(|| clock.arrival(), |picture, track| ready.push_back(Frame::Picture(picture, track)));
        }
    }
}

impl<R> Stream<R> {
    /// Whether a packet is of this stream. Where none comes as agreed, what comes otherwise is the stream after a while: on
    /// its channel under another number, or under its number on another channel.
    fn takes(&mut self, channel: u8, payload_type: u8) -> bool {
        let agreed = channel == self.channels.data && payload_type == self.payload_type;
        let Some((stray_channel, stray_type, count)) = &mut self.strays else { return agreed };
        if agreed {
            self.strays = None;
            return true;
        }
        let dynamic = payload_type >= 96 && self.payload_type >= 96;
        let likely = dynamic && (channel == self.channels.data || payload_type == self.payload_type);
        if !likely {
            return false;
        }
        if (*stray_channel, *stray_type) != (channel, payload_type) {
            (*stray_channel, *stray_type, *count) = (channel, payload_type, 0);
        }
        *count += 1;
        if *count >= STRAYS {
            self.channels.data = channel;
            self.payload_type = payload_type;
            self.strays = None;
            return true;
        }
        false
    }
}

/// Asks what the camera offers; gives that, and the address that its streams' addresses belong to.
async fn describe(client: &mut Client, manner: &Manner) -> Result<(Description, Option<String>), Again> {
    let url = &manner.url;
    if manner.options {
        match client.options(url, PATIENCE).await {
            Err(Error::StreamEnded) => return Err(Again::WithoutOptions),
            other => other?,
        }
    }
    let answer = match client.call("DESCRIBE", url.as_str(), &[("Accept", "application/sdp")]).await {
        Err(Error::StreamEnded) if manner.options => return Err(Again::WithoutOptions),
        other => other?,
    };
    match answer.status() {
        Some(200..300) => {}
        Some(300..400) => return Err(moved(client, &answer, url)),
        status => return Err(Again::No(Error::of_status(status.unwrap_or_default()))),
    }
    client.learn_session(&answer);
    let description = Description::read(&answer.body)
        .ok_or_else(|| Error::Garbage("its description of the video cannot be read".into()))?;
    let base = answer.header("content-base").or_else(|| answer.header("content-location"));
    Ok((description, base.map(str::to_owned)))
}

/// Where else the stream is: followed on the same host, and never to another.
fn moved(client: &Client, answer: &Message, url: &Url) -> Again {
    let Some(mut place) = answer.header("location").and_then(|place| url.join(place.trim()).ok()) else {
        return Again::No(Error::Garbage("it sends elsewhere without saying where".into()));
    };
    let same_name =
        place.host_str().zip(url.host_str()).is_some_and(|(one, other)| one.eq_ignore_ascii_case(other));
    let peer = client.connection.peer().map(|peer| peer.ip());
    let same_address = place.host_str().is_some_and(|host| {
        host.trim_start_matches('[')
            .trim_end_matches(']')
            .parse()
            .ok()
            .is_some_and(|address| Some(address) == peer)
    });
    let cleaned = place.set_username("").and_then(|()| place.set_password(None)).is_ok();
    if place.scheme() != "rtsp" || !(same_name || same_address) || !cleaned || place.port() == Some(0) {
        return Again::No(Error::SentElsewhere);
    }
    Again::At(place)
}

/// Sets a stream up, under the first address that the camera takes.
async fn set_up<R>(
    client: &mut Client,
    places: &[String],
    first: u8,
    receiver: R,
    format: &Format,
) -> Result<Stream<R>, Error> {
    let asked = Channels { data: first, reports: first + 1 };
    let transport = format!("RTP/AVP/TCP;unicast;interleaved={}-{}", asked.data, asked.reports);
    let mut refusal = Error::NotFound;
    for place in places {
        let answer = client.call("SETUP", place, &[("Transport", &transport)]).await?;
        match answer.status() {
            Some(200..300) => {
                client.learn_session(&answer);
                let channels = Channels::agreed(answer.header("transport"), asked).ok_or(Error::UdpOnly)?;
                let payload_type = format.payload_type;
                return Ok(Stream {
                    receiver,
                    channels,
                    payload_type,
                    strays: Some((0, 0, 0)),
                    address: place.clone(),
                });
            }
            Some(461) => return Err(Error::UdpOnly),
            status => refusal = Error::of_status(status.unwrap_or_default()),
        }
    }
    Err(refusal)
}

fn choose_video(media: &[Media]) -> Result<(&Media, &Format), Error> {
    let video = || {
        let streams = media.iter().filter(|media| media.kind == Kind::Video && !media.not_sent);
        streams.flat_map(|media| media.formats.iter().map(move |format| (media, format)))
    };
    let of = |names: &[&str]| video().find(|(_, format)| names.contains(&format.encoding.as_str()));
    match of(&["h264"]).or_else(|| of(&["h265", "hevc"])) {
        Some(found) => Ok(found),
        None => Err(match video().next() {
            Some((_, format)) => Error::UnsupportedCodec(codec_name(&format.encoding).into()),
            None => Error::NoVideo,
        }),
    }
}

/// Our own names: what the camera writes there is not repeated.
fn codec_name(encoding: &str) -> &'static str {
    match encoding {
        "h266" => "H.266 (VVC)",
        "jpeg" => "Motion JPEG",
        "mp4v-es" => "MPEG-4 Part 2",
        "vp8" | "vp9" => "VP8 or VP9",
        "av1" => "AV1",
        _ => "a video format",
    }
}

fn choose_sound(media: &[Media]) -> Result<(&Media, &Format, SoundReceiver), NoSound> {
    let formats = || {
        let streams = media.iter().filter(|media| media.kind == Kind::Audio && !media.not_sent);
        streams.flat_map(|media| media.formats.iter().map(move |format| (media, format)))
    };
    let found = formats().find_map(|(media, format)| Some((media, format, SoundReceiver::new(format)?)));
    found.ok_or_else(|| match formats().next() {
        Some((_, format)) => NoSound::Unsupported(sound::name(&format.encoding).into()),
        None => NoSound::NotOffered,
    })
}
