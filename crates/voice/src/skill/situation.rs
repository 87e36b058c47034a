//! What a skill is told, and what it answers.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;

use super::camera::report::Camera;
use super::forget::scope::{Asked, Scope};
use super::history::heard::Heard;
use super::list::item::ListItem;
use super::reminder::coming::Reminder;
use super::timer::running::Timer;

/// Everything that a skill may know when it answers: the moment, the place, the speaker, and what the home keeps.
///
/// Whoever fills it decides what may be told here; a skill tells all that it is given.
#[derive(Debug, Clone)]
pub struct Situation<'a> {
    /// The time of the answer.
    pub now: Timestamp,
    /// The household's time zone.
    pub zone: TimeZone,
    /// The household's language, as a language tag (`en`). Replies are English whatever it is, so far.
    pub language: &'a str,
    /// The device that listens.
    pub device: &'a str,
    /// The room it stands in.
    pub room: Option<&'a str>,
    /// Who speaks.
    pub speaker: Speaker<'a>,
    /// All timers that have not ended.
    pub timers: &'a [Timer],
    /// All items on lists.
    pub items: &'a [ListItem],
    /// All reminders that are not due yet.
    pub reminders: &'a [Reminder],
    /// How many there are beside these that cannot be read, since a disk has rotted.
    pub unreadable: Unreadable,
    /// All cameras.
    pub cameras: &'a [Camera],
    /// What was heard and is kept, in any order.
    pub heard: &'a [Heard],
    /// What was asked or left open just before, in this conversation and of this speaker.
    pub asked: Option<Asked>,
    /// A number that nobody can foresee, for what is left to chance.
    pub chance: u64,
}

impl<'a> Situation<'a> {
    /// An unknown speaker at a device without a room, in a home that keeps nothing.
    #[must_use]
    pub fn new(now: Timestamp, zone: TimeZone) -> Self {
        Self {
            now,
            zone,
            language: "en",
            device: "",
            room: None,
            speaker: Speaker::Unknown,
            timers: &[],
            items: &[],
            reminders: &[],
            unreadable: Unreadable::default(),
            cameras: &[],
            heard: &[],
            asked: None,
            chance: 0,
        }
    }
}

/// How many timers, list items and reminders there are that cannot be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unreadable {
    /// Timers.
    pub timers: usize,
    /// Items on lists.
    pub items: usize,
    /// Reminders and alarms.
    pub reminders: usize,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker<'a> {
    /// A person of the household, by the name they are called.
    Known(&'a str),
    /// Anybody else.
    Unknown,
}

/// What an answer changes. The hub does it; a skill does nothing by itself.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// Start a timer at this device.
    StartTimer {
        /// Its length in seconds, at least one.
        seconds: u64,
        /// What it is for.
        name: Option<String>,
    },
    /// Make a timer end later, or earlier if negative; never before now.
    AdjustTimer {
        /// Which.
        id: u64,
        /// By how many seconds.
        by_seconds: i64,
    },
    /// End a timer without ringing.
    CancelTimer {
        /// Which.
        id: u64,
    },
    /// Stop the clock of a timer.
    PauseTimer {
        /// Which.
        id: u64,
    },
    /// Let a paused timer go on.
    ResumeTimer {
        /// Which.
        id: u64,
    },
    /// Put an item on a list; the list is there as soon as it has an item.
    AddItem {
        /// The list, in lower case.
        list: String,
        /// What to put on it.
        item: String,
    },
    /// Take an item off its list.
    RemoveItem {
        /// Which.
        id: u64,
    },
    /// Tick an item off as done.
    CompleteItem {
        /// Which.
        id: u64,
    },
    /// Remind of something at a time.
    AddReminder {
        /// What of; none for an alarm.
        text: Option<String>,
        /// When.
        due: Timestamp,
    },
    /// Take a reminder away before it is due.
    CancelReminder {
        /// Which.
        id: u64,
    },
    /// Forget what was said: at once where that is little; otherwise what would go is said first, and asked. The reply is empty,
    /// for what to say depends on what there is: [`forgetting`](super::forgetting()) says it.
    Forget(Scope),
    /// Forget what was asked about, as [`forgotten`](super::forgotten()) then says.
    ForgetAsked {
        /// And what requests in it left behind.
        effects: bool,
    },
    /// Forget nothing of what was asked about.
    KeepAsked,
    /// Take away what was left behind by what has been forgotten just before, as [`effects_taken`](super::effects_taken()) then says.
    TakeEffectsToo,
    /// Show security video in the app, for somebody to choose there what to forget.
    OpenVideos,
    /// Switch the privacy of cameras on or off. The reply is empty: [`privacy_answered`](super::privacy_answered()) says what became of
    /// it.
    SwitchPrivacy {
        /// On, so that nothing of them is seen, heard or recorded.
        on: bool,
        /// The cameras, by name; every one where none is named.
        cameras: Vec<String>,
    },
    /// Take everything off a list.
    ClearList {
        /// The list, in lower case.
        list: String,
    },
}

