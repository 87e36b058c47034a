//! The sound of a stream, from its packets.

use zeroize::Zeroizing;

use super::aac::Unpacker;
use super::packet::Packet;
use super::reception::{Admission, Reception};
use super::speed::Speed;
use super::ticks::Ticks;
use crate::clock::Arrival;
use crate::codec::aac::Config;
use crate::codec::g711::Law;
use crate::codec::{flac, opus};
use crate::rtsp::description::Format;
use crate::track::{Sound, SoundTrack};

/// Samples are put into frames of a tenth of a second or so.
const SAMPLES_A_FRAME: usize = 800;

pub(crate) struct SoundReceiver {
    pub(crate) track: SoundTrack,
    reception: Reception,
    ticks: Ticks,
    speed: Speed,
    codec: Codec,
}

enum Codec {
    Aac { unpacker: Unpacker, lasts: u32 },
    Opus,
    Samples(Samples),
}

/// Samples until they make a frame.
struct Samples {
    form: Form,
    channels: u8,
    waiting: Zeroizing<Vec<i16>>,
    /// The timestamp of the first that waits.
    begin: u32,
    /// How many came before, of each channel.
    before: u64,
}

#[derive(Clone, Copy)]
enum Form {
    G711(Law),
    /// 16 bits, the high ones first (RFC 3551, section 4.5.11).
    Linear,
}

/// What a format of sound is called; `None` if it is none that is known.
pub(crate) fn name(encoding: &str) -> &'static str {
    match encoding {
        "mpeg4-generic" | "mp4a-latm" => "AAC",
        "opus" => "Opus",
        "pcmu" | "pcma" => "G.711",
        "l16" => "PCM",
        "g722" => "G.722",
        _ if encoding.starts_with("g726") || encoding.starts_with("aal2-g726") => "G.726",
        "g729" => "G.729",
        "mpa" | "mp3" => "MP3",
        "gsm" => "GSM",
        "speex" => "Speex",
        _ => "a format that is not known",
    }
}

impl SoundReceiver {
    /// `None` if it is none of the codecs that are recorded, or browsers would not play it.
    pub(crate) fn new(format: &Format) -> Option<Self> {
        let clock = format.clock;
        let aac = |config: Option<Config>, unpacker| {
            let config = config?;
            let lasts = config.ticks(clock);
            Some((config.track(clock), Codec::Aac { unpacker, lasts }))
        };
        let samples = |form| {
            let track = flac::track(clock, format.channels)?;
            let (channels, waiting) = (format.channels, Zeroizing::default());
            Some((track, Codec::Samples(Samples { form, channels, waiting, begin: 0, before: 0 })))
        };
        let (track, codec) = match format.encoding.as_str() {
            "mpeg4-generic" => {
                let told = match format.parameter("config") {
                    Some(hex) if !hex.is_empty() => Config::read(hex),
                    _ => Config::usual(clock, format.channels),
                };
                aac(told, Unpacker::generic(format))?
            }
            "mp4a-latm" if format.parameter("cpresent") == Some("0") => {
                aac(format.parameter("config").and_then(Config::read_latm), Unpacker::latm())?
            }
            "opus" => {
                let stereo = format.parameter("sprop-stereo") == Some("1");
                (opus::track(if stereo { 2 } else { 1 }), Codec::Opus)
            }
            "pcmu" => samples(Form::G711(Law::Mu))?,
            "pcma" => samples(Form::G711(Law::A))?,
            "l16" => samples(Form::Linear)?,
            _ => return None,
        };
        let (ticks, speed) = (Ticks::new(clock, track.rate), Speed::new(track.rate));
        Some(Self { track, reception: Reception::default(), ticks, speed, codec })
    }

    /// Where the camera says that its time begins.
    pub(crate) fn begin_at(&mut self, origin: u32) {
        self.ticks.begin_at(origin);
    }

    /// Whether so much comes that none of it is kept.
    pub(crate) fn is_flooded(&self) -> bool {
        self.speed.is_flooded()
    }

