//! FLAC (RFC 9639): what cameras send as mere samples, kept without loss and in a form that browsers play from MP4, which
//! they do not with G.711 and mostly not with samples as they are.

use zeroize::Zeroizing;

use super::sample_entry;
use crate::mp4::full_box;
use crate::track::SoundTrack;

/// No frame is longer than this (section 7, the subset that every player takes).
pub(crate) const MOST_SAMPLES: usize = 4_608;

/// The least that a frame other than the last has.
pub(crate) const FEWEST_SAMPLES: usize = 16;

const BITS: u32 = 16;

/// The track of samples of 16 bits, with one or two channels.
pub(crate) fn track(rate: u32, channels: u8) -> Option<SoundTrack> {
    if !(1..=2).contains(&channels) || !(1..=192_000).contains(&rate) {
        return None;
    }
    let sample_entry = sample_entry::of_sound(b"fLaC", channels, rate, |out| {
        full_box(out, b"dfLa", 0, 0, |out| {
            // The last block of metadata, of kind 0, with 34 bytes (section 8.2).
            out.extend_from_slice(&[0x80, 0, 0, 34]);
            out.extend_from_slice(&(FEWEST_SAMPLES as u16).to_be_bytes());
            out.extend_from_slice(&(MOST_SAMPLES as u16).to_be_bytes());
            out.extend_from_slice(&[0; 6]);
            let told = u64::from(rate) << 44 | u64::from(channels - 1) << 41 | u64::from(BITS - 1) << 36;
            out.extend_from_slice(&told.to_be_bytes());
            out.extend_from_slice(&[0; 16]);
        });
    });
    Some(SoundTrack { sample_entry, codec: "flac".into(), rate })
}

/// Makes a frame (section 9) of samples, whose channels alternate. `first` is the number of the first sample.
pub(crate) fn frame(samples: &[i16], channels: u8, first: u64) -> Zeroizing<Vec<u8>> {
    let channels = usize::from(channels.clamp(1, 2));
    let length = samples.len() / channels;
    let mut out = BitWriter::with_room(samples.len() * 2 + 32);
    // Frames of any length; its length in 16 bits, its rate by the track; channels by themselves; 16 bits a sample.
    out.bytes(&[0xff, 0xf9, 0x70, (channels as u8 - 1) << 4 | 0x08]);
    out.coded_number(first & 0xf_ffff_ffff);
    out.bytes(&(length.saturating_sub(1) as u16).to_be_bytes());
    let check = out.whole.iter().fold(0, |sum, byte| CRC_8[usize::from(sum ^ byte)]);
    out.bytes(&[check]);
    for channel in 0..channels {
        let of_channel: Zeroizing<Vec<i32>> = Zeroizing::new(
            samples
                .iter()
                .skip(channel)
                .step_by(channels)
                .take(length)
                .map(|sample| i32::from(*sample))
                .collect(),
        );
        out.subframe(&of_channel);
    }
    out.align();
    let check =
        out.whole.iter().fold(0, |sum: u16, byte| sum << 8 ^ CRC_16[usize::from((sum >> 8) as u8 ^ byte)]);
    out.bytes(&check.to_be_bytes());
    out.whole
}

/// Whole bytes, and the bits that do not make another one yet.
struct BitWriter {
    whole: Zeroizing<Vec<u8>>,
    begun: u64,
    count: u32,
}

impl BitWriter {
    fn with_room(bytes: usize) -> Self {
        Self { whole: Zeroizing::new(Vec::with_capacity(bytes)), begun: 0, count: 0 }
    }

