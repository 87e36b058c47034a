//! What the hub tells the household as it happens: a timer that ended, a camera that went away, a recording that was forgotten.
//!
//! Events live in memory only. Each has a number, and the newest hundred are kept so that a client that lost its connection
//! can say which it saw last and miss nothing. No event carries anybody's words: it says by ids and names what happened, and only to
//! those who may know. What rings has its words beside it for a minute, until something is forgotten; whoever may asks for them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use porchlight_household::{self as household, DeviceId, PersonId, Viewer, Whose};
use porchlight_protocol::RingWords;
use porchlight_protocol::events::{Event, Happening};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::lately::lately;
use crate::origin::Origin;
use crate::shares::Shares;

/// How many past events a client that reconnects can still be given.
const REMEMBERED: usize = 100;
/// How long the words of what rang can be asked for: its timer or reminder is forgotten when it rings.
const WORDS: SignedDuration = SignedDuration::from_mins(1);

/// Events that take each other's place among those that are remembered, and no others'.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Rang,
    Account,
    Trouble,
    Camera,
    Recordings,
    Looked,
    Live,
    Household,
    Answers,
}

impl Kind {
    fn of(what: &Happening) -> Kind {
        match what {
            Happening::TimerEnded { .. } | Happening::Reminder { .. } => Kind::Rang,
            Happening::SignedIn { .. }
            | Happening::Recovered { .. }
            | Happening::AccountChanged { .. }
            | Happening::SignInFailed { .. }
            | Happening::Invitation { .. }
            | Happening::SessionEnded { .. } => Kind::Account,
            Happening::Trouble { .. } => Kind::Trouble,
            Happening::Camera { .. } => Kind::Camera,
            Happening::Kept { .. } | Happening::Forgotten { .. } | Happening::FilmForgotten { .. } => {
                Kind::Recordings
            }
            // Who looked is told for a while: whoever opens and closes a live picture again and again does not drown that.
            Happening::Looked { .. } => Kind::Looked,
            Happening::Watching { .. } | Happening::WatchingEnded { .. } => Kind::Live,
            Happening::HouseholdChanged { .. } => Kind::Household,
            Happening::EffectsChanged | Happening::Answered { .. } => Kind::Answers,
        }
    }
}

/// To whom an event is told.
#[derive(Clone, Debug)]
pub enum To {
    /// Everybody who is signed in.
    Everybody,
    /// Whose it is, and who guards them.
    Person(PersonId),
    /// One person, and nobody else.
    Alone(PersonId),
    /// Those to whom film is sealed.
    WhoeverSeesFilm,
    /// Everybody, and the microphone at which it is to be spoken.
    Ringing(Option<DeviceId>),
}

impl To {
    /// Whether somebody is told.
    pub fn includes(&self, viewer: &Viewer) -> bool {
        match self {
            To::Everybody | To::Ringing(_) => true,
            To::Person(person) => viewer.may_know_said_by(Some(person)),
            To::WhoeverSeesFilm => viewer.may_look(&Whose::Household, household::Kind::Video),
            To::Alone(person) => viewer.person() == person,
        }
    }

    /// Whether a microphone is told.
    pub fn includes_microphone(&self, device: &DeviceId) -> bool {
        matches!(self, To::Ringing(Some(here)) if here == device)
    }
}

/// An event, and to whom it is told.
#[derive(Clone, Debug)]
pub struct Addressed {
    /// Who is told.
    pub to: To,
    /// Of what.
    pub event: Event,
}

/// Streams of one session that listen at once, and of all: the oldest ends where there is no room.
const LISTENERS: (usize, usize) = (8, 512);

/// The hub's event stream: many listeners, none of which can hold it up.
pub struct Events {
    sender: broadcast::Sender<Addressed>,
    past: Mutex<Past>,
    /// What ends each of them, by person and session.
    listeners: Mutex<Shares<String, String, CancellationToken>>,
}

struct Past {
    last: u64,
    /// By kind, so that a hundred answers do not push out what rang or who signed in.
    recent: Shares<Kind, (), Addressed>,
    /// The words of what rang, by the number of its event, and since when.
    words: BTreeMap<u64, (Timestamp, RingWords)>,
}

