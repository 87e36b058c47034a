//! What is to be forgotten, and the answer to what Porchlight asked before.
//!
//! A skill says only what is meant. What there is of it, the hub finds out; how .

pub(super) mod scope;
mod words;

pub use scope::{Asked, Extent, Scope};
pub use words::{
    Found, HeldBack, LeftBehind, Stays, Step, effects_taken, forgetting, forgotten, question,
    too_much_taken_away,
};

use jiff::SignedDuration;

use crate::skill::contract::{Context, Reply, Skill};
use crate::skill::situation::{Change, Situation};
use crate::skill::slots::Slots;
use crate::skill::when::stretch;

/// What is to be forgotten, and the answer to what was asked of it.
pub(crate) struct Forget;

impl Skill for Forget {
    fn sentences(&self) -> &'static [(&'static str, &'static str)] {
        &[("en", include_str!("en.yaml"))]
    }

    fn answers(&self, said: &Slots<'_>) -> bool {
        match said.intent() {
            "PorchlightForget" | "PorchlightYes" | "PorchlightNo" | "HassNevermind" => true,
            // A bare "stop".
            "HassMediaPause" => said.variant() == "stop",
            _ => false,
        }
    }

    fn answer(&self, context: &Context<'_>) -> Reply {
        let Context { said, situation } = context;
        match (said.intent(), said.variant()) {
            ("PorchlightForget", "listening") => Reply::say(NO_DEAFNESS),
            ("PorchlightForget", _) => wanted(said, situation),
            ("PorchlightYes", _) => yes(said, situation),
            _ => no(situation),
        }
    }
}

/// How far back a conversation goes that is not over.
const CONVERSATION: SignedDuration = SignedDuration::from_mins(10);

const ELSEWHERE: &str = "By voice I forget only what you said yourself. What others said, they or their guardians can forget in the app.";
const SEALED: &str = "I cannot search what was said: it is sealed, to me as well. In the app you can look through it, and forget what you choose.";
const VIDEO: &str =
    "A voice alone does not forget security video. An adult can do that in the app, where it is seen first.";
const NO_DEAFNESS: &str = "A microphone cannot be switched off by voice yet. An owner can take it out in the app, on the page Devices.";
const UNCLEAR: &str = "I understood that something is to be forgotten, and not what. You could say: forget what I just said, or: forget everything I said yesterday.";

/// What is to be forgotten.
fn wanted(said: &Slots<'_>, situation: &Situation<'_>) -> Reply {
    match (said.variant(), situation.asked) {
        // "Shall I forget them?" "Forget them."
        ("them" | "last", Some(Asked::Forget)) => return settle(true, false),
        ("them" | "too", Some(_)) | ("last", Some(Asked::Effects)) => return too(situation),
        ("them", None) => return Reply::say(UNCLEAR),
        ("too", None) => {
            return Reply::say(
                "I do not know what you mean. You can say what to take off a list, or which timer to cancel.",
            );
        }
        ("other", _) => return Reply::say(ELSEWHERE),
        ("about", _) => return Reply::say(SEALED),
        ("video", _) => return Reply::act(VIDEO, vec![Change::OpenVideos]),
        ("unclear", _) => return Reply::say(UNCLEAR),
        _ => {}
    }
    let place = said.words("area").or_else(|| said.words("place")).map(str::to_owned);
    if said.variant() == "here" && place.is_none() {
        return Reply::say(
            "I do not know which room this is. You could say: forget everything from the kitchen.",
        );
    }
    let (extent, words) = match (said.span("span"), said.variant()) {
        (Some(span), _) => match stretch(span, situation.now, &situation.zone) {
            Some(stretch) => (Extent::Span { from: stretch.from, to: stretch.to }, stretch.said),
            None => return Reply::say("That has not been yet, so there is nothing to forget of it."),
        },
        (None, "last") => (Extent::Last(said.count("count").unwrap_or(1)), String::new()),
        (None, "conversation") => {
            let from = situation.now.checked_sub(CONVERSATION).ok();
            (Extent::Span { from, to: None }, " in the last 10 minutes".to_owned())
        }
        (None, _) if place.is_some() => (Extent::Span { from: None, to: None }, String::new()),
        (None, _) => (Extent::Ever, String::new()),
    };
    Reply::act(String::new(), vec![Change::Forget(Scope { extent, place, said: words })])
}

/// A yes to what was asked.
fn yes(said: &Slots<'_>, situation: &Situation<'_>) -> Reply {
    match (situation.asked, said.variant()) {
        (Some(Asked::Forget), variant) => settle(true, variant == "too"),
        (Some(Asked::Effects), "too") => too(situation),
        // It asked nothing: to an "all right", what was left behind stays.
        (Some(Asked::Effects), _) => Reply::say("All right."),
        (None, _) => Reply::say("I did not ask anything just now."),
    }
}

/// A no to what was asked, or to anything.
fn no(situation: &Situation<'_>) -> Reply {
    match situation.asked {
        Some(Asked::Forget) => settle(false, false),
        _ => Reply::say("All right."),
    }
}

fn settle(yes: bool, effects: bool) -> Reply {
    let text = if yes { "" } else { "All right, nothing was forgotten." };
    Reply::act(text, vec![if yes { Change::ForgetAsked { effects } } else { Change::KeepAsked }])
}

/// What requests left behind goes too.
fn too(situation: &Situation<'_>) -> Reply {
    match situation.asked {
        Some(Asked::Forget) => settle(true, true),
        _ => Reply::act(String::new(), vec![Change::TakeEffectsToo]),
    }
}

#[cfg(test)]
mod tests;
