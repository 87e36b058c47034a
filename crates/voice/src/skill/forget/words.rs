//! What is said of forgetting: before much goes exactly what, and afterwards what is gone, what stays and why.

use super::scope::{Extent, Scope};
use crate::skill::say;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fmt;

/// What there is of what somebody wants forgotten.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// How many recordings would go, or went.
    pub recordings: usize,
    /// When the newest of it was said.
    pub newest: Option<Timestamp>,
    /// What requests in it left behind. It stays.
    pub effects: Vec<LeftBehind>,
    /// What of it is held, and stays.
    pub held: Vec<HeldBack>,
    /// What was in the same place and is not the speaker's to forget by voice.
    pub stays: Vec<Stays>,
}

/// Something that a request left behind.
#[derive(Clone, PartialEq, Eq)]
pub enum LeftBehind {
    /// Something on a list.
    Item {
        /// What.
        text: String,
        /// The list.
        list: String,
    },
    /// A timer that runs or is paused.
    Timer {
        /// Its name, if it has one.
        name: Option<String>,
        /// Its length in seconds.
        seconds: u64,
    },
    /// A reminder, or an alarm, which has no text.
    Reminder {
        /// What of.
        text: Option<String>,
        /// When.
        due: Timestamp,
    },
}

/// Recordings that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBack {
    /// The name of who holds them; none for the speaker.
    pub by: Option<String>,
    /// Until when.
    pub until: Timestamp,
    /// How many.
    pub recordings: usize,
}

/// Recordings that are not the speaker's to forget by voice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stays {
    /// What others said in that place, if they did: how much it is, is not the speaker's to know.
    Others,
    /// What cameras saw.
    Video,
}

/// How far forgetting has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// There is nothing to forget.
    Nothing,
    /// The voice is not known, so nothing was kept.
    Unknown,
    /// Somebody signed in is no adult, so that what they say counts as anybody's and nothing was kept.
    Minor,
    /// There is no room or device of that name.
    NoSuchPlace,
    /// It is asked before it is done.
    Ask,
    /// It is so much that it has to be confirmed in the app.
    InTheApp,
    /// With what was forgotten in the last day it is so much that it has to be confirmed in the app.
    EnoughForToday,
    /// It is done. Copies that could not be reached are still to follow.
    Gone {
        /// How many.
        pending: usize,
    },
}

/// The answer to somebody who wants something forgotten.
#[must_use]
pub fn forgetting(scope: &Scope, found: &Found, step: Step, now: Timestamp, zone: &TimeZone) -> String {
    let what = what(scope);
    let recordings = say::number_of(found.recordings, "recording");
    let mut sentences = Vec::new();
    match step {
        Step::Unknown => sentences.push(
            "I do not know whose voice this is, so nothing that you said was kept: it was answered, and then forgotten."
                .to_owned(),
        ),
        Step::Minor => sentences.push(
            "Only what an adult says to me counts as their own, so nothing that you said here was kept: it was answered, and then \
             forgotten. What else is kept of you, you see and forget in the timeline."
                .to_owned(),
        ),
        Step::NoSuchPlace => {
            let place = scope.place.as_deref().unwrap_or_default();
            sentences.push(format!("There is no room and no device called {place}, so nothing was forgotten."));
        }
        Step::Nothing if !found.held.is_empty() => {}
        Step::Nothing => sentences.push(nothing(scope)),
        Step::Ask | Step::InTheApp | Step::EnoughForToday => sentences.push(format!("That is {what}: {recordings}.")),
        Step::Gone { .. } => sentences.push(match (scope.extent, found.newest) {
            (Extent::Last(1), Some(at)) => format!("I forgot what you said {}, for good.", say::moment(at, now, zone)),
            _ => format!("I forgot {what}, for good: {recordings}."),
        }),
    }
    sentences.extend(found.held.iter().map(|held| held_back(held, step == Step::Nothing, now, zone)));
    sentences.extend(stays(&found.stays));
    if !matches!(step, Step::InTheApp | Step::EnoughForToday) {
        sentences.extend(left_behind(&found.effects, now, zone));
    }
    match step {
        Step::Ask => sentences.push(question(found)),
        Step::InTheApp => sentences.push(
            "I forget that much only when you confirm it in the app, where you see all that would go."
                .to_owned(),
        ),
        Step::EnoughForToday => sentences.push(
            "Much of yours went in the last day, so this I forget only when you confirm it in the app, where you see all that would go."
                .to_owned(),
        ),
        Step::Gone { pending } => sentences.extend(out_of_reach(pending)),
        Step::Nothing | Step::Unknown | Step::Minor | Step::NoSuchPlace => {}
    }
    sentences.join(" ")
}

/// The question that is asked before much goes.
#[must_use]
pub fn question(found: &Found) -> String {
    match found.effects.is_empty() {
        true => "Shall I forget them for good?".to_owned(),
        false => "Shall I forget the recordings for good?".to_owned(),
    }
}

/// The answer to a yes: it is done.
#[must_use]
pub fn forgotten(recordings: usize, effects: usize, pending: usize) -> String {
    let of = match effects {
        0 => say::number_of(recordings, "recording"),
        _ => format!("{}, and what they left behind", say::number_of(recordings, "recording")),
    };
    let sentences: Vec<String> =
        [format!("They are gone for good: {of}.")].into_iter().chain(out_of_reach(pending)).collect();
    sentences.join(" ")
}

