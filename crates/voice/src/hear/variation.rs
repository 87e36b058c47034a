//! Whether a sound changes as speech does.
//!
//! The network that looks for voice judges 16 ms at a time, in which a held chord, an organ or a siren is as good as a vowel; and a
//! recogniser that is fed them writes what it saw most under such sound: "Thank you for watching." Over a second they differ.
//! Syllables come and go, so the level swings; and one sound of a word follows the other, so the spectrum does not stay. Music holds the
//! one or the other: a pad both, plucked strings the spectrum, a fast run of notes the level.

use realfft::RealFftPlanner;
use realfft::num_complex::Complex;
use zeroize::Zeroizing;

use crate::wav;

/// Whether a stretch of 16 kHz sound, from -1 to 1, changes as speech does: in its level and in its spectrum.
pub(crate) fn is_like_speech(sound: &[f32]) -> bool {
    let frames = audible(sound);
    swing(&frames) >= LEAST_SWING && change(&frames) >= LEAST_CHANGE
}

/// 32 ms: shorter than any sound of a word.
const FRAME: usize = 512;

/// What is softer than the loudest frame by more is a pause.
const PAUSE_DECIBELS: f32 = 30.0;

/// Decibels. Single words and sentences swing by 5 to 10, with a kitchen's noise 3 dB below them by 3.6 and more; held sound by less
/// than 1, a run of notes by less than 2.5.
const LEAST_SWING: f32 = 3.0;

/// From 0, the same, to 1. Speech changes by 0.13 to 0.35 from frame to frame, in a hall too, and by 0.09 and more over a held chord that is
/// 10 dB softer; plucked strings, three notes a second, by less than 0.09.
const LEAST_CHANGE: f32 = 0.09;

/// The bins of the spectrum in which speech is: 100 Hz to 4 kHz.
const LOWEST_BIN: usize = 100 * FRAME / wav::RATE as usize;
const HIGHEST_BIN: usize = 4_000 * FRAME / wav::RATE as usize;

struct Frame<'a> {
    sound: &'a [f32],
    /// In decibels below full scale.
    level: f32,
}

/// The frames of a sound that are no pause.
fn audible(sound: &[f32]) -> Vec<Frame<'_>> {
    let frames: Vec<_> =
        sound.chunks_exact(FRAME).map(|sound| Frame { sound, level: level(sound) }).collect();
    let loudest = frames.iter().map(|frame| frame.level).fold(f32::NEG_INFINITY, f32::max);
    frames.into_iter().filter(|frame| frame.level > loudest - PAUSE_DECIBELS).collect()
}

fn level(sound: &[f32]) -> f32 {
    const SILENCE: f32 = 1e-10;
    let power = sound.iter().map(|sample| sample * sample).sum::<f32>() / sound.len() as f32;
    10.0 * (power + SILENCE).log10()
}

/// How much the level swings: its standard deviation, in decibels.
fn swing(frames: &[Frame<'_>]) -> f32 {
    let middle = mean(frames.iter().map(|frame| frame.level));
    mean(frames.iter().map(|frame| (frame.level - middle).powi(2))).sqrt()
}

/// How much the spectrum changes from one frame to the next: one less the cosine between them, on average.
fn change(frames: &[Frame<'_>]) -> f32 {
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(FRAME);
    let window: Vec<f32> = (0..FRAME).map(hann).collect();
    let spectrum = |frame: &Frame<'_>| {
        let windowed = frame.sound.iter().zip(&window).map(|(sample, window)| sample * window);
        let mut windowed = Zeroizing::new(windowed.collect::<Vec<_>>());
        let mut bins = fft.make_output_vec();
        // It fails for lengths alone that are not its own, and these are.
        let _ = fft.process(&mut windowed, &mut bins);
        let sizes =
            Zeroizing::new(bins[LOWEST_BIN..=HIGHEST_BIN].iter().map(|bin| bin.norm()).collect::<Vec<_>>());
        bins.fill(Complex::default());
        sizes
    };
    let spectra: Vec<_> = frames.iter().map(spectrum).collect();
    mean(spectra.windows(2).map(|pair| 1.0 - cosine(&pair[0], &pair[1])))
}

fn hann(place: usize) -> f32 {
    let turn = std::f32::consts::TAU * place as f32 / FRAME as f32;
    0.5 - 0.5 * turn.cos()
}

fn cosine(one: &[f32], other: &[f32]) -> f32 {
    let product = |one: &[f32], other: &[f32]| one.iter().zip(other).map(|(a, b)| a * b).sum::<f32>();
    product(one, other) / (product(one, one) * product(other, other)).sqrt().max(f32::MIN_POSITIVE)
}

/// 0 of nothing.
fn mean(numbers: impl Iterator<Item = f32>) -> f32 {
    let (sum, count) = numbers.fold((0.0, 0), |(sum, count), number| (sum + number, count + 1));
    sum / count.max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn held_tones_and_runs_of_notes_do_not_swing() {
        for overtones in [1, 5, 10] {
            let chord =
                wave(5, |time| [220.0, 277.2, 329.6].map(|hertz| tone(hertz, overtones, time)).iter().sum());
            assert!(swing(&audible(&chord)) < 1.0 && !is_like_speech(&chord), "{overtones} overtones");
            let run = wave(5, |time| {
                tone(220.0 * [1.0, 1.25, 1.5, 2.0][(time / 0.15) as usize % 4], overtones, time)
            });
            assert!(!is_like_speech(&run), "{overtones} overtones");
        }
    }

    #[test]
    fn plucked_strings_swing_and_keep_their_spectrum() {
        for decay in [3.0, 8.0] {
            let strings = wave(6, |time| {
                let note = [220.0, 277.2, 329.6][(time * 2.0) as usize % 3];
                tone(note, 5, time) * (-(time * 2.0).fract() * decay / 2.0).exp()
            });
            assert!(change(&audible(&strings)) < LEAST_CHANGE, "{decay}: {}", change(&audible(&strings)));
            assert!(!is_like_speech(&strings));
        }
    }

    #[test]
    fn syllables_of_hiss_and_vowel_swing_and_change() {
        let mut state = 1u32;
        let mut hiss = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as f32 / 32_768.0 - 1.0
        };
        let syllables = wave(3, |time| match (time * 20.0) as usize % 5 {
            0 => 0.1 * hiss(),
            1 | 2 => tone(120.0, 20, time),
            3 => 0.3 * tone(140.0, 3, time),
            _ => 0.0,
        });
        assert!(
            is_like_speech(&syllables),
            "{} {}",
            swing(&audible(&syllables)),
            change(&audible(&syllables))
        );
    }

    #[test]
    fn silence_and_nothing_are_no_speech() {
        for sound in [vec![], vec![0.0; 100], vec![0.0; 16_000], vec![f32::NAN; 16_000]] {
            assert!(!is_like_speech(&sound));
        }
    }

    fn wave(seconds: usize, mut sound: impl FnMut(f32) -> f32) -> Vec<f32> {
        (0..seconds * 16_000).map(|place| 0.1 * sound(place as f32 / 16_000.0)).collect()
    }

    fn tone(hertz: f32, overtones: usize, time: f32) -> f32 {
        let overtone = |n: usize| (time * hertz * n as f32 * std::f32::consts::TAU).sin() / n as f32;
        (1..=overtones).map(overtone).sum()
    }
}
