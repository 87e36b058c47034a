//! Small talk, help, and what cannot be done.

use crate::skill::contract::{Context, Reply, Skill};
use crate::skill::situation::{Situation, Speaker};
use crate::skill::slots::Slots;

/// Small talk, help, and what cannot be done: it answers whatever no other skill does.
pub(crate) struct Talk;

impl Skill for Talk {
    fn sentences(&self) -> &'static [(&'static str, &'static str)] {
        &[("en", include_str!("en.yaml"))]
    }

    fn answers(&self, _said: &Slots<'_>) -> bool {
        true
    }

    fn answer(&self, context: &Context<'_>) -> Reply {
        let Context { said, situation } = context;
        reply(said, situation)
    }
}

/// The answer to silence.
pub(crate) const NO_WORDS: &str = "I did not hear any words.";

/// The answer to what fits no template. It does not repeat what it heard: that may have been misheard, and a reply is kept like any words.
pub(crate) const NOT_UNDERSTOOD: &str = "What I heard is not something I can do yet. You could ask what time it is, or say: set a timer for five minutes.";

/// Everything that is neither clock, timer, list, camera nor what was heard.
fn reply(said: &Slots<'_>, situation: &Situation<'_>) -> Reply {
    Reply::say(match said.intent() {
        "PorchlightHelp" => help(),
        "HassRespond" => respond(said.variant(), situation),
        _ => cannot(said),
    })
}

fn help() -> String {
    "You can ask for the time or the date, set timers and reminders, keep a shopping list, ask how the cameras are, ask \
     what I heard, and have me forget what you said. For example: add milk to the shopping list."
        .to_owned()
}

fn respond(variant: &str, situation: &Situation<'_>) -> String {
    match variant {
        "commands" => return help(),
        "hello" => return hello(situation),
        "night" => "Good night.",
        "thanks" => "You are welcome.",
        "listening" => {
            "Of what is said to me I keep only what comes from someone who agreed to it, and the timers, reminders and list items \
             that I am asked for. What an unknown voice says is answered, and then forgotten."
        }
        "data" => {
            "It stays in this home, sealed to the people who may open it. I cannot open it again myself, but for timers, reminders \
             and lists, which I have to use."
        },
        "creator" => "I am Porchlight, made by people who think that a home should be able to forget.",
        "name" => "I am Porchlight, the hub of this home.",
        "hear" => "Yes, I hear you.",
        "how" => "I am well, thank you. The light is on.",
        _ => "Hello.",
    }
    .to_owned()
}

/// A greeting for the time of day, by name where the speaker is known.
fn hello(situation: &Situation<'_>) -> String {
    let greeting = match situation.zone.to_datetime(situation.now).hour() {
        4..12 => "Good morning",
        12..18 => "Good afternoon",
        _ => "Good evening",
    };
    match situation.speaker {
        Speaker::Known(name) => format!("{greeting}, {name}."),
        Speaker::Unknown => format!("{greeting}."),
    }
}

/// What is understood and cannot be done yet, by name.
fn cannot(said: &Slots<'_>) -> String {
    let what = match said.intent() {
        "HassTurnOn" | "HassTurnOff" => match said.words("domain") {
            Some("lock") => "lock or unlock doors",
            Some("cover") => "open or close blinds and doors",
            Some("light") => "switch lights",
            Some("fan") => "switch fans",
            _ => "switch lights and other devices",
        },
        "HassLightSet" => "set lights",
        "HassFanSetSpeed" => "set fans",
        "HassSetPosition" => "move blinds and doors",
        "HassClimateGetTemperature" => "read the temperature",
        "HassClimateSetTemperature" | "HassClimateSetFanMode" => "set the heating or the air conditioning",
        "HassGetState" => "tell the state of other devices",
        "HassGetWeather" => "tell the weather",
        "HassBroadcast" => "speak in other rooms",
        "HassVacuumStart" | "HassVacuumCleanArea" | "HassVacuumReturnToBase" => "steer the vacuum cleaner",
        "HassLawnMowerStartMowing" | "HassLawnMowerDock" => "steer the lawn mower",
        "PorchlightCall" => "make calls or send messages",
        intent if intent.starts_with("HassMedia") || intent.starts_with("HassSetVolume") => {
            "play music or video"
        }
        _ => "do that",
    };
    format!("I cannot {what} yet. I can keep timers, reminders and lists, and tell you how the cameras are.")
}

#[cfg(test)]
mod tests;
