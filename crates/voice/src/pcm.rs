//! Sound as samples.

use std::fmt;

use rubato::audioadapter_buffers::owned::InterleavedOwned;
use rubato::{Fft, FixedSync, Resampler};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::SpeechError;

/// One channel of 16-bit sound.
///
/// It is what somebody said, so it is wiped when dropped and its `Debug` tells the length only.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Pcm {
    rate: u32,
    samples: Vec<i16>,
}

impl Pcm {
    /// Takes samples over. `rate` is in samples a second (hertz).
    #[must_use]
    pub fn new(rate: u32, samples: Vec<i16>) -> Self {
        Self { rate, samples }
    }

    /// Samples a second (hertz).
    #[must_use]
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// The samples, in order of time.
    #[must_use]
    pub fn samples(&self) -> &[i16] {
        &self.samples
    }

    /// How long it lasts, in seconds; 0 when it has no rate.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        if self.rate == 0 { 0.0 } else { self.samples.len() as f64 / f64::from(self.rate) }
    }

    /// The same sound at another rate (hertz), through rubato's band-limited FFT resampler.
    ///
    /// # Errors
    /// [`SpeechError::Resample`] when one of the two rates is zero.
    pub fn resample(&self, rate: u32) -> Result<Self, SpeechError> {
        if rate == self.rate {
            return Ok(self.clone());
        }
        let failed = |reason: String| SpeechError::Resample { from: self.rate, to: rate, reason };
        let mut resampler =
            Fft::<f32>::new(self.rate as usize, rate as usize, RESAMPLER_CHUNK, 1, FixedSync::Both)
                .map_err(|error| failed(error.to_string()))?;
        let input = InterleavedOwned::new_from(self.to_floats(), 1, self.samples.len())
            .map_err(|error| failed(error.to_string()))?;
        let output = resampler.process_all(&input, self.samples.len(), None);
        input.take_data().zeroize();
        let mut output = output.map_err(|error| failed(error.to_string()))?.take_data();
        let samples = output.iter().map(|&sample| to_i16(sample)).collect();
        output.zeroize();
        Ok(Self { rate, samples })
    }

    /// The samples as numbers from -1 to 1. The caller wipes them.
    pub(crate) fn to_floats(&self) -> Vec<f32> {
        self.samples.iter().map(|&sample| f32::from(sample) / FULL_SCALE).collect()
    }
}

impl fmt::Debug for Pcm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pcm({} samples at {} Hz)", self.samples.len(), self.rate)
    }
}

/// One sample from a number from -1 to 1; louder is clipped.
pub(crate) fn to_i16(sample: f32) -> i16 {
    // A cast from float to integer saturates, so nothing wraps around.
    (sample * FULL_SCALE).round() as i16
}

const FULL_SCALE: f32 = 32_768.0;

/// Frames in one step of the resampler: its blocks stay short, whatever the two rates.
const RESAMPLER_CHUNK: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_survives_resampling_in_length_pitch_and_loudness() {
        let tone = sine(22_050, 440.0, 2.0);
        let resampled = tone.resample(16_000).unwrap();

        assert_eq!(resampled.rate(), 16_000);
        assert!((resampled.seconds() - 2.0).abs() < 0.001, "{}", resampled.seconds());
        // The middle second, where the filter has settled: 440 rising zero crossings and the same power.
        let middle = &resampled.samples()[8_000..24_000];
        let crossings = middle.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
        assert!((439..=441).contains(&crossings), "{crossings}");
        assert!((power(middle) / power(tone.samples()) - 1.0).abs() < 0.02);
    }

    #[test]
    fn what_the_new_rate_cannot_carry_is_filtered_not_folded() {
        let high = sine(48_000, 11_000.0, 1.0);
        let resampled = high.resample(16_000).unwrap();
        assert!(power(&resampled.samples()[2_000..14_000]) < power(high.samples()) / 1_000.0);
    }

    #[test]
    fn a_rate_of_zero_is_refused() {
        let silence = Pcm::new(16_000, vec![0; 10]);
        assert!(matches!(silence.resample(0), Err(SpeechError::Resample { .. })));
        assert!(matches!(Pcm::new(0, vec![0; 10]).resample(16_000), Err(SpeechError::Resample { .. })));
        assert_eq!(Pcm::new(0, vec![0; 10]).seconds(), 0.0);
    }

    #[test]
    fn no_sound_resamples_to_no_sound() {
        assert_eq!(Pcm::new(22_050, vec![]).resample(16_000).unwrap().samples(), &[] as &[i16]);
    }

    #[test]
    fn loud_samples_clip_instead_of_wrapping() {
        assert_eq!(to_i16(1.5), i16::MAX);
        assert_eq!(to_i16(-1.5), i16::MIN);
        assert_eq!(to_i16(0.0), 0);
    }

    #[test]
    fn debug_tells_the_length_and_no_sample() {
        assert_eq!(format!("{:?}", Pcm::new(16_000, vec![4242; 3])), "Pcm(3 samples at 16000 Hz)");
    }

    fn sine(rate: u32, hertz: f64, seconds: f64) -> Pcm {
        let samples = (0..(f64::from(rate) * seconds) as usize)
            .map(|i| ((i as f64 / f64::from(rate) * hertz * std::f64::consts::TAU).sin() * 10_000.0) as i16)
            .collect();
        Pcm::new(rate, samples)
    }

    fn power(samples: &[i16]) -> f64 {
        samples.iter().map(|&sample| f64::from(sample).powi(2)).sum::<f64>() / samples.len() as f64
    }
}
