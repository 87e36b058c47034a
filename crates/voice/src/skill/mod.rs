//! What Porchlight can do when it is asked.
//!
//! A skill is a pure function: it is told a [`Situation`] and gives an [`Answer`], which names the changes that the hub then makes. It reads no
//! clock, keeps nothing and decides nothing about privacy; it tells what it is given.
//!
//! Nothing here forgets a recording: a skill names what is meant, and the hub asks back before much goes. Nothing stops or forgets
//! security video: a voice alone never may.

mod camera;
mod clock;
mod ended;
mod forget;
mod forgetting;
mod history;
mod list;
mod reminder;
mod say;
mod situation;
mod slots;
mod talk;
mod timer;
mod unreadable;
mod when;

pub use ended::{reminder_due, spoken_length, timer_ended};
pub use forget::{Asked, Extent, Scope};
pub use forgetting::{
    Found, HeldBack, LeftBehind, Stays, Step, effects_taken, forgetting, forgotten, question,
    too_much_taken_away,
};
pub use situation::{
    Answer, Camera, Change, Heard, ListItem, NOT_UNDERSTOOD, NOTHING_HEARD, Reminder, Situation, Speaker,
    Timer, Unreadable,
};

use crate::intent::{Matcher, Names, Recognised};
use slots::Slots;

/// What a skill gives: what to say and what to do.
#[derive(Default)]
struct Reply {
    text: String,
    changes: Vec<Change>,
    made_from: Vec<u64>,
}

impl Reply {
    fn say(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    fn act(text: impl Into<String>, changes: Vec<Change>) -> Self {
        Self { text: text.into(), changes, ..Self::default() }
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
    let Some(recognised) = recognised else {
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
    let reply = unreadable::beside(reply(&Slots(recognised), situation), &recognised.intent, situation);
    Answer {
        reply: reply.text,
        intent: recognised.intent.clone(),
        slots: recognised.slots.clone().into_iter().collect(),
        changes: reply.changes,
        made_from: reply.made_from,
        understood: true,
    }
}

/// Each intent's skill.
fn reply(said: &Slots<'_>, situation: &Situation<'_>) -> Reply {
    match said.intent() {
        "HassGetCurrentTime" => clock::time(situation),
        "HassGetCurrentDate" => clock::date(said, situation),
        "HassStartTimer" => timer::start(said),
        "HassCancelTimer" => timer::cancel(said, situation),
        "HassCancelAllTimers" => timer::cancel_all(said, situation),
        "HassIncreaseTimer" => timer::increase(said, situation),
        "HassDecreaseTimer" => timer::decrease(said, situation),
        "HassPauseTimer" => timer::pause(said, situation),
        "HassUnpauseTimer" => timer::resume(said, situation),
        "HassTimerStatus" => timer::status(said, situation),
        "HassShoppingListAddItem" | "HassListAddItem" => list::add(said, situation),
        "HassShoppingListCompleteItem" | "HassListCompleteItem" | "HassListRemoveItem" => {
            list::take_off(said, situation)
        }
        "PorchlightListRead" => list::read(said, situation),
        "PorchlightListClear" => list::clear(said, situation),
        "PorchlightReminder" => reminder::set(said, situation),
        "PorchlightReminders" => reminder::tell(situation),
        "PorchlightCancelReminder" => reminder::cancel(said, situation),
        "PorchlightForget" if !matches!(said.variant(), "stop" | "listening") => {
            forget::wanted(said, situation)
        }
        "PorchlightYes" => forget::yes(said, situation),
        "PorchlightNo" | "HassNevermind" => forget::no(situation),
        "HassMediaPause" if said.variant() == "stop" => forget::no(situation),
        "PorchlightCameras" => camera::all(situation),
        "PorchlightCameraState" => camera::one(said, situation),
        "PorchlightHeard" => history::tell(said, situation),
        _ => talk::reply(said, situation),
    }
}
