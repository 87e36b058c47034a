//! AAC (ISO/IEC 14496-3): its configuration, plain or inside of LATM's, and what a file says of it.

use super::sample_entry;
use crate::mp4::full_box;
use crate::track::SoundTrack;

const RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

/// Low complexity, and that with spectral band replication, without and with parametric stereo: what browsers play.
const PLAYED: [u32; 3] = [2, 5, 29];

/// An AudioSpecificConfig (section 1.6.2.1), and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Config {
    bytes: Vec<u8>,
    object: u32,
    rate: u32,
    channels: u8,
    /// Samples of a frame at `rate`.
    pub(crate) samples: u32,
}

impl Config {
    /// As the parameter `config` of mpeg4-generic has it, in hexadecimal digits.
    pub(crate) fn read(hex: &str) -> Option<Self> {
        Self::of_bytes(from_hex(hex)?)
    }

    fn of_bytes(bytes: Vec<u8>) -> Option<Self> {
        let mut bits = Bits { bytes: &bytes, place: 0 };
        let config = Self::parse(&mut bits)?;
        Some(Self { bytes, ..config })
    }

    /// Out of the StreamMuxConfig (section 1.7.3) in the parameter `config` of MP4A-LATM: one program with one layer.
    pub(crate) fn read_latm(hex: &str) -> Option<Self> {
        let bytes = from_hex(hex)?;
        let mut bits = Bits { bytes: &bytes, place: 0 };
        // The newer syntax, several frames, programs or layers at once: none of it is a camera's.
        if bits.take(1)? != 0
            || bits.take(1)? != 1
            || bits.take(6)? != 0
            || bits.take(4)? != 0
            || bits.take(3)? != 0
        {
            return None;
        }
        let begin = bits.place;
        Self::parse(&mut bits)?;
        let mut from = Bits { place: begin, ..bits };
        let length = (bits.place - begin).div_ceil(8);
        let mut inner = Vec::with_capacity(length);
        for _ in 0..length {
            let left = (bits.place - from.place).min(8) as u32;
            inner.push((from.take(left)? << (8 - left)) as u8);
        }
        Self::of_bytes(inner)
    }

    /// Of a camera that does not tell it: as its rate and channels have it.
    pub(crate) fn usual(rate: u32, channels: u8) -> Option<Self> {
        let index = RATES.iter().position(|known| *known == rate)? as u16;
        let told = 2 << 11 | index << 7 | u16::from(channels.clamp(1, 2)) << 3;
        Self::of_bytes(told.to_be_bytes().to_vec())
    }

    fn parse(bits: &mut Bits<'_>) -> Option<Self> {
        let mut object = bits.object()?;
        let mut rate = bits.rate()?;
        let channels = bits.take(4)? as u8;
        let told = object;
        if matches!(object, 5 | 29) {
            rate = bits.rate().map(|_| rate)?;
            object = bits.object()?;
        }
        let short = bits.take(1)? == 1;
        // The core coder's delay, and an extension that none of these has.
        if bits.take(1)? == 1 {
            bits.take(14)?;
        }
        bits.take(1)?;
        if !PLAYED.contains(&told) || !PLAYED.contains(&object) {
            return None;
        }
        let samples = if short { 960 } else { 1_024 };
        Some(Self { bytes: Vec::new(), object: told, rate, channels, samples })
    }

    /// The track, in ticks of `clock`.
    pub(crate) fn track(&self, clock: u32) -> SoundTrack {
        let config = &self.bytes[..self.bytes.len().min(64)];
        let channels = if self.channels == 0 { 2 } else { self.channels };
        let sample_entry = sample_entry::of_sound(b"mp4a", channels, self.rate, |out| {
            full_box(out, b"esds", 0, 0, |out| {
                // ISO/IEC 14496-1, section 7.2.6: a stream, its decoder, the decoder's own configuration, its layer.
                let length = config.len() as u8;
                out.extend_from_slice(&[3, length + 23, 0, 0, 0, 4, length + 15, 0x40, 0x15]);
                out.extend_from_slice(&[0; 11]);
                out.extend_from_slice(&[5, length]);
                out.extend_from_slice(config);
                out.extend_from_slice(&[6, 1, 2]);
            });
        });
        SoundTrack { sample_entry, codec: format!("mp4a.40.{}", self.object), rate: clock }
    }

    /// How long a frame lasts, in ticks of `clock`.
    pub(crate) fn ticks(&self, clock: u32) -> u32 {
        let ticks = u64::from(self.samples) * u64::from(clock) / u64::from(self.rate.max(1));
        u32::try_from(ticks).unwrap_or(u32::MAX).max(1)
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> =
        text.trim_matches('"').chars().map(|digit| digit.to_digit(16)).collect::<Option<_>>()?;
    // Longer ones are no configuration; of an odd one the last digit is left out.
    (2..=128)
        .contains(&digits.len())
        .then(|| digits.chunks_exact(2).map(|two| (two[0] << 4 | two[1]) as u8).collect())
}

#[derive(Clone, Copy)]
struct Bits<'a> {
    bytes: &'a [u8],
    place: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: u32) -> Option<u32> {
        (0..count).try_fold(0, |number, _| {
            let byte = *self.bytes.get(self.place / 8)?;
            let bit = byte >> (7 - self.place % 8) & 1;
            self.place += 1;
            Some(number << 1 | u32::from(bit))
        })
    }

    fn object(&mut self) -> Option<u32> {
        match self.take(5)? {
            31 => Some(32 + self.take(6)?),
            object => Some(object),
        }
    }

    fn rate(&mut self) -> Option<u32> {
        match self.take(4)? {
            15 => self.take(24),
            index => RATES.get(index as usize).copied(),
        }
        .filter(|rate| *rate > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_read_plain_and_out_of_latm() {
        let plain = Config::read("1408").unwrap();
        assert_eq!((plain.object, plain.rate, plain.channels, plain.samples), (2, 16_000, 1, 1_024));
        assert_eq!((plain.ticks(16_000), plain.ticks(90_000)), (1_024, 5_760));
        // The same, as GStreamer's rtpmp4apay writes it.
        assert_eq!(Config::read_latm("400028103fc0").unwrap(), Config::read("1408").unwrap());
        assert_eq!(Config::usual(16_000, 1).unwrap(), plain);
        assert_eq!(Config::read("1190").unwrap().rate, 48_000);
        let high = Config::read("2B8A0800").unwrap();
        assert_eq!((high.object, high.rate, high.channels), (5, 22_050, 1));
        for none in ["", "1", "zz", "0A10", "ffff", &"00".repeat(99)] {
            assert!(Config::read(none).is_none(), "{none}");
        }
    }

    #[test]
    fn the_box_is_as_long_as_it_says() {
        let entry = Config::read("1408").unwrap().track(16_000).sample_entry;
        assert_eq!(u32::from_be_bytes(entry[..4].try_into().unwrap()) as usize, entry.len());
        let esds = &entry[36..];
        assert_eq!((&esds[4..8], esds.len()), (&b"esds"[..], 12 + 2 + 25));
        assert_eq!(esds[12..14], [3, 25]);
    }
}