    /// The last `count` bits of a number, 32 at most.
    fn bits(&mut self, number: u32, count: u32) {
        self.begun = self.begun << count | u64::from(number) & ((1 << count) - 1);
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            self.whole.push((self.begun >> self.count) as u8);
        }
    }

    fn zeros(&mut self, mut count: u32) {
        while count > 32 {
            self.bits(0, 32);
            count -= 32;
        }
        self.bits(0, count);
    }

    /// Whole bytes, where a byte begins.
    fn bytes(&mut self, bytes: &[u8]) {
        self.whole.extend_from_slice(bytes);
    }

    /// Fills the byte that was begun with zeros.
    fn align(&mut self) {
        self.zeros((8 - self.count) % 8);
    }

    /// As UTF-8 writes characters, and beyond (section 9.1.5).
    fn coded_number(&mut self, number: u64) {
        if number < 0x80 {
            return self.bytes(&[number as u8]);
        }
        let more = (1..6).find(|more| number < 1 << (5 * more + 6)).unwrap_or(6);
        let marks = (0xff00u32 >> (more + 1)) as u8;
        self.bytes(&[marks | (number >> (6 * more)) as u8]);
        for place in (0..more).rev() {
            self.bytes(&[0x80 | (number >> (6 * place)) as u8 & 0x3f]);
        }
    }

    /// One channel: by the difference from a line through the samples before, where that is shorter (section 9.2).
    fn subframe(&mut self, samples: &[i32]) {
        let all = samples.iter().fold(0, |all, sample| all | sample);
        if samples.iter().all(|sample| Some(sample) == samples.first()) {
            self.bits(0, 8);
            return self.bits(all as u32, BITS);
        }
        // The last bits of G.711 are 0 in every sample.
        let wasted = all.trailing_zeros().min(BITS - 1);
        let scaled: Zeroizing<Vec<i32>> =
            Zeroizing::new(samples.iter().map(|sample| sample >> wasted).collect());
        let width = BITS - wasted;
        let (order, residual, parameter, cost) = good_prediction(scaled.clone());
        let predicted = cost + u64::from(width) * order as u64 + 10 < u64::from(width) * samples.len() as u64;
        self.bits(if predicted { 0b001_000 | order as u32 } else { 1 } << 1 | u32::from(wasted > 0), 8);
        if wasted > 0 {
            self.bits(1, wasted);
        }
        let plain = if predicted { &scaled[..order] } else { &scaled[..] };
        for sample in plain {
            self.bits(*sample as u32, width);
        }
        if predicted {
            // Rice codes with a parameter of four bits, one for all of them (section 9.2.7).
            self.bits(0, 2 + 4);
            self.bits(parameter, 4);
            for difference in residual.iter() {
                let folded = folded(*difference);
                self.zeros(folded >> parameter);
                self.bits(1 << parameter | folded & ((1 << parameter) - 1), parameter + 1);
            }
        }
    }
}

/// An order of prediction that leaves little, what it leaves, by which parameter that is told in the fewest bits, and in how many. Each
/// sample is looked at once for the order and once for the parameter: a camera decides how many there are.
fn good_prediction(mut samples: Zeroizing<Vec<i32>>) -> (usize, Zeroizing<Vec<i32>>, u32, u64) {
    let mut left = [0u64; 5];
    let mut before = [0i32; 4];
    for sample in samples.iter() {
        let mut difference = *sample;
        left[0] += u64::from(difference.unsigned_abs());
        for (before, left) in before.iter_mut().zip(&mut left[1..]) {
            let next = difference.wrapping_sub(*before);
            *before = difference;
            difference = next;
            *left += u64::from(difference.unsigned_abs());
        }
    }
    let most = 4.min(samples.len().saturating_sub(1));
    let order = (0..=most).min_by_key(|order| left[*order]).unwrap_or_default();
    for done in 0..order {
        for at in (done + 1..samples.len()).rev() {
            samples[at] = samples[at].wrapping_sub(samples[at - 1]);
        }
    }
    samples.drain(..order);
    // The best parameter is about the logarithm of the mean.
    let mean = left[order] * 2 / samples.len().max(1) as u64;
    let about = mean.max(1).ilog2();
    let near = [about.saturating_sub(1).min(14), about.min(14), (about + 1).min(14)];
    let mut costs = [0u64; 3];
    for difference in samples.iter() {
        let folded = folded(*difference);
        for (cost, parameter) in costs.iter_mut().zip(near) {
            *cost += u64::from(folded >> parameter) + 1 + u64::from(parameter);
        }
    }
    let (cost, parameter) = costs.into_iter().zip(near).min().unwrap_or((u64::MAX, 0));
    (order, samples, parameter, cost)
}

