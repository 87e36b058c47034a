//! What Porchlight asked last, so that a yes or a no is an answer to that and to nothing else.
//!
//! A question belongs to where it came from (a microphone by its own credential, or somebody's session), to one conversation there,
//! to the speaker who was asked, and to the minute after it. It lives in memory only, and each origin has room for a few.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use porchlight_voice::skill::Asked;

use crate::lately::counts;
use crate::origin::Origin;
use crate::shares::Shares;

/// How long a question waits for its answer.
const WAITS: SignedDuration = SignedDuration::from_secs(60);
/// Questions of one session that wait, and of all.
const OF_A_SESSION: usize = 16;
const MOST: usize = 256;

/// Where and by whom something is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where it comes from.
    pub origin: Origin,
    /// The id of the device that it is spoken at; none for a session itself.
    pub device: Option<String>,
    /// The conversation's name, where it has one.
    pub conversation: Option<String>,
    /// The person who is known to speak.
    pub speaker: Option<String>,
}

impl Place {
    /// For whom it counts what is taken away here: for the person who is known to speak, else for the session's or the microphone.
    pub(crate) fn counts_for(&self) -> String {
        self.speaker.clone().unwrap_or_else(|| self.origin.holder())
    }

    /// Whether an answer here belongs to what was asked there.
    fn answers(&self, asked: &Place) -> bool {
        let together = match (&self.origin, &asked.origin) {
            (Origin::Microphone(here), Origin::Microphone(there)) => {
                here == there && self.conversation == asked.conversation
            }
            (Origin::Session { id: here, person: by }, Origin::Session { id: there, person: asked_of }) => {
                match (&self.conversation, &asked.conversation) {
                    // Somebody goes on elsewhere; nobody does by the name of another's conversation.
                    (Some(here), Some(there)) => here == there && by == asked_of,
                    (None, None) => here == there,
                    _ => false,
                }
            }
            _ => false,
        };
        together && self.device == asked.device && self.speaker == asked.speaker
    }
}

/// What waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pending {
    /// A preview: whether it is to be forgotten.
    Forget {
        /// The origin that holds the preview, by its key.
        origin: String,
        /// The preview's token.
        token: String,
    },
    /// What was left behind by what was forgotten: nothing, unless it is to go too. Recordings by id.
    Effects(Vec<u64>),
}

struct Question {
    place: Place,
    until: Timestamp,
    pending: Pending,
}

/// The questions that wait for an answer, by session.
pub struct PendingQuestions(Mutex<Questions>);

type Questions = Shares<String, (), Question>;

impl Default for PendingQuestions {
    fn default() -> PendingQuestions {
        PendingQuestions(Mutex::new(Shares::new(OF_A_SESSION, MOST)))
    }
}

impl PendingQuestions {
    /// Remembers a question; one that was asked here before is none any more.
    pub fn ask(&self, place: Place, pending: Pending, now: Timestamp) {
        let mut questions = self.lock();
        questions.retain(|question| counts(question.until, WAITS, now) && !place.answers(&question.place));
        questions.add(place.origin.key(), (), Question { place, until: now + WAITS, pending });
    }

    /// What an answer here would be an answer to.
    pub(crate) fn asked(&self, place: &Place, now: Timestamp) -> Option<Asked> {
        let questions = self.lock();
        let question = questions
            .iter()
            .find(|question| counts(question.until, WAITS, now) && place.answers(&question.place))?;
        Some(match question.pending {
            Pending::Forget { .. } => Asked::Forget,
            Pending::Effects(_) => Asked::Effects,
        })
    }

    /// Takes the question out that an answer here belongs to.
    pub fn take(&self, place: &Place, now: Timestamp) -> Option<Pending> {
        let mut questions = self.lock();
        questions.retain(|question| counts(question.until, WAITS, now));
        questions.take(|question| place.answers(&question.place)).map(|question| question.pending)
    }

    fn lock(&self) -> MutexGuard<'_, Questions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In somebody's session.
    fn place(
        session: &str,
        device: Option<&str>,
        conversation: Option<&str>,
        speaker: Option<&str>,
    ) -> Place {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let person = speaker.unwrap_or("leo").parse().unwrap();
        Place {
            origin: Origin::Session { id: session.to_owned(), person },
            device: owned(device),
            conversation: owned(conversation),
            speaker: owned(speaker),
        }
    }

    /// At a microphone, by its own credential.
    fn at_microphone(device: &str, speaker: Option<&str>) -> Place {
        let origin = Origin::Microphone(device.parse().unwrap());
        Place { origin, ..place("", Some(device), None, speaker) }
    }

    #[test]
    fn a_yes_belongs_to_the_same_place_the_same_speaker_and_the_minute_after_the_question() {
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        let pending = Pending::Forget { origin: "phone".into(), token: "t".into() };
        let asked_in = |asked: &Place, answered: &Place, second| {
            let conversations = PendingQuestions::default();
            conversations.ask(asked.clone(), pending.clone(), at(0));
            let found = conversations.asked(answered, at(second));
            assert_eq!(found.is_some(), conversations.take(answered, at(second)).is_some());
            assert_eq!(conversations.take(answered, at(second)), None, "a question is answered once");
            found.is_some()
        };
        let phone = place("phone", None, None, Some("anna"));
        let named = place("phone", Some("desk"), None, Some("anna"));
        let desk = at_microphone("desk", Some("anna"));
        let talk = place("phone", None, Some("a"), Some("anna"));
        let unknown = place("phone", Some("kitchen"), Some("a"), None);
        let anothers = Origin::Session { id: "laptop".into(), person: "tom".parse().unwrap() };
        for (asked, answered, is_answer) in [
            (&phone, &phone, true),
            (&phone, &place("laptop", None, None, Some("anna")), false),
            (&phone, &named, false),
            (&phone, &talk, false),
            (&named, &named, true),
            // The name of a device is no proof of being there.
            (&named, &place("laptop", Some("desk"), None, Some("anna")), false),
            (&desk, &named, false),
            (&desk, &desk, true),
            (&desk, &at_microphone("kitchen", Some("anna")), false),
            (&desk, &at_microphone("desk", Some("tom")), false),
            (&desk, &at_microphone("desk", None), false),
            (&talk, &talk, true),
            (&talk, &place("laptop", None, Some("a"), Some("anna")), true),
            (&talk, &place("phone", None, Some("b"), Some("anna")), false),
            (&unknown, &unknown, true),
            (&unknown, &Place { origin: anothers, ..unknown.clone() }, false),
        ] {
            assert_eq!(asked_in(asked, answered, 59), is_answer, "{answered:?} answers {asked:?}");
            assert!(!asked_in(asked, answered, 60), "a minute is long enough");
        }
    }

    #[test]
    fn the_newest_question_is_the_one_that_is_answered() {
        let now = Timestamp::UNIX_EPOCH;
        let here = place("phone", None, None, Some("anna"));
        let conversations = PendingQuestions::default();
        for token in ["first", "second"] {
            let pending = Pending::Forget { origin: "phone".into(), token: token.into() };
            conversations.ask(here.clone(), pending, now);
        }
        assert!(
            matches!(conversations.take(&here, now), Some(Pending::Forget { token, .. }) if token == "second")
        );
        assert_eq!(conversations.take(&here, now), None);
    }
}