/// The answer when what was left behind goes too.
#[must_use]
pub fn effects_taken(effects: &[LeftBehind]) -> String {
    let names: Vec<String> = effects.iter().map(LeftBehind::name).collect();
    match names.as_slice() {
        [] => "That is gone already.".to_owned(),
        [one] => format!("{} is gone too.", say::sentence(one)),
        many => format!("{} are gone too.", say::sentence(&say::list(many))),
    }
}

/// The answer when more would be taken off lists, or be cancelled, than a voice may take away.
#[must_use]
pub fn too_much_taken_away() -> String {
    "That is more than I clear by voice, so all of it is still there. You can do it in the app.".to_owned()
}

/// `everything you said yesterday`, `everything of yours from the kitchen today`.
fn what(scope: &Scope) -> String {
    let when = &scope.said;
    match (&scope.place, scope.extent) {
        (Some(place), _) => format!("everything from {}{when}", the(place)),
        (None, Extent::Last(1)) => "what you just said".to_owned(),
        (None, Extent::Last(count)) => {
            format!(
                "the last {} things you said",
                say::cardinal(usize::try_from(count).unwrap_or(usize::MAX))
            )
        }
        (None, Extent::Ever) => "everything you have ever said".to_owned(),
        (None, Extent::Span { .. }) => format!("everything you said{when}"),
    }
}

fn nothing(scope: &Scope) -> String {
    let when = &scope.said;
    match (&scope.place, scope.extent) {
        (Some(place), _) => format!("Nothing that you said {}{when} is kept.", say::in_room(place)),
        (None, Extent::Last(1)) => "Nothing that you said in the last 10 minutes is kept.".to_owned(),
        (None, Extent::Last(_) | Extent::Ever) => "Nothing that you said is kept.".to_owned(),
        (None, Extent::Span { .. }) => format!("Nothing that you said{when} is kept."),
    }
}

fn the(place: &str) -> String {
    say::in_room(place).trim_start_matches("in ").to_owned()
}

fn held_back(held: &HeldBack, all: bool, now: Timestamp, zone: &TimeZone) -> String {
    let (who, holds) = match &held.by {
        Some(name) => (name.as_str(), "holds"),
        None => ("You", "hold"),
    };
    let until = say::moment(held.until, now, zone);
    let until = until.strip_prefix("at ").unwrap_or(&until).trim_start_matches("on ").to_owned();
    let count = say::number_of(held.recordings, "recording");
    let stay = if held.recordings == 1 { "it stays" } else { "they stay" };
    let of = if all { "" } else { " besides" };
    format!("{who} {holds} {count}{of} until {until}; {stay} until then, or until released.")
}

fn stays(stays: &[Stays]) -> Vec<String> {
    stays
        .iter()
        .map(|one| match one {
            Stays::Others => "What others said there is theirs, and stays.".to_owned(),
            Stays::Video => "What cameras saw stays: a voice alone forgets no security video.".to_owned(),
        })
        .collect()
}

/// What stays unless it is said otherwise, each kind in a sentence.
fn left_behind(effects: &[LeftBehind], now: Timestamp, zone: &TimeZone) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut lists: Vec<(&str, Vec<&str>)> = Vec::new();
    for effect in effects {
        match effect {
            LeftBehind::Item { text, list } => {
                match lists.iter_mut().find(|(known, _)| *known == list.as_str()) {
                    Some((_, items)) => items.push(text.as_str()),
                    None => lists.push((list.as_str(), vec![text.as_str()])),
                }
            }
            LeftBehind::Timer { .. } => {
                sentences.push(format!(
                    "{} that you set then goes on unless you say so.",
                    say::sentence(&effect.name())
                ));
            }
            LeftBehind::Reminder { text: Some(text), due } => sentences.push(format!(
                "I was asked then to remind you {}: {text}. That stays unless you say so.",
                say::moment(*due, now, zone)
            )),
            LeftBehind::Reminder { text: None, due } => sentences.push(format!(
                "The alarm that you set then, {}, stays unless you say so.",
                say::moment(*due, now, zone)
            )),
        }
    }
    for (list, items) in lists {
        let (named, rest) = items.split_at(items.len().min(MOST_NAMED));
        let items = match rest.len() {
            0 => say::list(named),
            more => format!("{} and {} more", named.join(", "), say::cardinal(more)),
        };
        let stay = if named.len() == 1 { "it stays" } else { "they stay" };
        sentences.push(format!("You put {items} on the {list} list then; {stay} unless you say so."));
    }
    sentences
}

/// How many items are named one by one.
const MOST_NAMED: usize = 4;

fn out_of_reach(pending: usize) -> Option<String> {
    match pending {
        0 => None,
        1 => Some(
            "One copy is still out of reach, and is brought up to date before it counts again.".to_owned(),
        ),
        more => Some(format!(
            "{} copies are still out of reach, and are brought up to date before they count again.",
            say::sentence(&say::cardinal(more))
        )),
    }
}

impl LeftBehind {
    /// `oat milk on the shopping list`, `the pizza timer`.
    fn name(&self) -> String {
        match self {
            Self::Item { text, list } => format!("{text} on the {list} list"),
            Self::Timer { name: Some(name), .. } => format!("the {name} timer"),
            Self::Timer { name: None, seconds } => format!("the {} timer", say::length_before_noun(*seconds)),
            Self::Reminder { text: Some(text), .. } => format!("the reminder to {text}"),
            Self::Reminder { text: None, .. } => "the alarm".to_owned(),
        }
    }
}

impl fmt::Debug for LeftBehind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Item { .. } => "Item",
            Self::Timer { .. } => "Timer",
            Self::Reminder { .. } => "Reminder",
        })
    }
}
