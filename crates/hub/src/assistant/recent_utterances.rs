//! What the hub heard lately, in memory only, so that "what did you hear?" has a true answer.
//!
//! That something was heard, when and where is remembered for a day, and told to whose it is, or to all where it was said at a shared
//! device. Words are remembered for ten minutes, only when they came from a voice that is known to be an adult's, and are told to that
//! very voice alone, where they were spoken. An unknown voice is answered and then forgotten: its words are never put here. Each origin has a share of
//! what is remembered.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use zeroize::Zeroizing;

use crate::lately::lately;
use crate::shares::Shares;

/// How long words can be told.
const WORDS: SignedDuration = SignedDuration::from_mins(10);
/// How long it can be told that something was heard.
const COUNT: SignedDuration = SignedDuration::from_hours(24);
/// Bounds the memory whatever happens: of one session, about one utterance every half minute for a day, and of all.
const OF_A_SESSION: usize = 2_500;
const MOST: usize = 10_000;

/// One utterance that was answered.
pub struct RecentUtterance {
    /// When.
    pub at: Timestamp,
    /// The key of the origin it came from.
    pub origin: String,
    /// The id of the device it came through; none for push-to-talk in a signed-in session.
    pub device: Option<String>,
    /// The id of the person whose session or device it was; none at a shared device.
    pub whose: Option<String>,
    /// The person who was known to speak, with their words. None for an unknown voice.
    pub words: Option<(String, Zeroizing<String>)>,
    /// The moment that was kept of it, if one was.
    pub moment: Option<u64>,
    /// The effects that it left behind.
    pub left: Vec<u64>,
}

/// The utterances of the last day.
pub struct RecentUtterances(Mutex<Recent>);

/// By origin.
type Recent = Shares<String, (), RecentUtterance>;

impl Default for RecentUtterances {
    fn default() -> RecentUtterances {
        RecentUtterances(Mutex::new(Shares::new(OF_A_SESSION, MOST)))
    }
}

/// What may be told of one utterance to somebody who asks.
#[derive(Clone, PartialEq, Eq)]
pub struct Told {
    /// When.
    pub at: Timestamp,
    /// At which device.
    pub device: Option<String>,
    /// The words, where they may be told.
    pub words: Option<String>,
    /// What was kept of it.
    pub moment: Option<u64>,
}

impl RecentUtterances {
    /// Remembers an utterance.
    pub fn add(&self, utterance: RecentUtterance) {
        self.lock().add(utterance.origin.clone(), (), utterance);
    }

    /// What may be told at `device` now to `person`, who is known to ask there: what was heard of themself and at shared devices, and
    /// words only of the last ten minutes, only their own, and only where they spoke them.
    pub fn tell(&self, device: Option<&str>, person: Option<&str>, now: Timestamp) -> Vec<Told> {
        self.fade(now);
        let mine = |whose: &Option<String>| whose.as_deref().is_none_or(|whose| person == Some(whose));
        self.lock()
            .iter()
            .filter(|heard| mine(&heard.whose))
            .map(|heard| {
                let here = heard.device.as_deref() == device;
                let words = heard.words.as_ref();
                let words = words.filter(|(speaker, _)| here && person == Some(speaker));
                let words = words.map(|(_, words)| words.to_string());
                Told { at: heard.at, device: heard.device.clone(), words, moment: heard.moment }
            })
            .collect()
    }

    /// What unknown voices left behind in the last ten minutes from where this is asked, or the last of them.
    pub(crate) fn left_by_unknown(&self, origin: &str, last: bool, now: Timestamp) -> Vec<u64> {
        let all = self.lock();
        let unknown = all
            .iter()
            .rev()
            .filter(|heard| heard.origin == origin && heard.words.is_none() && lately(heard.at, WORDS, now));
        unknown.take(if last { 1 } else { usize::MAX }).flat_map(|heard| heard.left.iter().copied()).collect()
    }

    /// Drops words older than ten minutes and everything older than a day.
    pub(crate) fn fade(&self, now: Timestamp) {
        let mut all = self.lock();
        all.retain(|heard| lately(heard.at, COUNT, now));
        for heard in all.iter_mut().filter(|heard| !lately(heard.at, WORDS, now)) {
            heard.words = None;
        }
    }