    /// Takes a packet, and gives the frames that it completes. What comes much faster than it plays is dropped, before any work is
    /// done with it.
    pub(crate) fn receive(
        &mut self,
        bytes: &[u8],
        packet: &Packet<'_>,
        arrived: Arrival,
        mut each: impl FnMut(Sound),
    ) {
        let mut unpack = |packet: &Packet<'_>, lost: bool, ticks: &mut Ticks| {
            let speed = &mut self.speed;
            let admit = |length: u32| speed.admits(length, arrived.steady);
            self.codec.unpack(packet, lost, admit, |timestamp, length, data| {
                each(Sound { data, ticks: ticks.at(timestamp), length, arrived });
            });
        };
        match self.reception.admit(packet, bytes, true) {
            Admission::Next { lost } => unpack(packet, lost, &mut self.ticks),
            Admission::Not => {}
            Admission::Instead { packets, .. } => {
                for held in packets.iter().filter_map(|held| Packet::read(held)) {
                    unpack(&held, true, &mut self.ticks);
                }
            }
        }
    }
}

impl Codec {
    fn unpack(
        &mut self,
        packet: &Packet<'_>,
        lost: bool,
        mut admit: impl FnMut(u32) -> bool,
        mut frame: impl FnMut(u32, u32, Zeroizing<Vec<u8>>),
    ) {
        let timestamp = packet.timestamp;
        match self {
            Self::Aac { unpacker, lasts } => {
                if lost {
                    unpacker.lose();
                }
                unpacker.unpack(packet, |count, data| {
                    if admit(*lasts) {
                        let timestamp = timestamp.wrapping_add(count.wrapping_mul(*lasts));
                        frame(timestamp, *lasts, Zeroizing::new(data.to_vec()));
                    }
                });
            }
            Self::Opus => {
                if let Some(lasts) = opus::ticks(packet.payload)
                    && admit(lasts)
                {
                    frame(timestamp, lasts, Zeroizing::new(packet.payload.to_vec()));
                }
            }
            Self::Samples(samples) => {
                if admit(samples.count(packet)) {
                    samples.take(packet, frame);
                }
            }
        }
    }
}

impl Samples {
    /// How many a packet has, of each channel.
    fn count(&self, packet: &Packet<'_>) -> u32 {
        let bytes = match self.form {
            Form::G711(_) => 1,
            Form::Linear => 2,
        };
        (packet.payload.len() / bytes / usize::from(self.channels.max(1))) as u32
    }

    fn take(&mut self, packet: &Packet<'_>, mut frame: impl FnMut(u32, u32, Zeroizing<Vec<u8>>)) {
        let channels = usize::from(self.channels.max(1));
        let waiting = self.waiting.len() / channels;
        if packet.timestamp != self.begin.wrapping_add(waiting as u32) {
            self.give(&mut frame);
        }
        if self.waiting.is_empty() {
            self.begin = packet.timestamp;
        }
        match self.form {
            Form::G711(law) => self.waiting.extend(packet.payload.iter().map(|byte| law.sample(*byte))),
            Form::Linear => {
                let pairs = packet.payload.chunks_exact(2);
                self.waiting.extend(pairs.map(|pair| i16::from_be_bytes([pair[0], pair[1]])));
            }
        }
        while self.waiting.len() / channels >= SAMPLES_A_FRAME {
            self.give(&mut frame);
        }
    }

