//! The pictures of a stream, from its packets.

use std::sync::Arc;

use crate::clock::Arrival;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::packet::Packet;
use super::picture::{Complete, PictureBuilder, Units};
use super::reception::{Admission, Reception};
use super::ticks::Ticks;
use super::{h264, h265};
use crate::codec;
use crate::rtsp::description::Format;
use crate::track::{Picture, VIDEO_RATE, VideoTrack};

/// Parameters as descriptions have them, with the padding or without it.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

pub(crate) struct VideoReceiver {
    reception: Reception,
    pictures: Pictures,
    ticks: Ticks,
    /// What the pictures are, since the last key frame.
    track: Option<Arc<VideoTrack>>,
    /// Pictures were whole, and of none it is known what it is.
    unknown: bool,
}

enum Pictures {
    H264(PictureBuilder<codec::h264::ParameterSets>),
    /// `numbered`: units carry the order in which they are decoded.
    H265 {
        builder: PictureBuilder<codec::h265::ParameterSets>,
        numbered: bool,
    },
}

impl VideoReceiver {
    /// `None` if it is none of the codecs that are recorded.
    pub(crate) fn new(format: &Format) -> Option<Self> {
        let told = |names: &[&str]| -> Vec<Vec<u8>> {
            let values = names.iter().filter_map(|name| format.parameter(name));
            values.flat_map(|value| value.split(',')).filter_map(parameters).collect()
        };
        let pictures = match format.encoding.as_str() {
            "h264" => {
                let mut sets = codec::h264::ParameterSets::default();
                for set in told(&["sprop-parameter-sets"]) {
                    sets.take(&set);
                }
                Pictures::H264(PictureBuilder::new(sets))
            }
            "h265" | "hevc" => {
                let mut sets = codec::h265::ParameterSets::default();
                for set in told(&["sprop-vps", "sprop-sps", "sprop-pps"]) {
                    sets.take(&set);
                }
                let numbered = format.number("sprop-max-don-diff").is_some_and(|most| most > 0);
                Pictures::H265 { builder: PictureBuilder::new(sets), numbered }
            }
            _ => return None,
        };
        let ticks = Ticks::new(format.clock, VIDEO_RATE);
        Some(Self { reception: Reception::default(), pictures, ticks, track: None, unknown: false })
    }

    /// Where the camera says that its time begins.
    pub(crate) fn begin_at(&mut self, origin: u32) {
        self.ticks.begin_at(origin);
    }

    pub(crate) fn source(&self) -> Option<u32> {
        self.reception.source()
    }

    /// Whether nothing can be shown until a key frame comes.
    pub(crate) fn waits_for_key(&self) -> bool {
        match &self.pictures {
            Pictures::H264(builder) => builder.waits_for_key(),
            Pictures::H265 { builder, .. } => builder.waits_for_key(),
        }
    }

    /// Whether it sends pictures without ever saying what they are.
    pub(crate) fn is_unknown(&self) -> bool {
        self.unknown && self.track.is_none()
    }

    /// Takes a packet of the stream, or of one that uses its channel.
    pub(crate) fn receive(&mut self, bytes: &[u8], packet: &Packet<'_>) {
        let begins = match &self.pictures {
            Pictures::H264(_) => h264::begins(packet.payload),
            Pictures::H265 { .. } => h265::begins(packet.payload),
        };
        match self.reception.admit(packet, bytes, begins) {
            Admission::Next { lost } => self.unpack(packet, lost),
            Admission::Not => {}
            Admission::Instead { packets, mut lost } => {
                for held in packets.iter().filter_map(|held| Packet::read(held)) {
                    self.unpack(&held, std::mem::take(&mut lost));
                }
            }
        }
    }

    fn unpack(&mut self, packet: &Packet<'_>, lost: bool) {
        match &mut self.pictures {
            Pictures::H264(builder) => {
                unpack(builder, packet, lost, |builder| h264::unpack(packet, builder));
            }
            Pictures::H265 { builder, numbered } => {
                unpack(builder, packet, lost, |builder| h265::unpack(packet, *numbered, builder));
            }
        }
    }

    /// The pictures that are complete, with what they are. Those of which that is not known are passed over.
    pub(crate) fn take(
        &mut self,
        arrived: impl Fn() -> Arrival,
        mut each: impl FnMut(Picture, Arc<VideoTrack>),
    ) {
        let ready = match &mut self.pictures {
            Pictures::H264(builder) => builder.take(),
            Pictures::H265 { builder, .. } => builder.take(),
        };
        if ready.is_empty() {
            return;
        }
        let arrived = arrived();
        for Complete { data, timestamp, key } in ready {
            if key
                && let Some(track) = self.told_track()
                && self.track.as_deref() != Some(&track)
            {
                self.track = Some(Arc::new(track));
            }
            let ticks = self.ticks.at(timestamp);
            match &self.track {
                Some(track) => each(Picture { data, ticks, key, arrived }, track.clone()),
                None => self.unknown = true,
            }
        }
    }
}

impl VideoReceiver {
    fn told_track(&self) -> Option<VideoTrack> {
        match &self.pictures {
            Pictures::H264(builder) => builder.units.track(),
            Pictures::H265 { builder, .. } => builder.units.track(),
        }
    }
}

fn unpack<U: Units>(
    builder: &mut PictureBuilder<U>,
    packet: &Packet<'_>,
    lost: bool,
    units: impl FnOnce(&mut PictureBuilder<U>),
) {
    if lost {
        builder.lose();
    }
    units(builder);
    if packet.marker {
        builder.mark();
    }
}

/// A parameter set out of a description, without the start code that some put before it.
fn parameters(text: &str) -> Option<Vec<u8>> {
    let bytes = LENIENT.decode(text.trim().trim_matches('"')).ok()?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let begin = if zeros >= 2 && bytes.get(zeros) == Some(&1) { zeros + 1 } else { 0 };
    let end = bytes.len() - bytes.iter().rev().take_while(|byte| **byte == 0).count();
    bytes.get(begin..end).filter(|set| !set.is_empty()).map(<[u8]>::to_vec)
}
