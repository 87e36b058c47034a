//! A Piper voice: a VITS model (Kim et al., arXiv 2106.06103) from phonemes to sound, one sentence at a time.

use std::collections::HashMap;
use std::fs;
use std::sync::{Mutex, PoisonError};

use ort::session::Session;
use ort::value::{Tensor, TensorRef};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::error::SpeechError;
use crate::models::{Models, VOICE, VOICE_CONFIG};
use crate::pcm;
use crate::runtime;

pub(crate) struct Piper {
    config: Config,
    session: Mutex<Session>,
}

impl Piper {
    pub(crate) fn load(models: &Models, threads: usize) -> Result<Self, SpeechError> {
        let file = models.file(VOICE_CONFIG);
        let config = fs::read(&file)
            .map_err(|error| error.to_string())
            .and_then(|bytes| Config::parse(&bytes))
            .map_err(|reason| SpeechError::Model { file, reason })?;
        Ok(Self { config, session: Mutex::new(runtime::load(models, VOICE, threads)?) })
    }

    /// Samples a second.
    pub(crate) fn rate(&self) -> u32 {
        self.config.audio.sample_rate
    }

    /// The language as espeak-ng names it.
    pub(crate) fn language(&self) -> &str {
        &self.config.espeak.voice
    }

    /// The sound of one sentence.
    pub(crate) fn say(&self, phonemes: &str) -> Result<Zeroizing<Vec<i16>>, SpeechError> {
        let numbers = self.config.numbers(phonemes);
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        run(&mut session, &numbers, self.config.scales()).map_err(runtime::failed("text to speech"))
    }
}

fn run(session: &mut Session, numbers: &[i64], scales: [f32; 3]) -> ort::Result<Zeroizing<Vec<i16>>> {
    let length = numbers.len();
    let outputs = session.run(ort::inputs![
        "input" => TensorRef::from_array_view(([1, length], numbers))?,
        "input_lengths" => Tensor::from_array(([1], vec![length as i64]))?,
        "scales" => Tensor::from_array(([3], scales.to_vec()))?,
    ])?;
    let (_, sound) = outputs[0].try_extract_tensor::<f32>()?;
    Ok(Zeroizing::new(levelled(sound)))
}

/// Every sentence equally loud: its loudest sample at 80 % of full scale.
fn levelled(sound: &[f32]) -> Vec<i16> {
    const LOUDEST: f32 = 0.8;
    /// Below this a sound is silence, which must not be blown up.
    const SILENCE: f32 = 0.01;
    let peak = sound.iter().fold(SILENCE, |peak, sample| peak.max(sample.abs()));
    sound.iter().map(|sample| pcm::to_i16(sample / peak * LOUDEST)).collect()
}

/// What the voice's JSON file says.
#[derive(Deserialize)]
struct Config {
    audio: Audio,
    espeak: Espeak,
    inference: Inference,
    phoneme_id_map: HashMap<String, Vec<i64>>,
}

#[derive(Deserialize)]
struct Audio {
    sample_rate: u32,
}

#[derive(Deserialize)]
struct Espeak {
    voice: String,
}

#[derive(Deserialize)]
struct Inference {
    noise_scale: f32,
    length_scale: f32,
    noise_w: f32,
}

impl Config {
    fn parse(json: &[u8]) -> Result<Self, String> {
        let config: Self = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        if config.audio.sample_rate == 0 {
            return Err("its sample rate is zero".into());
        }
        match [BEGIN, PAD, END].into_iter().find(|sign| !config.phoneme_id_map.contains_key(*sign)) {
            Some(sign) => Err(format!("it gives no number to \"{sign}\"")),
            None => Ok(config),
        }
    }

    /// Random variation, slowness, random variation of lengths.
    fn scales(&self) -> [f32; 3] {
        [self.inference.noise_scale, self.inference.length_scale, self.inference.noise_w]
    }

    /// The model's numbers for phonemes: begin, then each followed by a pad, end. What the voice does not know is left
    /// out.
    fn numbers(&self, phonemes: &str) -> Zeroizing<Vec<i64>> {
        // A character has one number in every voice there is; room for all at once leaves no copies behind.
        let mut numbers = Zeroizing::new(Vec::with_capacity(4 * phonemes.len() + 8));
        let mut push = |sign: &str| numbers.extend(self.phoneme_id_map.get(sign).into_iter().flatten());
        push(BEGIN);
        push(PAD);
        for phoneme in phonemes.chars() {
            if self.phoneme_id_map.contains_key(phoneme.encode_utf8(&mut [0; 4]) as &str) {
                push(phoneme.encode_utf8(&mut [0; 4]));
                push(PAD);
            }
        }
        push(END);
        numbers
    }
}

const BEGIN: &str = "^";
const PAD: &str = "_";
const END: &str = "$";

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = r#"{
        "audio": {"sample_rate": 22050}, "espeak": {"voice": "en-us"},
        "inference": {"noise_scale": 0.6, "length_scale": 1, "noise_w": 0.8},
        "phoneme_id_map": {"^": [1], "_": [0], "$": [2], "a": [14], "ˈ": [120]}
    }"#;

    #[test]
    fn phonemes_become_numbers_with_pads_and_strangers_are_left_out() {
        let config = Config::parse(CONFIG.as_bytes()).unwrap();
        assert_eq!(*config.numbers("ˈa☃a"), [1, 0, 120, 0, 14, 0, 14, 0, 2]);
        assert_eq!(*config.numbers(""), [1, 0, 2]);
    }

    #[test]
    fn a_voice_without_its_signs_is_refused() {
        let broken = CONFIG.replace(r#""$": [2],"#, "");
        assert_eq!(Config::parse(broken.as_bytes()).err().unwrap(), "it gives no number to \"$\"");
        assert!(Config::parse(b"{}").is_err());
    }

    #[test]
    fn sentences_are_equally_loud_and_silence_stays_silent() {
        assert_eq!(levelled(&[0.1, -0.05]), [26_214, -13_107]);
        assert_eq!(levelled(&[1.9, -1.9]), [26_214, -26_214]);
        assert_eq!(levelled(&[0.0, 0.0001])[0], 0);
        assert!(levelled(&[0.0, 0.0001])[1] < 300);
    }
}