/// 0, -1, 1, -2, … as 0, 1, 2, 3, …
fn folded(difference: i32) -> u32 {
    ((difference << 1) ^ (difference >> 31)) as u32
}

/// The two sums of a frame (sections 9.1.8 and 9.3), for each byte.
const CRC_8: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut sum, mut bit) = (byte as u8, 0);
        while bit < 8 {
            sum = sum << 1 ^ if sum & 0x80 == 0 { 0 } else { 0x07 };
            bit += 1;
        }
        table[byte] = sum;
        byte += 1;
    }
    table
};

const CRC_16: [u16; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut sum, mut bit) = ((byte as u16) << 8, 0);
        while bit < 8 {
            sum = sum << 1 ^ if sum & 0x8000 == 0 { 0 } else { 0x8005 };
            bit += 1;
        }
        table[byte] = sum;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command, Stdio};

    use super::*;

    /// A file of these frames, as a program of its own reads it.
    fn decoded(frames: &[u8], rate: u32, channels: u8) -> Option<Vec<u8>> {
        let entry = track(rate, channels).unwrap().sample_entry;
        // The block of metadata ends the entry; a file has it behind its own mark.
        let file = [b"fLaC", &entry[entry.len() - 38..], frames].concat();
        let how = ["-v", "error", "-f", "flac", "-i", "pipe:0", "-f", "s16le", "pipe:1"];
        let mut ffmpeg =
            Command::new("ffmpeg").args(how).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
        ffmpeg.stdin.take().unwrap().write_all(&file).unwrap();
        Some(ffmpeg.wait_with_output().unwrap().stdout)
    }

    #[test]
    fn nothing_is_lost() {
        let voice =
            |at: u32| ((f64::from(at) * 0.07).sin() * 9_000.0 + (f64::from(at) * 0.9).sin() * 800.0) as i16;
        let mut noise = 1u32;
        let mut random = move || {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 16) as u16 as i16
        };
        let kinds: [Vec<i16>; 6] = [
            (0..1_600).map(|at| voice(at) & !3).collect(),
            vec![-8; 1_000],
            (0..1_000).map(|_| random()).collect(),
            [vec![i16::MIN, i16::MAX], vec![0; 30]].concat(),
            [vec![1, 0], vec![0; 1_200], vec![3_000, 900]].concat(),
            (0..1_602).map(voice).collect(),
        ];
        let mut frames = Vec::new();
        let mut first = 0;
        for samples in &kinds {
            frames.extend_from_slice(&frame(samples, 2, first));
            first += samples.len() as u64 / 2;
        }
        assert!(frame(&kinds[0], 1, 0).len() < 1_600 * 5 / 4, "{} bytes", frame(&kinds[0], 1, 0).len());
        let Some(decoded) = decoded(&frames, 8_000, 2) else { return };
        let expected: Vec<u8> = kinds.iter().flatten().flat_map(|sample| sample.to_le_bytes()).collect();
        assert!(decoded == expected, "{} bytes of {}", decoded.len(), expected.len());
    }

    #[test]
    fn numbers_are_coded_as_characters_are() {
        for (number, character) in [
            (0, '\0'),
            (0x7f, '\x7f'),
            (0x80, '\u{80}'),
            (0x7ff, '\u{7ff}'),
            (0x800, '\u{800}'),
            (0x1_0000, '\u{1_0000}'),
        ] {
            let mut out = BitWriter::with_room(8);
            out.coded_number(number);
            assert_eq!(&out.whole[..], character.to_string().as_bytes());
        }
    }
}
