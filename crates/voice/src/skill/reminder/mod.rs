//! Reminders and alarms: set, tell, cancel. An alarm is a reminder of nothing but the time.

pub(super) mod coming;
mod words;

pub use coming::Reminder;
pub use words::reminder_due;

use jiff::SignedDuration;

use crate::skill::contract::{Context, Reply, Skill};
use crate::skill::say;
use crate::skill::situation::{Change, Situation};
use crate::skill::slots::Slots;
use crate::skill::when::{Due, due};

/// Reminders and alarms.
pub(crate) struct Reminders;

impl Skill for Reminders {
    fn sentences(&self) -> &'static [(&'static str, &'static str)] {
        &[("en", include_str!("en.yaml"))]
    }

    fn answers(&self, said: &Slots<'_>) -> bool {
        matches!(said.intent(), "PorchlightReminder" | "PorchlightReminders" | "PorchlightCancelReminder")
    }

    fn answer(&self, context: &Context<'_>) -> Reply {
        let Context { said, situation } = context;
        match said.intent() {
            "PorchlightReminder" => set(said, situation),
            "PorchlightReminders" => tell(situation),
            _ => cancel(said, situation),
        }
    }

    fn unreadable(&self, context: &Context<'_>) -> Option<(usize, &'static str)> {
        let sets = context.said.intent() == "PorchlightReminder";
        (!sets).then_some((context.unreadable.reminders, "reminder"))
    }
}

/// How far ahead a reminder may be.
const FURTHEST: SignedDuration = SignedDuration::from_hours(366 * 24);
/// The longest reminder, in characters.
const LONGEST_TEXT: usize = 200;

/// Sets a reminder or an alarm.
fn set(said: &Slots<'_>, situation: &Situation<'_>) -> Reply {
    let alarm = said.variant() == "alarm";
    let text = said.words("task").map(clean).filter(|text| !text.is_empty());
    if text.as_deref().is_some_and(is_repeated) {
        return Reply::say(
            "I cannot remind you again and again yet. I can remind you once: say, remind me tomorrow at nine.",
        );
    }
    let Some(moment) = said.moment("moment") else {
        let example = match &text {
            Some(_) => "Say it in one sentence, like: remind me at six to call Tom.",
            None => "Say, for example: remind me at six to call Tom.",
        };
        return Reply::say(format!("When shall I remind you? {example}"));
    };
    if text.as_ref().is_some_and(|text| text.chars().count() > LONGEST_TEXT) {
        return Reply::say("That is too much for a reminder. Please say it in fewer words.");
    }
    let at = match due(moment, situation.now, &situation.zone) {
        Due::At(at) => at,
        Due::Passed => return Reply::say("That time has passed. Please say a later one."),
        Due::Never => return Reply::say("There is no such day."),
    };
    if at.duration_since(situation.now) > FURTHEST {
        return Reply::say("I can remind you of what is due within a year.");
    }
    let when = say::moment(at, situation.now, &situation.zone);
    let reply = match (&text, alarm) {
        (_, true) => format!("I set an alarm for {}.", for_time(&when)),
        (Some(text), _) => format!("I will remind you {when}: {text}."),
        (None, _) => format!("I will remind you {when}."),
    };
    Reply::act(reply, vec![Change::AddReminder { text: text.filter(|_| !alarm), due: at }])
}

/// Tells the reminders, the next one first.
fn tell(situation: &Situation<'_>) -> Reply {
    let mut reminders: Vec<&Reminder> = situation.reminders.iter().collect();
    reminders.sort_by_key(|reminder| reminder.due);
    let each: Vec<String> = reminders.iter().map(|reminder| one(reminder, situation)).collect();
    Reply::say(match each.as_slice() {
        [] => "There is no reminder.".to_owned(),
        [one] => format!("There is one reminder: {one}."),
        many => format!("There are {}: {}.", say::count(many.len(), "reminder"), many.join("; ")),
    })
}

/// Cancels the one that is meant, or all.
fn cancel(said: &Slots<'_>, situation: &Situation<'_>) -> Reply {
    let alarms = said.variant().starts_with("alarm");
    let kind = if alarms { "alarm" } else { "reminder" };
    let mut found: Vec<&Reminder> =
        situation.reminders.iter().filter(|reminder| !alarms || reminder.text.is_none()).collect();
    if let Some(task) = said.words("task").map(|task| key(&clean(task))) {
        found.retain(|reminder| {
            let words = reminder.text.as_deref().map(key).unwrap_or_default();
            task.iter().all(|word| words.contains(word))
        });
    }
    if let Some(moment) = said.moment("moment") {
        let due = due(moment, situation.now, &situation.zone);
        found.retain(|reminder| due == Due::At(reminder.due));
    }
    let cancel =
        |found: &[&Reminder]| found.iter().map(|one| Change::CancelReminder { id: one.id }).collect();
    match found.as_slice() {
        [] if situation.reminders.is_empty() => Reply::say(format!("There is no {kind}.")),
        [] => Reply::say(format!("There is no such {kind}.")),
        [only] => {
            let told = one(only, situation);
            Reply::act(format!("I cancelled the {kind} {told}."), cancel(&[only]))
        }
        many if said.variant().ends_with("all") => {
            Reply::act(format!("I cancelled {}.", say::count(many.len(), kind)), cancel(many))
        }
        many => {
            let each: Vec<String> = many.iter().map(|reminder| one(reminder, situation)).collect();
            Reply::say(format!("There are {}: {}. Which one?", say::count(many.len(), kind), each.join("; ")))
        }
    }
}

/// `at 6 PM, call Tom`.
fn one(reminder: &Reminder, situation: &Situation<'_>) -> String {
    let when = say::moment(reminder.due, situation.now, &situation.zone);
    match &reminder.text {
        Some(text) => format!("{when}, {text}"),
        None => when,
    }
}

/// `6 PM`, but `tomorrow at 6 PM`.
fn for_time(when: &str) -> &str {
    when.strip_prefix("at ").unwrap_or(when)
}

/// The words without marks around them.
fn clean(text: &str) -> String {
    text.trim_matches(|c: char| c.is_whitespace() || ",;:.!?\"“”".contains(c)).to_owned()
}

fn key(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Whether it is to come again: "every day".
fn is_repeated(text: &str) -> bool {
    const REPEATING: [&str; 19] = [
        "day",
        "days",
        "morning",
        "afternoon",
        "evening",
        "night",
        "week",
        "month",
        "year",
        "hour",
        "minute",
        "weekday",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let words = key(text);
    words.iter().any(|word| matches!(word.as_str(), "daily" | "weekly" | "monthly"))
        || words.windows(2).any(|pair| matches!(pair, [every, often] if (every == "every" || every == "each") && REPEATING.contains(&often.as_str())))
}

#[cfg(test)]
mod tests;