    /// Drops what was heard in moments that were forgotten.
    pub fn forget(&self, moments: &[u64]) {
        self.lock().retain(|heard| heard.moment.is_none_or(|moment| !moments.contains(&moment)));
    }

    /// Drops the words of somebody who has something forgotten, kept or not.
    pub(crate) fn forget_words_of(&self, person: &str) {
        for heard in self.lock().iter_mut() {
            heard.words = heard.words.take().filter(|(speaker, _)| speaker != person);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Recent> {
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
    ) -> RecentUtterance {
        let whose = words.map(|(person, _)| person.to_owned());
        let words = words.map(|(person, words)| (person.to_owned(), Zeroizing::new(words.to_owned())));
        let (origin, device) = (device.unwrap_or("a session").to_owned(), device.map(str::to_owned));
        RecentUtterance { at: at(minute), origin, device, whose, words, moment, left: Vec::new() }
    }

    fn words(told: &[Told]) -> Vec<Option<&str>> {
        told.iter().map(|told| told.words.as_deref()).collect()
    }

    #[test]
    fn words_are_told_only_for_ten_minutes_to_their_speaker_and_only_at_the_same_device() {
        let heard = RecentUtterances::default();
        heard.add(spoken(0, Some("study"), Some(("anna", "what time is it")), None));
        heard.add(spoken(5, Some("kitchen"), None, None));
        assert_eq!(words(&heard.tell(Some("study"), Some("anna"), at(6))), [Some("what time is it"), None]);
        assert_eq!(words(&heard.tell(Some("kitchen"), Some("anna"), at(6))), [None, None]);
        for nobody in [None, Some("tom")] {
            let told = heard.tell(Some("study"), nobody, at(6));
            assert_eq!(words(&told), [None], "of Anna's device {nobody:?} is not even told that she spoke");
            assert_eq!(told[0].device.as_deref(), Some("kitchen"));
        }
        assert_eq!(words(&heard.tell(Some("study"), Some("anna"), at(10))), [None, None]);
    }

    #[test]
    fn words_of_a_session_are_told_to_their_speaker_alone() {
        let heard = RecentUtterances::default();
        heard.add(spoken(0, None, Some(("anna", "buy a present for tom")), None));
        assert_eq!(words(&heard.tell(None, Some("anna"), at(1))), [Some("buy a present for tom")]);
        assert!(heard.tell(None, Some("tom"), at(1)).is_empty());
        assert!(heard.tell(None, None, at(1)).is_empty());
    }

    #[test]
    fn what_an_unknown_voice_left_is_taken_back_where_it_came_from_and_nowhere_else() {
        let heard = RecentUtterances::default();
        let said = spoken(0, Some("kitchen"), None, None);
        heard.add(RecentUtterance { origin: "device kitchen".into(), left: vec![7], ..said });
        assert_eq!(heard.left_by_unknown("device kitchen", false, at(1)), [7]);
        assert!(heard.left_by_unknown("a session that names the kitchen", false, at(1)).is_empty());
        assert!(heard.left_by_unknown("device kitchen", false, at(10)).is_empty());
    }

    #[test]
    fn what_is_forgotten_is_not_told_and_a_day_is_the_longest() {
        let heard = RecentUtterances::default();
        heard.add(spoken(0, Some("study"), Some(("anna", "one")), Some(7)));
        heard.add(spoken(1, Some("study"), Some(("anna", "two")), Some(8)));
        heard.forget(&[7]);
        assert_eq!(words(&heard.tell(Some("study"), Some("anna"), at(2))), [Some("two")]);
        heard.forget_words_of("tom");
        assert_eq!(words(&heard.tell(Some("study"), Some("anna"), at(2))), [Some("two")]);
        heard.forget_words_of("anna");
        assert_eq!(words(&heard.tell(Some("study"), Some("anna"), at(2))), [None]);
        assert!(heard.tell(Some("study"), Some("anna"), at(24 * 60 + 1)).is_empty());
    }
}
