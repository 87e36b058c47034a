//! The ears, the mind and the mouth of the hub: the loaded models, used by one utterance at a time each.

use std::path::Path;
use std::sync::Arc;

use porchlight_voice::hear::SpeechToText;
use porchlight_voice::intent::{Matcher, Names};
use porchlight_voice::models::Models;
use porchlight_voice::pcm::Pcm;
use porchlight_voice::skill::{self, Answer, Situation};
use porchlight_voice::speak::TextToSpeech;
use zeroize::Zeroizing;

use crate::assistant::admission::Turn;

/// What hears and speaks, if the models are there, and what understands, which needs none.
pub struct Loaded {
    /// What hears and speaks.
    pub voice: Result<Voice, String>,
    /// What understands words.
    pub mind: Result<Mind, String>,
}

impl Loaded {
    /// Loads the models. It takes seconds and blocks.
    pub fn from(folder: Option<&Path>) -> Loaded {
        let models = Models::find(folder).map_err(|error| error.to_string());
        Loaded {
            mind: Mind::load(models.as_ref().ok()),
            voice: models.and_then(|models| Voice::load(&models)),
        }
    }
}

/// The ears and the mouth. All of it blocks: call it off the async threads.
pub struct Voice {
    hear: SpeechToText,
    speak: TextToSpeech,
}

impl Voice {
    /// An error is a sentence that says what is missing and what to do.
    fn load(models: &Models) -> Result<Voice, String> {
        Ok(Voice {
            hear: SpeechToText::load(models).map_err(|error| error.to_string())?,
            speak: TextToSpeech::load(models).map_err(|error| error.to_string())?,
        })
    }

    /// Speech to text, for as long as somebody waits for it.
    pub fn hear(&self, sound: &Pcm, turn: &Turn) -> Result<Zeroizing<String>, String> {
        let heard = self.hear.transcribe_while(sound, || turn.is_wanted());
        let heard = heard.map_err(|error| error.to_string())?;
        Ok(Zeroizing::new(heard.text().to_owned()))
    }

    /// Text to speech, for as long as somebody waits for it.
    pub fn speak(&self, text: &str, turn: &Turn) -> Result<Pcm, String> {
        self.speak.speak_while(text, || turn.is_wanted()).map_err(|error| error.to_string())
    }
}

/// What understands words. Our own sentences are part of the program, so that written words are answered by a hub without models too.
#[derive(Clone)]
pub struct Mind {
    matcher: Arc<Matcher>,
}

impl Mind {
    /// Made ready with the models that there are.
    pub fn load(models: Option<&Models>) -> Result<Mind, String> {
        let mut matcher = Matcher::english().map_err(|error| error.to_string())?;
        if let Some(file) = models.and_then(Models::sentences) {
            let sentences = std::fs::read_to_string(&file)
                .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
            matcher = matcher.with_home_assistant(&sentences).map_err(|error| error.to_string())?;
        }
        Ok(Mind { matcher: Arc::new(matcher) })
    }

    /// What was asked for, and the answer to it.
    pub(crate) fn answer(&self, words: &str, names: &Names, situation: &Situation<'_>) -> Answer {
        skill::answer(words, self.matcher.recognise(words, names).as_ref(), situation)
    }
}
