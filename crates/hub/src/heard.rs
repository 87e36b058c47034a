//! What the hub heard lately, in memory only, so that "what did you hear?" has a true answer.
//!
//! That something was heard, when and where is remembered for a day. Words are remembered for ten minutes, only when they
//! came from a voice that is known to be an adult's, and are told only at the device they were spoken to. An unknown voice
//! is answered and then forgotten: its words are never put here. Each session has a share of what is remembered.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use zeroize::Zeroizing;

use crate::shares::Shares;

/// How long words can be told.
const WORDS: SignedDuration = SignedDuration::from_mins(10);
/// How long it can be told that something was heard.
const COUNT: SignedDuration = SignedDuration::from_hours(24);
/// Bounds the memory whatever happens: of one session, about one utterance every half minute for a day, and of all.
const OF_A_SESSION: usize = 2_500;
const MOST: usize = 10_000;

/// One utterance that was answered.
pub(crate) struct Utterance {
    pub at: Timestamp,
    /// The id of the device it came through; none for push-to-talk in a signed-in session.
    pub device: Option<String>,
    /// The person who was known to speak, with their words. None for an unknown voice.
    pub words: Option<(String, Zeroizing<String>)>,
    /// The moment that was kept of it, if one was.
    pub moment: Option<u64>,
    /// The effects that it left behind.
    pub left: Vec<u64>,
}

/// The utterances of the last day.
pub(crate) struct Heard(Mutex<Utterances>);

/// By session.
type Utterances = Shares<String, (), Utterance>;

impl Default for Heard {
    fn default() -> Heard {
        Heard(Mutex::new(Shares::new(OF_A_SESSION, MOST)))
    }
}

/// What may be told of one utterance to somebody who asks.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub at: Timestamp,
    pub device: Option<String>,
    pub words: Option<String>,
    pub moment: Option<u64>,
}

impl Heard {
    /// Remembers an utterance that came by this session.
    pub(crate) fn add(&self, session: &str, utterance: Utterance) {
        self.lock().add(session.to_owned(), (), utterance);
    }

    /// What may be told at `device` now to somebody known as `person`: words only of the last ten minutes, only those
    /// spoken to that same device, and where there is no device (push-to-talk) only to the person who spoke them.
    pub(crate) fn tell(&self, device: Option<&str>, person: Option<&str>, now: Timestamp) -> Vec<Told> {
        self.fade(now);
        self.lock()
            .iter()
            .map(|heard| {
                let here = heard.device.as_deref() == device;
                let words = heard
                    .words
                    .as_ref()
                    .filter(|(speaker, _)| here && (device.is_some() || person == Some(speaker)))
                    .map(|(_, words)| words.to_string());
                Told { at: heard.at, device: heard.device.clone(), words, moment: heard.moment }
            })
            .collect()
    }

    /// What unknown voices left behind at a device in the last ten minutes, or the last of them.
    pub(crate) fn left_by_unknown(&self, device: Option<&str>, last: bool, now: Timestamp) -> Vec<u64> {
        let all = self.lock();
        let unknown = all.iter().rev().filter(|heard| {
            let lately = now.duration_since(heard.at) < WORDS;
            device.is_some() && heard.device.as_deref() == device && heard.words.is_none() && lately
        });
        unknown.take(if last { 1 } else { usize::MAX }).flat_map(|heard| heard.left.iter().copied()).collect()
    }

    /// Drops words older than ten minutes and everything older than a day.
    pub(crate) fn fade(&self, now: Timestamp) {
        let mut all = self.lock();
        all.retain(|heard| now.duration_since(heard.at) < COUNT);
        for heard in all.iter_mut().filter(|heard| now.duration_since(heard.at) >= WORDS) {
            heard.words = None;
        }
    }

    /// Drops what was heard in moments that were forgotten.
    pub(crate) fn forget(&self, moments: &[u64]) {
        self.lock().retain(|heard| heard.moment.is_none_or(|moment| !moments.contains(&moment)));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Utterances> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + 60 * minute).unwrap()
    }

    fn spoken(
        minute: i64,
        device: Option<&str>,
        words: Option<(&str, &str)>,
        moment: Option<u64>,
    ) -> Utterance {
        let words = words.map(|(person, words)| (person.to_owned(), Zeroizing::new(words.to_owned())));
        Utterance { at: at(minute), device: device.map(str::to_owned), words, moment, left: Vec::new() }
    }

    fn words(told: &[Told]) -> Vec<Option<&str>> {
        told.iter().map(|told| told.words.as_deref()).collect()
    }

    #[test]
    fn words_are_told_only_for_ten_minutes_and_only_at_the_same_device() {
        let heard = Heard::default();
        heard.add("phone", spoken(0, Some("study"), Some(("anna", "what time is it")), None));
        heard.add("phone", spoken(5, Some("kitchen"), None, None));
        assert_eq!(words(&heard.tell(Some("study"), None, at(6))), [Some("what time is it"), None]);
        assert_eq!(words(&heard.tell(Some("kitchen"), None, at(6))), [None, None]);
        assert_eq!(words(&heard.tell(Some("study"), None, at(10))), [None, None]);
    }

    #[test]
    fn words_of_a_session_are_told_to_their_speaker_alone() {
        let heard = Heard::default();
        heard.add("phone", spoken(0, None, Some(("anna", "buy a present for tom")), None));
        assert_eq!(words(&heard.tell(None, Some("anna"), at(1))), [Some("buy a present for tom")]);
        assert_eq!(words(&heard.tell(None, Some("tom"), at(1))), [None]);
        assert_eq!(words(&heard.tell(None, None, at(1))), [None]);
    }

    #[test]
    fn what_is_forgotten_is_not_told_and_a_day_is_the_longest() {
        let heard = Heard::default();
        heard.add("phone", spoken(0, Some("study"), Some(("anna", "one")), Some(7)));
        heard.add("phone", spoken(1, Some("study"), Some(("anna", "two")), Some(8)));
        heard.forget(&[7]);
        assert_eq!(words(&heard.tell(Some("study"), None, at(2))), [Some("two")]);
        assert!(heard.tell(Some("study"), None, at(24 * 60 + 1)).is_empty());
    }
}
