//! WAV files: 16 kHz, one channel, 16-bit PCM, and nothing else.
//!
//! A header is a claim by a stranger. It is checked against the bytes that are there before anything is decoded.

use crate::pcm::Pcm;

/// Samples a second that a WAV file must have.
pub const RATE: u32 = 16_000;

/// The longest sound that is taken, in seconds.
pub const MAX_SECONDS: u32 = 120;

/// The largest file worth receiving, in bytes: [`MAX_SECONDS`] of sound and room for the chunks around it.
pub const MAX_BYTES: usize = (MAX_SECONDS * RATE) as usize * BYTES_PER_SAMPLE + 64 * 1024;

/// Why a file is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WavError {
    /// Zero bytes.
    #[error("the file is empty; record it again")]
    Empty,
    /// It does not begin like a WAV file.
    #[error("this is not a WAV file but {found}; convert it with: {CONVERT}")]
    NotWav {
        /// What it looks like.
        found: &'static str,
    },
    /// The file ends before its sound begins.
    #[error("the WAV file ends before its {missing}; it was cut off: copy or record it again")]
    CutHeader {
        /// The chunk that did not come.
        missing: &'static str,
    },
    /// Samples that are not plain integers: floating point, A-law, compressed …
    #[error("the WAV file holds {found}, and 16-bit PCM is needed; convert it with: {CONVERT}")]
    Encoding {
        /// The kind of sample.
        found: String,
    },
    /// Samples that are wider or narrower than 16 bits.
    #[error("the WAV file has {found}-bit samples, and 16 bits are needed; convert it with: {CONVERT}")]
    Bits {
        /// Bits in a sample.
        found: u16,
    },
    /// Stereo, or more, or no channel at all.
    #[error("the WAV file has {found} channels, and one is needed; convert it with: {CONVERT}")]
    Channels {
        /// How many there are.
        found: u16,
    },
    /// Another rate than [`RATE`].
    #[error("the WAV file has {found} samples a second, and {RATE} are needed; convert it with: {CONVERT}")]
    Rate {
        /// Samples a second.
        found: u32,
    },
    /// Longer than [`MAX_SECONDS`].
    #[error(
        "the WAV file lasts {seconds} seconds, and at most {MAX_SECONDS} are taken; cut it into shorter pieces, for example with: ffmpeg -i IN -t {MAX_SECONDS} -ac 1 -ar 16000 -c:a pcm_s16le OUT.wav"
    )]
    TooLong {
        /// How long its header says it lasts.
        seconds: u32,
    },
    /// The header says that more sound follows than does.
    #[error(
        "the WAV file was cut off: its header promises {promised} bytes of sound and {present} are there; copy or record it again"
    )]
    Truncated {
        /// Bytes of sound by the header.
        promised: u32,
        /// Bytes of sound in the file.
        present: usize,
    },
    /// A program wrote the header before it knew the length, and never came back.
    #[error(
        "the WAV file does not say how long it is, because it was written to a pipe; write it to a file: {CONVERT}"
    )]
    Unfinished,
    /// A right header and no sound.
    #[error("the WAV file holds no sound; record it again")]
    NoSound,
    /// The parts of the header contradict each other.
    #[error("the WAV file is damaged: {reason}; record it again, or try: {CONVERT}")]
    Damaged {
        /// What contradicts what.
        reason: String,
    },
}

/// The command that makes a file that is taken.
const CONVERT: &str = "ffmpeg -i IN -ac 1 -ar 16000 -c:a pcm_s16le OUT.wav";

/// Reads a WAV file of 16 kHz, one channel and 16-bit PCM.
///
/// The header and the size are judged first, so what is too long costs nothing.
///
/// # Errors
/// A [`WavError`] that names what was found and what to do.
pub fn read(file: &[u8]) -> Result<Pcm, WavError> {
    let header = Header::parse(file)?;
    header.check_format()?;
    header.check_length()?;
    Ok(header.decode())
}