/// What is said in answer, and what is to be done.
#[derive(Clone, PartialEq, Serialize)]
pub struct Answer {
    /// A reply that is spoken and read.
    pub reply: String,
    /// The intent that was answered, [`NOTHING_HEARD`] or [`NOT_UNDERSTOOD`].
    pub intent: String,
    /// The slots of the intent.
    pub slots: serde_json::Map<String, Value>,
    /// What is to be done, in this order.
    pub changes: Vec<Change>,
    /// The moments whose words the reply tells: where it is kept, it is forgotten with any of them.
    pub made_from: Vec<u64>,
    /// Whether it was clear what was wanted; it may still be something that cannot be done yet.
    pub understood: bool,
}

/// The intent of an answer to silence.
pub const NOTHING_HEARD: &str = "PorchlightNothingHeard";
/// The intent of an answer to words that fit no template.
pub const NOT_UNDERSTOOD: &str = "PorchlightNotUnderstood";

// Words never show in a log: only how long they are.

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StartTimer { seconds, name } => {
                write!(f, "StartTimer {{ seconds: {seconds}, name: {:?} }}", name.as_ref().map(String::len))
            }
            Self::AdjustTimer { id, by_seconds } => {
                write!(f, "AdjustTimer {{ id: {id}, by_seconds: {by_seconds} }}")
            }
            Self::CancelTimer { id } => write!(f, "CancelTimer {{ id: {id} }}"),
            Self::PauseTimer { id } => write!(f, "PauseTimer {{ id: {id} }}"),
            Self::ResumeTimer { id } => write!(f, "ResumeTimer {{ id: {id} }}"),
            Self::AddItem { item, .. } => write!(f, "AddItem {{ item: {} }}", item.len()),
            Self::RemoveItem { id } => write!(f, "RemoveItem {{ id: {id} }}"),
            Self::CompleteItem { id } => write!(f, "CompleteItem {{ id: {id} }}"),
            Self::AddReminder { text, due } => {
                write!(f, "AddReminder {{ text: {:?}, due: {due} }}", text.as_ref().map(String::len))
            }
            Self::CancelReminder { id } => write!(f, "CancelReminder {{ id: {id} }}"),
            Self::Forget(scope) => f.debug_tuple("Forget").field(scope).finish(),
            Self::ForgetAsked { effects } => write!(f, "ForgetAsked {{ effects: {effects} }}"),
            Self::KeepAsked => write!(f, "KeepAsked"),
            Self::TakeEffectsToo => write!(f, "TakeEffectsToo"),
            Self::OpenVideos => write!(f, "OpenVideos"),
            Self::SwitchPrivacy { on, cameras } => {
                write!(f, "SwitchPrivacy {{ on: {on}, cameras: {} }}", cameras.len())
            }
            Self::ClearList { .. } => write!(f, "ClearList"),
        }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("reply", &self.reply.len())
            .field("intent", &self.intent)
            .field("slots", &self.slots.len())
            .field("changes", &self.changes)
            .field("made_from", &self.made_from)
            .field("understood", &self.understood)
            .finish()
    }
}
