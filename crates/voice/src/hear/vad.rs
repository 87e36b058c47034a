//! Where in a sound somebody speaks.
//!
//! A small network (earshot) judges each 16 ms. Stretches of speech get a margin, because words begin and end softer
//! than the network notices; what is too short to be a word is dropped; and what is too long for the recogniser is cut
//! where it is quietest.

use std::ops::Range;

use earshot::Detector;
use zeroize::Zeroizing;

use crate::pcm::Pcm;

/// A stretch where somebody speaks.
pub(crate) struct Stretch {
    /// 16 kHz, from -1 to 1, at most 15 seconds.
    pub(crate) sound: Zeroizing<Vec<f32>>,
    /// How much of it is voice, in seconds.
    pub(crate) voiced_seconds: f64,
}

/// The stretches of a sound of 16 kHz where somebody speaks, in order.
pub(crate) fn speech(sound: &Pcm) -> Vec<Stretch> {
    let samples = Zeroizing::new(sound.to_floats());
    let voice = voice(&samples);
    stretches(&voice)
        .into_iter()
        .map(|frames| frames.start * FRAME..(frames.end * FRAME).min(samples.len()))
        .flat_map(|stretch| cut(&samples, stretch))
        .map(|piece| Stretch {
            voiced_seconds: voiced(&voice[piece.start / FRAME..piece.end / FRAME]) as f64 * FRAME_SECONDS,
            sound: Zeroizing::new(samples[piece].to_vec()),
        })
        .collect()
}

/// Samples in 16 ms, the step of the network.
const FRAME: usize = 256;
const FRAME_SECONDS: f64 = 0.016;

/// The network's own default between silence and voice.
const VOICE: f32 = 0.5;

/// What noise hardly reaches and the vowels of a word do.
const CLEAR_VOICE: f32 = 0.7;

/// A stretch holds a word when this many frames are voice (0.1 s) and this many are clearly so: clicks, coughs and
/// fans do not get there.
const SHORTEST_SPEECH: usize = 6;
const SHORTEST_CLEAR: usize = 3;

/// Frames of margin on both sides (2 s). The recogniser hears better with the quiet around the words than without it.
const MARGIN: usize = 125;

/// A pause that leaves room for both margins ends a stretch.
const PAUSE: usize = 2 * MARGIN;

/// The recogniser was trained on less than 20 s at a time.
const LONGEST_STRETCH: usize = 15 * 16_000;

/// How much each frame sounds like voice, from 0 to 1. A last frame that is not whole is filled with silence.
///
/// The network notices less in a soft recording, so it gets the sound at the loudness of ordinary speech.
fn voice(samples: &[f32]) -> Vec<f32> {
    let gain = gain(samples);
    let mut detector = Detector::default();
    let mut frame = Zeroizing::new([0f32; FRAME]);
    samples
        .chunks(FRAME)
        .map(|chunk| {
            frame.fill(0.0);
            for (place, sample) in frame.iter_mut().zip(chunk) {
                *place = (sample * gain).clamp(-1.0, 1.0);
            }
            detector.predict_f32(&*frame)
        })
        .collect()
}

/// What to multiply a soft sound with, so that its loudest twentieth is as loud as ordinary speech.
fn gain(samples: &[f32]) -> f32 {
    const ORDINARY: f32 = 0.1;
    const MOST_AMPLIFIED: f32 = 20.0;
    let loudness =
        |frame: &[f32]| (frame.iter().map(|sample| sample * sample).sum::<f32>() / frame.len() as f32).sqrt();
    let mut loudnesses: Vec<f32> = samples.chunks(FRAME).map(loudness).collect();
    loudnesses.sort_by(f32::total_cmp);
    let loud = loudnesses.get(loudnesses.len() * 19 / 20).copied().unwrap_or_default();
    (ORDINARY / loud.max(ORDINARY / MOST_AMPLIFIED)).max(1.0)
}

fn voiced(voice: &[f32]) -> usize {
    voice.iter().filter(|&&voice| voice >= VOICE).count()
}

/// Ranges of frames around the voice in them.
fn stretches(voice: &[f32]) -> Vec<Range<usize>> {
    let mut stretches: Vec<Range<usize>> = Vec::new();
    for frame in (0..voice.len()).filter(|&frame| voice[frame] >= VOICE) {
        match stretches.last_mut() {
            Some(stretch) if frame - stretch.end < PAUSE => stretch.end = frame + 1,
            _ => stretches.push(frame..frame + 1),
        }
    }
    let holds_a_word = |stretch: &Range<usize>| {
        let voice = &voice[stretch.clone()];
        voiced(voice) >= SHORTEST_SPEECH
            && voice.iter().filter(|&&voice| voice >= CLEAR_VOICE).count() >= SHORTEST_CLEAR
    };
    let with_margin =
        |stretch: Range<usize>| stretch.start.saturating_sub(MARGIN)..(stretch.end + MARGIN).min(voice.len());
    stretches.into_iter().filter(holds_a_word).map(with_margin).collect()
}

