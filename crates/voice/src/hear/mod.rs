//! Speech to text: Moonshine, on the stretches of a sound where somebody speaks.

mod listen;
mod moonshine;
mod tokens;

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::error::SpeechError;
use crate::models::Models;
use crate::pcm::Pcm;
use crate::wav;
use moonshine::Moonshine;

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
        let sound = sound.resample(wav::RATE)?;
        let mut text = Zeroizing::new(String::new());
        for chunk in listen::speech(sound.samples()) {
            let mut samples = Zeroizing::new(Vec::new());
            samples.extend(sound.samples()[chunk].iter().map(|&sample| f32::from(sample) / 32_768.0));
            let words = self.moonshine.hear(&samples)?;
            if !text.is_empty() && !words.is_empty() {
                text.push(' ');
            }
            text.push_str(&words);
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

/// One thread hears an order in a tenth of a second or two, and leaves the other core to the cameras.
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