/// Writes a WAV file of one channel and 16-bit PCM, at the sound's own rate.
///
/// The bytes are what somebody said: the caller seals or wipes them.
#[must_use]
pub fn write(sound: &Pcm) -> Vec<u8> {
    let bytes = sound.samples().len() * BYTES_PER_SAMPLE;
    // Nothing that fits into memory for a moment of speech comes near four gigabytes.
    let length = u32::try_from(bytes).unwrap_or(u32::MAX);
    // Room for everything at once: a buffer that grows leaves copies behind.
    let mut file = Vec::with_capacity(HEADER_BYTES + bytes);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&length.saturating_add(HEADER_BYTES as u32 - 8).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt ");
    file.extend_from_slice(&16u32.to_le_bytes());
    file.extend_from_slice(&PCM.to_le_bytes());
    file.extend_from_slice(&1u16.to_le_bytes());
    file.extend_from_slice(&sound.rate().to_le_bytes());
    file.extend_from_slice(&sound.rate().saturating_mul(BYTES_PER_SAMPLE as u32).to_le_bytes());
    file.extend_from_slice(&(BYTES_PER_SAMPLE as u16).to_le_bytes());
    file.extend_from_slice(&16u16.to_le_bytes());
    file.extend_from_slice(b"data");
    file.extend_from_slice(&length.to_le_bytes());
    file.extend(sound.samples().iter().flat_map(|sample| sample.to_le_bytes()));
    file
}

const BYTES_PER_SAMPLE: usize = 2;
const HEADER_BYTES: usize = 44;

/// The encoding number of plain integers.
const PCM: u16 = 1;
/// That of the extensible form, which says its encoding further on: two bytes of it before these.
const EXTENSIBLE: u16 = 0xfffe;
const SUBFORMAT: [u8; 14] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];

/// What the chunks of a file claim, and the sound that is there.
struct Header<'a> {
    encoding: u16,
    channels: u16,
    rate: u32,
    bits: u16,
    /// Bytes of sound by the header.
    promised: u32,
    /// What follows the header, sound or not.
    sound: &'a [u8],
}

impl<'a> Header<'a> {
    /// Walks the chunks up to the sound. Every length is checked against the bytes that are there.
    fn parse(file: &'a [u8]) -> Result<Self, WavError> {
        if file.is_empty() {
            return Err(WavError::Empty);
        }
        let mut rest = match file.split_at_checked(12) {
            Some((riff, rest)) if riff.starts_with(b"RIFF") && riff.ends_with(b"WAVE") => rest,
            _ => return Err(WavError::NotWav { found: guess(file) }),
        };
        let mut format = None;
        loop {
            let missing = if format.is_none() { "description of the format" } else { "sound" };
            let cut = || WavError::CutHeader { missing };
            let (head, body) = rest.split_first_chunk::<8>().ok_or_else(cut)?;
            let [name @ .., a, b, c, d] = head;
            let length = u32::from_le_bytes([*a, *b, *c, *d]);
            if name == b"data" {
                let before =
                    || WavError::Damaged { reason: "its sound comes before the description of it".into() };
                return Self::new(format.ok_or_else(before)?, length, body);
            }
            if name == b"fmt " {
                format = Some(rest.get(..8 + length as usize).ok_or_else(cut)?);
            }
            // Chunks begin at even places.
            rest = body.get(length as usize + length as usize % 2..).ok_or_else(cut)?;
        }
    }

    fn new(format: &'a [u8], promised: u32, sound: &'a [u8]) -> Result<Self, WavError> {
        let Some((&[_, _, _, _, _, _, _, _, e0, e1, c0, c1, r0, r1, r2, r3, _, _, _, _, _, _, b0, b1], _)) =
            format.split_first_chunk::<24>()
        else {
            return Err(WavError::Damaged { reason: "the description of its format is too short".into() });
        };
        let encoding = match u16::from_le_bytes([e0, e1]) {
            // What follows it in a longer chunk is for whoever put it there.
            EXTENSIBLE => match format.get(32..48) {
                Some([s0, s1, rest @ ..]) if *rest == SUBFORMAT => u16::from_le_bytes([*s0, *s1]),
                _ => EXTENSIBLE,
            },
            encoding => encoding,
        };
        Ok(Self {
            encoding,
            channels: u16::from_le_bytes([c0, c1]),
            rate: u32::from_le_bytes([r0, r1, r2, r3]),
            bits: u16::from_le_bytes([b0, b1]),
            promised,
            sound,
        })
    }

