//! Timers: start, cancel, change, pause, ask.

pub(super) mod running;
mod words;

pub use running::Timer;
pub use words::timer_ended;

use crate::intent::names_alike;
use crate::skill::contract::{Context, Reply, Skill};
use crate::skill::say;
use crate::skill::situation::{Change, Situation};
use crate::skill::slots::Slots;

/// Timers.
pub(crate) struct Timers;

impl Skill for Timers {
    fn sentences(&self) -> &'static [(&'static str, &'static str)] {
        &[("en", include_str!("en.yaml"))]
    }

    fn answers(&self, said: &Slots<'_>) -> bool {
        matches!(
            said.intent(),
            "HassStartTimer"
                | "HassCancelTimer"
                | "HassCancelAllTimers"
                | "HassIncreaseTimer"
                | "HassDecreaseTimer"
                | "HassPauseTimer"
                | "HassUnpauseTimer"
                | "HassTimerStatus"
        )
    }

    fn answer(&self, context: &Context<'_>) -> Reply {
        let Context { said, situation } = context;
        match said.intent() {
            "HassStartTimer" => start(said),
            "HassCancelTimer" => cancel(said, situation),
            "HassCancelAllTimers" => cancel_all(said, situation),
            "HassIncreaseTimer" => increase(said, situation),
            "HassDecreaseTimer" => decrease(said, situation),
            "HassPauseTimer" => pause(said, situation),
            "HassUnpauseTimer" => resume(said, situation),
            _ => status(said, situation),
        }
    }

    fn unreadable(&self, context: &Context<'_>) -> Option<(usize, &'static str)> {
        let starts = context.said.intent() == "HassStartTimer";
        (!starts).then_some((context.unreadable.timers, "timer"))
    }
}

/// The longest a timer may run, in seconds: a week.
const LONGEST_TIMER: u64 = 7 * 86_400;
/// The longest name, in characters.
const LONGEST_NAME: usize = 60;

/// Whether a timer whose name is only alike what was heard may be meant. Not where something is taken away.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Near {
    Yes,
    No,
}

/// Starts a timer, or asks for its length.
fn start(said: &Slots<'_>) -> Reply {
    let name = said.words("name").map(clean).filter(|name| !name.is_empty());
    let titled = name.as_ref().map_or_else(|| "a timer".to_owned(), |name| format!("the {name} timer"));
    if said.words("conversation_command").is_some() {
        return Reply::say("I cannot do things later yet. I can set a timer that tells you when it is time.");
    }
    let Some(seconds) = said.seconds("") else {
        return Reply::say(format!(
            "For how long shall I set {titled}? Say it in one sentence, like: set a timer for five minutes."
        ));
    };
    if seconds == 0 {
        return Reply::say("A timer needs at least one second.");
    }
    if seconds > LONGEST_TIMER {
        return Reply::say(format!("The longest timer is {}.", say::length(LONGEST_TIMER)));
    }
    if name.as_ref().is_some_and(|name| name.chars().count() > LONGEST_NAME) {
        return Reply::say("That name is too long for a timer. Please choose a shorter one.");
    }
    let text = format!("I set {titled} for {}.", say::length(seconds));
    Reply::act(text, vec![Change::StartTimer { seconds, name }])
}

/// Cancels one timer.
fn cancel(said: &Slots<'_>, situation: &Situation<'_>) -> Reply {
    with_one(said, situation, ("cancel", Near::No), |timer| {
        Reply::act(format!("I cancelled {}.", title(timer)), vec![Change::CancelTimer { id: timer.id }])
    })
}

/// Cancels all timers, or all of a room.
fn cancel_all(said: &Slots<'_>, situation: &Situation<'_>) -> Reply {
    let timers = match said.words("area") {
        Some(area) => situation.timers.iter().filter(|timer| is_room(timer, &clean(area))).collect(),
        None => situation.timers.iter().collect::<Vec<_>>(),
    };
    let text = match timers.as_slice() {
        [] => return Reply::say(none(said)),
        [one] => format!("I cancelled {}.", title(one)),
        [_, _] => "I cancelled both timers.".to_owned(),
        more => format!("I cancelled all {} timers.", say::cardinal(more.len())),
    };
    Reply::act(text, timers.iter().map(|timer| Change::CancelTimer { id: timer.id }).collect())
}

