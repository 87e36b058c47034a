//! What the hub tells the household as it happens: a timer that ended, a camera that went away, a recording that was forgotten.
//!
//! Events live in memory only. Each has a number, and the newest hundred are kept so that a client that lost its connection
//! can say which it saw last and miss nothing.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

use crate::api::types::{FailedTries, Sentence};
use crate::shares::Shares;
use crate::store::Session;

/// How many past events a client that reconnects can still be given.
const REMEMBERED: usize = 100;
/// How long what somebody asked to be told is remembered: its timer or reminder is forgotten when it rings.
const WORDS: SignedDuration = SignedDuration::from_mins(10);

/// One thing that happened, as it goes out on `/api/events`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// Counts up from 1 since the hub started.
    pub number: u64,
    /// When it happened (UTC).
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub what: Happening,
}

/// What can happen.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Happening {
    /// A timer ended. To be spoken at the device that set it; its speech is at `/api/events/{number}/speech`.
    TimerEnded {
        /// The timer's recording id.
        timer: u64,
        /// The name it was given, if any.
        name: Option<String>,
        /// The device that set it; none when it was set from a signed-in session without a device.
        device: Option<String>,
        /// The sentence to speak.
        say: String,
    },
    /// A reminder is due, or an alarm. To be spoken at the device where it was asked for; its speech is at
    /// `/api/events/{number}/speech`.
    Reminder {
        /// The reminder's recording id.
        reminder: u64,
        /// What of; none for an alarm.
        text: Option<String>,
        /// When it was due.
        #[schema(value_type = String)]
        due: Timestamp,
        /// The device where it was asked for; none when that was in a signed-in session without a device.
        device: Option<String>,
        /// The person who asked, where that is known.
        person: Option<String>,
        /// The sentence to speak.
        say: String,
    },
    /// A camera's state changed.
    Camera {
        /// The camera's name.
        device: String,
        /// Its state as one plain sentence.
        state: String,
        /// The same.
        #[serde(default)]
        said: Sentence,
        /// Whether it is being recorded now.
        recording: bool,
    },
    /// A moment was kept that somebody asked for. A camera's segments, one every few seconds, are not told of.
    Kept {
        /// The moment.
        moment: u64,
    },
    /// Somebody looked at what cameras saw. Told to everybody who lives there, since everybody may be in the picture.
    Looked {
        /// The person's name.
        person: String,
        /// The browser or command line they used.
        client: String,
        /// The names of the cameras.
        devices: Vec<String>,
    },
    /// Recordings were forgotten: every open page drops what it holds of them.
    Forgotten {
        /// The moments that are gone.
        moments: Vec<u64>,
    },
    /// Somebody signed in.
    SignedIn {
        /// The person's name.
        person: String,
        /// The browser or command line they used.
        client: String,
        /// The session's id.
        session: String,
        /// Whether they had signed in with that browser before.
        known: bool,
    },
    /// Tries to sign in as somebody failed. Told to that person alone.
    SignInFailed {
        /// The person's name.
        person: String,
        /// How many, at what, from where and when.
        #[serde(flatten)]
        failed: FailedTries,
    },
    /// Somebody got back in with their recovery kit: their passphrase and second factor are new, their other sessions are over.
    Recovered {
        /// The person's name.
        person: String,
        /// The browser or command line they used.
        client: String,
    },
    /// How somebody signs in changed.
    AccountChanged {
        /// The person's name.
        person: String,
        /// What changed.
        change: AccountChange,
        /// The browser or command line from which it was changed.
        client: String,
        /// The id of the session in which it was changed.
        session: String,
    },
    /// The session that listens is over. Nothing comes after it, and nobody else is told.
    SessionEnded {
        /// The session's id.
        session: String,
        /// What ended it.
        by: EndedBy,
        /// The browser or command line from which the passphrase was changed or the kit used.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<String>,
    },
    /// The household document changed: people, devices or consents.
    HouseholdChanged {
        /// Its new version.
        version: u64,
    },
    /// Timers, lists or reminders are not what they were; `/api/effects` says what they are.
    EffectsChanged,
    /// Something was said, answered and forgotten: a hollow line until midnight. When is the event's own time.
    Answered {
        /// The microphone it was said into; none in a signed-in session.
        device: Option<String>,
        /// The room of that microphone.
        room: Option<String>,
    },
    /// Something went wrong that the household should know.
    Trouble {
        /// One plain sentence: what happened and what it means.
        sentence: String,
        /// The same.
        #[serde(default)]
        said: Sentence,
    },
}

