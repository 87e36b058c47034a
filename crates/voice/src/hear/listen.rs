//! Where in a sound somebody speaks.
//!
//! A small network (earshot) judges each 16 ms. Stretches of speech get a margin, because words begin and end softer
//! than the network notices; what is too short to be a word is dropped; and what is too long for the recogniser is cut
//! where it is quietest.

use std::ops::Range;

use earshot::Detector;

/// The stretches where somebody speaks, in order, as ranges of samples at 16 kHz, each at most 15 seconds.
pub(crate) fn speech(samples: &[i16]) -> Vec<Range<usize>> {
    let voiced = voiced(samples);
    stretches(&voiced)
        .into_iter()
        .map(|frames| frames.start * FRAME..(frames.end * FRAME).min(samples.len()))
        .flat_map(|stretch| cut(samples, stretch))
        .collect()
}

/// Samples in 16 ms, the step of the network.
const FRAME: usize = 256;

/// The network's own default between silence and voice.
const VOICED: f32 = 0.5;

/// A pause of this many frames (1 s) ends a stretch.
const PAUSE: usize = 63;

/// Frames of margin on both sides (0.4 s).
const MARGIN: usize = 25;

/// A stretch with fewer voiced frames (0.1 s) holds no word: a click, a cough.
const SHORTEST: usize = 6;

/// The recogniser was trained on less than 20 s at a time.
const LONGEST: usize = 15 * 16_000;

/// Whether somebody speaks in each frame. A last frame that is not whole is filled with silence.
fn voiced(samples: &[i16]) -> Vec<bool> {
    let mut detector = Detector::default();
    let mut frame = zeroize::Zeroizing::new([0i16; FRAME]);
    samples
        .chunks(FRAME)
        .map(|chunk| {
            frame.fill(0);
            frame[..chunk.len()].copy_from_slice(chunk);
            detector.predict_i16(&*frame) >= VOICED
        })
        .collect()
}

/// Ranges of frames around the voiced ones.
fn stretches(voiced: &[bool]) -> Vec<Range<usize>> {
    let mut stretches: Vec<(Range<usize>, usize)> = Vec::new();
    for frame in (0..voiced.len()).filter(|&frame| voiced[frame]) {
        match stretches.last_mut() {
            Some((stretch, count)) if frame - stretch.end < PAUSE => {
                stretch.end = frame + 1;
                *count += 1;
            }
            _ => stretches.push((frame..frame + 1, 1)),
        }
    }
    stretches
        .into_iter()
        .filter(|(_, count)| *count >= SHORTEST)
        .map(|(stretch, _)| stretch.start.saturating_sub(MARGIN)..(stretch.end + MARGIN).min(voiced.len()))
        .collect()
}

/// Cuts a stretch into pieces that the recogniser can take, each time at the quietest place of the second half.
fn cut(samples: &[i16], mut stretch: Range<usize>) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    while stretch.len() > LONGEST {
        let begin = stretch.start + LONGEST / 2;
        let at = begin + quietest(&samples[begin..stretch.start + LONGEST]);
        pieces.push(stretch.start..at);
        stretch.start = at;
    }
    pieces.push(stretch);
    pieces
}

/// The middle of the quietest tenth of a second.
fn quietest(samples: &[i16]) -> usize {
    const WINDOW: usize = 1_600;
    const STEP: usize = WINDOW / 10;
    let energy = |begin: usize| -> u64 {
        samples[begin..begin + WINDOW].iter().map(|&sample| u64::from(sample.unsigned_abs()).pow(2)).sum()
    };
    let begins = (0..=samples.len().saturating_sub(WINDOW)).step_by(STEP);
    begins.min_by_key(|&begin| energy(begin)).map_or(0, |begin| begin + WINDOW / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_and_noise_hold_no_speech() {
        assert!(speech(&[]).is_empty());
        assert!(speech(&[0; 100]).is_empty());
        assert!(speech(&[0; 64_000]).is_empty());
        assert!(speech(&noise(300, 64_000)).is_empty());
        assert!(speech(&noise(20_000, 64_000)).is_empty());
        let hum: Vec<i16> = (0..64_000).map(|i| ((f64::from(i) * 0.0196).sin() * 8_000.0) as i16).collect();
        assert!(speech(&hum).is_empty());
    }

    #[test]
    fn pauses_split_and_breaths_do_not() {
        let mut frames = vec![false; 400];
        frames[50..80].fill(true);
        frames[100..130].fill(true);
        frames[250..260].fill(true);
        frames[350..353].fill(true);
        assert_eq!(stretches(&frames), [25..155, 225..285]);
    }

    #[test]
    fn margins_stay_inside_the_sound() {
        assert_eq!(stretches(&[true; 30]), [0..30]);
        assert!(stretches(&[]).is_empty());
    }

    #[test]
    fn a_long_stretch_is_cut_where_it_is_quiet() {
        let mut samples = noise(8_000, 40 * 16_000);
        samples[12 * 16_000..12 * 16_000 + 3_200].fill(0);
        samples[25 * 16_000..25 * 16_000 + 3_200].fill(0);
        let pieces = cut(&samples, 0..samples.len());
        assert_eq!(pieces.len(), 3);
        assert!((192_000..195_200).contains(&pieces[0].end), "{pieces:?}");
        assert!((400_000..403_200).contains(&pieces[1].end), "{pieces:?}");
        assert!(pieces.iter().all(|piece| piece.len() <= LONGEST));
        assert!(pieces.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert_eq!(pieces[2].end, samples.len());
    }

    /// Noise that is the same each time, from a linear congruential generator.
    fn noise(loudness: i32, length: usize) -> Vec<i16> {
        let mut state = 1u32;
        let step = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 16) as i32 % (2 * loudness) - loudness) as i16
        };
        (0..length).map(step).collect()
    }
}
