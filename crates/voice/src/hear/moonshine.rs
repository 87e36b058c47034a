//! Moonshine tiny (Jeffries et al., "Moonshine: Speech Recognition for Live Transcription and Voice Commands",
//! arXiv 2410.15608): an encoder over raw sound, and a decoder that writes one token after the other.
//!
//! The decoder is the merged kind: one graph that, with `use_cache_branch`, goes on from the keys and values of the
//! tokens before. Those of the encoder come out of the first step and serve all others.

use std::borrow::Cow;
use std::fs;
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};

use ort::session::{Session, SessionInputValue, SessionOutputs};
use ort::value::{DynValue, Tensor, TensorRef};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

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

/// What was heard in one chunk.
pub(crate) struct Heard {
    pub(crate) words: Zeroizing<String>,
    /// How many tokens the words are written with.
    pub(crate) tokens: usize,
    /// How sure the decoder is of a token, on average: the natural logarithm of its probability, 0 at best.
    pub(crate) confidence: f32,
}

impl Moonshine {
    pub(crate) fn load(models: &Models, threads: usize) -> Result<Self, SpeechError> {
        let encoder = runtime::load(models, ENCODER, threads)?;
        let decoder = runtime::load(models, DECODER, threads)?;
        let file = models.file(TOKENS);
        let tokens = fs::read(&file)
            .map_err(|error| error.to_string())
            .and_then(|bytes| Tokens::parse(&bytes))
            .map_err(|reason| SpeechError::Model { file, reason })?;
        let caches = Caches::of(&decoder);
        Ok(Self { tokens, sessions: Mutex::new(Sessions { encoder, decoder, caches }) })
    }

    /// Hears one chunk of 16 kHz sound, from -1 to 1, shorter than 20 seconds.
    pub(crate) fn hear(&self, samples: &[f32]) -> Result<Heard, SpeechError> {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let best = sessions.run(samples).map_err(runtime::failed("speech to text"))?;
        Ok(Heard {
            words: Zeroizing::new(self.tokens.text(&best.tokens)),
            tokens: best.tokens.len(),
            confidence: best.mean(),
        })
    }
}

struct Sessions {
    encoder: Session,
    decoder: Session,
    caches: Caches,
}

impl Sessions {
    /// Writes down a chunk with a beam search: the likeliest few texts are carried on side by side, and the one whose
    /// tokens are likeliest on average wins. A beam of two hears slots of orders better than the greedy choice
    /// (about 5 more in 136) for half as much work again; a wider one gains nothing more.
    fn run(&mut self, samples: &[f32]) -> ort::Result<Text> {
        let Self { encoder, decoder, caches } = self;
        let mask = Tensor::from_array(([1, samples.len()], vec![1i64; samples.len()]))?;
        let heard = encoder.run(ort::inputs![
            "input_values" => TensorRef::from_array_view(([1, samples.len()], samples))?,
            "attention_mask" => &mask,
        ])?;
        let heard = &heard[0];

        let limit = (samples.len() as f64 / f64::from(wav::RATE) * TOKENS_PER_SECOND).ceil() as usize;
        let start = Rc::new(caches.empty()?);
        let mut live = vec![(Text::default(), start)];
        let mut best: Option<Text> = None;
        for step in 0..limit {
            let mut next = Vec::new();
            for (text, cache) in live {
                let mut inputs: Vec<(Cow<'_, str>, SessionInputValue<'_>)> = ort::inputs![
                    "input_ids" => Tensor::from_array(([1, 1], vec![text.last()]))?,
                    "encoder_hidden_states" => heard,
                    "encoder_attention_mask" => &mask,
                    "use_cache_branch" => Tensor::from_array(([1], vec![step > 0]))?,
                ];
                inputs.extend(caches.inputs(&cache));
                let mut outputs = decoder.run(inputs)?;
                let likeliest = likeliest::<BEAM>(outputs["logits"].try_extract_tensor::<f32>()?.1);
                let cache = Rc::new(caches.take(&mut outputs, &cache, step));
                next.extend(likeliest.map(|(token, score)| (text.with(token, score), cache.clone())));
            }
            next.sort_by(|(a, _), (b, _)| b.score.total_cmp(&a.score));
            next.truncate(BEAM);
            live = Vec::with_capacity(BEAM);
            for (mut text, cache) in next {
                if text.end() || cut_repetition(&mut text.tokens) {
                    best = best.into_iter().chain([text]).max_by(|a, b| a.mean().total_cmp(&b.mean()));
                } else {
                    live.push((text, cache));
                }
            }
            let beaten = |(text, _): &(Text, _)| best.as_ref().is_some_and(|best| best.mean() >= text.mean());
            if live.iter().all(beaten) {
                break;
            }
        }
        let unfinished = live.into_iter().map(|(text, _)| text);
        Ok(best.or_else(|| unfinished.max_by(|a, b| a.mean().total_cmp(&b.mean()))).unwrap_or_default())
    }
}

/// Texts that are carried on side by side.
const BEAM: usize = 2;