/// Makes a timer end later.
fn increase(said: &Slots<'_>, situation: &Situation<'_>) -> Reply {
    let Some(seconds) = said.seconds("").filter(|seconds| *seconds > 0) else {
        return Reply::say("By how much? Say, for example: add five minutes to the timer.");
    };
    with_one(said, situation, ("add to", Near::Yes), |timer| {
        let then = left(timer, situation).saturating_add(seconds);
        match i64::try_from(seconds) {
            Ok(by_seconds) if then <= LONGEST_TIMER => Reply::act(
                format!(
                    "I added {}. {} has {} left.",
                    say::length(seconds),
                    say::sentence(&title(timer)),
                    say::length(then)
                ),
                vec![Change::AdjustTimer { id: timer.id, by_seconds }],
            ),
            _ => Reply::say(format!("The longest timer is {}.", say::length(LONGEST_TIMER))),
        }
    })
}

/// Makes a timer end earlier, but not at once: that would be cancelling it.
fn decrease(said: &Slots<'_>, situation: &Situation<'_>) -> Reply {
    let Some(seconds) = said.seconds("").filter(|seconds| *seconds > 0) else {
        return Reply::say("By how much? Say, for example: take five minutes off the timer.");
    };
    with_one(said, situation, ("shorten", Near::No), |timer| {
        let now = left(timer, situation);
        let titled = say::sentence(&title(timer));
        match (now.checked_sub(seconds), i64::try_from(seconds)) {
            (Some(then @ 1..), Ok(by)) => Reply::act(
                format!("I took {} off. {titled} has {} left.", say::length(seconds), say::length(then)),
                vec![Change::AdjustTimer { id: timer.id, by_seconds: -by }],
            ),
            _ => Reply::say(format!("{titled} has only {} left, so I left it as it is.", say::length(now))),
        }
    })
}

/// Stops the clock of a timer.
fn pause(said: &Slots<'_>, situation: &Situation<'_>) -> Reply {
    with_one(said, situation, ("pause", Near::Yes), |timer| {
        let left = say::length(left(timer, situation));
        if timer.paused.is_some() {
            return Reply::say(format!(
                "{} is paused already, with {left} left.",
                say::sentence(&title(timer))
            ));
        }
        Reply::act(
            format!("I paused {}, with {left} left.", title(timer)),
            vec![Change::PauseTimer { id: timer.id }],
        )
    })
}

/// Lets a paused timer go on. If one of several is paused, that one is meant.
fn resume(said: &Slots<'_>, situation: &Situation<'_>) -> Reply {
    let paused: Vec<&Timer> = situation.timers.iter().filter(|timer| timer.paused.is_some()).collect();
    let chosen = match (is_named(said), paused.as_slice()) {
        (false, [one]) => Ok(*one),
        _ => choose(said, situation, ("resume", Near::Yes)),
    };
    match chosen {
        Err(question) => Reply::say(question),
        Ok(timer) if timer.paused.is_none() => {
            Reply::say(format!("{} is not paused.", say::sentence(&title(timer))))
        }
        Ok(timer) => Reply::act(
            format!(
                "{} goes on, with {} left.",
                say::sentence(&title(timer)),
                say::length(left(timer, situation))
            ),
            vec![Change::ResumeTimer { id: timer.id }],
        ),
    }
}

/// Tells how much time is left, on the timers that are named or on all.
fn status(said: &Slots<'_>, situation: &Situation<'_>) -> Reply {
    let mut timers = candidates(said, situation, Near::Yes);
    if timers.is_empty() {
        return Reply::say(if situation.timers.is_empty() { none(said) } else { unknown(said, situation) });
    }
    timers.sort_by_key(|timer| left(timer, situation));
    let told: Vec<String> = timers.iter().map(|timer| state(timer, situation)).collect();
    let start = if told.len() > 1 {
        format!("There are {}. ", say::count(told.len(), "timer"))
    } else {
        String::new()
    };
    Reply::say(format!("{start}{}", told.join(" ")))
}

/// Does something with the one timer that is meant, or asks which.
fn with_one(
    said: &Slots<'_>,
    situation: &Situation<'_>,
    how: (&str, Near),
    act: impl FnOnce(&Timer) -> Reply,
) -> Reply {
    match choose(said, situation, how) {
        Ok(timer) => act(timer),
        Err(question) => Reply::say(question),
    }
}

