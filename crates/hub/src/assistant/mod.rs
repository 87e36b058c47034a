//! One request, from its sound or its written words to the answer: heard, understood, answered, and kept only where that was agreed to.

pub mod admission;
mod apply;
mod context;
pub mod effects;
pub mod engines;
mod forgetting;
mod list;
pub mod pending_questions;
mod privacy;
pub mod recent_utterances;
mod shown;
pub mod unrecorded;
mod utterance;

use std::sync::Arc;
use std::time::Instant;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::{SignedDuration, Timestamp};
use porchlight_household::rights::unproven::Forgetting;
use porchlight_household::{Device, PersonId};
use porchlight_protocol::events::Happening;
use porchlight_protocol::{Effect, Message, SayAnswer, Timings};
use porchlight_vault::Id;
use porchlight_voice::skill::{Answer, Change, too_much_taken_away};
use porchlight_voice::wav;
use zeroize::Zeroizing;

use crate::assistant::admission::Turn;
use crate::assistant::pending_questions::Place;
use crate::assistant::recent_utterances::RecentUtterance;
use crate::assistant::unrecorded::Line;
use crate::error::Error;
use crate::events::To;
use crate::origin::Origin;
use crate::state::Hub;
use apply::{Carried, Deed};
use context::View;
use forgetting::{Forgetter, Outcome, is_forgetting};
pub use list::put_on_list;
pub use shown::shown;
use utterance::Utterance;

/// Letters that an answer has, as far as is known before there is one.
const A_REPLY: f64 = 100.0;

/// What was said and where it came in.
pub struct Spoken {
    /// Where it comes from, by what it proves.
    pub origin: Origin,
    /// Names the conversation that it belongs to.
    pub conversation: Option<String>,
    /// The microphone: of a session, the one that it names; none for push-to-talk or writing in the session itself.
    pub device: Option<Device>,
    /// What was said.
    pub said: Said,
    /// Whether the answer is wanted as speech too.
    pub aloud: bool,
}

/// What was said, as it came in.
pub enum Said {
    /// A WAV file, and its turn to be heard.
    Aloud(Zeroizing<Vec<u8>>, Turn),
    /// Written words.
    Written(Zeroizing<String>),
}

/// The words of what was said, when that began, and its sound where it has one.
struct Words {
    text: Zeroizing<String>,
    start: Timestamp,
    wav: Option<Zeroizing<Vec<u8>>>,
    took: f64,
    /// Until it is answered.
    turn: Option<Turn>,
}

