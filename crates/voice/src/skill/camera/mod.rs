//! Which cameras there are and how they are.

pub(super) mod report;

pub use report::Camera;

use crate::intent::names_alike;
use crate::skill::contract::{Context, Reply, Skill};
use crate::skill::say;
use crate::skill::situation::Situation;
use crate::skill::slots::Slots;

/// How the cameras are.
pub(crate) struct Cameras;

impl Skill for Cameras {
    fn sentences(&self) -> &'static [(&'static str, &'static str)] {
        &[("en", include_str!("en.yaml"))]
    }

    fn answers(&self, said: &Slots<'_>) -> bool {
        matches!(said.intent(), "PorchlightCameras" | "PorchlightCameraState")
    }

    fn answer(&self, context: &Context<'_>) -> Reply {
        let Context { said, situation } = context;
        match said.intent() {
            "PorchlightCameras" => all(situation),
            _ => one(said, situation),
        }
    }
}

/// All cameras.
fn all(situation: &Situation<'_>) -> Reply {
    let cameras = situation.cameras;
    let names: Vec<&str> = cameras.iter().map(short).collect();
    let start = match cameras {
        [] => return Reply::say("There are no cameras in this home."),
        [one] => return Reply::say(format!("There is one camera. {}", state(one))),
        _ => format!("There are {}: {}.", say::count(cameras.len(), "camera"), say::list(&names)),
    };
    let recording = cameras.iter().filter(|camera| camera.recording).count();
    if recording == cameras.len() && cameras.iter().all(|camera| camera.state.is_empty()) {
        return Reply::say(format!("{start} All of them are recording."));
    }
    let states: Vec<String> = cameras.iter().map(state).collect();
    Reply::say(format!("{start} {}", states.join(" ")))
}

/// One camera by its name or room.
fn one(said: &Slots<'_>, situation: &Situation<'_>) -> Reply {
    let Some(name) = said.words("name") else { return all(situation) };
    let found = match named(name, situation.cameras) {
        Ok(found) => found,
        Err(there_is_none) => return Reply::say(there_is_none),
    };
    let states: Vec<String> = found.into_iter().map(state).collect();
    let states = states.join(" ");
    if said.variant() == "show" {
        return Reply::say(format!("I cannot show pictures by voice. {states}"));
    }
    Reply::say(states)
}

/// The cameras that somebody calls so: by name, by room or by what sounds alike; or what to say where there is none.
pub(super) fn named<'a>(name: &str, cameras: &'a [Camera]) -> Result<Vec<&'a Camera>, String> {
    let wanted = bare(name);
    let is = |text: &str| bare(text) == wanted;
    let ways: [&dyn Fn(&Camera) -> bool; 3] =
        [&|camera| is(&camera.name), &|camera| camera.room.as_deref().is_some_and(is), &|camera| {
            names_alike(&wanted, &bare(&camera.name))
        }];
    for fits in ways {
        let found: Vec<&Camera> = cameras.iter().filter(|camera| fits(camera)).collect();
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let known: Vec<&str> = cameras.iter().map(short).collect();
    let others = if known.is_empty() { String::new() } else { format!(" There is {}.", say::list(&known)) };
    Err(format!("There is no {wanted} camera.{others}"))
}

fn state(camera: &Camera) -> String {
    let told = camera.state.trim();
    if !told.is_empty() {
        return if told.ends_with(['.', '!', '?']) { told.to_owned() } else { format!("{told}.") };
    }
    let not = if camera.recording { "" } else { "not " };
    format!("The {} camera is {not}recording.", short(camera))
}

/// The name without "camera" at its end.
fn short(camera: &Camera) -> &str {
    let name = camera.name.trim();
    let cut = name.len().saturating_sub(" camera".len());
    match (name.get(..cut), name.get(cut..)) {
        (Some(start), Some(end)) if !start.is_empty() && end.eq_ignore_ascii_case(" camera") => start,
        _ => name,
    }
}

/// A name in lower case, without "the" and "camera" around it.
fn bare(name: &str) -> String {
    let name = name.to_lowercase();
    let name = name.trim();
    let name = name.strip_prefix("the ").unwrap_or(name);
    name.strip_suffix(" camera").unwrap_or(name).trim().to_owned()
}

#[cfg(test)]
mod tests;