/// The fastest talkers say about four words a second; more tokens than this are the decoder going in circles.
const TOKENS_PER_SECOND: f64 = 6.5;

const START: i64 = 1;
const END: usize = 2;

/// A text that is being written.
#[derive(Default, Zeroize, ZeroizeOnDrop)]
struct Text {
    tokens: Vec<usize>,
    /// The sum of the logarithms of its tokens' probabilities, the end sign's included.
    score: f32,
    steps: usize,
}

impl Text {
    fn last(&self) -> i64 {
        self.tokens.last().map_or(START, |&token| token as i64)
    }

    fn with(&self, token: usize, score: f32) -> Self {
        let mut tokens = Vec::with_capacity(self.tokens.len() + 1);
        tokens.extend_from_slice(&self.tokens);
        tokens.push(token);
        Self { tokens, score: self.score + score, steps: self.steps + 1 }
    }

    /// Whether it is complete; takes the end sign off.
    fn end(&mut self) -> bool {
        self.tokens.pop_if(|token| *token == END).is_some()
    }

    fn mean(&self) -> f32 {
        self.score / self.steps.max(1) as f32
    }
}

/// The keys and values that one step of the decoder leaves for the next.
///
/// Those of the sound come out of the first step and stay; those of the tokens grow with each.
struct Caches {
    names: Vec<CacheName>,
}

struct CacheName {
    input: String,
    output: String,
    of_sound: bool,
}

type Cache = Vec<Rc<DynValue>>;

impl Caches {
    fn of(decoder: &Session) -> Self {
        let name = |input: &str| {
            let rest = input.strip_prefix("past_key_values.")?;
            Some(CacheName {
                input: input.to_owned(),
                output: format!("present.{rest}"),
                of_sound: rest.contains(".encoder."),
            })
        };
        Self { names: decoder.inputs().iter().filter_map(|input| name(input.name())).collect() }
    }

    /// Placeholders for the first step, which does not look at them: 8 heads that are 36 wide.
    fn empty(&self) -> ort::Result<Cache> {
        let placeholder = || Tensor::from_array(([1, 8, 1, 36], vec![0f32; 8 * 36])).map(Tensor::into_dyn);
        self.names.iter().map(|_| placeholder().map(Rc::new)).collect()
    }

    fn inputs<'a>(&'a self, cache: &'a Cache) -> impl Iterator<Item = (Cow<'a, str>, SessionInputValue<'a>)> {
        self.names
            .iter()
            .zip(cache)
            .map(|(name, value)| (Cow::from(&name.input), SessionInputValue::from(&**value)))
    }

    /// The cache after a step, from its outputs and the cache before it.
    fn take(&self, outputs: &mut SessionOutputs<'_>, before: &Cache, step: usize) -> Cache {
        let values = self.names.iter().zip(before).map(|(name, before)| {
            let stays = name.of_sound && step > 0;
            let present = if stays { None } else { outputs.remove(&name.output) };
            present.map_or_else(|| before.clone(), Rc::new)
        });
        values.collect()
    }
}

/// The likeliest tokens with the logarithms of their probabilities.
fn likeliest<const N: usize>(scores: &[f32]) -> impl Iterator<Item = (usize, f32)> + use<N> {
    let mut best = [(END, f32::NEG_INFINITY); N];
    for (token, &score) in scores.iter().enumerate() {
        if score > best[N - 1].1 {
            let place = best.partition_point(|&(_, better)| better >= score);
            best[place..].rotate_right(1);
            best[place] = (token, score);
        }
    }
    let top = best[0].1;
    let total = top + scores.iter().map(|score| (score - top).exp()).sum::<f32>().ln();
    best.into_iter().filter(|(_, score)| score.is_finite()).map(move |(token, score)| (token, score - total))
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
    fn the_likeliest_tokens_come_in_order_with_their_probabilities() {
        let best: Vec<_> = likeliest::<2>(&[0.0, 2f32.ln(), f32::NEG_INFINITY, 5f32.ln()]).collect();
        assert_eq!(best.iter().map(|(token, _)| *token).collect::<Vec<_>>(), [3, 1]);
        assert!((best[0].1.exp() - 0.625).abs() < 1e-6, "{best:?}");
        assert!((best[1].1.exp() - 0.25).abs() < 1e-6, "{best:?}");
    }

    #[test]
    fn scores_that_are_no_numbers_offer_no_token() {
        assert_eq!(likeliest::<2>(&[]).count(), 0);
        assert_eq!(likeliest::<2>(&[f32::NAN, f32::NAN]).count(), 0);
    }

    #[test]
    fn a_text_is_judged_by_its_tokens_on_average_with_the_end_sign() {
        let mut text = Text::default().with(7, -1.0).with(END, -2.0);
        assert!(text.end());
        assert!(!text.end());
        assert_eq!(text.tokens, [7]);
        assert_eq!(text.mean(), -1.5);
        assert_eq!(text.last(), 7);
        assert_eq!(Text::default().last(), START);
    }
}
