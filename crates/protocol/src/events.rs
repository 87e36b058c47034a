//! What can happen, as it goes out on `/api/events`. No event carries anybody's words: it says by ids and names what happened.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{FailedTries, LookKind, Message, WatchingView};

/// One thing that happened, as it goes out on `/api/events`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// Higher than that of every event before it. The numbers between two say nothing of how much happened.
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
    /// A timer ended. To be spoken at the device that set it; its words are at `/api/events/{number}/words`, its speech at
    /// `/api/events/{number}/speech`.
    TimerEnded {
        /// The timer's recording id.
        timer: u64,
        /// The device that set it; none when it was set from a signed-in session without a device.
        device: Option<String>,
    },
    /// A reminder is due, or an alarm. To be spoken at the device where it was asked for; its words are at
    /// `/api/events/{number}/words`, its speech at `/api/events/{number}/speech`.
    Reminder {
        /// The reminder's recording id.
        reminder: u64,
        /// When it was due.
        #[schema(value_type = String)]
        due: Timestamp,
        /// The device where it was asked for; none when that was in a signed-in session without a device.
        device: Option<String>,
        /// The person who asked, where that is known.
        person: Option<String>,
    },
    /// A camera's state changed.
    Camera {
        /// The camera's name.
        device: String,
        /// Its state as one plain sentence.
        state: String,
        /// The same.
        #[serde(default)]
        said: Message,
        /// Whether it is being recorded now.
        recording: bool,
    },
    /// A moment was kept that somebody asked for, told to whom lists show it. A camera's segments, one every few seconds, are not told of.
    Kept {
        /// The moment.
        moment: u64,
    },
    /// Somebody looked at what cameras saw, or took it away. Told to everybody who lives there, since everybody may be in the picture.
    Looked {
        /// The person's name.
        person: String,
        /// The browser or command line they used.
        client: String,
        /// The names of the cameras.
        devices: Vec<String>,
        /// Whether it was seen there, or taken away as files.
        #[serde(default)]
        why: LookKind,
    },
    /// Somebody watches a camera live from now on. Told to everybody who lives there, since everybody may be in the picture.
    Watching {
        /// Who, and by which look.
        #[serde(flatten)]
        watching: WatchingView,
        /// The camera's name.
        device: String,
    },
    /// Somebody watches a camera live no more.
    WatchingEnded {
        /// Who it was, and by which look.
        #[serde(flatten)]
        watching: WatchingView,
        /// The camera's name.
        device: String,
    },
    /// Recordings were forgotten: every open page drops what it holds of them.
    Forgotten {
        /// The moments that are gone.
        moments: Vec<u64>,
    },
    /// Somebody had film forgotten, which is everybody's. Told to those who could have opened it.
    FilmForgotten {
        /// The person's name.
        person: String,
        /// How long the film was.
        seconds: f64,
        /// The names of the cameras.
        devices: Vec<String>,
        /// The id of the session in which it was asked for.
        session: String,
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
    /// An invitation is not as far as it was; `/api/invitations` says how far. Told to the owner alone who made it.
    Invitation {
        /// The id of the person who is invited.
        person: String,
    },
    /// The household document changed: people, devices or consents.
    HouseholdChanged {
        /// Its new version.
        version: u64,
    },
    /// Timers, lists or reminders are not what they were; `/api/effects` says what they are.
    EffectsChanged,
    /// Something was said, answered and forgotten: a hollow line until midnight. When is the event's own time. At a shared device it is
    /// told to all, else to whose session or device it was.
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
        said: Message,
    },
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
    /// Whoever's it was is no longer part of the household.
    Removal,
    /// The passphrase was changed, which ends all others.
    Passphrase,
    /// Its person got back in with their recovery kit, which ends all of before.
    Recovery,
}

impl Happening {
    /// Something went wrong that the household should know.
    pub fn trouble(said: Message) -> Happening {
        Happening::Trouble { sentence: said.text.clone(), said }
    }
}