/// Events that take each other's place among those that are remembered, and no others'.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Rang,
    Account,
    Trouble,
    Camera,
    Recordings,
    Household,
    Answers,
}

impl Happening {
    /// Whether whoever has this name is to be told of it.
    pub(crate) fn is_for(&self, name: &str) -> bool {
        match self {
            Happening::SignInFailed { person, .. } => person == name,
            _ => true,
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Happening::TimerEnded { .. } | Happening::Reminder { .. } => Kind::Rang,
            Happening::SignedIn { .. }
            | Happening::Recovered { .. }
            | Happening::AccountChanged { .. }
            | Happening::SignInFailed { .. }
            | Happening::SessionEnded { .. } => Kind::Account,
            Happening::Trouble { .. } => Kind::Trouble,
            Happening::Camera { .. } => Kind::Camera,
            Happening::Kept { .. } | Happening::Looked { .. } | Happening::Forgotten { .. } => {
                Kind::Recordings
            }
            Happening::HouseholdChanged { .. } => Kind::Household,
            Happening::EffectsChanged | Happening::Answered { .. } => Kind::Answers,
        }
    }

    /// Something went wrong that the household should know.
    pub(crate) fn trouble(said: Sentence) -> Happening {
        Happening::Trouble { sentence: said.text.clone(), said }
    }
}

/// What changed in how somebody signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AccountChange {
    /// The passphrase is another one.
    Passphrase,
    /// They can sign in with another passkey.
    PasskeyAdded,
    /// They can no longer sign in with one of their passkeys.
    PasskeyRemoved,
    /// They have a new recovery kit, and the one before lets nobody in.
    RecoveryKit,
}

/// What ended a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EndedBy {
    /// Somebody ended this one, or it had come to its end by itself.
    Itself,
    /// The passphrase was changed, which ends all others.
    Passphrase,
    /// Its person got back in with their recovery kit, which ends all of before.
    Recovery,
}

/// Streams of one session that listen at once, and of all: the oldest ends where there is no room.
const LISTENERS: (usize, usize) = (8, 512);

/// The hub's event stream: many listeners, none of which can hold it up.
pub struct Events {
    sender: broadcast::Sender<Event>,
    past: Mutex<Past>,
    /// What ends each of them, by person and session.
    listeners: Mutex<Shares<String, String, CancellationToken>>,
}

struct Past {
    last: u64,
    /// By kind, so that a hundred answers do not push out what rang or who signed in.
    recent: Shares<Kind, (), Event>,
}

impl Past {
    /// Lets go of words that were told long enough ago.
    fn fade(&mut self, now: Timestamp) {
        let has_words =
            |what: &Happening| matches!(what, Happening::TimerEnded { .. } | Happening::Reminder { .. });
        self.recent.retain(|event| !has_words(&event.what) || now.duration_since(event.at) < WORDS);
    }
}

impl Events {
    pub(crate) fn new() -> Events {
        let (sender, _) = broadcast::channel(REMEMBERED);
        Events {
            sender,
            past: Mutex::new(Past { last: 0, recent: Shares::new(REMEMBERED, REMEMBERED) }),
            listeners: Mutex::new(Shares::new(LISTENERS.0, LISTENERS.1)),
        }
    }

