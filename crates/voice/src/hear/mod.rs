//! Speech to text: Moonshine, on the stretches of a sound where somebody speaks.

mod moonshine;
mod tokens;
mod vad;

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::error::SpeechError;
use crate::models::Models;
use crate::pcm::Pcm;
use crate::wav;
use moonshine::{Heard, Moonshine};

/// Turns speech into words. One serves the whole process: it is shared by reference and hears one chunk at a time.
pub struct SpeechToText {
    moonshine: Moonshine,
}

impl SpeechToText {
    /// Loads the models. This reads the disk; nothing after it does.
    ///
    /// # Errors
    /// [`SpeechError::Runtime`] or [`SpeechError::Model`] when a file is there but cannot be used.
    pub fn load(models: &Models) -> Result<Self, SpeechError> {
        Self::load_with_threads(models, THREADS)
    }

    /// The same with so many threads for each model.
    ///
    /// # Errors
    /// As [`SpeechToText::load`].
    pub fn load_with_threads(models: &Models, threads: usize) -> Result<Self, SpeechError> {
        Ok(Self { moonshine: Moonshine::load(models, threads)? })
    }

    /// Hears what is said. Sound of another rate than 16 kHz is resampled; sound without speech gives an empty
    /// transcript, because a recogniser that is fed noise makes up words.
    ///
    /// # Errors
    /// [`SpeechError::Run`] when a model fails, [`SpeechError::Resample`] for a rate of zero.
    pub fn transcribe(&self, sound: &Pcm) -> Result<Transcript, SpeechError> {
        self.transcribe_while(sound, || true)
    }

    /// The same for as long as it is wanted: that is asked before each stretch of speech, of twenty seconds at most.
    ///
    /// # Errors
    /// As [`SpeechToText::transcribe`], and [`SpeechError::Unwanted`].
    pub fn transcribe_while(
        &self,
        sound: &Pcm,
        wanted: impl Fn() -> bool,
    ) -> Result<Transcript, SpeechError> {
        let sound = sound.resample(wav::RATE)?;
        let mut text = Zeroizing::new(String::new());
        for stretch in vad::speech(&sound) {
            if !wanted() {
                return Err(SpeechError::Unwanted);
            }
            let heard = self.moonshine.hear(&stretch.sound)?;
            if is_believable(&heard, stretch.voiced_seconds) {
                join(&mut text, &heard.words);
            }
        }
        Ok(Transcript { text: std::mem::take(&mut *text) })
    }
}

impl fmt::Debug for SpeechToText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SpeechToText")
    }
}

/// The words that were heard, as the recogniser writes them: with capitals and punctuation, or none at all.
///
/// Wiped when dropped; its `Debug` tells the length only.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Transcript {
    text: String,
}

impl Transcript {
    /// The words.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether no words were heard.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Transcript({} bytes)", self.text.len())
    }
}

/// Whether somebody said this, or the recogniser made it up for music or noise that sounded like a voice.
///
/// People say three to eight tokens in a second of voice, and the recogniser is surer of them.
fn is_believable(heard: &Heard, voiced_seconds: f64) -> bool {
    const FEWEST_TOKENS_PER_SECOND: f64 = 1.5;
    const LEAST_CONFIDENCE: f32 = -0.7;
    heard.confidence >= LEAST_CONFIDENCE && heard.tokens as f64 >= FEWEST_TOKENS_PER_SECOND * voiced_seconds
}

/// Appends with a space between, in a new buffer, so that the old one is wiped.
fn join(text: &mut Zeroizing<String>, words: &str) {
    let space = if text.is_empty() || words.is_empty() { "" } else { " " };
    let mut joined = Zeroizing::new(String::with_capacity(text.len() + space.len() + words.len()));
    joined.push_str(text);
    joined.push_str(space);
    joined.push_str(words);
    *text = joined;
}

/// One thread hears an order in about a quarter of a second, and leaves the other core to the cameras. A second
/// one makes it a twentieth faster for an eighth more work.
const THREADS: usize = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_of_a_transcript_holds_no_word() {
        let transcript = Transcript { text: "where is grandma".into() };
        assert_eq!(format!("{transcript:?}"), "Transcript(16 bytes)");
    }
}
