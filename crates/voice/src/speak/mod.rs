//! Text to speech: a Piper voice, with espeak-ng for the pronunciation.

pub(crate) mod phonemes;
mod piper;
pub(crate) mod text;

use std::fmt;

use zeroize::Zeroizing;

use crate::error::SpeechError;
use crate::models::Models;
use crate::pcm::Pcm;
use piper::Piper;

/// The most text that is spoken at once, in characters: about ten minutes of speech.
pub const MAX_CHARACTERS: usize = 10_000;

/// Speaks. One serves the whole process: it is shared by reference and speaks one sentence at a time.
pub struct TextToSpeech {
    piper: Piper,
}

impl TextToSpeech {
    /// Loads the voice, and tries espeak-ng once so that what is missing shows at the start. This reads the disk;
    /// nothing of ours does after it.
    ///
    /// # Errors
    /// [`SpeechError::NoEspeak`], or [`SpeechError::Runtime`] or [`SpeechError::Model`] when a file cannot be used.
    pub fn load(models: &Models) -> Result<Self, SpeechError> {
        Self::load_with_threads(models, THREADS)
    }

    /// The same with so many threads.
    ///
    /// # Errors
    /// As [`TextToSpeech::load`].
    pub fn load_with_threads(models: &Models, threads: usize) -> Result<Self, SpeechError> {
        let piper = Piper::load(models, threads)?;
        phonemes::of("ready", piper.language())?;
        Ok(Self { piper })
    }

    /// Speaks a text, sentence by sentence. The sound has the voice's own rate (22,050 Hz for the one that is fetched).
    /// A text without a word gives no sound.
    ///
    /// # Errors
    /// [`SpeechError::TooMuchText`], [`SpeechError::NoEspeak`], [`SpeechError::Espeak`], or [`SpeechError::Run`] when
    /// the model fails.
    pub fn speak(&self, text: &str) -> Result<Pcm, SpeechError> {
        self.speak_while(text, || true)
    }

    /// The same for as long as it is wanted: that is asked before each sentence.
    ///
    /// # Errors
    /// As [`TextToSpeech::speak`], and [`SpeechError::Unwanted`].
    pub fn speak_while(&self, text: &str, wanted: impl Fn() -> bool) -> Result<Pcm, SpeechError> {
        let characters = text.chars().count();
        if characters > MAX_CHARACTERS {
            return Err(SpeechError::TooMuchText { characters, limit: MAX_CHARACTERS });
        }
        let pause = vec![0; (f64::from(self.piper.rate()) * PAUSE_SECONDS) as usize];
        let mut samples = Zeroizing::new(Vec::new());
        for sentence in text::sentences(text) {
            if !wanted() {
                return Err(SpeechError::Unwanted);
            }
            let mut phonemes = Zeroizing::new(String::new());
            for clause in sentence {
                phonemes.push_str(&phonemes::of(&clause.words, self.piper.language())?);
                phonemes.push(clause.end);
                phonemes.push(' ');
            }
            let spoken = self.piper.say(phonemes.trim_end())?;
            if !samples.is_empty() {
                append(&mut samples, &pause);
            }
            append(&mut samples, &spoken);
        }
        Ok(Pcm::new(self.piper.rate(), std::mem::take(&mut *samples)))
    }
}

impl fmt::Debug for TextToSpeech {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TextToSpeech")
    }
}

/// One thread speaks about ten times as fast as the words last.
const THREADS: usize = 1;

/// Silence between two sentences, in seconds.
const PAUSE_SECONDS: f64 = 0.2;

/// Appends, and wipes the old buffer when a larger one takes its place.
fn append(samples: &mut Zeroizing<Vec<i16>>, more: &[i16]) {
    let needed = samples.len() + more.len();
    if needed > samples.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(needed * 2));
        larger.extend_from_slice(samples);
        *samples = larger;
    }
    samples.extend_from_slice(more);
}