    /// Lets one more stream of a session listen, until what this gives is cancelled. Whoever listens cancels it when they stop.
    pub(crate) fn admit(&self, session: &Session) -> CancellationToken {
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|listener| !listener.is_cancelled());
        let listener = CancellationToken::new();
        let gone = listeners.add(session.person.clone(), session.id.clone(), listener.clone());
        gone.inspect(CancellationToken::cancel);
        listener
    }

    /// Tells everyone who listens, and remembers it for those who reconnect.
    pub(crate) fn tell(&self, at: Timestamp, what: Happening) {
        let mut past = self.past();
        past.fade(at);
        past.last += 1;
        let event = Event { number: past.last, at, what };
        past.recent.add(event.what.kind(), (), event.clone());
        // Sent while the lock is held, so that `listen` sees each event either as past or as new, never twice or not at all.
        let _ = self.sender.send(event);
    }

    /// What came after event `after` (0: everything remembered), and a receiver for all that follows.
    pub(crate) fn listen(
        &self,
        after: Option<u64>,
        now: Timestamp,
    ) -> (Vec<Event>, broadcast::Receiver<Event>) {
        let mut past = self.past();
        past.fade(now);
        let missed = match after {
            Some(after) => past.recent.iter().filter(|event| event.number > after).cloned().collect(),
            None => Vec::new(),
        };
        (missed, self.sender.subscribe())
    }

    /// The number of the newest event.
    pub(crate) fn last(&self) -> u64 {
        self.past().last
    }

    /// The event with this number, while it is remembered.
    pub(crate) fn get(&self, number: u64, now: Timestamp) -> Option<Event> {
        let mut past = self.past();
        past.fade(now);
        past.recent.iter().find(|event| event.number == number).cloned()
    }

    /// What happened since an instant, oldest first, as far as it is remembered.
    pub(crate) fn since(&self, from: Timestamp) -> Vec<Event> {
        self.past().recent.iter().filter(|event| event.at >= from).cloned().collect()
    }

    fn past(&self) -> std::sync::MutexGuard<'_, Past> {
        // A panic elsewhere cannot leave the list half-changed, so a poisoned lock still guards a whole one.
        self.past.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
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
        let (past, mut new) = events.listen(Some(1), Timestamp::UNIX_EPOCH);
        events.tell(Timestamp::UNIX_EPOCH, trouble(4));
        let mut numbers: Vec<u64> = past.iter().map(|e| e.number).collect();
        numbers.push(new.try_recv().unwrap().number);
        assert_eq!(numbers, [2, 3, 4]);
    }

    #[test]
    fn only_the_newest_hundred_are_remembered() {
        let events = Events::new();
        for n in 1..=250 {
            events.tell(Timestamp::UNIX_EPOCH, trouble(n));
        }
        let (past, _) = events.listen(Some(0), Timestamp::UNIX_EPOCH);
        assert_eq!((past.len(), past[0].number), (REMEMBERED, 151));
        let get = |number| events.get(number, Timestamp::UNIX_EPOCH);
        assert!(get(150).is_none() && get(250).is_some());
    }

    #[test]
    fn a_hundred_answers_push_out_nothing_but_answers() {
        let events = Events::new();
        let rung = Happening::TimerEnded { timer: 1, name: None, device: None, say: "The eggs.".into() };
        events.tell(Timestamp::UNIX_EPOCH, rung);
        for _ in 0..250 {
            events.tell(Timestamp::UNIX_EPOCH, Happening::Answered { device: None, room: None });
        }
        assert!(events.get(1, Timestamp::UNIX_EPOCH).is_some());
        let (past, _) = events.listen(Some(0), Timestamp::UNIX_EPOCH);
        assert_eq!(past.len(), REMEMBERED);
    }

    #[test]
    fn what_somebody_asked_to_be_told_is_not_remembered_for_long() {
        let events = Events::new();
        let rung = Happening::TimerEnded { timer: 1, name: None, device: None, say: "The eggs.".into() };
        events.tell(Timestamp::UNIX_EPOCH, rung);
        events.tell(Timestamp::UNIX_EPOCH, trouble(1));
        let past = |now| events.listen(Some(0), now).0.len();
        assert_eq!(past(Timestamp::UNIX_EPOCH + WORDS - SignedDuration::from_secs(1)), 2);
        assert_eq!(past(Timestamp::UNIX_EPOCH + WORDS), 1);
    }
}
