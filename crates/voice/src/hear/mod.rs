//! Speech to text: Moonshine, on the stretches of a sound where somebody speaks.

mod moonshine;
mod tokens;
mod vad;
mod variation;

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
            if !variation::is_like_speech(&stretch.sound) {
                continue;
            }
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
/// People say three to eight tokens in a second of voice, slow ones two, and then the recogniser is sure of them. It was taught by
/// subtitles, so what it makes up has notes, rights reserved, or letters of languages that it does not hear.
fn is_believable(heard: &Heard, voiced_seconds: f64) -> bool {
    const LEAST_CONFIDENCE: f32 = -0.7;
    const SURE: f32 = -0.2;
    let fewest_tokens_per_second = if heard.confidence >= SURE { 1.5 } else { 3.0 };
    heard.confidence >= LEAST_CONFIDENCE
        && heard.tokens as f64 >= fewest_tokens_per_second * voiced_seconds
        && heard.words.chars().all(is_spoken_english)
}

/// Whether speech in English is written with this: Latin letters with what French and others lend, digits, and the signs of a sentence.
fn is_spoken_english(letter: char) -> bool {
    const LATIN_ENDS: char = '\u{24f}';
    let is_letter = letter.is_alphanumeric() && letter <= LATIN_ENDS;
    let is_sign =
        letter.is_ascii() || matches!(letter, '’' | '‘' | '“' | '”' | '–' | '—' | '…' | '£' | '€' | '°');
    is_letter || is_sign
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
    fn what_subtitles_alone_have_is_not_spoken() {
        let heard =
            |words: &str| Heard { words: Zeroizing::new(words.to_owned()), tokens: 6, confidence: -0.2 };
        for made_up in ["♪", "♪ ♪", "© transcript Emily Beynon", "2-3ตวบนลาง", "Продолжение следует"]
        {
            assert!(!is_believable(&heard(made_up), 2.0), "{made_up}");
        }
        for spoken in ["Turn on Zoë’s lamp.", "It’s 20° – or 1/2 of £5.", "A café, déjà vu!"] {
            assert!(is_believable(&heard(spoken), 2.0), "{spoken}");
        }
    }

    #[test]
    fn few_words_in_a_long_sound_are_believed_when_they_are_sure() {
        let heard =
            |tokens, confidence| Heard { words: Zeroizing::new("Thank you.".into()), tokens, confidence };
        assert!(is_believable(&heard(5, -0.1), 3.0) && is_believable(&heard(9, -0.5), 3.0));
        assert!(!is_believable(&heard(5, -0.4), 3.0) && !is_believable(&heard(4, -0.1), 3.0));
        assert!(!is_believable(&heard(20, -0.8), 3.0));
    }

    #[test]
    fn debug_of_a_transcript_holds_no_word() {
        let transcript = Transcript { text: "where is grandma".into() };
        assert_eq!(format!("{transcript:?}"), "Transcript(16 bytes)");
    }
}