    /// A frame of what waits, which is shorter than the longest of packets, but may be longer than a frame can be.
    fn give(&mut self, frame: &mut impl FnMut(u32, u32, Zeroizing<Vec<u8>>)) {
        let channels = usize::from(self.channels.max(1));
        let length = (self.waiting.len() / channels).min(flac::MOST_SAMPLES);
        if length < flac::FEWEST_SAMPLES {
            return self.waiting.clear();
        }
        let data = flac::frame(&self.waiting[..length * channels], self.channels, self.before);
        frame(self.begin, length as u32, data);
        self.before += length as u64;
        self.begin = self.begin.wrapping_add(length as u32);
        self.waiting.drain(..length * channels);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rtsp::description::Description;

    fn receiver(description: &str) -> Option<SoundReceiver> {
        let mut description = Description::read(description.as_bytes()).unwrap();
        SoundReceiver::new(&description.media.remove(0).formats[0])
    }

    /// The frames of packets with these timestamps, each with when it begins and how long it lasts.
    fn frames(receiver: &mut SoundReceiver, packets: &[(u32, Vec<u8>)]) -> Vec<(i64, u32)> {
        let mut all = Vec::new();
        for (place, (timestamp, payload)) in packets.iter().enumerate() {
            let sequence = place as u16;
            let packet =
                Packet { marker: true, payload_type: 0, sequence, timestamp: *timestamp, source: 0, payload };
            let arrived = Arrival::at(jiff::Timestamp::UNIX_EPOCH);
            receiver.receive(payload, &packet, arrived, |sound| all.push((sound.ticks, sound.length)));
        }
        all
    }

    #[test]
    fn samples_are_gathered_into_frames_and_a_pause_parts_them() {
        let mut pcma = receiver("m=audio 0 RTP/AVP 8\n").unwrap();
        assert_eq!((pcma.track.codec.as_str(), pcma.track.rate), ("flac", 8_000));
        let packet = |timestamp: u32| (timestamp, vec![0xd5; 320]);
        let sent: Vec<_> = [0, 320, 640, 960, 8_000, 8_320, 8_640].map(packet).into();
        assert_eq!(frames(&mut pcma, &sent), [(0, 960), (960, 320), (8_000, 960)]);
        let long = [(0, vec![1; 10_000])];
        let lengths: Vec<_> = frames(&mut receiver("m=audio 0 RTP/AVP 0\n").unwrap(), &long);
        assert_eq!(lengths, [(0, 4_608), (4_608, 4_608)], "the rest waits");
    }

    #[test]
    fn what_is_recorded_is_known_by_its_name_and_the_rest_is_named() {
        let codec = |map: &str| {
            let text = format!("m=audio 0 RTP/AVP 97\na=rtpmap:97 {map}\n");
            receiver(&text).map(|receiver| receiver.track.codec)
        };
        assert_eq!(codec("MPEG4-GENERIC/16000/1").as_deref(), Some("mp4a.40.2"));
        assert_eq!(codec("opus/48000/2").as_deref(), Some("opus"));
        assert_eq!(codec("L16/16000").as_deref(), Some("flac"));
        assert_eq!(codec("PCMA/16000").as_deref(), Some("flac"));
        for none in ["G726-32/8000", "MP4A-LATM/16000", "L16/44100/6", "x"] {
            assert!(codec(none).is_none(), "{none}");
        }
        assert_eq!((name("g726-32"), name("hunter2")), ("G.726", "a format that is not known"));
    }

    proptest! {
        #[test]
        fn whatever_comes_each_frame_lasts(
            format in 0usize..6,
            packets in prop::collection::vec((any::<u32>(), prop::collection::vec(any::<u8>(), 0..300)), 1..40)
        ) {
            let format = [
                "m=audio 0 RTP/AVP 0\n",
                "m=audio 0 RTP/AVP 10\n",
                "m=audio 0 RTP/AVP 97\na=rtpmap:97 opus/48000/2\n",
                "m=audio 0 RTP/AVP 97\na=rtpmap:97 mpeg4-generic/16000\na=fmtp:97 config=1408\n",
                "m=audio 0 RTP/AVP 97\na=rtpmap:97 mpeg4-generic/16000\na=fmtp:97 mode=AAC-lbr;config=1408\n",
                "m=audio 0 RTP/AVP 97\na=rtpmap:97 MP4A-LATM/16000\na=fmtp:97 cpresent=0;config=400028103fc0\n",
            ][format];
            let mut receiver = receiver(format).unwrap();
            prop_assert!(frames(&mut receiver, &packets).iter().all(|(_, length)| *length > 0));
        }
    }
}