/// Answers what was said.
pub async fn answer(hub: &Arc<Hub>, spoken: Spoken) -> Result<SayAnswer, Error> {
    let began = Instant::now();
    let now = hub.now();
    let home = hub.home();
    let household = &home.household;
    let Spoken { origin, conversation, device: named, said, aloud } = spoken;
    let as_of = hub.certain_now();
    let speaker = origin.speaker(household, named.as_ref().map(|device| &device.id), as_of);
    // To name somebody else's own device is to be there as little as anybody.
    let device = named.clone().filter(|device| match (&origin, &device.person) {
        (Origin::Session { person, .. }, Some(owner)) => person == owner,
        _ => true,
    });
    let place = Place {
        origin,
        device: device.as_ref().map(|device| device.id.to_string()),
        conversation,
        speaker: speaker.person().map(PersonId::to_string),
    };
    let mut timings = Timings::default();
    // Before anything is done, so that whoever is refused can ask again.
    let mouth = aloud
        .then(|| hub.admission.mouth.take_for(&place.origin.holder(), &place.origin.key(), A_REPLY))
        .transpose()?;

    let Words { text: words, start, wav, took, turn: _turn } = heard(hub, said, now).await?;
    timings.hear = took;

    let understood = Instant::now();
    let mut answer = {
        let view = View::of(hub, household, device.as_ref(), &speaker, &place, now).await;
        mind(hub)?.answer(&words, &view.names, &view.situation())
    };
    timings.understand = milliseconds(understood);
    timings.to_text = milliseconds(began);

    let keeping = Instant::now();
    let outcome = match answer.changes.iter().position(is_forgetting) {
        Some(at) => {
            let forgetter = Forgetter { hub, household, speaker: &speaker, place: &place, now };
            let outcome =
                forgetter.act(answer.changes.swap_remove(at), std::mem::take(&mut answer.reply)).await?;
            answer.reply = outcome.reply.clone();
            Some(outcome)
        }
        None => None,
    };
    if let Some(at) = answer.changes.iter().position(|change| matches!(change, Change::SwitchPrivacy { .. }))
    {
        answer.reply = privacy::switch(hub, household, &speaker, answer.changes.swap_remove(at)).await?;
    }
    let Remains { moment, kept, not_kept, left } = match &outcome {
        // Nobody who has something forgotten wants to find that they asked for it.
        Some(_) => {
            let why = Message::new("forgetting-not-kept", "a request to forget is not kept itself");
            Remains { not_kept: Some(why), ..Remains::default() }
        }
        None => {
            if answer.understood && !is_answer(&answer.intent) {
                // Whoever goes on to something else has not said yes.
                hub.pending_questions.take(&place, now);
            }
            let utterance = Utterance {
                household,
                speaker: &speaker,
                device: device.as_ref(),
                named: named.as_ref(),
                start,
                end: now,
                as_of,
            };
            remains(hub, &utterance, &place, wav, &words, &mut answer).await?
        }
    };
    timings.keep = milliseconds(keeping);
    let Outcome { confirm, selection, forgotten, .. } = outcome.unwrap_or_default();

    let mut speech = None;
    // What was asked for is done, and said in writing: that somebody else needed the mouth makes it no failure.
    if let Some(turn) = mouth
        && turn.begin().await.is_ok()
    {
        let reply = answer.reply.clone();
        let speak = move |hub: &Hub, turn: &Turn| voice(hub)?.speak(&reply, turn).map_err(Error::broken);
        let (spoken, _, took) = in_turn(hub, turn, speak).await?;
        timings.speak = took;
        speech = Some(BASE64_STANDARD.encode(wav::write(&spoken)));
    }
    timings.total = milliseconds(began);
    Ok(SayAnswer {
        transcript: words.to_string(),
        intent: answer.intent,
        slots: answer.slots,
        reply: answer.reply,
        moment: moment.map(Id::get),
        kept,
        not_kept: not_kept.as_ref().map(|why| why.text.clone()).unwrap_or_default(),
        not_kept_said: not_kept,
        left,
        confirm,
        open: selection.as_ref().map(|_| "forget".to_owned()),
        selection,
        forgotten,
        timings,
        speech,
    })
}

/// What remains of what was said.
#[derive(Default)]
struct Remains {
    moment: Option<Id>,
    kept: Vec<u64>,
    not_kept: Option<Message>,
    left: Vec<Effect>,
}

/// Keeps what may be kept, does what was asked for, and remembers that something was heard.
async fn remains(
    hub: &Hub,
    utterance: &Utterance<'_>,
    place: &Place,
    wav: Option<Zeroizing<Vec<u8>>>,
    words: &Zeroizing<String>,
    answer: &mut Answer,
) -> Result<Remains, Error> {
    let changes = std::mem::take(&mut answer.changes).into_iter();
    let mut deeds: Vec<Deed> = changes.flat_map(|change| utterance.deeds(hub, change)).collect();
    let (mut taken, holder) = (deeds.iter().filter_map(Deed::taken).collect::<Vec<Id>>(), place.counts_for());
    if !taken.is_empty() && utterance.takes_too_much(hub, &holder, &taken).await? {
        deeds.clear();
        taken.clear();
        answer.reply = too_much_taken_away();
    }
    // An answer is given even where nothing can be kept, on a full disk say.
    let (said, why) = match utterance.words(wav, words, answer) {
        Ok(Ok(said)) => (Some(said), None),
        Ok(Err(why)) => (None, Some(why)),
        Err(error) => (None, Some(error.into_message())),
    };
    let deed = utterance.carry_out(hub, said, deeds);
    let carried = match taken.len() {
        0 => Some(deed.await?),
        taken => hub.unproven.forget(&holder, &Forgetting::of(taken), utterance.end, deed).await?,
    };
    // Others of it went at the same time.
    let Carried { said, left } = carried.ok_or_else(|| Error::too_many(too_much_taken_away()))?;
    let (moment, kept, not_kept) = match said {
        Some(Ok(said)) => (Some(said.moment), said.recordings.into_iter().map(Id::get).collect(), None),
        Some(Err(error)) => (None, Vec::new(), Some(error.into_message())),
        None => (None, Vec::new(), why),
    };
    if let (Some(moment), Some(person)) = (moment, utterance.speaker.person()) {
        let kept = Happening::Kept { moment: moment.get() };
        hub.events.tell_to(To::Person(person.clone()), hub.now(), kept);
    }
    // Silence is nothing that was heard.
    if !words.is_empty() {
        let device = utterance.device;
        let whose = place.origin.whose(utterance.household, device.map(|device| &device.id));
        hub.recent_utterances.add(RecentUtterance {
            at: utterance.end,
            origin: place.origin.key(),
            device: device.map(|device| device.id.to_string()),
            whose: whose.as_ref().map(PersonId::to_string),
            words: utterance.speaker.person().map(|person| (person.to_string(), words.clone())),
            moment: moment.map(Id::get),
            left: left.iter().filter(|effect| effect.change != "removed").map(|effect| effect.id).collect(),
        });
        if moment.is_none() {
            answered(hub, &place.origin.key(), device, whose, utterance.end);
        }
    }
    Ok(Remains { moment, kept, not_kept, left })
}

