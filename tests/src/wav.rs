//! Sound files, right and wrong.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use hound::{SampleFormat, WavSpec, WavWriter};

/// What a WAV file is to be like.
#[derive(Clone, Copy)]
pub struct Wav {
    /// Channels.
    pub channels: u16,
    /// Samples a second.
    pub rate: u32,
    /// Bits a sample.
    pub bits: u16,
    /// How long.
    pub seconds: f64,
}

impl Wav {
    /// What Porchlight takes.
    pub const RIGHT: Wav = Wav { channels: 1, rate: 16_000, bits: 16, seconds: 1.0 };

    /// Writes a tone.
    pub fn write(self, file: &Path) {
        let spec = WavSpec {
            channels: self.channels,
            sample_rate: self.rate,
            bits_per_sample: self.bits,
            sample_format: SampleFormat::Int,
        };
        let mut wav = WavWriter::create(file, spec).expect("a WAV file can be made");
        let loudest = f64::from(1_i32 << (self.bits - 2));
        for sample in 0..(self.seconds * f64::from(self.rate)) as u32 {
            let angle = f64::from(sample) * 440.0 * std::f64::consts::TAU / f64::from(self.rate);
            for _ in 0..self.channels {
                wav.write_sample((angle.sin() * loudest) as i32).expect("room for sound");
            }
        }
        wav.finalize().expect("room for sound");
    }

    /// Writes silence as a file with holes: as long as it says, and hardly anything on the disk.
    pub fn write_sparse(self, file: &Path) {
        Wav { seconds: 0.0, ..self }.write(file);
        let header = fs::metadata(file).expect("the header").len();
        let bytes = (self.seconds * f64::from(self.rate)) as u64 * u64::from(self.channels * self.bits / 8);
        let length = u32::try_from(bytes).expect("WAV files end at 4 GB");
        let mut file = File::options().write(true).open(file).expect("the header");
        for (at, value) in [(4, length + header as u32 - 8), (header - 4, length)] {
            file.seek(SeekFrom::Start(at)).expect("inside of the header");
            file.write_all(&value.to_le_bytes()).expect("room for a header");
        }
        file.set_len(header + bytes).expect("holes take no room");
    }
}
