//! One utterance, from its sound to the answer: heard, understood, answered, and kept only where that was agreed to.

mod kept;
mod view;

use std::sync::Arc;
use std::time::Instant;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::SignedDuration;
use porchlight_household::{Device, PersonId};
use porchlight_vault::Id;
use porchlight_voice::wav;
use zeroize::Zeroizing;

use crate::api::types::{SayAnswer, Timings};
use crate::error::ApiError;
use crate::heard::Utterance;
use crate::hub::Hub;
use kept::Kept;
use view::View;

/// Whose sound it is and where it came in.
pub(crate) struct Spoken<'a> {
    /// The person whose session it came by.
    pub session: &'a PersonId,
    /// The microphone; none for push-to-talk in the session itself.
    pub device: Option<Device>,
    /// The WAV file.
    pub wav: Zeroizing<Vec<u8>>,
    /// Whether the answer is wanted as speech too.
    pub aloud: bool,
}

/// Answers an utterance.
pub(crate) async fn answer(hub: &Arc<Hub>, spoken: Spoken<'_>) -> Result<SayAnswer, ApiError> {
    let began = Instant::now();
    let now = hub.now();
    let home = hub.home();
    let household = &home.household;
    let Spoken { session, device, wav, aloud } = spoken;
    let sound = wav::read(&wav)?;
    let start = now - SignedDuration::from_secs_f64(sound.seconds());
    let speaker = household.speaker(Some(session), device.as_ref().map(|device| &device.id), now);
    let mut timings = Timings::default();

    let (words, took) = blocking(hub, move |hub| voice(hub)?.hear(&sound).map_err(ApiError::broken)).await?;
    timings.hear = took;

    let understood = Instant::now();
    let answer = {
        let view = View::of(hub, household, device.as_ref(), &speaker, now).await;
        let answer = voice(hub)?.answer(&words, &view.names, &view.situation());
        timings.understand = milliseconds(understood);
        answer
    };
    timings.to_text = milliseconds(began);

    let keeping = Instant::now();
    let utterance = Kept { household, speaker: &speaker, device: device.as_ref(), start, end: now };
    // An answer is given even where nothing can be kept, on a full disk say; what was asked for is done or it is an error.
    let (moment, kept, not_kept) = match utterance.keep(hub, wav, &words, &answer.reply).await {
        Ok(kept) => kept,
        Err(error) => (None, Vec::new(), error.to_string()),
    };
    let mut left = Vec::new();
    for change in answer.changes {
        left.extend(utterance.apply(hub, change, moment).await?);
    }
    timings.keep = milliseconds(keeping);
    // Silence is nothing that was heard.
    if !words.is_empty() {
        hub.heard.add(Utterance {
            at: now,
            device: device.as_ref().map(|device| device.id.to_string()),
            words: speaker.person().map(|person| (person.to_string(), words.clone())),
            moment: moment.map(Id::get),
        });
    }

    let speech = if aloud {
        let reply = answer.reply.clone();
        let (speech, took) =
            blocking(hub, move |hub| voice(hub)?.speak(&reply).map_err(ApiError::broken)).await?;
        timings.speak = took;
        Some(BASE64_STANDARD.encode(wav::write(&speech)))
    } else {
        None
    };
    timings.total = milliseconds(began);
    Ok(SayAnswer {
        transcript: words.to_string(),
        intent: answer.intent,
        slots: answer.slots,
        reply: answer.reply,
        kept,
        not_kept,
        left,
        timings,
        speech,
    })
}

/// The hub's voice, or why it has none.
pub(crate) fn voice(hub: &Hub) -> Result<&crate::voice::Voice, ApiError> {
    hub.voice.as_ref().map_err(|why| ApiError::unavailable(format!("Porchlight cannot hear or speak: {why}")))
}

/// Runs what blocks off the async threads; with how many milliseconds it took.
pub(crate) async fn blocking<T: Send + 'static>(
    hub: &Arc<Hub>,
    work: impl FnOnce(&Hub) -> Result<T, ApiError> + Send + 'static,
) -> Result<(T, f64), ApiError> {
    let hub = hub.clone();
    let began = Instant::now();
    let done = tokio::task::spawn_blocking(move || work(&hub)).await??;
    Ok((done, milliseconds(began)))
}

fn milliseconds(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 1e4).round() / 10.0
}
