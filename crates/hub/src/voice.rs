//! The ears, the mind and the mouth of the hub: the loaded models, used by one utterance at a time each.

use std::path::Path;

use porchlight_voice::hear::SpeechToText;
use porchlight_voice::intent::{Matcher, Names};
use porchlight_voice::models::Models;
use porchlight_voice::pcm::Pcm;
use porchlight_voice::skill::{self, Answer, Situation};
use porchlight_voice::speak::TextToSpeech;
use zeroize::Zeroizing;

/// Loaded models. All of it blocks: call it off the async threads.
pub(crate) struct Voice {
    hear: SpeechToText,
    speak: TextToSpeech,
    matcher: Matcher,
}

impl Voice {
    /// Loads the models; an error is a sentence that says what is missing and what to do.
    pub(crate) fn load(folder: Option<&Path>) -> Result<Voice, String> {
        let models = Models::find(folder).map_err(|error| error.to_string())?;
        let mut matcher = Matcher::english().map_err(|error| error.to_string())?;
        if let Some(file) = models.sentences() {
            let sentences = std::fs::read_to_string(&file)
                .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
            matcher = matcher.with_home_assistant(&sentences).map_err(|error| error.to_string())?;
        }
        Ok(Voice {
            hear: SpeechToText::load(&models).map_err(|error| error.to_string())?,
            speak: TextToSpeech::load(&models).map_err(|error| error.to_string())?,
            matcher,
        })
    }

    /// Speech to text.
    pub(crate) fn hear(&self, sound: &Pcm) -> Result<Zeroizing<String>, String> {
        let heard = self.hear.transcribe(sound).map_err(|error| error.to_string())?;
        Ok(Zeroizing::new(heard.text().to_owned()))
    }

    /// What was asked for, and the answer to it.
    pub(crate) fn answer(&self, words: &str, names: &Names, situation: &Situation<'_>) -> Answer {
        skill::answer(words, self.matcher.recognise(words, names).as_ref(), situation)
    }

    /// Text to speech.
    pub(crate) fn speak(&self, sentence: &str) -> Result<Pcm, String> {
        self.speak.speak(sentence).map_err(|error| error.to_string())
    }
}
