//! Moonshine tiny (Jeffries et al., "Moonshine: Speech Recognition for Live Transcription and Voice Commands",
//! arXiv 2410.15608): an encoder over raw sound, and a decoder that writes one token after the other.
//!
//! The decoder is the merged kind: one graph that, with `use_cache_branch`, goes on from the keys and values of the
//! tokens before. Those of the encoder come out of the first step and serve all others.

use std::borrow::Cow;
use std::fs;
use std::sync::{Mutex, PoisonError};

use ort::session::{Session, SessionInputValue};
use ort::value::{DynValue, Tensor, TensorRef};
use zeroize::{Zeroize, Zeroizing};

use super::tokens::Tokens;
use crate::error::SpeechError;
use crate::models::{DECODER, ENCODER, Models, TOKENS};
use crate::runtime;
use crate::wav;

pub(crate) struct Moonshine {
    tokens: Tokens,
    /// ONNX Runtime's sessions take one run at a time.
    sessions: Mutex<Sessions>,
}

struct Sessions {
    encoder: Session,
    decoder: Session,
    /// The inputs of the decoder that carry keys and values, each with the output that it comes from.
    cache: Vec<CacheName>,
}

struct CacheName {
    input: String,
    output: String,
    /// Whether it is made of the sound (and stays) or of the tokens (and grows).
    of_sound: bool,
}

impl Moonshine {
    pub(crate) fn load(models: &Models, threads: usize) -> Result<Self, SpeechError> {
        let encoder = runtime::load(models, ENCODER, threads)?;
        let decoder = runtime::load(models, DECODER, threads)?;
        let cache = cache_names(&decoder);
        let file = models.file(TOKENS);
        let tokens = fs::read(&file)
            .map_err(|error| error.to_string())
            .and_then(|bytes| Tokens::parse(&bytes))
            .map_err(|reason| SpeechError::Model { file, reason })?;
        Ok(Self { tokens, sessions: Mutex::new(Sessions { encoder, decoder, cache }) })
    }

    /// The words in one chunk of 16 kHz sound, from -1 to 1, shorter than 20 seconds.
    pub(crate) fn hear(&self, samples: &[f32]) -> Result<Zeroizing<String>, SpeechError> {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tokens = sessions.run(samples).map_err(runtime::failed("speech to text"))?;
        let text = Zeroizing::new(self.tokens.text(&tokens));
        tokens.zeroize();
        Ok(text)
    }
}

impl Sessions {
    fn run(&mut self, samples: &[f32]) -> ort::Result<Vec<usize>> {
        let Self { encoder, decoder, cache: names } = self;
        let mask = Tensor::from_array(([1, samples.len()], vec![1i64; samples.len()]))?;
        let heard = encoder.run(ort::inputs![
            "input_values" => TensorRef::from_array_view(([1, samples.len()], samples))?,
            "attention_mask" => &mask,
        ])?;
        let heard = &heard[0];

        // Greedy: the likeliest token each time, until the end sign or more tokens than anyone can say.
        let limit = (samples.len() as f64 / f64::from(wav::RATE) * TOKENS_PER_SECOND).ceil() as usize;
        let mut cache = empty_cache(names)?;
        let mut written = Vec::with_capacity(limit);
        while written.len() < limit {
            let last = written.last().map_or(START, |&token| token as i64);
            let mut inputs: Vec<(Cow<'_, str>, SessionInputValue<'_>)> = ort::inputs![
                "input_ids" => Tensor::from_array(([1, 1], vec![last]))?,
                "encoder_hidden_states" => heard,
                "encoder_attention_mask" => &mask,
                "use_cache_branch" => Tensor::from_array(([1], vec![!written.is_empty()]))?,
            ];
            inputs.extend(
                names.iter().zip(&cache).map(|(name, value)| (name.input.as_str().into(), value.into())),
            );
            let mut outputs = decoder.run(inputs)?;
            let (_, scores) = outputs["logits"].try_extract_tensor::<f32>()?;
            let token = likeliest(scores);
            if token == END {
                break;
            }
            for (name, value) in names.iter().zip(&mut cache) {
                if (written.is_empty() || !name.of_sound)
                    && let Some(present) = outputs.remove(&name.output)
                {
                    *value = present;
                }
            }
            written.push(token);
            if cut_repetition(&mut written) {
                break;
            }
        }
        Ok(written)
    }
}

/// The fastest talkers say about four words a second; more tokens than this are the decoder going in circles.
const TOKENS_PER_SECOND: f64 = 6.5;

const START: i64 = 1;
const END: usize = 2;

/// Heads and width of a head in the tiny model.
const CACHE_SHAPE: [usize; 4] = [1, 8, 1, 36];

fn cache_names(decoder: &Session) -> Vec<CacheName> {
    decoder
        .inputs()
        .iter()
        .filter_map(|input| {
            let rest = input.name().strip_prefix("past_key_values.")?;
            Some(CacheName {
                input: input.name().to_owned(),
                output: format!("present.{rest}"),
                of_sound: rest.contains(".encoder."),
            })
        })
        .collect()
}

/// Placeholders for the first step, which does not look at them.
fn empty_cache(names: &[CacheName]) -> ort::Result<Vec<DynValue>> {
    let size = CACHE_SHAPE.iter().product();
    names.iter().map(|_| Ok(Tensor::from_array((CACHE_SHAPE, vec![0f32; size]))?.into_dyn())).collect()
}

fn likeliest(scores: &[f32]) -> usize {
    let best = scores.iter().enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b));
    best.map_or(END, |(token, _)| token)
}

/// Whether the end of the text goes in circles: a phrase of up to eight tokens four times over, or one token six times.
/// Of the circles one turn is left.
fn cut_repetition(tokens: &mut Vec<usize>) -> bool {
    for period in 1..=8 {
        let turns = if period == 1 { 6 } else { 4 };
        let Some(begin) = tokens.len().checked_sub(period * turns) else { break };
        let tail = &tokens[begin..];
        if tail.iter().zip(&tail[period..]).all(|(one, next)| one == next) {
            tokens.truncate(begin + period);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_cut_to_one_turn() {
        let mut tokens = vec![9, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3];
        assert!(cut_repetition(&mut tokens));
        assert_eq!(tokens, [9, 1, 2, 3]);
        let mut tokens = vec![9, 5, 5, 5, 5, 5, 5];
        assert!(cut_repetition(&mut tokens));
        assert_eq!(tokens, [9, 5]);
    }

    #[test]
    fn people_may_say_a_thing_three_times() {
        let mut tokens = vec![1, 2, 1, 2, 1, 2, 5, 5, 5];
        assert!(!cut_repetition(&mut tokens));
        assert_eq!(tokens.len(), 9);
        assert!(!cut_repetition(&mut vec![]));
    }

    #[test]
    fn the_likeliest_token_wins_and_nothing_ends_the_text() {
        assert_eq!(likeliest(&[0.1, 3.0, -1.0]), 1);
        assert_eq!(likeliest(&[]), END);
    }
}