/// Cuts a stretch into pieces that the recogniser can take, each time at the quietest place of the second half.
fn cut(samples: &[f32], mut stretch: Range<usize>) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    while stretch.len() > LONGEST_STRETCH {
        let begin = stretch.start + LONGEST_STRETCH / 2;
        let at = begin + quietest(&samples[begin..stretch.start + LONGEST_STRETCH]);
        pieces.push(stretch.start..at);
        stretch.start = at;
    }
    pieces.push(stretch);
    pieces
}

/// The middle of the quietest tenth of a second.
fn quietest(samples: &[f32]) -> usize {
    const WINDOW: usize = 1_600;
    const STEP: usize = WINDOW / 10;
    let energy = |window: &[f32]| window.iter().map(|sample| sample * sample).sum::<f32>();
    let windows = samples.windows(WINDOW).step_by(STEP).enumerate();
    windows
        .min_by(|(_, a), (_, b)| energy(a).total_cmp(&energy(b)))
        .map_or(0, |(at, _)| at * STEP + WINDOW / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_noise_and_hum_hold_no_speech() {
        let second = 16_000;
        assert!(speech(&Pcm::new(16_000, vec![])).is_empty());
        assert!(speech(&Pcm::new(16_000, vec![0; 100])).is_empty());
        assert!(speech(&Pcm::new(16_000, vec![0; 4 * second])).is_empty());
        for loudness in [1, 30, 300, 3_000] {
            assert!(speech(&Pcm::new(16_000, noise(loudness, 4 * second))).is_empty(), "noise of {loudness}");
        }
        for hertz in [50.0, 100.0, 1_000.0] {
            let wave =
                |i: usize| ((i as f64 / 16_000.0 * hertz * std::f64::consts::TAU).sin() * 8_000.0) as i16;
            let hum = (0..4 * second).map(wave).collect();
            assert!(speech(&Pcm::new(16_000, hum)).is_empty(), "hum of {hertz} Hz");
        }
    }

    #[test]
    fn a_click_is_no_speech() {
        let mut samples = vec![0; 32_000];
        samples[16_000..16_400].copy_from_slice(&noise(20_000, 400));
        assert!(speech(&Pcm::new(16_000, samples)).is_empty());
    }

    #[test]
    fn long_pauses_split_and_what_is_too_short_is_dropped() {
        let mut voice = vec![0.0; 1_600];
        voice[150..180].fill(0.9);
        voice[300..330].fill(0.9);
        voice[700..705].fill(0.9);
        voice[1_000..1_030].fill(0.6);
        voice[1_400..1_410].fill(0.9);
        assert_eq!(stretches(&voice), [25..455, 1_275..1_535]);
    }

    #[test]
    fn margins_stay_inside_the_sound() {
        assert_eq!(stretches(&[0.9; 30]).first(), Some(&(0..30)));
        assert!(stretches(&[]).is_empty());
    }

    #[test]
    fn a_long_stretch_is_cut_where_it_is_quiet() {
        let mut samples: Vec<_> = noise(8_000, 40 * 16_000).into_iter().map(f32::from).collect();
        samples[12 * 16_000..12 * 16_000 + 3_200].fill(0.0);
        samples[25 * 16_000..25 * 16_000 + 3_200].fill(0.0);
        let pieces = cut(&samples, 0..samples.len());
        assert_eq!(pieces.len(), 3);
        assert!((192_000..195_200).contains(&pieces[0].end), "{pieces:?}");
        assert!((400_000..403_200).contains(&pieces[1].end), "{pieces:?}");
        assert!(pieces.iter().all(|piece| piece.len() <= LONGEST_STRETCH));
        assert!(pieces.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert_eq!(pieces[2].end, samples.len());
    }

    #[test]
    fn soft_sound_is_raised_to_ordinary_loudness_and_loud_sound_left_alone() {
        assert_eq!(gain(&[]), 20.0);
        assert_eq!(gain(&[0.0; 1_000]), 20.0);
        assert_eq!(gain(&[0.5; 1_000]), 1.0);
        assert!((gain(&[0.01; 1_000]) - 10.0).abs() < 0.01);
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