/// Whether an intent is an answer to a question, or may be.
fn is_answer(intent: &str) -> bool {
    matches!(intent, "PorchlightYes" | "PorchlightNo" | "HassNevermind")
}

/// The words of a sound, so far. Nothing is answered, kept or remembered.
pub async fn words_so_far(
    hub: &Arc<Hub>,
    wav: Zeroizing<Vec<u8>>,
    turn: Turn,
) -> Result<Zeroizing<String>, Error> {
    Ok(heard(hub, Said::Aloud(wav, turn), hub.now()).await?.text)
}

async fn heard(hub: &Arc<Hub>, said: Said, now: Timestamp) -> Result<Words, Error> {
    match said {
        Said::Written(text) => Ok(Words { text, start: now, wav: None, took: 0.0, turn: None }),
        Said::Aloud(wav, turn) => {
            let sound = wav::read(&wav)?;
            let start = now - SignedDuration::from_secs_f64(sound.seconds());
            turn.begin().await?;
            let hear = move |hub: &Hub, turn: &Turn| voice(hub)?.hear(&sound, turn).map_err(Error::broken);
            let (text, turn, took) = in_turn(hub, turn, hear).await?;
            Ok(Words { text, start, wav: Some(wav), took, turn: Some(turn) })
        }
    }
}

/// Of what is not kept there is a hollow line until midnight, and no more.
fn answered(hub: &Hub, origin: &str, device: Option<&Device>, whose: Option<PersonId>, at: Timestamp) {
    let room = device.and_then(|device| device.room.clone());
    let to = whose.clone().map_or(To::Everybody, To::Person);
    let id = device.map(|device| device.id.to_string());
    hub.unrecorded.add(origin, Line { at, device: id, room: room.clone(), whose });
    hub.events.tell_to(
        to,
        at,
        Happening::Answered { device: device.map(|device| device.name.clone()), room },
    );
}

/// The hub's voice, or why it has none.
pub fn voice(hub: &Hub) -> Result<&crate::assistant::engines::Voice, Error> {
    hub.voice.as_ref().map_err(|why| Error::unavailable(format!("Porchlight cannot hear or speak: {why}")))
}

/// What understands words, or why nothing does.
fn mind(hub: &Hub) -> Result<&crate::assistant::engines::Mind, Error> {
    hub.mind.as_ref().map_err(|why| Error::unavailable(format!("Porchlight cannot understand: {why}")))
}

/// Does what it is somebody's turn for, off the async threads; gives the turn back, and how many milliseconds it took. What blocks goes
/// on without whoever asked for it, and so keeps their turn, but it sees that nobody waits any more.
pub async fn in_turn<T: Send + 'static>(
    hub: &Arc<Hub>,
    turn: Turn,
    work: impl FnOnce(&Hub, &Turn) -> Result<T, Error> + Send + 'static,
) -> Result<(T, Turn, f64), Error> {
    let hub = hub.clone();
    let _asker = turn.asker();
    let began = Instant::now();
    let done = tokio::task::spawn_blocking(move || {
        let done = work(&hub, &turn);
        let wanted = turn.is_wanted();
        turn.end();
        match done {
            Err(_) if !wanted => Err(turn.lost()),
            done => Ok((done?, turn)),
        }
    });
    let (done, turn) = done.await??;
    Ok((done, turn, milliseconds(began)))
}

fn milliseconds(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 1e4).round() / 10.0
}
