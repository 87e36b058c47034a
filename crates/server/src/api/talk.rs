//! Talking to Porchlight.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use porchlight_household::{Device, DeviceKind};
use porchlight_hub::accounts::auth::{Caller, SignedIn};
use porchlight_hub::assistant::admission::Turn;
use porchlight_hub::assistant::{Said, Spoken, answer, in_turn, voice, words_so_far};
use porchlight_hub::origin::Origin;
use porchlight_hub::{Error, Hub};
use porchlight_protocol::{AskRequest, HeardWords, Message, SayAnswer, SpeechRequest};
use porchlight_voice::intent::MAX_BYTES;
use porchlight_voice::wav;
use serde::Deserialize;
use utoipa::IntoParams;
use zeroize::Zeroizing;

use super::error::ApiError;
use super::sounds::read_sound;

/// Where and how something is said.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SayWhere {
    /// The name of the microphone it was spoken into; none for push-to-talk in this session. To name one proves nothing: only its own
    /// credential in the place of a session does.
    device: Option<String>,
    /// Whether the answer is wanted as speech too.
    #[serde(default)]
    aloud: bool,
    /// Names the conversation that it belongs to: any word, 100 characters at most.
    conversation: Option<String>,
}

/// Say something: a WAV file of 16 kHz, mono, 16 bit, two minutes at most.
#[utoipa::path(post, path = "/api/say", tag = "voice", params(SayWhere), request_body(content = Vec<u8>, content_type = "audio/wav"),
    responses((status = 200, description = "Done.", body = SayAnswer), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn say(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Query(place): Query<SayWhere>,
    body: Body,
) -> Result<Json<SayAnswer>, ApiError> {
    let origin = caller.origin();
    let turn = hub.admission.ear.take_for(&origin.holder(), &origin.key(), A_SOUND)?;
    let said = Said::Aloud(turn.meanwhile(read_sound(body)).await??, turn);
    let device = microphone(&hub, &caller, place.device.as_deref())?;
    let conversation = named(place.conversation)?;
    Ok(Json(answer(&hub, Spoken { origin, conversation, device, said, aloud: place.aloud }).await?))
}

/// Ask in writing: the same as saying it. Where it is kept, it is kept as words alone.
#[utoipa::path(post, path = "/api/ask", tag = "voice", request_body = AskRequest,
    responses((status = 200, description = "Done.", body = SayAnswer), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn ask(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Json(request): Json<AskRequest>,
) -> Result<Json<SayAnswer>, ApiError> {
    let AskRequest { text, device, aloud, conversation } = request;
    let text = Zeroizing::new(text);
    if text.len() > MAX_BYTES {
        let text = format!("that is more than {MAX_BYTES} bytes; ask it in fewer words");
        return Err(Error::bad(Message::new("too-many-words", text).with("most", MAX_BYTES)).into());
    }
    let device = microphone(&hub, &caller, device.as_deref())?;
    let said = Said::Written(Zeroizing::new(text.trim().to_owned()));
    let conversation = named(conversation)?;
    let origin = caller.origin();
    Ok(Json(answer(&hub, Spoken { origin, conversation, device, said, aloud }).await?))
}

/// The words of a sound so far, to be shown while somebody speaks. Nothing is answered, kept or remembered.
#[utoipa::path(post, path = "/api/hear", tag = "voice", request_body(content = Vec<u8>, content_type = "audio/wav"),
    responses((status = 200, description = "Done.", body = HeardWords), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn hear(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
    body: Body,
) -> Result<Json<HeardWords>, ApiError> {
    let turn = hub.admission.ear.take(&who.session, A_SOUND)?;
    let words = words_so_far(&hub, turn.meanwhile(read_sound(body)).await??, turn).await?;
    Ok(Json(HeardWords { transcript: words.to_string() }))
}

/// The name of a conversation, which is not the place to keep anything.
fn named(conversation: Option<String>) -> Result<Option<String>, Error> {
    if conversation.as_ref().is_some_and(|name| name.chars().count() > LONGEST_NAME) {
        return Err(Error::bad(format!("a conversation's name has at most {LONGEST_NAME} characters")));
    }
    Error::refuse_hidden(conversation.as_deref().unwrap_or_default())?;
    Ok(conversation.filter(|name| !name.is_empty()))
}

/// The most characters in the name of a conversation.
const LONGEST_NAME: usize = 100;

/// The device that is spoken to: of a session, the one that it names, if any; of a microphone, itself.
fn microphone(hub: &Hub, caller: &Caller, name: Option<&str>) -> Result<Option<Device>, Error> {
    let named = name.map(|name| hub.home().household.device_named(name).cloned()).transpose()?;
    match (caller, named) {
        (Caller::Microphone(here), Some(named)) if named.id != here.device.id => {
            let text = "a microphone speaks for itself alone; leave the device out";
            Err(Error::not_yours(Message::new("microphone-only-speaks", text)))
        }
        (Caller::Microphone(here), _) => Ok(Some(here.device.clone())),
        (Caller::Member(_), Some(named)) if named.kind == DeviceKind::Camera => {
            Err(Error::bad(format!("{} is a camera; say it through a microphone or a phone", named.name)))
        }
        (Caller::Member(_), named) => Ok(named),
    }
}

/// The work of hearing a sound, before any of it is known.
const A_SOUND: f64 = 1.0;
/// The most characters that are spoken at once.
const MOST_SPOKEN: usize = 1000;

/// Turn a sentence into speech.
#[utoipa::path(post, path = "/api/speech", tag = "voice", request_body = SpeechRequest,
    responses((status = 200, description = "Done.", content_type = "audio/wav", body = Vec<u8>), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn speech(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
    Json(request): Json<SpeechRequest>,
) -> Result<Response, ApiError> {
    if request.text.chars().count() > MOST_SPOKEN {
        return Err(
            Error::bad(format!("that is more than {MOST_SPOKEN} characters; speak it in parts")).into()
        );
    }
    if let Some(rate) = request.rate
        && !(8_000..=48_000).contains(&rate)
    {
        return Err(Error::bad("speech has 8,000 to 48,000 samples a second").into());
    }
    Ok(spoken(&hub, &Caller::Member(who).origin(), request.text, request.rate).await?)
}

/// A sentence as a WAV answer.
pub(super) async fn spoken(
    hub: &Arc<Hub>,
    asker: &Origin,
    text: String,
    rate: Option<u32>,
) -> Result<Response, Error> {
    let turn = hub.admission.mouth.take_for(&asker.holder(), &asker.key(), text.chars().count() as f64)?;
    turn.begin().await?;
    let speak = move |hub: &Hub, turn: &Turn| {
        let speech = voice(hub)?.speak(&text, turn).map_err(Error::broken)?;
        match rate {
            Some(rate) => Ok(wav::write(&speech.resample(rate).map_err(Error::broken)?)),
            None => Ok(wav::write(&speech)),
        }
    };
    let (wav, ..) = in_turn(hub, turn, speak).await?;
    Ok(([(CONTENT_TYPE, "audio/wav")], wav).into_response())
}