    fn check_format(&self) -> Result<(), WavError> {
        let found = match self.encoding {
            PCM => None,
            2 | 0x11 => Some("ADPCM, which is compressed".to_owned()),
            3 => Some(format!("{}-bit floating point numbers", self.bits)),
            6 => Some("A-law samples".to_owned()),
            7 => Some("mu-law samples".to_owned()),
            0x50 | 0x55 => Some("MPEG audio".to_owned()),
            other => Some(format!("samples of the unknown kind {other:#06x}")),
        };
        if let Some(found) = found {
            return Err(WavError::Encoding { found });
        }
        if self.bits != 16 {
            return Err(WavError::Bits { found: self.bits });
        }
        if self.channels != 1 {
            return Err(WavError::Channels { found: self.channels });
        }
        if self.rate != RATE {
            return Err(WavError::Rate { found: self.rate });
        }
        Ok(())
    }

    fn check_length(&self) -> Result<(), WavError> {
        const BYTES_PER_SECOND: u32 = RATE * BYTES_PER_SAMPLE as u32;
        const ABOUT_ALL: u32 = 0x7fff_0000;
        match self.promised {
            // What programs write that cannot go back and mend the header: about as much as fits, each in its own way.
            promised if promised >= ABOUT_ALL && promised as usize > self.sound.len() => {
                Err(WavError::Unfinished)
            }
            0 if self.sound.len() > 1 => Err(WavError::Unfinished),
            0 => Err(WavError::NoSound),
            promised if promised > MAX_SECONDS * BYTES_PER_SECOND => {
                Err(WavError::TooLong { seconds: promised / BYTES_PER_SECOND })
            }
            promised if promised as usize > self.sound.len() => {
                Err(WavError::Truncated { promised, present: self.sound.len() })
            }
            odd if odd % BYTES_PER_SAMPLE as u32 != 0 => {
                Err(WavError::Damaged { reason: "its last sample is half a sample".into() })
            }
            _ => Ok(()),
        }
    }
    /// Decodes a checked file: what is left to read is plain 16-bit samples.
    fn decode(&self) -> Pcm {
        let sound = self.sound.get(..self.promised as usize).unwrap_or(self.sound);
        let (samples, _) = sound.as_chunks::<BYTES_PER_SAMPLE>();
        Pcm::new(RATE, samples.iter().map(|sample| i16::from_le_bytes(*sample)).collect())
    }
}

/// What a file that is not WAV looks like, by its first bytes.
fn guess(file: &[u8]) -> &'static str {
    match file {
        [b'R', b'I', b'F', b'F', ..] if file.len() < 12 => "a file that ends within its first 12 bytes",
        [b'R', b'I', b'F', b'F', ..] => "another kind of RIFF file",
        [b'R', b'I', b'F', b'X', ..] => "a big-endian WAV file",
        [b'R', b'F', b'6', b'4', ..] => "a 64-bit WAV file (RF64)",
        [b'f', b'L', b'a', b'C', ..] => "a FLAC file",
        [b'O', b'g', b'g', b'S', ..] => "an Ogg file",
        [b'I', b'D', b'3', ..] | [0xff, 0xfb | 0xf3 | 0xf2, ..] => "an MP3 file",
        [0x1a, 0x45, 0xdf, 0xa3, ..] => "a WebM or Matroska file",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => "an MP4 file",
        _ => "something else",
    }
}

#[cfg(test)]
mod tests;