impl Past {
    /// Lets go of words that were told long enough ago.
    fn fade(&mut self, now: Timestamp) {
        self.words.retain(|_, (since, _)| lately(*since, WORDS, now));
    }

    /// Numbers an event and remembers it. The numbers go with the time, so that those in between count nothing.
    fn add(&mut self, at: Timestamp, to: To, what: Happening) -> Addressed {
        self.fade(at);
        self.last = at.as_millisecond().max(0).unsigned_abs().max(self.last + 1);
        let told = Addressed { to, event: Event { number: self.last, at, what } };
        self.recent.add(Kind::of(&told.event.what), (), told.clone());
        told
    }
}

impl Events {
    /// Nothing has happened yet.
    pub(crate) fn new() -> Events {
        let (sender, _) = broadcast::channel(REMEMBERED);
        Events {
            sender,
            past: Mutex::new(Past {
                last: 0,
                recent: Shares::new(REMEMBERED, REMEMBERED),
                words: BTreeMap::new(),
            }),
            listeners: Mutex::new(Shares::new(LISTENERS.0, LISTENERS.1)),
        }
    }

    /// Lets one more stream of a session, or of a microphone, listen, until what this gives is cancelled. Whoever listens cancels it when they stop.
    pub fn admit(&self, origin: &Origin) -> CancellationToken {
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|listener| !listener.is_cancelled());
        let listener = CancellationToken::new();
        let gone = listeners.add(origin.holder(), origin.key(), listener.clone());
        gone.inspect(CancellationToken::cancel);
        listener
    }

    /// Tells everyone who listens, and remembers it for those who reconnect.
    pub fn tell(&self, at: Timestamp, what: Happening) {
        self.tell_to(To::Everybody, at, what);
    }

    /// Tells those who may know.
    pub(crate) fn tell_to(&self, to: To, at: Timestamp, what: Happening) {
        let mut past = self.past();
        let told = past.add(at, to, what);
        // Sent while the lock is held, so that `listen` sees each event either as past or as new, never twice or not at all.
        let _ = self.sender.send(told);
    }

    /// Tells that something rings, which has these words.
    pub(crate) fn ring(&self, device: Option<DeviceId>, at: Timestamp, what: Happening, words: RingWords) {
        let mut past = self.past();
        let told = past.add(at, To::Ringing(device), what);
        past.words.insert(told.event.number, (at, words));
        let _ = self.sender.send(told);
    }

    /// Lets go of the words of everything that rang: whoever has something forgotten does not want to hear of it again.
    pub(crate) fn forget_words(&self) {
        self.past().words.clear();
    }

    /// What came after event `after` (0: everything remembered), and a receiver for all that follows.
    pub fn listen(&self, after: Option<u64>) -> (Vec<Addressed>, broadcast::Receiver<Addressed>) {
        let past = self.past();
        let missed = match after {
            Some(after) => past.recent.iter().filter(|told| told.event.number > after).cloned().collect(),
            None => Vec::new(),
        };
        (missed, self.sender.subscribe())
    }

    /// The number of the newest event.
    pub fn last(&self) -> u64 {
        self.past().last
    }

    /// The event with this number, while it is remembered, and its words, while those are.
    pub fn get(&self, number: u64, now: Timestamp) -> Option<(Addressed, Option<RingWords>)> {
        let mut past = self.past();
        past.fade(now);
        let told = past.recent.iter().find(|told| told.event.number == number).cloned()?;
        Some((told, past.words.get(&number).map(|(_, words)| words.clone())))
    }

    /// What happened since an instant, oldest first, as far as it is remembered.
    pub fn since(&self, from: Timestamp) -> Vec<Event> {
        let past = self.past();
        past.recent.iter().map(|told| &told.event).filter(|event| event.at >= from).cloned().collect()
    }

    fn past(&self) -> std::sync::MutexGuard<'_, Past> {
        // A panic elsewhere cannot leave the list half-changed, so a poisoned lock still guards a whole one.
        self.past.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use porchlight_household::{Household, MemberKeys, Person};

    use super::*;

    fn trouble(n: usize) -> Happening {
        Happening::trouble(format!("number {n}").into())
    }

    #[test]
    fn a_listener_that_reconnects_misses_nothing_and_sees_nothing_twice() {
        let events = Events::new();
        for n in 1..=3 {
            events.tell(Timestamp::UNIX_EPOCH, trouble(n));
        }
        let (past, mut new) = events.listen(Some(1));
        events.tell(Timestamp::UNIX_EPOCH, trouble(4));
        let mut numbers: Vec<u64> = past.iter().map(|told| told.event.number).collect();
        numbers.push(new.try_recv().unwrap().event.number);
        assert_eq!(numbers, [2, 3, 4]);
    }

    #[test]
    fn only_the_newest_hundred_are_remembered() {
        let events = Events::new();
        for n in 1..=250 {
            events.tell(Timestamp::UNIX_EPOCH, trouble(n));
        }
        let (past, _) = events.listen(Some(0));
        assert_eq!((past.len(), past[0].event.number), (REMEMBERED, 151));
        let get = |number| events.get(number, Timestamp::UNIX_EPOCH);
        assert!(get(150).is_none() && get(250).is_some());
    }

    #[test]
    fn a_hundred_answers_push_out_nothing_but_answers() {
        let events = Events::new();
        events.tell(Timestamp::UNIX_EPOCH, Happening::TimerEnded { timer: 1, device: None });
        for _ in 0..250 {
            events.tell(Timestamp::UNIX_EPOCH, Happening::Answered { device: None, room: None });
        }
        assert!(events.get(1, Timestamp::UNIX_EPOCH).is_some());
        let (past, _) = events.listen(Some(0));
        assert_eq!(past.len(), REMEMBERED);
    }

    #[test]
    fn the_words_of_what_rang_are_there_for_a_minute_and_no_longer_than_until_something_is_forgotten() {
        let events = Events::new();
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        let ring = || {
            let rung = Happening::TimerEnded { timer: 1, device: None };
            let words = RingWords { say: "The eggs are done.".into(), name: Some("eggs".into()), text: None };
            events.ring(None, start, rung, words);
            events.last()
        };
        let words = |number, now| events.get(number, now).unwrap().1;
        let first = ring();
        assert!(words(first, start + WORDS - SignedDuration::from_secs(1)).is_some());
        assert!(words(first, start + WORDS).is_none());
        let second = ring();
        let (past, _) = events.listen(Some(0));
        assert!(past.len() == 2 && !format!("{past:?}").contains("eggs"), "no event has words");
        events.forget_words();
        assert!(words(second, start).is_none());
    }

    #[test]
    fn the_numbers_in_between_count_nothing() {
        let events = Events::new();
        for second in [10, 10, 20] {
            events.tell(Timestamp::from_second(second).unwrap(), trouble(1));
        }
        events.tell(Timestamp::UNIX_EPOCH, trouble(1));
        let numbers: Vec<u64> = events.listen(Some(0)).0.iter().map(|told| told.event.number).collect();
        assert_eq!(numbers, [10_000, 10_001, 20_000, 20_001]);
    }

    #[test]
    fn of_forgotten_film_those_are_told_who_could_have_opened_it() {
        let now: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        let anna = Person::new("Anna", "1984-03".parse().unwrap()).unwrap();
        let (anna_id, keys) = (anna.id.clone(), MemberKeys::generate().unwrap());
        let (mut home, _) = Household::first(None, "Europe/Berlin", "en", anna, &keys, now).unwrap();
        let mut leo = Person::new("Leo", "2011-02".parse().unwrap()).unwrap();
        leo.guardians.push(anna_id.clone());
        let leo_id = leo.id.clone();
        home.add_person(leo, now).unwrap();
        let told = |person: &PersonId| To::WhoeverSeesFilm.includes(&home.viewer(person, now).unwrap());
        assert!(told(&anna_id) && !told(&leo_id));
        assert!(!To::WhoeverSeesFilm.includes_microphone(&"kitchen".parse().unwrap()));
    }
}