/// The one timer that is meant: the named one, else the only one, else the only one of this device. Otherwise what to say.
fn choose<'a>(
    said: &Slots<'_>,
    situation: &'a Situation<'_>,
    (verb, near): (&str, Near),
) -> Result<&'a Timer, String> {
    if situation.timers.is_empty() {
        return Err(none(said));
    }
    let found = candidates(said, situation, near);
    let here: Vec<&Timer> = found.iter().copied().filter(|timer| timer.device == situation.device).collect();
    match (found.as_slice(), here.as_slice()) {
        ([], _) => Err(unknown(said, situation)),
        ([one], _) | (_, [one]) => Ok(one),
        (many, _) => {
            let each: Vec<String> = many
                .iter()
                .map(|timer| format!("{} with {} left", title(timer), say::length(left(timer, situation))))
                .collect();
            let number = say::count(many.len(), "timer");
            Err(format!("There are {number}: {}. Which one shall I {verb}?", say::list(&each)))
        }
    }
}

fn is_named(said: &Slots<'_>) -> bool {
    said.words("name").is_some() || said.words("area").is_some() || said.seconds("start_").is_some()
}

/// The timers that fit the name, the room and the length that were said. A word may be a name or a room: names come first.
fn candidates<'a>(said: &Slots<'_>, situation: &'a Situation<'_>, near: Near) -> Vec<&'a Timer> {
    let length = said.seconds("start_");
    let timers: Vec<&Timer> =
        situation.timers.iter().filter(|timer| length.is_none_or(|length| timer.seconds == length)).collect();
    let Some(wanted) = said.words("name").or_else(|| said.words("area")).map(clean) else { return timers };
    let ways: [&dyn Fn(&Timer) -> bool; 4] = [
        &|timer| timer.name.as_deref().is_some_and(|name| clean(name) == wanted),
        &|timer| is_room(timer, &wanted),
        &|timer| timer.name.as_deref().is_some_and(|name| clean(name).split(' ').any(|word| word == wanted)),
        &|timer| {
            near == Near::Yes && timer.name.as_deref().is_some_and(|name| names_alike(&wanted, &clean(name)))
        },
    ];
    let mut found = Vec::new();
    for fits in ways {
        if found.is_empty() {
            found = timers.iter().copied().filter(|timer| fits(timer)).collect();
        }
    }
    found
}

fn is_room(timer: &Timer, room: &str) -> bool {
    timer.room.as_deref().is_some_and(|name| clean(name) == room)
}

/// Seconds until a timer ends; a started second counts.
fn left(timer: &Timer, situation: &Situation<'_>) -> u64 {
    let until = || {
        let millis = timer.ends.as_millisecond().saturating_sub(situation.now.as_millisecond());
        u64::try_from(millis).unwrap_or(0).div_ceil(1000)
    };
    timer.paused.unwrap_or_else(until)
}

/// `the pizza timer`, `the 5 minute timer`.
fn title(timer: &Timer) -> String {
    match &timer.name {
        Some(name) => format!("the {} timer", clean(name)),
        None => format!("the {} timer", say::length_before_noun(timer.seconds)),
    }
}

fn state(timer: &Timer, situation: &Situation<'_>) -> String {
    let titled = say::sentence(&title(timer));
    match left(timer, situation) {
        0 => format!("{titled} is done."),
        left if timer.paused.is_some() => format!("{titled} is paused, with {} left.", say::length(left)),
        left => format!("{titled} has {} left.", say::length(left)),
    }
}

fn none(said: &Slots<'_>) -> String {
    match said.words("area") {
        Some(area) => format!("There is no timer {}.", say::in_room(&clean(area))),
        None => "No timer is set.".to_owned(),
    }
}

/// No timer has that name, room or length: says so, and which there are.
fn unknown(said: &Slots<'_>, situation: &Situation<'_>) -> String {
    let wanted = match (said.words("name").or_else(|| said.words("area")), said.seconds("start_")) {
        (Some(name), _) => format!("{} timer", clean(name)),
        (None, Some(seconds)) => format!("{} timer", say::length_before_noun(seconds)),
        (None, None) => "such timer".to_owned(),
    };
    let there: Vec<String> = situation.timers.iter().map(title).collect();
    format!("There is no {wanted}. There is {}.", say::list(&there))
}

/// A name in lower case, without an article before and "timer" after it.
fn clean(name: &str) -> String {
    let name = name.trim().to_lowercase();
    let name = ["the ", "my ", "our ", "a ", "an "]
        .iter()
        .find_map(|article| name.strip_prefix(article))
        .unwrap_or(&name);
    name.strip_suffix(" timer").unwrap_or(name).trim().to_owned()
}

#[cfg(test)]
mod tests;
