//! What Porchlight can do when it is asked.
//!
//! A [`Skill`] is a folder here: its sentences in each language that it understands, what it answers, its words and its tests. It is a pure
//! function: it is told a [`Context`] and gives a reply, which names the changes that the hub then makes. It reads no clock, keeps nothing
//! and decides nothing about privacy; it tells what it is given. Whoever adds one adds its folder, and its line in [`SKILLS`].
//!
//! Nothing here forgets a recording: a skill names what is meant, and the hub asks back before much goes. Nothing forgets security video,
//! and only somebody who is known to speak has it stopped: a voice alone never may.

mod calendar;
mod camera;
mod clock;
mod coin;
mod contract;
mod forget;
mod history;
mod late;
mod list;
mod privacy;
mod reminder;
mod say;
mod situation;
mod slots;
mod talk;
mod timer;
mod unreadable;
mod when;

pub use camera::Camera;
pub use forget::{
    Asked, Extent, Found, HeldBack, LeftBehind, Scope, Stays, Step, effects_taken, forgetting, forgotten,
    question, too_much_taken_away,
};
pub use history::Heard;
pub use list::ListItem;
pub use privacy::{PrivacyAnswer, privacy_answered};
pub use reminder::{Reminder, reminder_due};
pub use say::spoken_length;
pub use situation::{Answer, Change, NOT_UNDERSTOOD, NOTHING_HEARD, Situation, Speaker, Unreadable};
pub use timer::{Timer, timer_ended};

use crate::intent::{IntentError, Matcher, Names, Recognised};
use contract::{Context, Skill};
use slots::Slots;

/// Every skill. What several could answer is answered by the first; what none does, by the last, which says so.
const SKILLS: &[&dyn Skill] = &[
    &calendar::Calendar,
    &camera::Cameras,
    &clock::Clock,
    &coin::Coin,
    &forget::Forget,
    &history::History,
    &list::Lists,
    &privacy::Privacy,
    &reminder::Reminders,
    &timer::Timers,
    &talk::Talk,
];

/// What the sentences of all skills have in common in English.
const SHARED: &str = include_str!("../../sentences/en.yaml");

impl Matcher {
    /// A matcher with the English sentences of every skill.
    ///
    /// # Errors
    /// When they are malformed, which the tests of this crate rule out.
    pub fn english() -> Result<Self, IntentError> {
        let of_skills = SKILLS.iter().flat_map(|skill| skill.sentences());
        let english = of_skills.filter(|(language, _)| *language == "en").map(|(_, file)| *file);
        Matcher::of(std::iter::once(SHARED).chain(english))
    }
}

/// Recognises a sentence and answers it.
#[must_use]
pub fn respond(matcher: &Matcher, names: &Names, text: &str, situation: &Situation<'_>) -> Answer {
    answer(text, matcher.recognise(text, names).as_ref(), situation)
}

/// Answers what was recognised in a text. A text without words and one that was not recognised have answers too.
#[must_use]
pub fn answer(text: &str, recognised: Option<&Recognised>, situation: &Situation<'_>) -> Answer {
    let answering = recognised.and_then(|recognised| {
        let context = Context { said: Slots(recognised), situation };
        let skill = SKILLS.iter().find(|skill| skill.answers(&context.said))?;
        Some((recognised, skill, context))
    });
    let Some((recognised, skill, context)) = answering else {
        let wordless = !text.chars().any(char::is_alphanumeric);
        return Answer {
            reply: if wordless { talk::NO_WORDS } else { talk::NOT_UNDERSTOOD }.to_owned(),
            intent: if wordless { NOTHING_HEARD } else { NOT_UNDERSTOOD }.to_owned(),
            slots: serde_json::Map::new(),
            changes: Vec::new(),
            made_from: Vec::new(),
            understood: false,
        };
    };
    let mut reply = skill.answer(&context);
    if let Some(unreadable) = skill.unreadable(&context) {
        reply = unreadable::beside(reply, unreadable);
    }
    Answer {
        reply: reply.text,
        intent: recognised.intent.clone(),
        slots: recognised.slots.clone().into_iter().collect(),
        changes: reply.changes,
        made_from: reply.made_from,
        understood: true,
    }
}

#[cfg(test)]
mod example;
#[cfg(test)]
mod tests;
